//! A delivery as the gateway passes it on. How large it is is known before any of it is copied.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::contract::route::Route;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The largest body of a webhook, in bytes.
pub const MAX_BODY: usize = 65_536;

/// The same in padded base64.
const MAX_BASE64: usize = MAX_BODY.div_ceil(3) * 4;

/// The most characters that the text of a body takes inside the gateway's JSON: each of its bytes escaped, and two
/// quotes.
const MAX_ESCAPED: usize = MAX_BASE64 * 6 + 2;

/// The parts of the gateway's event that matter here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Content,
    #[serde(default)]
    is_base64_encoded: bool,
    #[serde(default)]
    request_context: Context,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(default)]
    request_id: String,
    #[serde(default)]
    route_key: String,
}

/// A body as it stands in the event.
#[derive(Debug, Default)]
enum Content {
    #[default]
    None,
    Text(String),
    Unreadable,
    TooLarge,
}

/// Why a body is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    TooLarge,
    Unreadable,
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        Ok(if raw.len() > MAX_ESCAPED {
            Self::TooLarge
        } else {
            match serde_json::from_str::<Option<String>>(raw) {
                Ok(text) => text.map_or(Self::None, Self::Text),
                Err(_) => Self::Unreadable,
            }
        })
    }
}

impl Delivery {
    /// One that came by its route.
    pub fn new(request_id: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            headers: headers.iter().map(own).collect(),
            body: Content::Text(body.to_owned()),
            is_base64_encoded: false,
            request_context: Context {
                request_id: request_id.to_owned(),
                route_key: Route::ReceiveWebhook.key().to_owned(),
            },
        }
    }

    /// The gateway's name for this request.
    pub fn request_id(&self) -> &str {
        &self.request_context.request_id
    }

    /// The route that the gateway matched; `None` when it is none of ours.
    pub fn route(&self) -> Option<Route> {
        Route::parse(&self.request_context.route_key)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The bytes as they were sent.
    pub fn into_body(self) -> Result<Vec<u8>, BodyError> {
        let text = match self.body {
            Content::None => String::new(),
            Content::Text(text) => text,
            Content::Unreadable => return Err(BodyError::Unreadable),
            Content::TooLarge => return Err(BodyError::TooLarge),
        };
        if text.len() > if self.is_base64_encoded { MAX_BASE64 } else { MAX_BODY } {
            return Err(BodyError::TooLarge);
        }
        if !self.is_base64_encoded {
            return Ok(text.into_bytes());
        }
        let body = STANDARD.decode(text).map_err(|_| BodyError::Unreadable)?;
        if body.len() > MAX_BODY { Err(BodyError::TooLarge) } else { Ok(body) }
    }
}
