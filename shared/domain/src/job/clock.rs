//! What a state begins with: its duties' times, its deadline, and the clock of a review.

use std::time::Duration;

use super::{Attempt, Event, Job, State, TransitionContext};
use crate::policy::job_type::{JobType, OnOverdue};
use crate::policy::reason::Reason;
use crate::value::time::{Timestamp, gap};

/// As far as anybody can be called in.
pub const MAX_LEVEL: u8 = 3;

/// The clock of one round of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewClock {
    /// From when the decision is overdue.
    pub overdue_at: Timestamp,
    /// When somebody is reminded, or called in, next.
    pub next_reminder_at: Timestamp,
    /// How many reviewers have yet to allow the result.
    pub approvals_missing: u8,
}

impl ReviewClock {
    fn start(policy: &JobType, now: Timestamp) -> Self {
        Self {
            overdue_at: now + policy.sla,
            next_reminder_at: now + policy.sla / 2,
            approvals_missing: policy.approvals,
        }
    }
}

impl Job {
    /// Goes into a state and starts its clocks.
    pub(super) fn enter(
        &mut self,
        state: State,
        reason: Option<Reason>,
        wait: Duration,
        context: &TransitionContext<'_>,
    ) {
        let TransitionContext { policy, timing, now, .. } = *context;
        let ran = self.state == State::InProgress;
        (self.state, self.reason, self.since) = (state, reason, now);
        (self.claim_count, self.escalation_level, self.review) = (0, 0, None);
        let left = self.deadline.since(now);
        let (due, lasts) = match state {
            State::Waiting => (timing.push_grace, policy.start_deadline),
            // Nothing was created: the start has what is left of its time.
            State::Held if !ran => (wait, left),
            State::RetryScheduled if !ran && reason.is_some_and(|it| it.class().created_nothing()) => (wait, left),
            State::Held | State::RetryScheduled => (wait, wait.saturating_add(policy.start_deadline)),
            State::InProgress => (gap(&timing.checks, 0), policy.run_deadline),
            State::AwaitingDecision | State::AwaitingAction => {
                self.review = Some(ReviewClock::start(policy, now));
                let lasts = match policy.on_overdue {
                    OnOverdue::Expire => policy.sla.min(policy.review_deadline),
                    OnOverdue::Escalate { .. } | OnOverdue::Other(_) => policy.review_deadline,
                };
                (timing.publish_grace, lasts)
            }
            State::Completed | State::Failed | State::Canceled | State::Expired => {
                (timing.publish_grace, policy.retention)
            }
            // No transition leads there.
            State::Other(_) => (wait, left),
        };
        self.due = now + due;
        self.deadline = now + lasts;
        if let (Some(complete_by), false) = (self.complete_by, state.is_terminal()) {
            self.deadline = self.deadline.min(complete_by);
        }
        self.due = self.due.min(self.deadline);
        if state != State::InProgress {
            self.attempt.last_webhook_at = None;
            self.attempt.submit_token = self.attempt.submit_token.filter(|_| state.is_resting());
        }
    }

    pub(super) fn open_attempt(
        &mut self,
        state: State,
        reason: Reason,
        wait: Duration,
        context: &TransitionContext<'_>,
    ) {
        let before = std::mem::take(&mut self.attempt);
        let was_lost = [Some(reason), self.reason].contains(&Some(Reason::ProviderLost));
        self.attempt = Attempt {
            number: before.number.saturating_add(1),
            note: before.note,
            error: before.error,
            // What was lost from sight may be alive, and is looked for before another is paid.
            prior: before.prior.or(before.response.filter(|_| was_lost)),
            ..Attempt::default()
        };
        self.result = None;
        self.archived_at = None;
        self.enter(state, Some(reason), wait, context);
    }

    /// A new version in the same state; its event has to get out, and a review's clock may have moved.
    pub(super) fn rest(&mut self, event: &Event, context: &TransitionContext<'_>) {
        if self.state.is_resting() {
            self.due = context.now + context.timing.publish_grace;
            self.claim_count = 0;
        }
        match event {
            Event::Escalated(_) => self.escalate(context),
            // There is something to look at before the time to wait for a webhook is over.
            Event::AnswerCut { .. } => {
                self.claim_count = 0;
                self.due = (context.now + gap(&context.timing.checks, 0)).min(self.deadline);
            }
            Event::Edited { .. } => {
                self.escalation_level = 0;
                self.review = Some(ReviewClock::start(context.policy, context.now));
            }
            _ => {}
        }
        let Some(review) = &mut self.review else { return };
        match event {
            Event::Approved { approvals_missing, .. } => review.approvals_missing = *approvals_missing,
            Event::Reminded => review.next_reminder_at = review.overdue_at,
            _ => {}
        }
    }

    /// A level higher. Whoever does it on time has done the clock's part as well.
    fn escalate(&mut self, context: &TransitionContext<'_>) {
        let is_due = self.is_call_due(context.now);
        self.escalation_level = self.escalation_level.saturating_add(1).min(MAX_LEVEL);
        let OnOverdue::Escalate { levels } = context.policy.on_overdue else { return };
        if let (true, Some(review)) = (is_due, &mut self.review) {
            let is_last = self.escalation_level >= levels;
            review.next_reminder_at = if is_last { Timestamp::NEVER } else { context.now + context.policy.sla };
        }
    }

    pub(crate) fn is_reminder_due(&self, now: Timestamp) -> bool {
        self.review.is_some_and(|review| review.next_reminder_at <= now && review.next_reminder_at < review.overdue_at)
    }

    pub(crate) fn is_call_due(&self, now: Timestamp) -> bool {
        self.review.is_some_and(|review| review.next_reminder_at <= now && review.overdue_at <= review.next_reminder_at)
    }
}
