//! Webhook signatures as Standard Webhooks 1.0.0 defines them and OpenAI uses them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
const TOLERANCE_SECONDS: i64 = 300;

/// Accepts a delivery that one of the secrets signed within 300 seconds of now, either way.
///
/// `body` is the raw bytes as they were sent: a JSON round trip, or base64 left undecoded, breaks the signature.
pub fn verify<'a>(
    secrets: &[WebhookSecret],
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
    let matches = signatures
        .split(' ')
        .filter_map(|entry| entry.strip_prefix("v1,"))
        .filter_map(|encoded| STANDARD.decode(encoded).ok())
        .any(|mac| secrets.iter().any(|secret| secret.keyed(id, timestamp, body).verify_slice(&mac).is_ok()));
    if matches { Ok(()) } else { Err(Refusal::NoMatch) }
}

/// The `webhook-signature` value for one attempt at one delivery.
pub fn sign(secret: &WebhookSecret, id: &str, timestamp: i64, body: &[u8]) -> String {
    let mac = secret.keyed(id, &timestamp.to_string(), body).finalize();
    format!("v1,{}", STANDARD.encode(mac.as_bytes()))
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
pub struct WebhookSecret(Hmac<Sha256>);

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
            _ => Hmac::new_from_slice(&key).map(Self).map_err(|_| SecretError::TooLong),
        }
    }

    fn keyed(&self, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        self.0.clone().chain_update(id).chain_update(".").chain_update(timestamp).chain_update(".").chain_update(body)
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
