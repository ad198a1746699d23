//! What a signed body is about. It is read leniently: whatever is JSON is acknowledged, or it would come for three days.

use domain::value::id::ResponseId;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// What a signed webhook says.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// There is news of this response.
    Response(ResponseId),
    /// It is about nothing that is looked at here, and why.
    Other(&'static str),
    NotJson,
}

// Parts are kept as they stand, so that an odd one spoils no other.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

impl Event {
    pub fn read(body: &[u8]) -> Self {
        let Ok(text) = str::from_utf8(body) else { return Self::NotJson };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if serde_json::from_str::<IgnoredAny>(text).is_err() {
            return Self::NotJson;
        }
        let Ok(parts) = serde_json::from_str::<Parts<'_>>(text) else { return Self::Other("it is no event") };
        let Some(kind) = parts.kind.and_then(string) else { return Self::Other("its type is no text") };
        if !kind.starts_with("response.") {
            return Self::Other("its type is not about responses");
        }
        let data = parts.data.and_then(|data| serde_json::from_str::<Data<'_>>(data.get()).ok());
        let Some(id) = data.and_then(|data| data.id).and_then(string) else { return Self::Other("its data has no id") };
        ResponseId::parse(&id).map_or(Self::Other("its id is no id of a response"), Self::Response)
    }
}

fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}
