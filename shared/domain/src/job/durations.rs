//! Durations: whose time a job has taken, worked out from its records.

use std::time::Duration;

use super::State;
use super::record::Record;
use crate::value::time::Timestamp;

/// What a job has spent in each hand. Together they are the time from its creation to its end, or until now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Durations {
    /// Until it was submitted, the gaps between attempts included.
    pub queue: Duration,
    /// From the provider's taking a run until its end.
    pub provider: Duration,
    /// From the end of a run until the job knew of it.
    pub ours: Duration,
    /// While a result waited for a person.
    pub review: Duration,
}

impl Durations {
    /// Of a job's records in order; the last state lasts until `now` unless the job has ended.
    pub fn of(records: &[Record], now: Timestamp) -> Self {
        let mut spent = Self::default();
        for (place, record) in records.iter().enumerate() {
            let later = records.get(place + 1..).unwrap_or_default();
            let until = later.first().map_or(now, |next| next.at);
            let whole = until.since(record.at);
            match record.to {
                State::Waiting | State::RetryScheduled | State::Held => spent.queue += whole,
                State::InProgress => {
                    // The provider's clock is not ours: its end counts only as far as it lies in between.
                    let end = later.iter().find(|later| later.to != State::InProgress);
                    let end = end.and_then(|end| end.finished_at).unwrap_or(until);
                    let run = end.clamp(record.at, until.max(record.at)).since(record.at);
                    spent.provider += run;
                    spent.ours += whole.saturating_sub(run);
                }
                State::AwaitingDecision | State::AwaitingAction => spent.review += whole,
                _ => {}
            }
        }
        spent
    }
}
