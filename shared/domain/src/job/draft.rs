//! How a job begins.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Attempt, Event, Job, PayloadRef, State, Transition, TransitionContext};
use crate::job::record::SealError;
use crate::policy::cost::{CostState, Usd};
use crate::policy::lane::{Lane, LaneReason};
use crate::value::id::{Digest, Issuer, JobId, Principal, WorkspaceId};
use crate::value::member::Member;
use crate::value::time::Timestamp;

/// What a create request decides about its job; the rest follows from the type and the time.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub workspace: WorkspaceId,
    pub id: JobId,
    pub lane: Lane,
    pub lane_reasons: Vec<LaneReason>,
    pub created_by: Principal,
    pub issuer: Option<Issuer>,
    pub on_behalf_of: Option<Principal>,
    pub complete_by: Option<Timestamp>,
    pub summary: String,
    pub tags: BTreeMap<String, String>,
    pub input: PayloadRef,
    /// What one attempt may come to at most.
    pub attempt_cost: Option<Usd>,
}

impl Job {
    /// Whether this member created it. The same subject of another issuer did not.
    pub fn is_by(&self, member: &Member) -> bool {
        self.created_by == member.principal && self.issuer.is_none_or(|issuer| member.is_of(issuer))
    }

    /// The first version of a job.
    pub fn create(draft: NewJob, context: &TransitionContext<'_>) -> Result<Transition, SealError> {
        let NewJob { workspace, id, lane, lane_reasons, created_by, issuer, on_behalf_of, .. } = draft;
        let NewJob { complete_by, summary, tags, input, attempt_cost, .. } = draft;
        let TransitionContext { policy, now, .. } = *context;
        let mut job = Self {
            workspace,
            id,
            job_type: policy.name.clone(),
            type_version: policy.version,
            lane,
            lane_reasons,
            created_by,
            issuer,
            on_behalf_of,
            created_at: now,
            updated_at: now,
            since: now,
            version: 0,
            state: State::Waiting,
            reason: None,
            attempt: Attempt { number: 1, ..Attempt::default() },
            due: now,
            claim_count: 0,
            deadline: now,
            complete_by,
            due_index_at: None,
            summary,
            tags,
            input,
            result: None,
            cost_usd: Usd::default(),
            cost_state: CostState::Known,
            unpriced_responses: 0,
            cost_estimate: Usd::default(),
            cost_limit: policy.cost_limit,
            attempt_cost,
            published: 0,
            head: Digest::ZERO,
            archived_at: None,
            escalation_level: 0,
            review: None,
            consecutive_retries: None,
            uncounted_attempts: 0,
        };
        job.enter(State::Waiting, None, Duration::ZERO, context);
        job.sealed(None, &Event::Created, context)
    }
}
