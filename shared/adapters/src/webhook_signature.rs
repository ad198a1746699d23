//! Webhook signatures as Standard Webhooks 1.0.0 defines them and OpenAI uses them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::aws::secrets::SecretVersions;

pub const ID: &str = "webhook-id";
pub const TIMESTAMP: &str = "webhook-timestamp";
pub const SIGNATURE: &str = "webhook-signature";
const TOLERANCE_SECONDS: i64 = 300;

/// Entries of the signature header that are read. A rotation has two; the rest could only cost time.
const MOST_ENTRIES: usize = 8;

/// Characters of a MAC of 32 bytes in padded base64.
const MAC_CHARACTERS: usize = 44;

/// A MAC, which compares in constant time.
pub type Mac = CtOutput<Hmac<Sha256>>;

/// What makes the MAC of a delivery: a signing secret.
pub trait Signer {
    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Mac;
}

/// Accepts a delivery that one of the secrets signed within 300 seconds of now, either way.
///
/// `body` is the raw bytes as they were sent: a JSON round trip, or base64 left undecoded, breaks the signature.
/// Each secret makes one MAC at most, whatever the header holds, and none where no entry could match.
pub fn verify<'a>(
    secrets: &[impl Signer],
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
    now_unix_seconds: i64,
) -> Result<(), Refusal> {
    let required = |name| header(name).ok_or(Refusal::MissingHeader(name));
    let id = required(ID)?;
    let timestamp = required(TIMESTAMP)?;
    let signatures = required(SIGNATURE)?;

    let sent_at: i64 = timestamp.parse().map_err(|_| Refusal::BadTimestamp)?;
    let age = now_unix_seconds.saturating_sub(sent_at);
    if age > TOLERANCE_SECONDS {
        return Err(Refusal::TooOld);
    }
    if age < -TOLERANCE_SECONDS {
        return Err(Refusal::TooNew);
    }

    // Empty entries and other versions are skipped: senders may add versions, and some separate with two spaces.
    let entries = signatures.split(' ').filter(|entry| !entry.is_empty()).take(MOST_ENTRIES);
    let sent: Vec<Mac> = entries.filter_map(read_mac).collect();
    let is_signed = |secret: &_| {
        let mac = Signer::mac(secret, id, timestamp, body);
        sent.contains(&mac)
    };
    if !sent.is_empty() && secrets.iter().any(is_signed) { Ok(()) } else { Err(Refusal::NoMatch) }
}

/// The MAC in an entry such as `v1,` and its padded base64.
fn read_mac(entry: &str) -> Option<Mac> {
    let encoded = entry.strip_prefix("v1,").filter(|encoded| encoded.len() == MAC_CHARACTERS)?;
    let bytes: [u8; 32] = STANDARD.decode(encoded).ok()?.try_into().ok()?;
    Some(Mac::new(bytes.into()))
}

/// What a delivery may be signed with now: the current secret, and those of a rotation that is under way. One of those that
/// is no secret keeps nobody out who has the current one.
pub fn in_use(versions: &SecretVersions) -> Result<Vec<WebhookSecret>, SecretError> {
    let mut secrets = vec![WebhookSecret::parse(versions.current.trim())?];
    secrets.extend(versions.others.iter().filter_map(|secret| WebhookSecret::parse(secret.trim()).ok()));
    Ok(secrets)
}

/// The `webhook-signature` value for one attempt at one delivery.
pub fn sign(secret: &WebhookSecret, id: &str, timestamp: i64, body: &[u8]) -> String {
    format!("v1,{}", STANDARD.encode(secret.mac(id, &timestamp.to_string(), body).as_bytes()))
}

/// Why a delivery was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the {0} header is missing or not text")]
    MissingHeader(&'static str),
    #[error("the webhook-timestamp is not a whole number of seconds")]
    BadTimestamp,
    #[error("the webhook-timestamp is more than {TOLERANCE_SECONDS} seconds in the past")]
    TooOld,
    #[error("the webhook-timestamp is more than {TOLERANCE_SECONDS} seconds in the future")]
    TooNew,
    #[error("no v1 signature in the webhook-signature matches")]
    NoMatch,
}

/// A signing secret, ready to use; it never shows itself.
#[derive(Clone)]
pub struct WebhookSecret {
    keyed: Hmac<Sha256>,
    /// Tells two secrets apart without holding either.
    fingerprint: [u8; 32],
}

impl PartialEq for WebhookSecret {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl WebhookSecret {
    /// Reads `whsec_` followed by the standard base64 of a key of 24 to 64 bytes.
    ///
    /// White space around the text is refused; whoever loads a secret from a file or a console trims it first.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        if text.trim() != text {
            return Err(SecretError::WhiteSpace);
        }
        let encoded = text.strip_prefix("whsec_").ok_or(SecretError::NoPrefix)?;
        // The decoder's error quotes a byte of the secret, so it is not kept as a source.
        let key = STANDARD.decode(encoded).map_err(|_| SecretError::NotBase64)?;
        match key.len() {
            ..24 => Err(SecretError::TooShort),
            65.. => Err(SecretError::TooLong),
            _ => {
                let keyed = Hmac::new_from_slice(&key).map_err(|_| SecretError::TooLong)?;
                Ok(Self { keyed, fingerprint: Sha256::digest(&key).into() })
            }
        }
    }
}

impl Signer for WebhookSecret {
    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Mac {
        let keyed = self.keyed.clone().chain_update(id).chain_update(".").chain_update(timestamp);
        keyed.chain_update(".").chain_update(body).finalize()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret(redacted)")
    }
}

/// Why a text cannot be a signing secret; found at start-up, before anything is verified with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("the webhook secret has white space around it")]
    WhiteSpace,
    #[error("the webhook secret does not start with whsec_")]
    NoPrefix,
    #[error("the webhook secret is not standard base64 after whsec_")]
    NotBase64,
    // Anybody can sign with an empty key, and several libraries accept it.
    #[error("the webhook secret's key is shorter than 24 bytes")]
    TooShort,
    #[error("the webhook secret's key is longer than 64 bytes")]
    TooLong,
}
