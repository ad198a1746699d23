//! Signs webhooks as Standard Webhooks 1.0.0 defines it: written apart from whoever verifies them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A secret that signs; it never shows itself.
#[derive(Clone)]
pub struct SigningSecret(Hmac<Sha256>);

impl SigningSecret {
    /// Reads `whsec_` followed by the standard base64 of a key of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let key = text.strip_prefix("whsec_").and_then(|encoded| STANDARD.decode(encoded).ok());
        let key = key.filter(|key| (24..=64).contains(&key.len())).ok_or(InvalidSecret)?;
        Hmac::new_from_slice(&key).map(Self).map_err(|_| InvalidSecret)
    }

    /// The `webhook-signature` of one attempt at one delivery.
    pub(crate) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signed = self.0.clone().chain_update(format!("{id}.{timestamp}.")).chain_update(body);
        format!("v1,{}", STANDARD.encode(signed.finalize().as_bytes()))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSecret(redacted)")
    }
}

/// Why a text cannot be a signing secret. It quotes nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is whsec_ and the standard base64 of 24 to 64 bytes")]
pub struct InvalidSecret;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn a_delivery_is_signed_as_the_specification_s_own_example_is() {
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_quoted() {
        for bad in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_!", " whsec_AAAA"] {
            assert_eq!(SigningSecret::parse(bad).unwrap_err(), InvalidSecret, "{bad:?}");
        }
    }
}
