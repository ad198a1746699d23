//! Error bodies: whether the provider itself speaks in one, and what may be repeated of it.

use std::collections::BTreeMap;
use std::fmt;

use domain::provider::ErrorWords;
use domain::value::lenient;
use serde::Deserialize;
use serde_json::value::RawValue;

/// An object whose fields are read one by one, so that trouble in one stays there.
type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// What an error body shows. Its message is prose, may quote the request, and is never kept.
#[derive(Debug, Default)]
pub(super) struct ErrorBody {
    pub(super) words: ErrorWords,
    /// It has the provider's envelope: an object `error` that says something. A proxy's page has not.
    pub(super) is_providers: bool,
    /// The provider says that its API has no such path.
    pub(super) is_wrong_path: bool,
    /// It says nothing besides: it has no part of a response.
    pub(super) is_alone: bool,
}

impl fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [kind, code] = [&self.words.kind, &self.words.code].map(|word| word.as_deref().unwrap_or("-"));
        let whose = if self.is_providers { "" } else { ", not in the provider's form" };
        write!(f, "type {kind}, code {code}{whose}")
    }
}

impl ErrorBody {
    pub(super) fn read(raw: &[u8]) -> Self {
        let text = String::from_utf8_lossy(raw);
        let text = lenient::mend(&text);
        let Ok(body) = serde_json::from_str::<Fields<'_>>(&text) else { return Self::default() };
        let error: Option<Fields<'_>> = field(&body, "error");
        // Older servers of this API have no object around it.
        let error = error.or_else(|| (text_of(&body, "object")? == "error").then(|| body.clone()));
        let Some(error) = error else { return Self::default() };
        let message = text_of(&error, "message");
        let [kind, code] = ["type", "code"].map(|name| text_of(&error, name));
        let is_providers = [&message, &kind, &code].iter().any(|text| text.is_some());
        Self {
            is_providers,
            is_wrong_path: message.is_some_and(|message| message.starts_with("Invalid URL")),
            is_alone: !["status", "output", "metadata", "usage", "output_text"]
                .iter()
                .any(|name| body.contains_key(*name))
                && text_of(&body, "object").is_none_or(|object| object != "response"),
            words: ErrorWords::checked(kind, code),
        }
    }

    /// The status that the words stand for, where a server says 200 to everything.
    pub(super) fn status(&self) -> u16 {
        let ErrorWords { kind, code } = &self.words;
        [code, kind].into_iter().flatten().find_map(|word| status_of(word)).unwrap_or(500)
    }
}

fn status_of(word: &str) -> Option<u16> {
    if let Some(status) = word.parse().ok().filter(|status| (400..600).contains(status)) {
        return Some(status);
    }
    match word.to_ascii_lowercase().as_str() {
        "invalid_api_key" | "authentication_error" | "unauthorized" => Some(401),
        "permission_error" | "permission_denied" | "permissiondenied" | "forbidden" => Some(403),
        "rate_limit_exceeded" | "rate_limit_error" | "too_many_requests" => Some(429),
        "invalid_request_error" | "bad_request" | "badrequesterror" => Some(400),
        word if word.contains("not_found") || word == "notfounderror" => Some(404),
        _ => None,
    }
}

fn field<'a, T: Deserialize<'a>>(fields: &Fields<'a>, name: &str) -> Option<T> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

/// A text that says something, or a number as text. One that cannot be decoded is there all the same.
fn text_of(fields: &Fields<'_>, name: &str) -> Option<String> {
    let raw = fields.get(name)?.get();
    let text = if raw.starts_with('"') {
        serde_json::from_str(raw).unwrap_or_else(|_| raw.trim_matches('"').to_owned())
    } else if raw.starts_with(|c: char| c.is_ascii_digit()) {
        raw.to_owned()
    } else {
        return None;
    };
    (!text.trim().is_empty()).then_some(text)
}
