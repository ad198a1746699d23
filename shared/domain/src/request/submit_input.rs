//! What a submit needs of an accepted request, read without the limits that it was accepted under.

use serde_json::{Map, Value};

use crate::json::{self, Json};

/// The accepted request as far as its create call is made of it. Rules that changed since do not touch it.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmitInput {
    pub input: Value,
    pub overrides: Map<String, Value>,
    pub flexible: bool,
}

impl SubmitInput {
    /// `None` when the bytes are no request at all.
    pub fn read(stored: &[u8]) -> Option<Self> {
        let Ok(Json { value: Value::Object(mut fields), .. }) = json::read(stored) else { return None };
        let overrides = match fields.remove("overrides") {
            Some(Value::Object(overrides)) => overrides,
            Some(_) | None => Map::new(),
        };
        let flexible = fields.get("flexible").and_then(Value::as_bool).unwrap_or(false);
        Some(Self { input: fields.remove("input")?, overrides, flexible })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{MAX_INPUT_ITEMS, parse};

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
        let stored = serde_json::json!({"type": "A TYPE", "input": items, "summary": "x".repeat(999), "of_old": 1});
        assert!(parse(stored.to_string().as_bytes()).is_err(), "it would not be accepted today");
        assert_eq!(SubmitInput::read(stored.to_string().as_bytes()).unwrap().input, Value::from(items));
        assert_eq!(SubmitInput::read(b"{}"), None);
        assert_eq!(SubmitInput::read(b"[]"), None);
    }
}
