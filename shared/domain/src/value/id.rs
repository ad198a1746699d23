//! The names of things: newtypes that cannot hold a character their keys, URLs or logs could trip over.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// Why a text is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be {rule}")]
pub struct InvalidId {
    kind: &'static str,
    rule: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $accepts:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Accepts the text when it keeps the rule of this kind of id.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let accepts: fn(&str) -> bool = $accepts;
                if accepts(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId { kind: $kind, rule: $rule })
                }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// The tenant: first path segment of every route, part of every key.
    WorkspaceId,
    "workspace",
    "1 to 32 characters of a-z, 0-9 and -, and not - alone",
    // The console has paths of its own under `-`, where a workspace's name would stand.
    |text| text != "-" && within(text, 1, 32, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
);
id!(
    /// One job, for ever.
    JobId,
    "job id",
    "job_ followed by 1 to 40 characters of a-z, 0-9 and _",
    |text| text.strip_prefix("job_").is_some_and(|rest| within(rest, 1, 40, |c| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
    }))
);
id!(
    /// The provider's name for one run. Servers of the same API differ in its form, so it is opaque here.
    ResponseId,
    "response id",
    "1 to 1,024 printable ASCII characters without spaces, quotes and backslashes",
    // Those two would take twice the room in a record. Relays issue ids of some 300 characters.
    |text| within(text, 1, 1_024, |c| c.is_ascii_graphic() && !matches!(c, '"' | '\\'))
);
id!(
    /// Who acts: the subject of the caller's token.
    Principal,
    "principal",
    "1 to 128 printable ASCII characters without spaces",
    |text| within(text, 1, 128, |c| c.is_ascii_graphic())
);
id!(
    /// The caller's own name for one create request.
    IdempotencyKey,
    "Idempotency-Key",
    "1 to 255 printable ASCII characters",
    |text| within(text, 1, 255, |c| c.is_ascii_graphic() || c == ' ')
);
id!(
    /// The name of a job type.
    TypeName,
    "type",
    "1 to 40 characters of a-z, 0-9 and -",
    |text| within(text, 1, 40, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
);

fn within(text: &str, least: usize, most: usize, allowed: fn(char) -> bool) -> bool {
    (least..=most).contains(&text.len()) && text.chars().all(allowed)
}

impl JobId {
    /// The id of a job created without a key: 128 random bits from the caller.
    pub fn random(nonce: Nonce) -> Self {
        Self(format!("job_{}", hex::encode(nonce.0)))
    }

    /// The id of a job created under a key, so that the same request always names the same row.
    pub fn derived(
        deployment: &str,
        workspace: &WorkspaceId,
        (issuer, principal): (Issuer, &Principal),
        key: &IdempotencyKey,
    ) -> Self {
        let mut hash = Sha256::new();
        let issuer = issuer.to_string();
        for part in [deployment, workspace.as_str(), &issuer, principal.as_str(), key.as_str()] {
            // The length in front keeps ("ab", "c") and ("a", "bc") apart.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut half = [0; 16];
        half.copy_from_slice(hash.finalize().split_at(16).0);
        Self::random(Nonce(half))
    }
}

/// Who vouches for a token's subject, as a short hash of the `iss` claim: the same subject of another issuer is another
/// person. An installation trusts one issuer at a time and chooses it itself, so that four bytes tell them apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issuer([u8; 4]);

impl Issuer {
    /// Of a token's `iss` claim, exactly as it stands there.
    pub fn of(claim: &str) -> Self {
        let [a, b, c, d, ..] = Digest::of(claim.as_bytes()).0;
        Self([a, b, c, d])
    }

    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 4];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Serialize for Issuer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Issuer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("is not eight hexadecimal digits"))
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({self})")
    }
}

/// 128 random bits, made at the edge. As an attempt's `start` it proves whose POST a response came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(pub [u8; 16]);

impl Nonce {
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Serialize for Nonce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("is not 128 bits in hexadecimal digits"))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({self})")
    }
}

/// A SHA-256 value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The head of a chain without links.
    pub const ZERO: Self = Self([0; 32]);

    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        text.strip_prefix("sha256:")
            .and_then(|rest| hex::decode_to_slice(rest, &mut bytes).ok())
            .map(|()| Self(bytes))
            .ok_or_else(|| serde::de::Error::custom("a digest must be sha256: followed by 64 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_hold_a_key_separator_or_another_tenant() {
        for bad in ["", "-", "Acme", "a#b", "a/b", "..", "a b", "a\nb", "ä", &"a".repeat(33)] {
            assert!(WorkspaceId::parse(bad).is_err(), "{bad:?}");
        }
        for bad in ["job_", "job", "JOB_1", "job_A", "job_#", "job_1\n", "job_\u{202e}1"] {
            assert!(JobId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(ResponseId::parse("resp_a b").is_err());
        assert!(ResponseId::parse("gen-1717-x/y:z==").is_ok());
        assert!(ResponseId::parse(&"r".repeat(1_024)).is_ok());
        for bad in ["", "a\"b", "a\\b", "resp_\u{e9}", &"r".repeat(1_025)] {
            assert!(ResponseId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_derived_job_id_depends_on_every_part_and_on_where_parts_end() {
        let of = |i: &str, d: &str, w: &str, p: &str, k: &str| {
            JobId::derived(
                d,
                &WorkspaceId::parse(w).unwrap(),
                (Issuer::of(i), &Principal::parse(p).unwrap()),
                &IdempotencyKey::parse(k).unwrap(),
            )
        };
        let id = |d: &str, w: &str, p: &str, k: &str| of("https://one.example", d, w, p, k);
        let base = id("prod", "acme", "alice", "k1");
        assert_eq!(base, id("prod", "acme", "alice", "k1"));
        for other in [
            of("https://two.example", "prod", "acme", "alice", "k1"),
            id("test", "acme", "alice", "k1"),
            id("prod", "rival", "alice", "k1"),
            id("prod", "acme", "rita", "k1"),
            id("prod", "acme", "alice", "k2"),
            id("prod", "acm", "ealice", "k1"),
            id("prod", "acme", "alicek", "1"),
        ] {
            assert_ne!(base, other);
        }
    }
}
