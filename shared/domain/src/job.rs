//! A job and its state machine: one match over (state, event), and the clock of its duties.

mod again;
mod attempt;
pub mod attention;
mod budget;
mod change;
mod clock;
pub mod delivery;
mod draft;
pub mod durations;
pub mod duty;
mod event;
pub mod note;
mod poll_after;
pub mod record;
pub mod response;
mod state;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::policy::cost::{CostState, Usd};
use crate::policy::lane::{Lane, LaneReason};
use crate::policy::reason::{ErrorClass, Reason};
use crate::provider::{ErrorWords, Outcome};
use crate::value::id::{Digest, Issuer, JobId, Principal, TypeName, WorkspaceId};
use crate::value::time::Timestamp;

use self::delivery::Output;
pub use attempt::{Attempt, PayloadRef, ResultRef};
pub(crate) use budget::cost_of;
pub use change::{IllegalTransition, Transition, TransitionContext, TransitionError};
pub use clock::{MAX_LEVEL, ReviewClock};
pub use draft::NewJob;
pub use event::{Event, EventKind, Finish, PersonInput};
pub use state::{State, Status};

/// The job row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub workspace: WorkspaceId,
    pub id: JobId,
    pub job_type: TypeName,
    pub type_version: u32,
    pub lane: Lane,
    pub lane_reasons: Vec<LaneReason>,
    pub created_by: Principal,
    /// Whose subject that is.
    pub issuer: Option<Issuer>,
    /// Whom it was submitted for. It grants them nothing, and bars them as it bars the submitter.
    pub on_behalf_of: Option<Principal>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Since when it stands so: in this state, for this reason.
    pub since: Timestamp,
    /// +1 for each transition; the ETag.
    pub version: u32,
    pub state: State,
    pub reason: Option<Reason>,
    pub attempt: Attempt,
    /// When the state's own duty is to be done, or done again.
    pub due: Timestamp,
    /// Claims since the last transition.
    pub claim_count: u16,
    /// End of the state: start, run or review deadline; end of retention when terminal.
    pub deadline: Timestamp,
    /// The caller's own deadline for the whole job.
    pub complete_by: Option<Timestamp>,
    /// Where the due index points; never later than `next_due`. Moving an index key costs two writes, so it lags.
    pub due_index_at: Option<Timestamp>,
    pub summary: String,
    pub tags: BTreeMap<String, String>,
    /// The create request as accepted, in canonical form; tells a repeat from another request under the same key.
    pub input: PayloadRef,
    pub result: Option<ResultRef>,
    pub cost_usd: Usd,
    /// The least sure of what is in `cost_usd`.
    pub cost_state: CostState,
    /// Responses of this job that have not told yet what they used.
    pub unpriced_responses: u16,
    /// What those of them are taken to come to that nobody waits for any more.
    pub cost_estimate: Usd,
    /// More than this is not begun, and needs a person's attention.
    pub cost_limit: Option<Usd>,
    /// What one attempt may come to at most, by its request; `None` where something in it has no price.
    pub attempt_cost: Option<Usd>,
    /// Events up to this version are confirmed as published.
    pub published: u32,
    /// Hash of the last record.
    pub head: Digest,
    pub archived_at: Option<Timestamp>,
    /// How far somebody has been called in about where the job stands; 0 is not at all.
    pub escalation_level: u8,
    /// Of what waits for a decision.
    pub review: Option<ReviewClock>,
    /// Automatic retries in a row for the same class of trouble.
    pub consecutive_retries: Option<(ErrorClass, u16)>,
    /// Attempts of which the provider created nothing; they count for no limit.
    pub uncounted_attempts: u16,
}

/// What the match answers.
enum Step {
    /// Into another state.
    To(State, Option<Reason>),
    /// Another attempt if the type's policy has a gap left for this reason, else failed.
    TryAgain(Reason, Option<Duration>),
    /// Another attempt because a person wants it.
    NewAttempt(Reason),
    /// Another attempt once the provider's account takes work again. Only the job that met it shows it.
    Park(Reason, State),
    /// A new version in the same state.
    Stay,
    /// A repeat: no new version.
    Nothing,
}

impl Job {
    /// The state machine: what each event means in each state.
    fn step(&self, event: &Event, context: &TransitionContext<'_>) -> Result<Step, IllegalTransition> {
        use State::{
            AwaitingAction, AwaitingDecision, Canceled, Completed, Expired, Failed, Held, InProgress, RetryScheduled,
            Waiting,
        };
        use Step::{NewAttempt, Nothing, Park, Stay, To, TryAgain};

        Ok(match (self.state, event) {
            (Waiting | RetryScheduled | Held, Event::Attached { .. }) if self.is_starting() => To(InProgress, None),
            (Waiting | RetryScheduled | Held, Event::NotCreated { reason, retry_after, .. }) if self.is_starting() => {
                TryAgain(*reason, *retry_after)
            }
            (Waiting | RetryScheduled | Held, Event::Parked { reason, .. }) if self.is_starting() => {
                Park(*reason, Held)
            }
            (Waiting | RetryScheduled | Held, Event::StartLost) if self.is_starting() => {
                TryAgain(Reason::StartLost, None)
            }
            (Waiting | RetryScheduled | Held, Event::AnswerCut { .. })
                if self.is_starting() && self.attempt.named.is_none() =>
            {
                Stay
            }
            // The response that the attempt before lost sight of, found alive.
            (Waiting | RetryScheduled | Held, Event::Reattached { response, .. })
                if self.is_starting() && self.attempt.prior.as_ref() == Some(response) =>
            {
                To(InProgress, None)
            }

            // The same response again: the answer to the POST and its webhook both name it.
            (InProgress, Event::Attached { response, .. }) if self.attempt.response.as_ref() == Some(response) => {
                Nothing
            }
            (InProgress, Event::Noted { reason, provider_status })
                if *reason == self.reason && *provider_status == self.attempt.provider_status =>
            {
                Nothing
            }
            (InProgress, Event::Noted { .. }) => Stay,
            (InProgress, Event::Finished(finish)) => self.ending(finish, context),

            (AwaitingDecision, Event::Approved { approvals_missing: 0, .. }) => To(Completed, None),
            (AwaitingDecision, Event::Approved { .. }) => Stay,
            (AwaitingDecision, Event::Edited { .. }) => Stay,
            (AwaitingDecision | AwaitingAction, Event::Rejected { .. }) => To(Canceled, Some(Reason::Rejected)),
            (AwaitingDecision | AwaitingAction, Event::ChangesRequested { .. })
                if self.has_attempts_left(context.policy) =>
            {
                NewAttempt(Reason::ChangesRequested)
            }

            (AwaitingDecision | AwaitingAction, Event::Reminded) if self.is_reminder_due(context.now) => Stay,
            (AwaitingDecision | AwaitingAction, Event::Reminded) => Nothing,

            (_, Event::DeadlinePassed) if context.now < self.deadline => Nothing,
            (Waiting | RetryScheduled | Held, Event::DeadlinePassed) => To(Expired, Some(Reason::StartDeadline)),
            (InProgress, Event::DeadlinePassed) => To(Expired, Some(Reason::RunDeadline)),
            (AwaitingDecision | AwaitingAction, Event::DeadlinePassed) => To(Expired, Some(Reason::ReviewDeadline)),

            (Waiting | RetryScheduled | Held | InProgress | AwaitingDecision | AwaitingAction, Event::Canceled(_)) => {
                To(Canceled, Some(Reason::CanceledByPerson))
            }
            (Canceled, Event::Canceled(_)) => Nothing,
            (
                Waiting | RetryScheduled | Held | InProgress | AwaitingDecision | AwaitingAction | Failed | Expired,
                Event::Escalated(_),
            ) => {
                if self.escalation_level < MAX_LEVEL || self.is_call_due(context.now) {
                    Stay
                } else {
                    Nothing
                }
            }

            // The provider delivers at least once and in any order; what an ended job hears again is not news.
            (
                Completed | Failed | Canceled | Expired,
                Event::Finished(_) | Event::Noted { .. } | Event::DeadlinePassed,
            ) => Nothing,
            (AwaitingDecision | AwaitingAction, Event::Finished(_) | Event::Noted { .. }) => Nothing,
            // Whatever attempt it was of, and wherever the job has gone since. The response's row sees to once.
            (_, Event::CostSettled { cost: Some(_), .. }) => Stay,
            (_, Event::CostSettled { kept: Some(_), .. }) if self.result.is_none() => Stay,
            (_, Event::CostSettled { answer: Some(_), .. }) if self.attempt.answer.is_none() => Stay,
            (_, Event::CostSettled { .. }) => Nothing,
            (Completed | Failed | Canceled | Expired, Event::Purged) if self.deadline <= context.now => Stay,
            (Completed | Failed | Canceled | Expired, Event::Archived(_)) if self.archived_at.is_none() => Stay,
            (Completed | Failed | Canceled | Expired, Event::Archived(_)) => Nothing,
            (Failed | Canceled | Expired, Event::Retried(_))
                if self.has_attempts_left(context.policy) && self.has_input(context.now) =>
            {
                NewAttempt(Reason::RetriedByPerson)
            }

            (state, event) => return Err(IllegalTransition { state, event: event.kind() }),
        })
    }

    /// Where a run that is over leads.
    fn ending(&self, finish: &Finish, context: &TransitionContext<'_>) -> Step {
        let policy = context.policy;
        let asks = |output| delivery::asks(self, policy, output, self.cost_with(finish));
        match finish.outcome {
            Outcome::Completed if asks(Output::WHOLE) => {
                Step::To(State::AwaitingDecision, Some(Reason::ReviewRequired))
            }
            Outcome::Completed => Step::To(State::Completed, None),
            Outcome::ActionRequired => Step::To(State::AwaitingAction, Some(Reason::ActionRequired)),
            // Partial output is never a silent success: a person looks at it, or the job has failed.
            Outcome::Partial(reason) if finish.result.is_some() && asks(Output::PARTIAL) => {
                Step::To(State::AwaitingDecision, Some(reason))
            }
            Outcome::Failed(reason @ Reason::ProviderQuota) if self.may_wait_for_the_account(finish, context) => {
                Step::Park(reason, if finish.is_shown { State::RetryScheduled } else { State::Held })
            }
            Outcome::Partial(reason) | Outcome::Failed(reason) => Step::TryAgain(reason, None),
        }
    }

    /// Takes one event. `Ok(None)` is a harmless repeat.
    pub fn apply(&self, event: Event, context: &TransitionContext<'_>) -> Result<Option<Transition>, TransitionError> {
        if !self.is_understood() || !context.policy.is_understood() {
            return Err(IllegalTransition { state: self.state, event: event.kind() }.into());
        }
        let mut next = self.clone();
        next.apply_response(&event, context.now);
        if self.is_starting() && matches!(event, Event::StartLost | Event::DeadlinePassed | Event::Canceled(_)) {
            // A POST may have left. What it costs, if it runs, is not known to be nothing.
            next.unpriced_responses = next.unpriced_responses.saturating_add(1);
        }
        if self.abandons_run(&event) {
            next.cost_estimate = next.cost_estimate + self.attempt_cost.unwrap_or_default();
        }
        match self.step(&event, context)? {
            Step::Nothing => return Ok(None),
            Step::Stay => next.rest(&event, context),
            Step::To(state, reason) => next.enter(state, reason, Duration::ZERO, context),
            Step::NewAttempt(reason) => {
                next.consecutive_retries = None;
                next.attempt.error = ErrorWords::default();
                next.open_attempt(State::Waiting, reason, Duration::ZERO, context);
                if matches!(event, Event::ChangesRequested { .. }) {
                    next.attempt.note = Some(self.version.saturating_add(1));
                }
            }
            Step::Park(reason, state) => {
                let wait = match event {
                    Event::Finished(_) => {
                        let class = reason.class();
                        next.consecutive_retries = Some((class, self.tries_in_a_row(class).saturating_add(1)));
                        context.timing.quota_wait
                    }
                    _ => Duration::ZERO,
                };
                next.uncounted_attempts = next.uncounted_attempts.saturating_add(event.spends_nothing().into());
                next.open_attempt(state, reason, wait, context);
            }
            Step::TryAgain(reason, at_least) => match self.next_try(reason.class(), &event, context.policy) {
                Some((gap, consecutive_retries)) => {
                    next.consecutive_retries = Some(consecutive_retries);
                    next.uncounted_attempts = next.uncounted_attempts.saturating_add(event.spends_nothing().into());
                    let gap = gap.max(at_least.unwrap_or_default());
                    next.open_attempt(State::RetryScheduled, reason, gap, context);
                }
                None => next.enter(State::Failed, Some(reason), Duration::ZERO, context),
            },
        }
        if let Event::Parked { until, .. } = event {
            next.due = until.min(next.deadline);
        }
        Ok(Some(next.sealed(Some(self), &event, context)?))
    }

    /// Notes what the event brings, whatever state it leads to.
    fn apply_response(&mut self, event: &Event, now: Timestamp) {
        match event {
            Event::Attached { response, provider_status, model, service_tier, .. }
            | Event::Reattached { response, provider_status, model, service_tier, .. } => {
                // The cost of one that was lost from sight is open since it was attached first.
                self.unpriced_responses =
                    self.unpriced_responses.saturating_add(u16::from(self.attempt.prior.as_ref() != Some(response)));
                (self.attempt.response, self.attempt.prior) = (Some(response.clone()), None);
                self.attempt.error = ErrorWords::default();
                self.attempt.named = None;
                self.attempt.provider_status.clone_from(provider_status);
                self.attempt.model.clone_from(model);
                self.attempt.service_tier.clone_from(service_tier);
            }
            Event::AnswerCut { response } => {
                (self.attempt.named, self.attempt.prior) = (Some(response.clone()), None);
            }
            Event::Noted { reason, provider_status } => {
                if self.reason != *reason {
                    self.since = now;
                }
                self.reason = *reason;
                self.attempt.provider_status.clone_from(provider_status);
            }
            Event::Finished(finish) => {
                self.result = finish.result;
                self.attempt.answer = finish.answer;
                self.attempt.error = finish.error.clone();
                self.attempt.provider_status.clone_from(&finish.provider_status);
                self.attempt.model = finish.model.clone().or_else(|| self.attempt.model.take());
                self.attempt.service_tier = finish.service_tier.clone().or_else(|| self.attempt.service_tier.take());
                if let Some(cost) = finish.cost {
                    self.book(cost);
                }
            }
            Event::CostSettled { cost, kept, answer, response, .. } => {
                if let Some(cost) = cost {
                    self.book(*cost);
                }
                if self.state.is_terminal() && self.attempt.response.as_ref() == Some(response) {
                    self.result = self.result.or(*kept);
                    self.attempt.answer = self.attempt.answer.or(*answer);
                }
            }
            Event::Edited { result, .. } => self.result = Some(*result),
            Event::Archived(_) => self.archived_at = Some(now),
            Event::Purged => {
                self.deadline = Timestamp::NEVER;
                (self.summary, self.tags) = (String::new(), BTreeMap::new());
            }
            // What the run before said is not why this start came to nothing.
            Event::NotCreated { error, .. } | Event::Parked { error, .. } => self.attempt.error = error.clone(),
            Event::Created
            | Event::StartLost
            | Event::DeadlinePassed
            | Event::Approved { .. }
            | Event::Rejected { .. }
            | Event::ChangesRequested { .. }
            | Event::Canceled(_)
            | Event::Retried(_)
            | Event::Reminded
            | Event::Escalated(_) => {}
        }
    }

    /// Whether the event ends a job and leaves its run behind.
    fn abandons_run(&self, event: &Event) -> bool {
        let runs = self.is_starting() || self.state == State::InProgress;
        runs && matches!(event, Event::DeadlinePassed | Event::Canceled(_))
    }

    /// What the provider answered to its last run is kept.
    pub fn has_answer(&self) -> bool {
        self.result.is_some() || self.attempt.answer.is_some()
    }

    /// Its payloads are gone.
    pub fn is_purged(&self) -> bool {
        self.deadline == Timestamp::NEVER
    }
}
