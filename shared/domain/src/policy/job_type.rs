//! Job types: the policy for a class of jobs, in versions. Some ship with the code; a workspace's own stand before them.

mod form;
mod input;
mod overridable;
mod shipped;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::input::InputKind;
pub(crate) use self::input::usual;
pub(crate) use self::overridable::in_order;
pub use self::overridable::{Bound, Overridable};
pub(crate) use self::shipped::{MAX_TOOL_CALLS, base};
pub use self::shipped::{SHIPPED, shipped};

use crate::policy::cost::{Usd, Window};
use crate::policy::lane::{Effect, Lane};
use crate::policy::reason::ErrorClass;
use crate::value::id::{Digest, TypeName};
use crate::value::word::{Closed, Word, with_more};

/// Versioned policy; a job keeps the version that it was created with. Its JSON form is what the API shows and what the
/// row of a version holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobType {
    pub name: TypeName,
    pub version: u32,
    pub description: String,
    pub lane: Lane,
    pub model: String,
    /// Whether it may name models that are not on the price list. Their runs count as over every limit.
    pub allow_unpriced: bool,
    /// Goes to the provider's `instructions`; the caller's input is passed on unchanged.
    pub instructions: String,
    /// In the provider's own form.
    pub tools: Vec<Value>,
    /// What an input may hold beside the user's words.
    #[serde(default = "usual")]
    pub input_items: Vec<InputKind>,
    /// The most calls of tools that the provider makes in one run.
    pub max_tool_calls: u32,
    /// Left out, the model's own default holds; a model that does not reason takes none.
    pub reasoning_effort: Option<String>,
    pub max_output_tokens: u32,
    /// How its runs are processed, where that is not the usual way: in a tier, or within a completion window.
    #[serde(default)]
    pub service_tier: Option<String>,
    #[serde(default)]
    pub window: Option<String>,
    /// What the final answer has to be: one JSON object that keeps this JSON Schema.
    #[serde(default)]
    pub output_schema: Option<Value>,
    /// Whether the provider holds the model to it, as far as it takes the schema for that. Fixed when the type is set.
    #[serde(default)]
    pub output_strict: bool,
    pub effects: Vec<Effect>,
    pub pre_approved_effects: Vec<Effect>,
    pub review: ReviewPolicy,
    /// How many reviewers have to allow a result.
    pub approvals: u8,
    /// Whoever had a hand in a result may not allow it; in the approval lane always. A type that turns it off says so in its
    /// description.
    pub four_eyes: bool,
    /// From creation to the first answer of the provider; anew when an attempt may have cost something.
    #[serde(rename = "start_deadline_seconds", with = "form::seconds")]
    pub start_deadline: Duration,
    /// From there to the end of the run.
    #[serde(rename = "run_deadline_seconds", with = "form::seconds")]
    pub run_deadline: Duration,
    /// From the result to when its decision is expected; half of it brings a reminder.
    #[serde(rename = "sla_seconds", with = "form::seconds")]
    pub sla: Duration,
    pub on_overdue: OnOverdue,
    /// From the result to the end of its review.
    #[serde(rename = "review_deadline_seconds", with = "form::seconds")]
    pub review_deadline: Duration,
    pub retry: RetryPolicy,
    #[serde(rename = "retention_days", with = "form::days")]
    pub retention: Duration,
    /// What could cost more is not begun, and a job that has cost more needs a person's attention.
    #[serde(rename = "cost_limit_usd")]
    pub cost_limit: Option<Usd>,
    /// What a user may expect a job to take.
    #[serde(rename = "expected_seconds", with = "form::seconds")]
    pub expected: Duration,
    /// What a create may override, and how far.
    pub overridable: Overridable,
}

/// When a result waits for a person. The approval lane always does, and a pending call is nobody's to let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum ReviewPolicy {
    Never,
    Always,
    /// When one of these holds.
    When(Conditions),
    /// As a newer release knows.
    #[serde(skip)]
    Other(Word),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// The type or the request declares effects, pre-approved though they are.
    pub effects: bool,
    /// The output is incomplete.
    pub partial: bool,
    /// The job has cost more than this, or nobody knows what it has cost.
    #[serde(rename = "cost_over_usd")]
    pub cost_over: Option<Usd>,
}

/// What an overdue review comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum OnOverdue {
    /// It ends there.
    Expire,
    /// It goes a level higher, and once more after each further `sla`, up to this level.
    Escalate { levels: u8 },
    /// As a newer release knows.
    #[serde(skip)]
    Other(Word),
}

with_more! { ReviewPolicy OnOverdue }

impl JobType {
    /// Whether its words are known here; else nothing is done by it, and nothing created of it.
    pub fn is_understood(&self) -> bool {
        self.lane.is_known()
            && self.effects.iter().chain(&self.pre_approved_effects).all(Closed::is_known)
            && self.input_items.iter().all(Closed::is_known)
            && self.window.as_deref().is_none_or(|window| Window::parse(window).is_some())
            && !matches!(self.review, ReviewPolicy::Other(_))
            && !matches!(self.on_overdue, OnOverdue::Other(_))
    }

    /// The text that the row of this version holds.
    pub fn document(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What the record of a version says of its text.
    pub fn digest(&self) -> Digest {
        Digest::of(self.document().as_bytes())
    }

    /// Whether only the versions differ, if anything does.
    pub fn same_content(&self, other: &Self) -> bool {
        Self { version: self.version, ..other.clone() } == *self
    }
}

/// Automatic retries, on our side only: one list of gaps for each error class, no entry meaning no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Attempts that may have cost something, the ones a person asks for included.
    pub attempts: u16,
    #[serde(rename = "gaps_seconds", with = "form::gaps")]
    pub gaps: BTreeMap<ErrorClass, Vec<Duration>>,
    /// How often in a row the provider may be busy, the last time because the flex tier has no room, before the run is
    /// asked for at the usual price. Left out, it waits for flex.
    #[serde(default)]
    pub flex_refusals: Option<u16>,
}

impl RetryPolicy {
    /// The gap before another try after `done` tries in a row for this class, or `None` when its list is used up. As long
    /// as nothing was created the last gap repeats, and the start deadline is the end.
    pub fn gap(&self, class: ErrorClass, done: u16) -> Option<Duration> {
        let gaps = self.gaps.get(&class)?;
        gaps.get(usize::from(done)).or_else(|| gaps.last().filter(|_| class.created_nothing())).copied()
    }

    fn standard() -> Self {
        let gaps = |list: &[u64]| list.iter().copied().map(Duration::from_secs).collect::<Vec<_>>();
        Self {
            attempts: 10,
            gaps: BTreeMap::from([
                (ErrorClass::Busy, gaps(&[5, 15, 30, 60, 120, 300, 600])),
                (ErrorClass::Unreachable, gaps(&[5, 15, 30, 60, 120, 300, 600])),
                (ErrorClass::Lost, gaps(&[0, 30])),
                (ErrorClass::ProviderError, gaps(&[10, 60])),
            ]),
            // Little more than an hour, with these gaps.
            flex_refusals: Some(12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_type_is_on_the_price_list_and_keeps_consequences_in_the_approval_lane() {
        for name in SHIPPED {
            let job_type = shipped(name).unwrap();
            assert_eq!(job_type.name.as_str(), name);
            assert!(crate::policy::cost::PriceList::shipped().has(&job_type.model), "{name}");
            assert_eq!(job_type.lane == Lane::Approval, !job_type.effects.is_empty(), "{name}");
        }
        assert_eq!(shipped("anything-else"), None);
    }

    #[test]
    fn a_retry_list_that_is_used_up_or_missing_means_no_more() {
        let policy = RetryPolicy::standard();
        assert_eq!(policy.gap(ErrorClass::Lost, 0), Some(Duration::ZERO));
        assert_eq!(policy.gap(ErrorClass::Lost, 1), Some(Duration::from_secs(30)));
        assert_eq!(policy.gap(ErrorClass::Lost, 2), None);
        assert_eq!(policy.gap(ErrorClass::Permanent, 0), None);
        assert_eq!(policy.gap(ErrorClass::Busy, 0), Some(Duration::from_secs(5)));
        assert_eq!(policy.gap(ErrorClass::Busy, 99), Some(Duration::from_secs(600)), "nothing was created");
    }
}
