//! What a decision, a control and a member are given as, each field checked by name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::fields::Fields;
use super::{FieldError, TIME_RULE};
use crate::people::review::Action;
use crate::value::id::Digest;
use crate::value::member::{MemberName, Role};
use crate::value::time::Timestamp;
use crate::value::word::Known;

/// The most that a reviewer writes in place of a result, in bytes.
const MAX_TEXT_BYTES: usize = 1_000_000;

const MAX_NOTE_BYTES: usize = 4_000;

const MAX_REASON_BYTES: usize = 120;

/// A decision whose fields are well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRequest {
    pub digest: Digest,
    pub text: Option<String>,
    pub note: Option<String>,
}

/// Reads the body of a decision, collecting everything that is wrong with it.
pub fn parse(action: Action, bytes: &[u8]) -> Result<DecisionRequest, Vec<FieldError>> {
    let mut fields = Fields::read(bytes, &["digest", "text", "note"])?;
    let (has_text, has_note) = (fields.map.contains_key("text"), fields.map.contains_key("note"));
    if (action == Action::Edit) != has_text {
        fields.wrong("text", if has_text { "is a field of an edit only" } else { "is required" });
    }
    if matches!(action, Action::Reject | Action::RequestChanges) && !has_note {
        fields.wrong("note", "is required");
    }
    let text = fields.text("text", MAX_TEXT_BYTES, "must be at most 1,000,000 bytes");
    let note = fields.text("note", MAX_NOTE_BYTES, "must be at most 4,000 bytes");
    let digest = fields.map.remove("digest").and_then(|digest| serde_json::from_value::<Digest>(digest).ok());
    if digest.is_none() {
        fields.wrong("digest", "must be the result's digest, sha256: and 64 hexadecimal digits");
    }
    fields.end(digest.map(|digest| DecisionRequest { digest, text, note }))
}

/// Reads what somebody said with a control; an empty body says nothing.
pub fn said(bytes: &[u8]) -> Result<Option<String>, Vec<FieldError>> {
    let mut fields = Fields::read(if bytes.is_empty() { b"{}" } else { bytes }, &["reason", "note"])?;
    let reason = fields.text("reason", MAX_REASON_BYTES, "must be at most 120 bytes");
    let note = fields.text("note", MAX_NOTE_BYTES, "must be at most 4,000 bytes");
    let said: Vec<String> = reason.into_iter().chain(note).collect();
    fields.end(Some((!said.is_empty()).then(|| said.join("\n\n"))))
}

/// From when to before when jobs were created, and where an earlier answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    pub from: Timestamp,
    pub to: Timestamp,
    pub cursor: Option<String>,
}

/// Reads which jobs a request is about.
pub fn range(bytes: &[u8]) -> Result<Range, Vec<FieldError>> {
    let mut fields = Fields::read(bytes, &["from", "to", "cursor"])?;
    let mut time = |name: &str| {
        let time = fields.map.remove(name).and_then(|time| Timestamp::parse(time.as_str()?));
        if time.is_none() {
            fields.wrong(name, TIME_RULE);
        }
        time
    };
    let (from, to) = (time("from"), time("to"));
    let cursor = fields.text("cursor", 400, "is not a cursor of this list");
    fields.end(from.zip(to).map(|(from, to)| Range { from, to, cursor }))
}

/// What somebody is to be allowed, and called. Without roles they are not a member any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberRequest {
    pub roles: BTreeSet<Role>,
    pub name: Option<MemberName>,
}

/// Reads it.
pub fn member(bytes: &[u8]) -> Result<MemberRequest, Vec<FieldError>> {
    let mut fields = Fields::read(bytes, &["roles", "name"])?;
    let name = fields.map.remove("name").map(|name| name.as_str().and_then(MemberName::parse));
    if name == Some(None) {
        fields.wrong("name", "must be a text of 1 to 64 bytes without control characters");
    }
    let roles = fields.map.remove("roles").filter(Value::is_array);
    let roles = roles.and_then(|roles| serde_json::from_value::<BTreeSet<Known<Role>>>(roles).ok());
    let roles = roles.map(|roles| roles.into_iter().map(|Known(role)| role).collect::<BTreeSet<Role>>());
    let roles = roles.filter(|roles| !roles.is_empty());
    if roles.is_none() {
        fields
            .wrong("roles", "must be a list of submitter, reviewer, operator, auditor, admin; DELETE removes a member");
    }
    fields.end(roles.map(|roles| MemberRequest { roles, name: name.flatten() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_a_name_of_at_most_64_bytes_or_none() {
        let of = |name: &str| member(format!(r#"{{"roles":["auditor"],"name":{name}}}"#).as_bytes());
        let fits = format!("\"{}\"", "n".repeat(64));
        for (given, name) in [("\"Zo\u{e9} Meyer\"", "Zo\u{e9} Meyer"), (&fits, fits.trim_matches('"'))] {
            assert_eq!(of(given).unwrap().name.unwrap().as_str(), name);
        }
        assert_eq!(member(br#"{"roles":["auditor"]}"#).unwrap().name, None);
        let long = format!("\"{}\"", "n".repeat(65));
        for wrong in ["\"\"", "\"  \"", "7", "null", "\"a\\nb\"", &long] {
            let errors = of(wrong).unwrap_err();
            assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["name"], "{wrong}");
        }
    }
}
