//! Attention: what makes a job need a person, worked out from its row when it is read, so that it shows even when nothing
//! runs.

use std::time::Duration;

use serde::Serialize;

use super::{Job, State};
use crate::job::duty::Duty;
use crate::policy::reason::{ErrorClass, Reason, Remedy};
use crate::provider::breaker::Breaker;
use crate::value::time::{Timestamp, Timing};

/// Why a job needs a person, since when, and what a person does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Attention {
    pub code: AttentionCode,
    pub since: Timestamp,
    /// `allowed_actions` says whether the caller may.
    pub next_step: Remedy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionCode {
    /// It failed, and its row does not say why.
    Failed,
    /// Its duty is not being done.
    Stuck,
    ReviewOverdue,
    /// A newer release has moved it on, and this one leaves it alone.
    NewerRelease,
    /// The word of the reason.
    #[serde(untagged)]
    Because(Reason),
}

/// How long a duty may be overdue before the job counts as stuck.
const OVERDUE: Duration = Duration::from_secs(300);

impl Job {
    /// Running and stuck never look alike. `lane` is the breaker of the lane that a queued job may wait for.
    pub fn attention(&self, timing: &Timing, lane: Option<&Breaker>, now: Timestamp) -> Option<Attention> {
        if self.archived_at.is_some() {
            return None;
        }
        if !self.is_understood() {
            let code = AttentionCode::NewerRelease;
            return Some(Attention { code, since: self.updated_at, next_step: Remedy::Update });
        }
        let account = self.reason.filter(|reason| reason.class() == ErrorClass::Account);
        let held = account.filter(|_| self.state == State::Held);
        // What waits for its lane waits for a reason that is known, and shown once for all of it: by the job that met it.
        let is_explained = held.is_some() || self.parked_by(lane, now).is_some();
        let stuck_since = self.stuck_since(timing, now).filter(|_| !is_explained);
        let overdue_at = self.review.map(|review| review.overdue_at).filter(|at| *at <= now);
        let (code, since, next_step) = if self.state == State::Failed {
            let code = self.reason.map_or(AttentionCode::Failed, AttentionCode::Because);
            (code, self.since, self.reason.map_or(Remedy::Retry, Reason::remedy))
        } else if let Some(reason) = held {
            (AttentionCode::Because(reason), self.since, reason.remedy())
        } else if let Some(since) = stuck_since {
            (AttentionCode::Stuck, since, Remedy::Escalate)
        } else if let Some(since) = overdue_at {
            (AttentionCode::ReviewOverdue, since, Remedy::Decide)
        } else if self.is_over_budget() {
            let next_step = if self.state.is_terminal() { Remedy::Archive } else { Remedy::Cancel };
            (AttentionCode::Because(Reason::OverBudget), self.updated_at, next_step)
        } else {
            return None;
        };
        Some(Attention { code, since, next_step })
    }

    /// Since when a job's duty has not been done, when that is longer than it ever takes by itself.
    pub fn stuck_since(&self, timing: &Timing, now: Timestamp) -> Option<Timestamp> {
        let grace = OVERDUE.max(timing.publish_grace);
        let is_late = |since: &Timestamp| *since + grace < now;
        let (at, duty) = self.next_duty();
        if duty == Duty::Leave {
            return None;
        }
        let undone = match duty {
            // The reader sees that the review is overdue, whoever has told others.
            Duty::Remind => self.deadline,
            _ if self.state.is_terminal() => at,
            _ => at.min(self.deadline),
        };
        // Each try moves the time of the next: what keeps failing shows by what it has not brought.
        let is_unseen = self.state == State::InProgress && self.reason.is_some_and(Reason::is_run_unobservable);
        let unpublished_since = self.updated_at + timing.publish_grace;
        let is_unpublished = self.state.is_resting() && !self.is_published();
        [Some(undone), is_unseen.then_some(self.since), is_unpublished.then_some(unpublished_since)]
            .into_iter()
            .flatten()
            .filter(is_late)
            .min()
            .filter(|_| !(self.state.is_terminal() && self.is_published()))
    }

    /// The breaker that keeps a queued job from starting.
    pub fn parked_by<'a>(&self, lane: Option<&'a Breaker>, now: Timestamp) -> Option<&'a Breaker> {
        // Its time may be over and the probe still on its way.
        let is_parked = |lane: &Breaker| lane.parked_until.is_some_and(|until| now < until + OVERDUE);
        lane.filter(|lane| self.waits_for_lane(now) && is_parked(lane))
    }

    /// Whether only its lane can keep this job from starting.
    pub fn waits_for_lane(&self, now: Timestamp) -> bool {
        self.next_duty().1 == Duty::Submit && self.due <= now
    }
}
