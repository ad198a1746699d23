//! The provider's world and how it maps to ours. The only place that knows its words.

pub mod breaker;
mod error;
pub mod evidence;
mod metadata;
mod output;

use std::collections::BTreeMap;

pub use self::error::ErrorWords;
pub use self::metadata::{ASKED_TIER, ASKED_WINDOW, Owner, ResponseMetadata};
pub use self::output::{Citation, File, Item};

use crate::policy::cost::Usage;
use crate::policy::reason::Reason;
use crate::value::id::ResponseId;
use crate::value::time::Timestamp;

/// A response as the provider described it, parsed leniently; `raw` is what it really said.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderResponse {
    pub id: ResponseId,
    pub status: Option<String>,
    pub model: Option<String>,
    pub service_tier: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub output: Vec<Item>,
    /// Why the run failed, in the provider's words.
    pub error: ErrorWords,
    pub incomplete_reason: Option<String>,
    pub usage: Option<Usage>,
    /// It told something about its usage that nobody here can read.
    pub is_usage_unread: bool,
    /// When the run was over, by the provider's clock.
    pub finished_at: Option<Timestamp>,
    /// The provider's name for this call.
    pub request_id: Option<String>,
    pub raw: Vec<u8>,
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
pub enum RunStatus {
    Running,
    /// A status word that nobody here knows, or none: the run is watched on.
    Unknown,
    Finished(Outcome),
}

impl ProviderResponse {
    /// The provider-to-product map.
    pub fn read(&self) -> RunStatus {
        let Some(status) = self.status.as_deref() else {
            // Some servers leave the status out of what they consider finished. Only evidence counts.
            return RunStatus::Unknown;
        };
        match status {
            "queued" | "in_progress" => RunStatus::Running,
            // Over, and on purpose not yet a success: a call may be pending, or nothing may have come out.
            "completed" => RunStatus::Finished(self.completed()),
            // Bills like any other run and may hold useful output.
            "incomplete" => RunStatus::Finished(Outcome::Partial(match self.incomplete_reason.as_deref() {
                Some("max_output_tokens" | "max_tool_calls" | "max_messages") => Reason::OutputLimit,
                Some("content_filter") => Reason::ContentFilter,
                // `steered`, words to come, and the reason that is sometimes missing.
                Some(_) | None => Reason::Incomplete,
            })),
            // Reported inside HTTP 200, on a response that was accepted.
            "failed" => RunStatus::Finished(Outcome::Failed(self.failed())),
            // Not by us: a cancel of ours ends the job at our commit, before the provider hears of it.
            "cancelled" | "canceled" => RunStatus::Finished(Outcome::Failed(Reason::ProviderCanceled)),
            _ => RunStatus::Unknown,
        }
    }

    fn completed(&self) -> Outcome {
        let has = |wanted: fn(&Item) -> bool| self.output.iter().any(wanted);
        if has(|item| matches!(item, Item::PendingAction { .. })) {
            Outcome::ActionRequired
        } else if has(Item::is_answer) {
            Outcome::Completed
        } else if has(|item| matches!(item, Item::Refusal(_))) {
            Outcome::Failed(Reason::Refusal)
        } else if has(Item::is_call) {
            Outcome::Partial(Reason::OnlyToolCalls)
        } else if has(|item| matches!(item, Item::Unknown { .. })) {
            Outcome::Partial(Reason::UnknownOutput)
        } else {
            // Seen when a proxy's client went away and took the upstream run with it.
            Outcome::Failed(Reason::NoOutput)
        }
    }

    fn failed(&self) -> Reason {
        let is_refused = self.error.kind.as_deref() == Some("invalid_request_error");
        self.error.reason().unwrap_or(match is_refused || self.error.rules_out_another_try() {
            true => Reason::InvalidRequest,
            // server_error, vector_store_timeout, and whatever comes next.
            false => Reason::ProviderFailed,
        })
    }

    /// Whether the provider has sent back what the request told it to remember.
    pub fn repeats_metadata(&self) -> bool {
        metadata::NAMES.iter().all(|name| self.metadata.contains_key(*name))
    }

    /// Whether it says of itself that it is about another job.
    pub fn is_of_another_job(&self, deployment: &str, owner: Owner<'_>) -> bool {
        metadata::is_of_another_job(&self.metadata, deployment, owner)
    }

    /// Whether there is anything worth keeping for a person to read.
    pub fn has_output(&self) -> bool {
        self.output.iter().any(Item::is_output)
    }

    /// Whether it wrote anything that takes tokens, thoughts included.
    pub fn has_written(&self) -> bool {
        let is_thought = |item: &Item| matches!(item, Item::Other { kind } if kind == "reasoning");
        self.output.iter().any(|item| item.is_output() || is_thought(item))
    }

    /// Whether the run was turned away before it did anything: the provider had no room for it, or no money.
    pub fn costs_nothing(&self) -> bool {
        let is_turned_away =
            matches!(self.read(), RunStatus::Finished(Outcome::Failed(Reason::ProviderBusy | Reason::ProviderQuota)));
        let is_unused = self.usage.is_none_or(|usage| usage == Usage { seconds: usage.seconds, ..Usage::default() });
        is_turned_away && is_unused && !self.is_usage_unread && self.output.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn answer(status: Option<&str>, output: Vec<Item>) -> ProviderResponse {
        ProviderResponse {
            id: ResponseId::parse("resp_1").unwrap(),
            status: status.map(str::to_owned),
            model: None,
            service_tier: None,
            metadata: BTreeMap::new(),
            output,
            error: ErrorWords::default(),
            incomplete_reason: None,
            usage: None,
            is_usage_unread: false,
            finished_at: None,
            request_id: None,
            raw: vec![],
        }
    }

    fn text(text: &str) -> Item {
        Item::Text { text: text.to_owned(), citations: vec![], is_final: false }
    }

    #[test]
    fn each_of_the_six_statuses_is_mapped_and_any_other_word_is_watched_on() {
        use Outcome::*;
        let read = |status| answer(Some(status), vec![text("x")]).read();
        assert_eq!(read("queued"), RunStatus::Running);
        assert_eq!(read("in_progress"), RunStatus::Running);
        assert_eq!(read("completed"), RunStatus::Finished(Completed));
        assert_eq!(read("incomplete"), RunStatus::Finished(Partial(Reason::Incomplete)));
        assert_eq!(read("failed"), RunStatus::Finished(Failed(Reason::ProviderFailed)));
        assert_eq!(read("cancelled"), RunStatus::Finished(Failed(Reason::ProviderCanceled)));
        for word in ["", "done", "Completed", "requires_action"] {
            assert_eq!(read(word), RunStatus::Unknown, "{word:?}");
        }
        assert_eq!(answer(None, vec![text("x")]).read(), RunStatus::Unknown);
    }

    #[test]
    fn completed_is_success_only_with_output_and_nothing_pending() {
        let read = |output| answer(Some("completed"), output).read();
        let pending = Item::PendingAction { kind: "function_call".into(), input: Value::Null };
        assert_eq!(read(vec![text("x"), pending]), RunStatus::Finished(Outcome::ActionRequired));
        assert_eq!(read(vec![]), RunStatus::Finished(Outcome::Failed(Reason::NoOutput)));
        assert_eq!(read(vec![text("  ")]), RunStatus::Finished(Outcome::Failed(Reason::NoOutput)));
        assert_eq!(read(vec![Item::Refusal("no".into())]), RunStatus::Finished(Outcome::Failed(Reason::Refusal)));
        assert_eq!(
            read(vec![Item::Other { kind: "reasoning".into() }]),
            RunStatus::Finished(Outcome::Failed(Reason::NoOutput))
        );
    }

    fn failed(code: &str, kind: &str) -> ProviderResponse {
        let word = |word: &str| Some(word.to_owned()).filter(|word| !word.is_empty());
        ProviderResponse { error: ErrorWords { kind: word(kind), code: word(code) }, ..answer(Some("failed"), vec![]) }
    }

    #[test]
    fn a_failed_run_is_told_apart_by_its_code_and_by_its_type() {
        let cases = [
            ("insufficient_quota", "", Reason::ProviderQuota),
            ("project_spend_limit_exceeded", "", Reason::ProviderQuota),
            ("credit_balance_exhausted", "", Reason::ProviderQuota),
            ("billing_hard_limit_reached", "insufficient_quota", Reason::ProviderQuota),
            ("rate_limit_exceeded", "insufficient_quota", Reason::ProviderQuota),
            ("context_length_exceeded", "invalid_request_error", Reason::InvalidRequest),
            ("unsupported_parameter", "", Reason::InvalidRequest),
            ("model_not_found", "", Reason::InvalidRequest),
            ("something_new", "invalid_request_error", Reason::InvalidRequest),
            ("", "invalid_request_error", Reason::InvalidRequest),
            ("cyber_policy", "", Reason::ContentPolicy),
            ("image_content_policy_violation", "image_generation_user_error", Reason::ContentPolicy),
            ("rate_limit_exceeded", "tokens", Reason::ProviderBusy),
            ("429", "", Reason::ProviderBusy),
            ("402", "", Reason::ProviderQuota),
            ("server_error", "server_error", Reason::ProviderFailed),
            ("vector_store_timeout", "", Reason::ProviderFailed),
            ("something_new", "", Reason::ProviderFailed),
            ("", "", Reason::ProviderFailed),
        ];
        for (code, kind, reason) in cases {
            assert_eq!(failed(code, kind).read(), RunStatus::Finished(Outcome::Failed(reason)), "{code} {kind}");
        }
    }

    #[test]
    fn a_run_that_was_turned_away_cost_nothing_unless_it_did_something_first() {
        let used = |input_tokens| Some(Usage { input_tokens, ..Usage::default() });
        for code in ["rate_limit_exceeded", "billing_hard_limit_reached"] {
            let run = failed(code, "");
            assert!(run.costs_nothing());
            assert!(ProviderResponse { usage: used(0), ..run.clone() }.costs_nothing());
            assert!(!ProviderResponse { usage: used(1), ..run.clone() }.costs_nothing());
            let began = vec![Item::Other { kind: "reasoning".into() }];
            assert!(!ProviderResponse { output: began, ..run.clone() }.costs_nothing(), "nobody knows what");
        }
        assert!(!failed("server_error", "").costs_nothing());
        assert!(!answer(Some("completed"), vec![]).costs_nothing());
    }

    #[test]
    fn an_image_without_a_word_is_an_answer_and_a_call_that_acted_is_not_nothing() {
        let read = |output| answer(Some("completed"), output).read();
        let call = |kind: &str| Item::ToolCall { kind: kind.into(), input: Value::Null, outcome: None };
        let image = Item::File(File { kind: "image_generation_call".into(), ..File::default() });
        let said = |text: &str| Item::Commentary { phase: "commentary".into(), text: text.into() };
        let unknown = || Item::Unknown { kind: "hologram".into() };
        let only = |reason| RunStatus::Finished(Outcome::Partial(reason));
        assert_eq!(read(vec![call("image_generation_call"), image.clone()]), RunStatus::Finished(Outcome::Completed));
        assert_eq!(read(vec![call("mcp_call")]), only(Reason::OnlyToolCalls));
        assert_eq!(read(vec![said("I sent it."), call("mcp_call"), unknown()]), only(Reason::OnlyToolCalls));
        assert_eq!(read(vec![unknown()]), only(Reason::UnknownOutput));
        assert_eq!(read(vec![unknown(), text("x")]), RunStatus::Finished(Outcome::Completed));
        assert_eq!(read(vec![call("mcp_list_tools")]), RunStatus::Finished(Outcome::Failed(Reason::NoOutput)));
        let refused = vec![call("web_search_call"), Item::Refusal("no".into())];
        assert_eq!(read(refused), RunStatus::Finished(Outcome::Failed(Reason::Refusal)));
    }

    #[test]
    fn commentary_alone_is_no_output_and_is_kept() {
        let said = || Item::Commentary { phase: "commentary".into(), text: "Let me look.".into() };
        let alone = answer(Some("completed"), vec![said()]);
        assert_eq!(alone.read(), RunStatus::Finished(Outcome::Failed(Reason::NoOutput)));
        assert!(alone.has_output());
        let refused = answer(Some("completed"), vec![said(), Item::Refusal("no".into())]);
        assert_eq!(refused.read(), RunStatus::Finished(Outcome::Failed(Reason::Refusal)));
        let pending = Item::PendingAction { kind: "function_call".into(), input: Value::Null };
        let owed = answer(Some("completed"), vec![said(), pending, text("Done.")]);
        assert_eq!(owed.read(), RunStatus::Finished(Outcome::ActionRequired), "a call and the text came in one answer");
    }
}
