//! The provider's world and how it maps to ours. The only place that knows its words.

mod error;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::error::ErrorWords;

use crate::cost::Usage;
use crate::id::{JobId, Nonce, ResponseId, WorkspaceId};
use crate::reason::Reason;

/// A response as the provider described it, parsed leniently; `raw` is what it really said.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub id: ResponseId,
    pub status: Option<String>,
    pub model: Option<String>,
    pub service_tier: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub output: Vec<Item>,
    pub error_code: Option<String>,
    pub incomplete_reason: Option<String>,
    pub usage: Option<Usage>,
    /// The provider's name for this call.
    pub request_id: Option<String>,
    pub raw: Vec<u8>,
}

/// One piece of output. `kind` is the provider's own type word.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Text {
        text: String,
        citations: Vec<Citation>,
    },
    Refusal(String),
    /// A tool that the provider ran.
    ToolCall {
        kind: String,
        input: Value,
        outcome: Option<String>,
    },
    /// A call that the provider leaves to us, or asks our leave for.
    PendingAction {
        kind: String,
        input: Value,
    },
    /// Reasoning, lists and kinds that came after this was written.
    Other {
        kind: String,
    },
}

/// A source that the text points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    pub kind: String,
    pub title: Option<String>,
    pub source: Option<String>,
    pub start: Option<u64>,
    pub end: Option<u64>,
}

/// How a run ended, in our terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Completed,
    /// Ended in a call that waits for somebody's leave.
    ActionRequired,
    /// Cut short, with whatever came out until then.
    Partial(Reason),
    Failed(Reason),
}

/// What an answer says about its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Running,
    /// A status word that nobody here knows, or none: the run is watched on.
    Unknown,
    Finished(Outcome),
}

impl Answer {
    /// The provider-to-product map.
    pub fn read(&self) -> Reading {
        let Some(status) = self.status.as_deref() else {
            // Some servers leave the status out of what they consider finished. Only evidence counts.
            return Reading::Unknown;
        };
        match status {
            "queued" | "in_progress" => Reading::Running,
            // Over, and on purpose not yet a success: a call may be pending, or nothing may have come out.
            "completed" => Reading::Finished(self.completed()),
            // Bills like any other run and may hold useful output.
            "incomplete" => Reading::Finished(Outcome::Partial(match self.incomplete_reason.as_deref() {
                Some("max_output_tokens" | "max_tool_calls" | "max_messages") => Reason::OutputLimit,
                Some("content_filter") => Reason::ContentFilter,
                // `steered`, words to come, and the reason that is sometimes missing.
                Some(_) | None => Reason::Incomplete,
            })),
            // Reported inside HTTP 200, on a response that was accepted.
            "failed" => Reading::Finished(Outcome::Failed(match self.error_code.as_deref() {
                Some(code)
                    if code.contains("quota")
                        || code.contains("spend_limit")
                        || code.contains("usage_limit")
                        || code == "credit_balance_exhausted" =>
                {
                    Reason::ProviderQuota
                }
                Some(
                    "invalid_prompt"
                    | "bio_policy"
                    | "misalignment_policy_violation"
                    | "image_content_policy_violation",
                ) => Reason::ContentPolicy,
                Some("data_residency_mismatch") => Reason::InvalidRequest,
                Some(code) if code.contains("image") => Reason::InvalidRequest,
                // server_error, rate_limit_exceeded, vector_store_timeout, and whatever comes next.
                Some(_) | None => Reason::ProviderFailed,
            })),
            // Not by us: a cancel of ours ends the job at our commit, before the provider hears of it.
            "cancelled" | "canceled" => Reading::Finished(Outcome::Failed(Reason::ProviderCanceled)),
            _ => Reading::Unknown,
        }
    }

    fn completed(&self) -> Outcome {
        let has = |wanted: fn(&Item) -> bool| self.output.iter().any(wanted);
        if has(|item| matches!(item, Item::PendingAction { .. })) {
            Outcome::ActionRequired
        } else if has(|item| matches!(item, Item::Text { text, .. } if !text.trim().is_empty())) {
            Outcome::Completed
        } else if has(|item| matches!(item, Item::Refusal(_))) {
            Outcome::Failed(Reason::Refusal)
        } else {
            // Seen when a proxy's client went away and took the upstream run with it.
            Outcome::Failed(Reason::NoOutput)
        }
    }

    /// Whether there is anything worth keeping for a person to read.
    pub fn has_output(&self) -> bool {
        self.output.iter().any(|item| !matches!(item, Item::Other { .. }))
    }
}

/// The metadata that makes a response findable after its id was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub deployment: String,
    pub workspace: WorkspaceId,
    pub job: JobId,
    pub attempt: u16,
    pub start: Nonce,
}

impl Tag {
    pub fn to_metadata(&self) -> BTreeMap<String, String> {
        [
            ("deployment", self.deployment.clone()),
            ("workspace", self.workspace.to_string()),
            ("job_id", self.job.to_string()),
            ("attempt", self.attempt.to_string()),
            ("start", self.start.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }

    /// Reads the tag back; `None` when the response is not this deployment's.
    pub fn of(metadata: &BTreeMap<String, String>, deployment: &str) -> Option<Self> {
        let get = |key: &str| metadata.get(key).map(String::as_str);
        (get("deployment")? == deployment).then_some(())?;
        Some(Self {
            deployment: deployment.to_owned(),
            workspace: WorkspaceId::parse(get("workspace")?).ok()?,
            job: JobId::parse(get("job_id")?).ok()?,
            attempt: get("attempt")?.parse().ok()?,
            start: Nonce::from_hex(get("start")?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: Option<&str>, output: Vec<Item>) -> Answer {
        Answer {
            id: ResponseId::parse("resp_1").unwrap(),
            status: status.map(str::to_owned),
            model: None,
            service_tier: None,
            metadata: BTreeMap::new(),
            output,
            error_code: None,
            incomplete_reason: None,
            usage: None,
            request_id: None,
            raw: vec![],
        }
    }

    fn text(text: &str) -> Item {
        Item::Text { text: text.to_owned(), citations: vec![] }
    }

    #[test]
    fn each_of_the_six_statuses_is_mapped_and_any_other_word_is_watched_on() {
        use Outcome::*;
        let read = |status| answer(Some(status), vec![text("x")]).read();
        assert_eq!(read("queued"), Reading::Running);
        assert_eq!(read("in_progress"), Reading::Running);
        assert_eq!(read("completed"), Reading::Finished(Completed));
        assert_eq!(read("incomplete"), Reading::Finished(Partial(Reason::Incomplete)));
        assert_eq!(read("failed"), Reading::Finished(Failed(Reason::ProviderFailed)));
        assert_eq!(read("cancelled"), Reading::Finished(Failed(Reason::ProviderCanceled)));
        for word in ["", "done", "Completed", "requires_action"] {
            assert_eq!(read(word), Reading::Unknown, "{word:?}");
        }
        assert_eq!(answer(None, vec![text("x")]).read(), Reading::Unknown);
    }

    #[test]
    fn completed_is_success_only_with_output_and_nothing_pending() {
        let read = |output| answer(Some("completed"), output).read();
        let pending = Item::PendingAction { kind: "function_call".into(), input: Value::Null };
        assert_eq!(read(vec![text("x"), pending]), Reading::Finished(Outcome::ActionRequired));
        assert_eq!(read(vec![]), Reading::Finished(Outcome::Failed(Reason::NoOutput)));
        assert_eq!(read(vec![text("  ")]), Reading::Finished(Outcome::Failed(Reason::NoOutput)));
        assert_eq!(read(vec![Item::Refusal("no".into())]), Reading::Finished(Outcome::Failed(Reason::Refusal)));
        assert_eq!(
            read(vec![Item::Other { kind: "reasoning".into() }]),
            Reading::Finished(Outcome::Failed(Reason::NoOutput))
        );
    }

    #[test]
    fn an_exhausted_quota_inside_a_failed_run_is_told_apart_from_a_failure() {
        for code in ["insufficient_quota", "project_spend_limit_exceeded", "credit_balance_exhausted"] {
            let failed = Answer { error_code: Some(code.into()), ..answer(Some("failed"), vec![]) };
            assert_eq!(failed.read(), Reading::Finished(Outcome::Failed(Reason::ProviderQuota)), "{code}");
        }
    }

    #[test]
    fn a_tag_survives_the_provider_and_another_deployments_is_not_ours() {
        let tag = Tag {
            deployment: "prod".into(),
            workspace: WorkspaceId::parse("acme").unwrap(),
            job: JobId::parse("job_1").unwrap(),
            attempt: 2,
            start: Nonce([7; 16]),
        };
        assert_eq!(Tag::of(&tag.to_metadata(), "prod"), Some(tag.clone()));
        assert_eq!(Tag::of(&tag.to_metadata(), "test"), None);
        assert_eq!(Tag::of(&BTreeMap::new(), "prod"), None);
    }
}
