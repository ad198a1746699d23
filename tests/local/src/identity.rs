//! The local identity provider: one key on disk, tokens signed with it, and the check that a gateway makes of them.

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value, json};

use crate::folder;

pub const ISSUER: &str = "https://lanekeeper.local/";
pub const AUDIENCE: &str = "lanekeeper";

const KEY_FILE: &str = "identity.pk8";

/// What a token says about who carries it.
pub type Claims = Map<String, Value>;

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("could not read or write the identity key")]
    File(#[from] io::Error),
    #[error("the identity key is not a PKCS#8 file with an RSA key")]
    Key(#[from] aws_lc_rs::error::KeyRejected),
    #[error("could not make a key or a signature")]
    Cryptography(#[from] aws_lc_rs::error::Unspecified),
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    #[error("the token is not one of ours")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    #[error("the token names another key")]
    OtherKey,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    TooEarly,
}

/// An issuer with its key.
#[derive(Debug)]
pub struct Identity {
    issuer: String,
    key: KeyPair,
    key_id: String,
    modulus: String,
    exponent: String,
    decoding: DecodingKey,
    validation: Validation,
}

impl Identity {
    /// Loads the key of this folder, or makes one.
    pub fn open(folder: &Path) -> Result<Self, IdentityError> {
        Self::issuing_as(ISSUER, folder)
    }

    /// The same under another issuer's name.
    pub fn issuing_as(issuer: &str, folder: &Path) -> Result<Self, IdentityError> {
        let path = folder.join(KEY_FILE);
        if !path.exists() {
            make_key(folder, &path)?;
        }
        // Read back also when it was just made: another process may have been faster.
        Ok(Self::new(issuer, KeyPair::from_pkcs8(&std::fs::read(path)?)?))
    }

    fn new(issuer: &str, key: KeyPair) -> Self {
        let (modulus, exponent) = (key.public_key().modulus(), key.public_key().exponent());
        let (modulus, exponent) =
            (modulus.big_endian_without_leading_zero(), exponent.big_endian_without_leading_zero());
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        // The library compares with the system's clock; `verify` compares with the time it is given.
        validation.validate_exp = false;
        let decoding = DecodingKey::from_rsa_raw_components(modulus, exponent);
        let (modulus, exponent) = (BASE64.encode(modulus), BASE64.encode(exponent));
        // RFC 7638, so that a key's name follows from the key.
        let thumbprint = digest(&SHA256, format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#).as_bytes());
        let issuer = issuer.to_owned();
        Self { issuer, key, key_id: BASE64.encode(thumbprint), modulus, exponent, decoding, validation }
    }

    /// A token for this principal, valid from `now_unix` seconds on.
    pub fn token(&self, principal: &str, lifetime: Duration, now_unix: i64) -> Result<String, IdentityError> {
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        self.sign(&json!({
            "sub": principal,
            "iss": self.issuer,
            "aud": AUDIENCE,
            "iat": now_unix,
            "exp": now_unix.saturating_add(lifetime),
        }))
    }

    /// Signs any claims, as they are.
    pub fn sign(&self, claims: &Value) -> Result<String, IdentityError> {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.key_id});
        let message = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)?;
        Ok(format!("{message}.{}", BASE64.encode(signature)))
    }

    /// The claims of a token that API Gateway's JWT authorizer would accept at `now_unix` seconds.
    pub fn verify(&self, token: &str, now_unix: i64) -> Result<Claims, Denied> {
        let token = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)?;
        if token.header.kid.as_deref() != Some(&self.key_id) {
            return Err(Denied::OtherKey);
        }
        let now = now_unix as f64;
        let moment = |name: &str| token.claims.get(name).map(|value| value.as_f64());
        match moment("exp") {
            Some(Some(expires)) if expires > now => {}
            _ => return Err(Denied::Expired),
        }
        for name in ["nbf", "iat"] {
            match moment(name) {
                None => {}
                Some(Some(begins)) if begins <= now => {}
                _ => return Err(Denied::TooEarly),
            }
        }
        Ok(token.claims)
    }

    /// The JSON Web Key Set.
    pub fn key_set(&self) -> Value {
        json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.key_id,
            "n": self.modulus,
            "e": self.exponent,
        }]})
    }

    /// The `OpenID` Connect discovery document of an issuer served under `base_url`.
    pub fn discovery(&self, base_url: &str) -> Value {
        json!({
            "issuer": self.issuer,
            "jwks_uri": format!("{}/.well-known/jwks.json", base_url.trim_end_matches('/')),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }
}

/// The file appears whole, readable by its owner only, and never replaces one that is there.
fn make_key(folder: &Path, path: &Path) -> Result<(), IdentityError> {
    folder::private(folder)?;
    let key = KeyPair::generate(KeySize::Rsa2048)?.as_der()?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(key.as_ref())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(refused) if refused.error.kind() != io::ErrorKind::AlreadyExists => Err(refused.error.into()),
        _ => Ok(()),
    }
}
