//! When it is worth asking for a job again: soon while it is young, seldom while it lasts, and never once it is over.

use std::time::Duration;

use super::{Job, State};
use crate::provider::breaker::Breaker;
use crate::value::time::Timestamp;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// Whoever asks again after this part of the time that the job has stood so learns of news that much later at most.
const PART: u32 = 4;

impl Job {
    /// How long a caller waits before the next look; `None` once nothing more is to come. `lane` is the breaker of the
    /// lane that a queued job may wait for.
    pub fn poll_after(&self, lane: Option<&Breaker>, now: Timestamp) -> Option<Duration> {
        if self.state.is_terminal() {
            return None;
        }
        let by_age = now.since(self.since) / PART;
        let (at, _) = self.next_duty();
        let due = self.parked_by(lane, now).and_then(|lane| lane.parked_until).unwrap_or(at).since(now);
        let is_put_off = self.parked_by(lane, now).is_some()
            || (matches!(self.state, State::RetryScheduled | State::Held) && !self.is_starting());
        let wait = match due {
            // Nothing is done before.
            due if is_put_off => due,
            // What is due may bring news, and so may a webhook before.
            due if due > Duration::ZERO => by_age.min(due + SHORTEST),
            _ => by_age,
        };
        Some(wait.clamp(SHORTEST, LONGEST))
    }
}
