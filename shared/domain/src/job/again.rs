//! Whether a job is tried again, and when.

use std::time::Duration;

use super::{Event, Finish, Job, TransitionContext};
use crate::policy::job_type::JobType;
use crate::policy::reason::ErrorClass;

impl Job {
    pub(crate) fn has_attempts_left(&self, policy: &JobType) -> bool {
        self.attempt.number.saturating_sub(self.uncounted_attempts) < policy.retry.attempts
    }

    /// A run that ran into an empty account is tried again once there is money, for as long as a start may take; one that
    /// cost something before it did, only as often as any run that failed.
    pub(super) fn may_wait_for_the_account(&self, finish: &Finish, context: &TransitionContext<'_>) -> bool {
        let tries = self.tries_in_a_row(ErrorClass::Account);
        if finish.was_turned_away() {
            return context.timing.quota_wait * tries.into() < context.policy.start_deadline;
        }
        let gap = context.policy.retry.gap(ErrorClass::ProviderError, tries);
        gap.is_some() && self.has_attempts_left(context.policy)
    }

    /// The gap before the next try and the count of consecutive retries that it continues, or `None` when the policy says
    /// no more.
    pub(super) fn next_try(
        &self,
        class: ErrorClass,
        event: &Event,
        policy: &JobType,
    ) -> Option<(Duration, (ErrorClass, u16))> {
        let done = self.tries_in_a_row(class);
        let gap = policy.retry.gap(class, done).filter(|_| event.spends_nothing() || self.has_attempts_left(policy))?;
        // A start has a deadline of its own; runs that are turned away have the same time all in all.
        let waited = || (0..done).filter_map(|done| policy.retry.gap(class, done)).sum::<Duration>();
        let is_over = matches!(event, Event::Finished(_)) && waited() >= policy.start_deadline;
        (!is_over).then_some((gap, (class, done.saturating_add(1))))
    }

    /// How often in a row this attempt was refused, if the last time it was the flex tier that had no room.
    pub(crate) fn flex_refusals(&self) -> u16 {
        if self.attempt.error.is_about_flex() { self.tries_in_a_row(ErrorClass::Busy) } else { 0 }
    }

    pub(super) fn tries_in_a_row(&self, class: ErrorClass) -> u16 {
        self.consecutive_retries.filter(|(before, _)| *before == class).map_or(0, |(_, tries)| tries)
    }
}
