//! What a decision, a control and a member are given as, each field checked by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::{FieldError, error_at};
use crate::id::Digest;
use crate::port::Role;
use crate::review::Action;

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

/// A JSON object, and what is wrong with it so far.
struct Fields {
    map: BTreeMap<String, Value>,
    errors: Vec<FieldError>,
}

/// The members of an object, of which a careless reader takes the last and another the first.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl Fields {
    fn read(bytes: &[u8], known: &[&str]) -> Result<Self, Vec<FieldError>> {
        let Members(members) =
            serde_json::from_slice(bytes).map_err(|_| vec![error_at("body", "must be a JSON object")])?;
        let mut fields = Self { map: BTreeMap::new(), errors: Vec::new() };
        for (name, value) in members {
            if !known.contains(&name.as_str()) {
                let name: String = name.chars().take(40).collect();
                fields.wrong(&name, "is not a field of this request");
            } else if fields.map.insert(name.clone(), value).is_some() {
                fields.wrong(&name, "must not come twice");
            }
        }
        fields.errors.truncate(16);
        Ok(fields)
    }

    fn wrong(&mut self, field: &str, message: &str) {
        self.errors.push(error_at(field, message));
    }

    /// A text that says something, within its limit.
    fn text(&mut self, name: &str, most: usize, too_long: &str) -> Option<String> {
        match self.map.remove(name) {
            None => return None,
            Some(Value::String(text)) if text.trim().is_empty() => self.wrong(name, "must not be empty"),
            Some(Value::String(text)) if text.len() > most => self.wrong(name, too_long),
            Some(Value::String(text)) => return Some(text),
            Some(_) => self.wrong(name, "must be a string"),
        }
        None
    }

    fn end<T>(self, read: Option<T>) -> Result<T, Vec<FieldError>> {
        match read {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(self.errors),
        }
    }
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

/// Reads what somebody is to be allowed.
pub fn roles(bytes: &[u8]) -> Result<BTreeSet<Role>, Vec<FieldError>> {
    let mut fields = Fields::read(bytes, &["roles"])?;
    let roles = fields.map.remove("roles").filter(Value::is_array);
    let roles = roles.and_then(|roles| serde_json::from_value::<BTreeSet<Role>>(roles).ok());
    let roles = roles.filter(|roles| !roles.is_empty());
    if roles.is_none() {
        fields
            .wrong("roles", "must be a list of submitter, reviewer, operator, auditor, admin; DELETE removes a member");
    }
    fields.end(roles)
}
