//! An answer as far as it came: why it broke off, and the response that its beginning names.

use std::fmt;

use domain::value::id::ResponseId;
use domain::value::lenient;
use reqwest::header::HeaderMap;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::failure::CallFailure;

/// What came back of a call, and why no more of it.
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) cut: Option<Cut>,
}

/// Why an answer is not whole.
pub(super) enum Cut {
    TooLarge,
    Transport(reqwest::Error),
}

impl Cut {
    pub(super) fn failure(self, named: Option<ResponseId>) -> CallFailure {
        match self {
            Self::TooLarge => CallFailure::TooLarge { named },
            Self::Transport(error) => CallFailure::Transport { error: error.without_url(), named },
        }
    }
}

/// The id of a response of which only the beginning came.
pub(super) fn named(raw: &[u8]) -> Option<ResponseId> {
    struct First<'i>(&'i mut Option<String>);
    impl<'de> Visitor<'de> for First<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(name) = map.next_key::<String>()? {
                if name == "id" {
                    *self.0 = Some(map.next_value()?);
                    return Ok(());
                }
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }
    let mut id = None;
    // Where it ends is an error, and is meant to be.
    let text = String::from_utf8_lossy(raw);
    let _ = serde_json::Deserializer::from_str(&lenient::mend(&text)).deserialize_map(First(&mut id));
    ResponseId::parse(&id?).ok()
}
