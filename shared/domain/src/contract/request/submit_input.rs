//! What a submit needs of an accepted request, read without the limits that it was accepted under.

use serde_json::{Map, Value};

use super::FIELDS;
use super::asked::OVERRIDES;
use crate::policy::lane::{Effect, Lane};
use crate::value::json::{self, Json};
use crate::value::word::Closed;

/// The accepted request as far as its create call is made of it. Rules that changed since do not touch it.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmitInput {
    pub input: Value,
    pub overrides: Map<String, Value>,
    pub flexible: bool,
}

impl SubmitInput {
    /// `None` when the bytes are no request, or one with a field or a word that only a newer release knows.
    pub fn read(stored: &[u8]) -> Option<Self> {
        let Ok(Json { value: Value::Object(mut fields), .. }) = json::read(stored) else { return None };
        let overrides = match fields.remove("overrides") {
            Some(Value::Object(overrides)) => overrides,
            Some(_) => return None,
            None => Map::new(),
        };
        let is_known = fields.keys().all(|name| FIELDS.contains(&name.as_str()))
            && overrides.keys().all(|name| OVERRIDES.contains(&name.as_str()))
            && are_words::<Effect>(fields.get("effects"))
            && are_words::<Lane>(fields.get("lane"));
        let flexible = fields.get("flexible").and_then(Value::as_bool).unwrap_or(false);
        let input = fields.remove("input").filter(|_| is_known)?;
        Some(Self { input, overrides, flexible })
    }
}

/// Whether what stands there, if anything does, is a known word or a list of them.
fn are_words<T: Closed>(value: Option<&Value>) -> bool {
    let is_word = |value: &Value| value.as_str().is_some_and(|word| T::parse(word).is_some());
    match value {
        None => true,
        Some(Value::Array(words)) => words.iter().all(is_word),
        Some(word) => is_word(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::request::{MAX_INPUT_ITEMS, parse};

    #[test]
    fn what_was_accepted_is_read_back_digit_by_digit() {
        let body = br#"{"type":"t","input":[{"id":9423588012367823456789}],"flexible":true,"overrides":{"model":"m"}}"#;
        let accepted = parse(body).unwrap();
        let read = SubmitInput::read(accepted.canonical.as_bytes()).unwrap();
        assert_eq!((read.input, read.overrides, read.flexible), (accepted.input, accepted.overrides, true));
    }

    #[test]
    fn a_limit_that_was_tightened_since_fails_no_accepted_job() {
        let items = vec![serde_json::json!({}); MAX_INPUT_ITEMS + 1];
        let stored = serde_json::json!({"type": "A TYPE", "input": items, "summary": "x".repeat(999)});
        assert!(parse(stored.to_string().as_bytes()).is_err(), "it would not be accepted today");
        assert_eq!(SubmitInput::read(stored.to_string().as_bytes()).unwrap().input, Value::from(items));
        assert_eq!(SubmitInput::read(b"{}"), None);
        assert_eq!(SubmitInput::read(b"[]"), None);
    }
    #[test]
    fn a_field_or_a_word_that_only_a_newer_release_knows_is_not_passed_over() {
        let with = |name: &str, value: serde_json::Value| {
            let mut stored = serde_json::json!({"type": "t", "input": "x"});
            stored[name] = value;
            SubmitInput::read(stored.to_string().as_bytes())
        };
        assert!(with("effects", serde_json::json!(["deletion", "purchase"])).is_some());
        assert!(with("lane", serde_json::json!("batch")).is_some());
        assert_eq!(with("effects", serde_json::json!(["deletion", "known_later"])), None);
        assert_eq!(with("lane", serde_json::json!("known_later")), None);
        assert_eq!(with("known_later", serde_json::json!(1)), None);
        assert_eq!(with("overrides", serde_json::json!({"known_later": 1})), None);
    }
}
