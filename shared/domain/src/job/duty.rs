//! Duties: what a job owes next, worked out from its row, and the claim that lets one consumer do it.

use std::time::Duration;

use crate::job::response::ResponseRow;
use crate::job::{Job, State};
use crate::value::id::{Nonce, ResponseId};
use crate::value::time::{Timestamp, Timing, gap};
use crate::value::word::Closed;

/// How long a look may take, from its claim to its commit.
const LOOK: Duration = Duration::from_secs(30);

/// When somebody looks again at what only a newer release understands.
const LEFT_ALONE: Duration = Duration::from_secs(3_600);

/// Longer than any request takes, from what it reads to what it writes.
const LONGEST_REQUEST: Duration = Duration::from_secs(60);

/// Something the job owes. Derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// POST the attempt to the provider.
    Submit,
    /// Close an attempt whose POST may have left and whose response never turned up.
    CloseUnknownStart,
    /// Ask the provider how the response is.
    Check,
    /// Remind those who decide, or call in others.
    Remind,
    /// End a job whose deadline has passed.
    Expire,
    /// Send the events that nobody confirmed.
    Publish,
    /// Empty the payloads of a job whose retention has ended.
    Purge,
    /// Nothing that this release knows of.
    Leave,
}

/// Why a consumer looks at a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollTrigger {
    /// A submit message; the nonce becomes the attempt's `start`.
    Submit(Nonce),
    /// A duty's time has come.
    Due,
    /// The provider hinted at news.
    Webhook,
}

/// What a response that says it is ours is to this job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// The attached response itself.
    Attached,
    /// The response of the start that is under way.
    Starting,
    /// Ours, but no attempt's: to be booked and stopped.
    Orphan,
}

impl ResponseRow {
    /// The same of a response.
    pub fn left_alone(&self, now: Timestamp) -> Option<Self> {
        let is_met = self.due.is_some_and(|due| due <= now);
        is_met.then(|| Self { due: Some(now + LEFT_ALONE), ..self.clone() })
    }
}

impl Job {
    /// Whether its words are known here. One that a newer release has moved on is shown, and nothing else.
    pub fn is_understood(&self) -> bool {
        self.state.is_known()
            && self.reason.is_none_or(|reason| reason.is_known())
            && self.lane.is_known()
            && self.lane_reasons.iter().all(Closed::is_known)
            && self.consecutive_retries.is_none_or(|(class, _)| class.is_known())
            && self.cost_state.is_known()
    }

    /// The row once its index entry is out of the way: all else stays for the release that wrote it. `None` when nobody
    /// meets the entry now.
    pub fn left_alone(&self, now: Timestamp) -> Option<Self> {
        let is_met = self.due_index_at.is_some_and(|due_index_at| due_index_at <= now);
        is_met.then(|| Self { due_index_at: Some(now + LEFT_ALONE), ..self.clone() })
    }

    /// The earliest duty and its time.
    pub fn next_duty(&self) -> (Timestamp, Duty) {
        if !self.is_understood() {
            return (Timestamp::NEVER, Duty::Leave);
        }
        let own = match self.state {
            State::Waiting | State::RetryScheduled | State::Held if self.attempt.submit_token.is_some() => {
                Duty::CloseUnknownStart
            }
            State::Waiting | State::RetryScheduled | State::Held => Duty::Submit,
            State::InProgress => Duty::Check,
            State::AwaitingDecision | State::AwaitingAction if self.is_published() => Duty::Expire,
            State::Completed | State::Failed | State::Canceled | State::Expired if self.is_published() => Duty::Purge,
            State::AwaitingDecision
            | State::AwaitingAction
            | State::Completed
            | State::Failed
            | State::Canceled
            | State::Expired => Duty::Publish,
            State::Other(_) => Duty::Leave,
        };
        if self.state.is_resting() && self.is_published() {
            // Whatever `due` was for is done; after a failed try it still says when the next one is.
            match self.review.map(|review| self.due.max(review.next_reminder_at)).filter(|call| *call < self.deadline) {
                Some(call) => (call, Duty::Remind),
                None => (self.due.max(self.deadline), own),
            }
        } else if self.deadline <= self.due && !self.state.is_terminal() {
            (self.due, Duty::Expire)
        } else {
            (self.due, own)
        }
    }

    /// The duty whose time has come.
    pub fn duty(&self, now: Timestamp) -> Option<Duty> {
        let (at, duty) = self.next_duty();
        if duty == Duty::Leave {
            return None;
        }
        let is_over = duty == Duty::Remind && self.deadline <= now;
        (at <= now).then_some(if is_over { Duty::Expire } else { duty })
    }

    pub fn is_published(&self) -> bool {
        self.published >= self.version
    }

    /// An event of it should have been confirmed by now.
    pub fn is_publish_overdue(&self, timing: &Timing, now: Timestamp) -> bool {
        // Of several, the last may be no news of how it stands: somebody was called in.
        let is_one = self.published.saturating_add(1) >= self.version;
        let oldest = if is_one { self.updated_at } else { self.since };
        !self.is_published() && oldest + timing.publish_grace <= now
    }

    /// Its input is there, and is not erased while somebody asks for another attempt.
    pub(crate) fn has_input(&self, now: Timestamp) -> bool {
        !self.is_purged() && (!self.state.is_terminal() || now + LONGEST_REQUEST < self.deadline)
    }

    /// A POST for this attempt may be under way, or may have left without an answer.
    pub fn is_starting(&self) -> bool {
        self.attempt.submit_token.is_some() && self.state.phase().is_some() && self.attempt.response.is_none()
    }

    /// What an answer that broke off has named, as long as nobody knows better.
    pub fn named(&self) -> Option<&ResponseId> {
        self.attempt.named.as_ref().filter(|_| self.is_starting())
    }

    /// A response that only its webhook can show has had its time, counted from the last news of the start.
    pub(crate) fn has_waited(&self, timing: &Timing, now: Timestamp) -> bool {
        self.updated_at + start_wait(timing) <= now
    }

    /// The row as it is once this consumer holds the claim; `None` when there is nothing to do here now.
    ///
    /// A claim moves `due` to when somebody should look again if nothing more is heard, counts the try, and for a
    /// submit sets `start`. It never touches version, state or events.
    pub fn claim(&self, occasion: PollTrigger, timing: &Timing, now: Timestamp) -> Option<Self> {
        if !self.is_understood() {
            return None;
        }
        let mut claimed = self.clone();
        let wait = match (occasion, self.state) {
            (PollTrigger::Submit(nonce), State::Waiting) if self.attempt.submit_token.is_none() => {
                claimed.attempt.submit_token = Some(nonce);
                start_wait(timing)
            }
            (PollTrigger::Submit(nonce), State::RetryScheduled | State::Held)
                if self.attempt.submit_token.is_none() && self.due <= now =>
            {
                claimed.attempt.submit_token = Some(nonce);
                start_wait(timing)
            }
            (PollTrigger::Webhook, State::InProgress) if !self.is_being_looked_at(now) => {
                claimed.attempt.last_webhook_at = Some(now);
                gap(&timing.checks, self.claim_count.saturating_add(1))
            }
            (PollTrigger::Due, State::InProgress) if self.duty(now).is_some() => {
                gap(&timing.checks, self.claim_count.saturating_add(1))
            }
            (PollTrigger::Due, _) if self.duty(now).is_some() => gap(&timing.backoff, self.claim_count),
            _ => return None,
        };
        claimed.due = now + wait;
        if now < self.deadline {
            claimed.due = claimed.due.min(self.deadline);
        }
        claimed.claim_count = self.claim_count.saturating_add(1);
        claimed.update_due_index(now);
        Some(claimed)
    }

    /// A webhook like this one has somebody looking already. Should that come to nothing, the next check is near.
    fn is_being_looked_at(&self, now: Timestamp) -> bool {
        self.attempt.last_webhook_at.is_some_and(|heard| heard <= now && now.since(heard) < LOOK)
    }

    /// What a response carrying our metadata is to this job. Attach and adopt both ask here.
    pub fn claimant(&self, response: &ResponseId, attempt: u16, start: Nonce) -> Ownership {
        if self.attempt.response.as_ref() == Some(response) {
            Ownership::Attached
        } else if self.is_starting() && self.attempt.number == attempt && self.attempt.submit_token == Some(start) {
            Ownership::Starting
        } else {
            Ownership::Orphan
        }
    }

    /// Points the due index at the next duty, unless it already points at a moment between now and then.
    pub fn update_due_index(&mut self, now: Timestamp) {
        let (next, duty) = self.next_duty();
        match self.due_index_at {
            _ if duty == Duty::Leave => {}
            _ if next == Timestamp::NEVER => self.due_index_at = None,
            Some(due_index_at) if now < due_index_at && due_index_at <= next => {}
            _ => self.due_index_at = Some(next),
        }
    }
}

fn start_wait(timing: &Timing) -> Duration {
    timing.lease.saturating_add(timing.unknown_wait)
}
