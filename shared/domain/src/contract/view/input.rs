//! What was asked of a job, as the create request was accepted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::policy::lane::{Effect, Lane};
use crate::value::failure::{Class, Failure};
use crate::value::id::{JobId, Principal, TypeName};
use crate::value::time::Timestamp;

/// The accepted request, with what it left out as it was taken. Every number stands as it was written.
#[derive(Debug, Serialize)]
pub struct InputView {
    pub job_id: JobId,
    #[serde(rename = "type")]
    pub job_type: TypeName,
    /// A text, or a list of messages.
    pub input: Value,
    pub summary: String,
    pub tags: BTreeMap<String, String>,
    /// The lane that the caller expected.
    pub lane: Option<Lane>,
    pub effects: Vec<Effect>,
    pub deadline: Option<Timestamp>,
    pub on_behalf_of: Option<Principal>,
    pub flexible: bool,
    pub overrides: Map<String, Value>,
}

/// The stored request, read without the limits that it was accepted under.
#[derive(Debug, Deserialize)]
struct Stored {
    #[serde(rename = "type")]
    job_type: TypeName,
    input: Value,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    lane: Option<Lane>,
    #[serde(default)]
    effects: Vec<Effect>,
    deadline: Option<Timestamp>,
    on_behalf_of: Option<Principal>,
    #[serde(default)]
    flexible: bool,
    #[serde(default)]
    overrides: Map<String, Value>,
}

impl InputView {
    /// Fails where the bytes are no request.
    pub fn read(job_id: JobId, stored: &[u8]) -> Result<Self, Failure> {
        let stored: Stored =
            serde_json::from_slice(stored).map_err(|error| Failure::of(Class::Permanent, "read the input", error))?;
        Ok(Self {
            job_id,
            job_type: stored.job_type,
            input: stored.input,
            summary: stored.summary,
            tags: stored.tags,
            lane: stored.lane,
            effects: stored.effects,
            deadline: stored.deadline,
            on_behalf_of: stored.on_behalf_of,
            flexible: stored.flexible,
            overrides: stored.overrides,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::request::parse;

    #[test]
    fn what_was_accepted_is_shown_digit_by_digit_and_with_what_was_left_out() {
        let id = JobId::parse("job_1").unwrap();
        let shown = |body: &str| {
            let accepted = parse(body.as_bytes()).unwrap();
            let view = InputView::read(id.clone(), accepted.canonical.as_bytes()).unwrap();
            serde_json::to_string(&view).unwrap()
        };
        let least = r#"{"job_id":"job_1","type":"t","input":"x","summary":"","tags":{},"lane":null,"effects":[],"deadline":null,"on_behalf_of":null,"flexible":false,"overrides":{}}"#;
        assert_eq!(shown(r#"{"type":"t","input":"x"}"#), least);
        let most = shown(
            r#"{"type":"t","input":[{"id":9423588012367823456789,"part":1.10}],"summary":"s","tags":{"a":"b"},"lane":"background",
                "effects":["deletion"],"deadline":"2026-11-23T09:30:00Z","on_behalf_of":"rita","flexible":true,
                "overrides":{"max_output_tokens":4000}}"#,
        );
        let expected = r#"{"job_id":"job_1","type":"t","input":[{"id":9423588012367823456789,"part":1.10}],"summary":"s","tags":{"a":"b"},"lane":"background","effects":["deletion"],"deadline":"2026-11-23T09:30:00.000Z","on_behalf_of":"rita","flexible":true,"overrides":{"max_output_tokens":4000}}"#;
        assert_eq!(most, expected);
    }

    #[test]
    fn what_a_newer_release_has_accepted_is_shown_as_far_as_it_is_known_here() {
        let stored = br#"{"type":"t","input":"x","effects":["known_later"],"lane":"known_later","known_later":1}"#;
        let view = InputView::read(JobId::parse("job_1").unwrap(), stored).unwrap();
        assert_eq!(serde_json::to_value(view.lane).unwrap(), "known_later");
        assert!(InputView::read(JobId::parse("job_1").unwrap(), b"{}").is_err());
    }
}
