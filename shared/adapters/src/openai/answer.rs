//! A reading of the provider's answers that survives words yet to come.

mod call;
mod citation;
mod credentials;
mod evidence;
mod fields;
mod file;
mod item;
mod message;
mod twice;

use std::collections::BTreeMap;

use domain::provider::{ErrorWords, ProviderResponse};
use domain::value::id::{InvalidId, ResponseId};
use domain::value::lenient;
use domain::value::time::Timestamp;

pub use self::evidence::gathered;
pub(super) use self::fields::Fields;
use super::usage;

/// Reads a response. Only its id is required; any other field that is missing or not what it should be is absent.
pub fn parse(raw: &[u8], request_id: Option<String>) -> Result<ProviderResponse, ParseFailure> {
    let text = String::from_utf8_lossy(raw);
    // The decoder's error quotes the body, so it is not kept as a source.
    let text = lenient::mend(&text);
    let response: Fields<'_> = serde_json::from_str(&text)
        .map_err(|error| ParseFailure::NotAnObject { line: error.line(), column: error.column() })?;
    let id: String = response.get("id").ok_or(ParseFailure::NoId)?;
    Ok(ProviderResponse {
        id: ResponseId::parse(&id).map_err(ParseFailure::Id)?,
        status: response.text("status"),
        model: response.text("model"),
        service_tier: service_tier(&response),
        metadata: metadata(&response),
        output: item::output(&response),
        error: error(&response),
        incomplete_reason: response
            .object("incomplete_details")
            .text("reason")
            .or_else(|| response.text("incomplete_details")),
        usage: usage::usage(&response),
        is_usage_unread: usage::is_unread(&response),
        finished_at: finished_at(&response),
        request_id,
        raw: credentials::without(&text, &response).unwrap_or_else(|| raw.to_vec()),
    })
}

/// Why bytes cannot be a response. Says nothing of what they hold.
#[derive(Debug, thiserror::Error)]
pub enum ParseFailure {
    #[error("the answer is not a whole JSON object (line {line}, column {column})")]
    NotAnObject { line: usize, column: usize },
    #[error("the answer has no id")]
    NoId,
    #[error("the answer's id is none")]
    Id(#[source] InvalidId),
}

/// One that is there and cannot be read, or comes twice, is no tier that anybody knows.
fn service_tier(response: &Fields<'_>) -> Option<String> {
    let mut tiers = response.all("service_tier");
    let first = tiers.next()?;
    Some(match tiers.next() {
        None => fields::text(first).unwrap_or_else(|| UNREADABLE.to_owned()),
        Some(_) => UNREADABLE.to_owned(),
    })
}

/// In whole seconds; an hour that no clock shows is none.
fn finished_at(response: &Fields<'_>) -> Option<Timestamp> {
    let seconds: i64 = response.get("completed_at")?;
    (0..=LAST_SECOND).contains(&seconds).then(|| Timestamp::from_millis(seconds * 1_000))
}

/// The end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// The word for a word that is none.
const UNREADABLE: &str = "unreadable";

fn metadata(response: &Fields<'_>) -> BTreeMap<String, String> {
    let metadata = response.object("metadata");
    metadata.names().filter_map(|name| Some((name.clone(), metadata.text(name)?))).collect()
}

/// An error that is a bare word is taken for its code.
fn error(response: &Fields<'_>) -> ErrorWords {
    let error = response.object("error");
    ErrorWords::checked(error.text("type"), error.text("code").or_else(|| response.text("error")))
}
