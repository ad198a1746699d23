//! What an attribute may hold, and in which form.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::identity;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue::{self, B, Bool, L, M, N, S};
use domain::job::State;
use domain::policy::cost::{CostState, StoredUsage, Usage, Usd};
use domain::policy::lane::{Lane, LaneReason};
use domain::policy::reason::{ErrorClass, Reason};
use domain::provider::ErrorWords;
use domain::value::id::{Digest, Issuer, JobId, Nonce, Principal, ResponseId, TypeName, WorkspaceId};
use domain::value::member::{MemberName, Role};
use domain::value::time::Timestamp;
use domain::value::word::Closed as _;

/// A value that lies in one attribute.
pub(in super::super) trait Attribute: Sized {
    /// `None` where the row is to have no such attribute.
    fn encode(&self) -> Option<AttributeValue>;

    fn decode(value: &AttributeValue) -> Result<Self, Unreadable>;

    /// What a row says that has no such attribute, if it may.
    fn gone() -> Option<Self> {
        None
    }
}

/// Why an attribute does not read.
pub(in super::super) enum Unreadable {
    /// As good as gone: a newer release may write it so.
    OtherForm,
    /// It has the form, and says what it must not.
    Damaged,
}

use Unreadable::{Damaged, OtherForm};

impl<T: Attribute> Attribute for Option<T> {
    fn encode(&self) -> Option<AttributeValue> {
        self.as_ref().and_then(T::encode)
    }

    fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
        T::decode(value).map(Some)
    }

    fn gone() -> Option<Self> {
        Some(None)
    }
}

impl Attribute for bool {
    fn encode(&self) -> Option<AttributeValue> {
        Some(Bool(*self))
    }

    fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
        value.as_bool().copied().map_err(|_| OtherForm)
    }
}

fn text(value: &AttributeValue) -> Result<&str, Unreadable> {
    value.as_s().map(String::as_str).map_err(|_| OtherForm)
}

fn bytes(value: &AttributeValue) -> Result<&[u8], Unreadable> {
    value.as_b().map(Blob::as_ref).map_err(|_| OtherForm)
}

/// As text: by what it is written, and how it is read.
macro_rules! texts {
    ($($type:ty: $write:expr, $read:expr;)*) => {$(
        impl Attribute for $type {
            fn encode(&self) -> Option<AttributeValue> {
                Some(S($write(self).into()))
            }

            fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
                text(value).and_then(|text| $read(text).ok_or(Damaged))
            }
        }
    )*};
}

texts! {
    String: String::as_str, |text: &str| Some(text.to_owned());
    WorkspaceId: WorkspaceId::as_str, |text| WorkspaceId::parse(text).ok();
    JobId: JobId::as_str, |text| JobId::parse(text).ok();
    ResponseId: ResponseId::as_str, |text| ResponseId::parse(text).ok();
    TypeName: TypeName::as_str, |text| TypeName::parse(text).ok();
    Principal: Principal::as_str, |text| Principal::parse(text).ok();
    MemberName: MemberName::as_str, |text| Some(MemberName::stored(text));
    Issuer: Issuer::to_string, Issuer::from_hex;
    State: State::code, State::read;
    Reason: Reason::code, Reason::read;
    Lane: Lane::code, Lane::read;
    CostState: CostState::code, CostState::read;
    ErrorClass: ErrorClass::code, ErrorClass::read;
    Vec<LaneReason>: joined, |text: &str| text.split_whitespace().map(LaneReason::read).collect::<Option<Self>>();
    ErrorWords: error_words, |text| Some(read_error_words(text));
}

fn joined(reasons: &[LaneReason]) -> String {
    reasons.iter().map(LaneReason::code).collect::<Vec<_>>().join(" ")
}

/// Code and type with a space between them, which neither has.
fn error_words(words: &ErrorWords) -> String {
    let [code, kind] = [&words.code, &words.kind].map(|word| word.as_deref().unwrap_or_default());
    format!("{code} {kind}")
}

fn read_error_words(text: &str) -> ErrorWords {
    let (code, kind) = text.split_once(' ').unwrap_or((text, ""));
    ErrorWords::checked(Some(kind.to_owned()), Some(code.to_owned()))
}

/// As a number: by what it is written, and what it is made of.
macro_rules! numbers {
    ($($type:ty: $write:expr, $read:expr;)*) => {$(
        impl Attribute for $type {
            fn encode(&self) -> Option<AttributeValue> {
                Some(N($write(*self).to_string()))
            }

            fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
                value.as_n().ok().and_then(|number| number.parse().ok()).map($read).ok_or(OtherForm)
            }
        }
    )*};
}

numbers! {
    u8: identity, identity;
    u16: identity, identity;
    u32: identity, identity;
    u64: identity, identity;
    Timestamp: Timestamp::millis, Timestamp::from_millis;
    Usd: Usd::pico, Usd::from_pico;
}

impl Attribute for Digest {
    fn encode(&self) -> Option<AttributeValue> {
        Some(B(Blob::new(self.0)))
    }

    fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
        Self::from_slice(bytes(value)?).ok_or(Damaged)
    }
}

impl Attribute for Nonce {
    fn encode(&self) -> Option<AttributeValue> {
        Some(B(Blob::new(self.0)))
    }

    fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
        bytes(value)?.try_into().map(Self).map_err(|_| OtherForm)
    }
}

/// Bytes as they are.
impl Attribute for Vec<u8> {
    fn encode(&self) -> Option<AttributeValue> {
        Some(B(Blob::new(self.as_slice())))
    }

    fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
        bytes(value).map(<[u8]>::to_vec)
    }
}

impl Attribute for BTreeSet<Role> {
    fn encode(&self) -> Option<AttributeValue> {
        Some(L(self.iter().map(|role| S(role.code().to_owned())).collect()))
    }

    fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
        let roles = value.as_l().map_err(|_| OtherForm)?;
        roles.iter().map(|role| text(role).ok().and_then(Role::read).ok_or(Damaged)).collect()
    }
}

/// Tags.
impl Attribute for BTreeMap<String, String> {
    fn encode(&self) -> Option<AttributeValue> {
        Some(M(self.iter().map(|(name, value)| (name.clone(), S(value.clone()))).collect()))
    }

    fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
        let tags = value.as_m().map_err(|_| OtherForm)?;
        Ok(tags.iter().filter_map(|(name, value)| Some((name.clone(), text(value).ok()?.to_owned()))).collect())
    }
}

impl Attribute for Usage {
    fn encode(&self) -> Option<AttributeValue> {
        serde_json::to_string(&StoredUsage(*self)).ok().map(S)
    }

    fn decode(value: &AttributeValue) -> Result<Self, Unreadable> {
        let StoredUsage(usage) = serde_json::from_str(text(value)?).map_err(|_| Damaged)?;
        Ok(usage)
    }
}
