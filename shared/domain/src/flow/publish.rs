//! Publish: what the table's stream shows goes to the bus, and what became due goes to its queue.

use std::time::Duration;

use super::dispatch::{self, Due};
use crate::event::published::{Published, published};
use crate::job::record::{Record, SealedRecord};
use crate::job::{EventKind, Job, State};
use crate::port::{
    Confirmation, EventBus, Jobs, LONGEST_DELAY, PollMessage, PollQueue, SubmitMessage, SubmitQueue, WriteOutcome,
};
use crate::value::failure::Failure;
use crate::value::id::{JobId, WorkspaceId};
use crate::value::time::Timestamp;

/// A record of a job as the stream or the table shows it.
#[derive(Debug, Clone)]
pub struct StreamRecord {
    pub workspace: WorkspaceId,
    pub job: JobId,
    pub sealed: SealedRecord,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    Confirmed,
    /// Nothing: a newer release wrote it, finds it unconfirmed, and sends it.
    Left,
}

/// Sends each record on and confirms it. One result for each, in order.
pub async fn publish(
    store: &impl Jobs,
    bus: &impl EventBus,
    queues: &(impl SubmitQueue + PollQueue),
    now: Timestamp,
    batch: &[StreamRecord],
) -> Vec<Result<Sent, Failure>> {
    let mut results: Vec<Result<Sent, Failure>> = Vec::new();
    let mut opened: Vec<Option<Record>> = Vec::new();
    for shown in batch {
        match shown.sealed.decode() {
            Ok(record) if record.is_understood() => {
                opened.push(Some(record));
                results.push(Ok(Sent::Confirmed));
            }
            Ok(_) => {
                opened.push(None);
                results.push(Ok(Sent::Left));
            }
            Err(error) => {
                opened.push(None);
                results.push(Err(Failure::permanent("read the record", error)));
            }
        }
    }
    // The job moves on even while the bus is down.
    let mut messages = IndexedBatch::default();
    let mut events = IndexedBatch::default();
    for (place, (shown, record)) in batch.iter().zip(&opened).enumerate() {
        let Some(record) = record else { continue };
        if let Some(due) = due_message(shown, record, now) {
            messages.push(place, due);
        }
        if let Some(event) = published(&shown.workspace, &shown.job, record, &shown.sealed) {
            events.push(place, event);
        }
    }
    messages.record(dispatch::send(queues, &messages.items).await, &mut results);
    events.record(bus.publish(&events.items).await, &mut results);

    for ((shown, record), result) in batch.iter().zip(&opened).zip(&mut results) {
        if let (Some(record), Ok(_)) = (record, &result)
            && let Err(failure) = confirm(store, shown, record).await
        {
            *result = Err(failure);
        }
    }
    results
}

/// Items for one port, each with the place of the record it came from.
struct IndexedBatch<T> {
    places: Vec<usize>,
    items: Vec<T>,
}

impl<T> Default for IndexedBatch<T> {
    fn default() -> Self {
        Self { places: Vec::new(), items: Vec::new() }
    }
}

impl<T> IndexedBatch<T> {
    fn push(&mut self, place: usize, item: T) {
        self.places.push(place);
        self.items.push(item);
    }

    fn record(&self, outcomes: Vec<Result<(), Failure>>, results: &mut [Result<Sent, Failure>]) {
        for (place, outcome) in self.places.iter().zip(outcomes) {
            if let (Some(result), Err(failure)) = (results.get_mut(*place), outcome) {
                *result = Err(failure);
            }
        }
    }
}

/// What a transition made due now, or soon enough for a queue to wait for it.
fn due_message(shown: &StreamRecord, record: &Record, now: Timestamp) -> Option<(Due, Duration)> {
    let submit =
        || Due::Submit(SubmitMessage::SubmitV1 { workspace: shown.workspace.clone(), job_id: shown.job.clone() });
    let poll = |response_id| Due::Poll(PollMessage::response(response_id));
    match record.to {
        // What an answer named before it broke off is asked for as if a webhook had named it.
        _ if record.event == EventKind::AnswerCut => {
            let wait = Duration::from_secs(record.due?.since(now).as_millis().div_ceil(1000).try_into().ok()?);
            Some((poll(record.orphan.clone()?), wait.min(LONGEST_DELAY)))
        }
        // What an orphan cost changes nothing about what its job owes.
        _ if record.orphan.is_some() => None,
        State::Waiting => Some((submit(), Duration::ZERO)),
        State::RetryScheduled => {
            // Whole seconds, rounded up: a message that comes early finds nothing due.
            let wait = Duration::from_secs(record.due?.since(now).as_millis().div_ceil(1000).try_into().ok()?);
            // What is due later is left to the index.
            (wait <= LONGEST_DELAY).then(|| (submit(), wait))
        }
        // What it left running is to be stopped.
        State::Canceled | State::Expired if record.from == Some(State::InProgress) => {
            Some((poll(record.response.clone()?), Duration::ZERO))
        }
        State::Held
        | State::InProgress
        | State::AwaitingDecision
        | State::AwaitingAction
        | State::Completed
        | State::Failed
        | State::Canceled
        | State::Expired
        | State::Other(_) => None,
    }
}

async fn confirm(store: &impl Jobs, shown: &StreamRecord, record: &Record) -> Result<(), Failure> {
    let confirmed = Confirmation {
        workspace: shown.workspace.clone(),
        job: shown.job.clone(),
        from: record.version,
        to: record.version,
    };
    // Stale: an earlier event is unconfirmed, or this one was confirmed before. The publish duty sees to it.
    store.confirm(&confirmed).await.map(|_: WriteOutcome| ())
}

/// Sends again, with the same ids, every event of a job that nobody confirmed.
pub async fn resend(store: &impl Jobs, bus: &impl EventBus, job: &Job) -> Result<(), Failure> {
    let trail = store.trail(&job.workspace, &job.id, job.published).await?;
    // What comes after a record of a newer release waits with it: nothing is confirmed past it.
    let newer = |sealed: &SealedRecord| sealed.decode().is_ok_and(|record| !record.is_understood());
    let trail = trail.split(newer).next().unwrap_or_default();
    let events = events_of(job, trail)?;
    let last = trail.last().and_then(|sealed| sealed.decode().ok());
    bus.publish(&events).await.into_iter().collect::<Result<Vec<()>, Failure>>()?;
    if let Some(last) = last {
        let confirmed = Confirmation {
            workspace: job.workspace.clone(),
            job: job.id.clone(),
            from: job.published.saturating_add(1),
            to: last.version,
        };
        let _ = store.confirm(&confirmed).await?;
    }
    Ok(())
}

/// What the bus was, or is, told of these records.
pub(super) fn events_of(job: &Job, trail: &[SealedRecord]) -> Result<Vec<Published>, Failure> {
    let mut events = Vec::new();
    for sealed in trail {
        let record = sealed.decode().map_err(|error| Failure::permanent("read the record", error))?;
        events.extend(published(&job.workspace, &job.id, &record, sealed));
    }
    Ok(events)
}
