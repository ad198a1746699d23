//! A job as callers see it: the same object in a list, in detail and in the console.

mod input;
mod job_type;
mod lane;
mod me;
mod review;
mod trail;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::job::attention::Attention;
use crate::job::delivery;
use crate::job::duty::Duty;
use crate::job::{Job, State, Status};
use crate::people::control::AllowedAction;
use crate::policy::cost::{Cost, CostState};
use crate::policy::lane::{Lane, LaneReason};
use crate::policy::reason::Reason;
use crate::provider::ErrorWords;
use crate::provider::breaker::Breaker;
use crate::value::id::{Digest, JobId, Principal, ResponseId, TypeName, WorkspaceId};
use crate::value::member::{Member, MemberName, Role};
use crate::value::time::{Timestamp, Timing};

pub use self::input::InputView;
pub use self::job_type::{JobTypeAnswer, JobTypeView, Warning};
pub use self::lane::{AlternativeView, ClassificationView, CreatedView, WordView};
pub use self::me::{MeView, MembershipView};
pub use self::review::{ReviewView, Standing};
pub use self::trail::{EventView, SecondsView, StateView, TrailView};
pub use self::workspace::{WorkspaceEventView, WorkspaceTrailView};

#[derive(Debug, Serialize)]
pub struct JobView<'a> {
    pub id: &'a JobId,
    pub workspace: &'a WorkspaceId,
    #[serde(rename = "type")]
    pub job_type: &'a TypeName,
    pub type_version: u32,
    pub lane: Lane,
    pub lane_reasons: &'a [LaneReason],
    pub status: Status,
    pub phase: Option<&'static str>,
    pub reason: Option<ReasonView>,
    pub attention: Option<Attention>,
    /// How far somebody has been called in; 0 is not at all.
    pub escalation_level: u8,
    pub next_step: Option<NextStep>,
    /// How soon it is worth asking again; `None` once nothing more is to come.
    pub poll_after_ms: Option<u64>,
    pub attempt: u16,
    pub version: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deadline_at: Option<Timestamp>,
    pub created_by: &'a Principal,
    /// Whom it was submitted for; they may not approve it.
    pub on_behalf_of: Option<&'a Principal>,
    pub input_summary: &'a str,
    pub tags: &'a BTreeMap<String, String>,
    pub provider: ProviderView<'a>,
    pub result: Option<ResultRefView>,
    pub review: Option<ReviewView<'a>>,
    pub cost: CostView,
    pub archived_at: Option<Timestamp>,
    /// What the caller may do with it now. In a list it goes by the row: four eyes may still refuse an approval.
    pub allowed_actions: Vec<AllowedAction>,
}

#[derive(Debug, Serialize)]
pub struct ReasonView {
    pub code: Reason,
    pub message: &'static str,
}

#[derive(Debug, Serialize)]
pub struct NextStep {
    pub action: NextAction,
    pub at: Timestamp,
}

/// What happens to a job next if nobody does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextAction {
    Submit,
    WaitForWebhook,
    Check,
    Remind,
    Expire,
    Publish,
}

/// The provider's own words.
#[derive(Debug, Serialize)]
pub struct ProviderView<'a> {
    pub response_id: Option<&'a ResponseId>,
    pub status: Option<&'a str>,
    pub model: Option<&'a str>,
    pub service_tier: Option<&'a str>,
    /// Its words for why a run failed, never its prose.
    pub error: Option<&'a ErrorWords>,
    /// Of its final answer, where nothing of that is a result.
    pub answer: Option<Digest>,
}

#[derive(Debug, Serialize)]
pub struct ResultRefView {
    pub digest: Digest,
    pub partial: bool,
    /// It came after the job had ended, and was delivered to nobody.
    pub late: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct CostView {
    /// A decimal number of dollars with at least six places.
    pub usd: String,
    pub state: CostState,
}

impl CostView {
    pub fn of(cost: Cost) -> Self {
        Self { usd: cost.usd.to_string(), state: cost.state }
    }
}

impl<'a> JobView<'a> {
    /// `lane` is the breaker of a lane that a queued job may wait for.
    pub(crate) fn of(job: &'a Job, timing: &Timing, lane: Option<&Breaker>, now: Timestamp) -> Self {
        let (at, duty) = job.next_duty();
        let next_action = match duty {
            // As long as a start is unknown, its deadline too is waited for.
            Duty::CloseUnknownStart | Duty::Expire if job.named().is_some() => Some(NextAction::Check),
            Duty::CloseUnknownStart | Duty::Expire if job.is_starting() => Some(NextAction::WaitForWebhook),
            duty => next_action(duty),
        };
        let parked = job.parked_by(lane, now);
        Self {
            id: &job.id,
            workspace: &job.workspace,
            job_type: &job.job_type,
            type_version: job.type_version,
            lane: job.lane,
            lane_reasons: &job.lane_reasons,
            status: job.state.status(),
            phase: if job.is_starting() {
                Some("starting")
            } else if parked.is_some() {
                State::Held.phase()
            } else {
                job.state.phase()
            },
            reason: job
                .is_starting()
                .then_some(Reason::StartUnknown)
                .or(parked.and_then(|lane| lane.reason))
                .or(job.reason)
                .map(|reason| ReasonView { code: reason, message: reason.message() }),
            attention: job.attention(timing, lane, now),
            escalation_level: job.escalation_level,
            next_step: next_action
                .map(|action| NextStep { action, at: parked.and_then(|lane| lane.parked_until).unwrap_or(at) }),
            poll_after_ms: job.poll_after(lane, now).and_then(|wait| u64::try_from(wait.as_millis()).ok()),
            attempt: job.attempt.number,
            version: job.version,
            created_at: job.created_at,
            updated_at: job.updated_at,
            deadline_at: (!job.state.is_terminal()).then_some(job.deadline),
            created_by: &job.created_by,
            on_behalf_of: job.on_behalf_of.as_ref(),
            input_summary: &job.summary,
            tags: &job.tags,
            provider: ProviderView {
                response_id: job.attempt.response.as_ref(),
                status: job.attempt.provider_status.as_deref(),
                model: job.attempt.model.as_deref(),
                service_tier: job.attempt.service_tier.as_deref(),
                error: Some(&job.attempt.error).filter(|words| !words.is_empty()),
                answer: job.attempt.answer.map(|answer| answer.digest),
            },
            result: job.result.map(|result| ResultRefView {
                digest: result.stored.digest,
                partial: delivery::is_partial(job, &result),
                late: result.late,
            }),
            review: ReviewView::of(job),
            cost: CostView::of(job.shown_cost()),
            archived_at: job.archived_at,
            allowed_actions: Vec::new(),
        }
    }
}

/// A member as callers see them.
#[derive(Debug, Serialize)]
pub struct MemberView<'a> {
    pub principal: &'a Principal,
    pub roles: &'a BTreeSet<Role>,
    pub active: bool,
    pub name: Option<&'a MemberName>,
}

impl<'a> MemberView<'a> {
    pub fn of(member: &'a Member) -> Self {
        Self { principal: &member.principal, roles: &member.roles, active: member.active, name: member.name.as_ref() }
    }
}

fn next_action(duty: Duty) -> Option<NextAction> {
    match duty {
        Duty::Submit => Some(NextAction::Submit),
        Duty::CloseUnknownStart => Some(NextAction::WaitForWebhook),
        Duty::Check => Some(NextAction::Check),
        Duty::Remind => Some(NextAction::Remind),
        Duty::Expire => Some(NextAction::Expire),
        Duty::Publish => Some(NextAction::Publish),
        Duty::Purge | Duty::Leave => None,
    }
}
