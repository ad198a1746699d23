//! What a transition is made with, and what it leaves: the row at its next version, and a sealed record.

use super::{Event, EventKind, Job, State};
use crate::job::record::{Actor, Cause, Record, SealError, SealedRecord};
use crate::policy::job_type::JobType;
use crate::value::id::Nonce;
use crate::value::time::{Timestamp, Timing};

/// What a transition needs to know besides the job and the event.
#[derive(Debug, Clone, Copy)]
pub struct TransitionContext<'a> {
    pub policy: &'a JobType,
    pub timing: &'a Timing,
    pub actor: &'a Actor,
    pub cause: Cause,
    pub now: Timestamp,
}

/// A transition to commit: the row at its next version, and the record that goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    pub job: Job,
    /// The attempt's `start` on the row that this change was made from: a claim since then makes it stale.
    pub submit_token_seen: Option<Nonce>,
    pub record: Record,
    pub sealed: SealedRecord,
}

/// A pair of state and event that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a job that is {state:?} cannot be {}", .event.word())]
pub struct IllegalTransition {
    pub state: State,
    pub event: EventKind,
}

/// Why an event makes no transition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    #[error(transparent)]
    Unsealed(#[from] SealError),
}

impl Job {
    pub(super) fn sealed(
        mut self,
        before: Option<&Self>,
        event: &Event,
        context: &TransitionContext<'_>,
    ) -> Result<Transition, SealError> {
        let (previous, submit_token_seen) = (self.head, before.and_then(|job| job.attempt.submit_token));
        let from = before.map(|job| job.state);
        self.version = self.version.saturating_add(1);
        self.updated_at = context.now;
        self.attempt.shorten();
        let digest = self.result.map(|result| result.stored.digest);
        let record = Record {
            version: self.version,
            event: event.kind(),
            at: context.now,
            actor: context.actor.clone(),
            cause: context.cause,
            issuer: self.issuer.filter(|_| before.is_none()),
            on_behalf_of: self.on_behalf_of.clone().filter(|_| before.is_none()),
            from,
            to: self.state,
            job_type: self.job_type.clone(),
            type_version: self.type_version,
            lane: self.lane,
            attempt: self.attempt.number,
            reason: self.reason,
            // The orphan is named instead: two long ids would be too much for one row.
            response: self.attempt.response.clone().filter(|_| event.orphan().is_none()),
            digest,
            bytes: event.result().map(|result| result.stored.bytes),
            answer: event.answer().map(|answer| answer.digest).filter(|answer| digest != Some(*answer)),
            error: self.attempt.error.clone(),
            usage: event.usage(),
            cost_pico: self.cost_usd.pico(),
            cost_state: self.cost_state,
            unpriced_responses: self.unpriced_responses,
            cost_estimate: self.cost_estimate.pico(),
            due: (!self.state.is_resting()).then_some(self.due),
            deadline: self.deadline,
            finished_at: event.finished_at(),
            request_id: event.request_id(),
            orphan: event.orphan(),
            note: event.note(),
            key: event.key(),
            escalation_level: self.escalation_level,
        };
        let sealed = SealedRecord::seal(&self.workspace, &self.id, previous, &record)?;
        self.head = sealed.hash;
        self.update_due_index(context.now);
        Ok(Transition { submit_token_seen, job: self, record, sealed })
    }
}
