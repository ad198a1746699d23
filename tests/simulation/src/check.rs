//! The checks: what must hold after every step, and what must be true once everything is at rest.

mod approval;
mod delivery;
mod invariant;
mod people;
mod rest;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::job::record::{Record, Replay, SealedRecord};
use domain::job::{EventKind, Job, State};
use domain::people::workspace::Workspace;
use domain::policy::reason::Reason;
use domain::port::{PayloadKind, PollMessage};
use domain::value::id::{Digest, JobId, ResponseId, WorkspaceId};
use domain::value::time::Timestamp;

use crate::faulty::Shared;
use crate::memory::{Work, Written};
use crate::tally::Tally;

pub use self::invariant::{Invariant, Violation};

/// What a client asked for and was told.
#[derive(Debug, Clone)]
pub struct Asked {
    pub workspace: String,
    pub digest: Option<Digest>,
    /// The job's id, where a key gives it away.
    pub named: Option<JobId>,
    pub requests: u32,
    /// The job of the first answer that said yes.
    pub accepted: Option<JobId>,
}

/// How long after its last known duty a job may take to come to rest.
const REST: Duration = Duration::from_secs(300);

/// What was true of a job when it was last looked at.
#[derive(Debug, Default)]
struct Seen {
    state: Option<State>,
    records: Vec<Record>,
    head: Option<Digest>,
    attached: BTreeSet<u16>,
}

/// What must not stay so.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    /// Neither ended nor waiting for a person, in this attempt: a run may be turned away, and its job has to wait.
    Job(WorkspaceId, JobId, u16),
    /// That, and not everybody is told.
    News(WorkspaceId, JobId, u32),
    /// Not settled, and due.
    Response(ResponseId),
    /// Not everybody is told of its changes up to this one.
    Changes(WorkspaceId, u32),
}

#[derive(Debug)]
pub struct Checker {
    jobs: BTreeMap<(WorkspaceId, JobId), Seen>,
    /// By when each of these has to be over.
    bounds: BTreeMap<Open, Timestamp>,
    last_bound: Timestamp,
    pub transitions: u64,
    pub undiscoverable: u64,
    pub most_looks: u32,
    pub worst_capture: Duration,
    /// Runs that canceled jobs left behind, and since when.
    stops: BTreeMap<ResponseId, Timestamp>,
    pub worst_stop: Duration,
}

impl Default for Checker {
    fn default() -> Self {
        Self {
            jobs: BTreeMap::new(),
            bounds: BTreeMap::new(),
            last_bound: Timestamp::from_millis(0),
            transitions: 0,
            undiscoverable: 0,
            most_looks: 0,
            worst_capture: Duration::ZERO,
            stops: BTreeMap::new(),
            worst_stop: Duration::ZERO,
        }
    }
}

impl Checker {
    /// Looks at what the last step wrote.
    pub fn after_step(&mut self, shared: &Shared) -> Result<(), Violation> {
        if let Some((job, attempt)) = shared.provider.borrow().second_post.clone() {
            return Err(Violation::new(Invariant::I2, format!("a second POST for attempt {attempt} of {job}")));
        }
        let mut written = shared.store.take_written();
        written.sort();
        written.dedup();
        for written in written {
            if let Written::Job(workspace, id) = written
                && let Some(row) = shared.store.look(&workspace, &id)
            {
                self.job(shared, &row.0, &row.1)
                    .map_err(|broken| Violation::new(broken.invariant, format!("{id}: {}", broken.what)))?;
            }
        }
        let (now, worst) = (shared.executor.now(), &mut self.worst_stop);
        self.stops.retain(|response, since| {
            let is_booked = shared.store.is_settled(response);
            if is_booked {
                *worst = (*worst).max(now.since(*since));
            }
            !is_booked
        });
        Ok(())
    }

    fn job(&mut self, shared: &Shared, job: &Job, trail: &[SealedRecord]) -> Result<(), Violation> {
        let broken = |invariant, what: &str| Err(Violation::new(invariant, what.to_owned()));
        let seen = self.jobs.entry((job.workspace.clone(), job.id.clone())).or_default();
        for sealed in trail.iter().skip(seen.records.len()) {
            let Ok(record) = sealed.decode() else { return broken(Invariant::I5, "a record does not read") };
            let number = u32::try_from(seen.records.len() + 1).unwrap_or(u32::MAX);
            let previous = seen.head.unwrap_or(Digest::ZERO);
            if record.version != number
                || *sealed != SealedRecord::new(&job.workspace, &job.id, previous, sealed.body.clone())
            {
                return broken(Invariant::I5, "a record is out of place, or not sealed to the one before");
            }
            if record.from != seen.state {
                return broken(Invariant::I5, "a record comes from a state in which the job was not");
            }
            let late = [EventKind::Archived, EventKind::CostSettled, EventKind::Escalated, EventKind::Purged];
            let stays = late.contains(&record.event) && Some(record.to) == seen.state;
            let is_over = seen.state.is_some_and(State::is_terminal);
            if is_over && !stays && !is_retry(&record, &seen.records) {
                return broken(Invariant::I4, &format!("{} moved a job that had ended", record.event.word()));
            }
            let is_attached = matches!(record.event, EventKind::Attached | EventKind::Reattached);
            if is_attached && !seen.attached.insert(record.attempt) {
                return broken(Invariant::I2, "a second response was attached to an attempt");
            }
            if let Some(what) = people::unordered(job, &record, &seen.records) {
                return broken(Invariant::I11, what);
            }
            if people::reminded_twice(&record, &seen.records) {
                return broken(Invariant::I11, "somebody was reminded twice of the same text");
            }
            if people::is_too_cheap(shared, &record, &seen.records) {
                return broken(
                    Invariant::I7,
                    "what a run may cost that was left behind counts as nothing, or as known",
                );
            }
            if record.event == EventKind::Attached && people::is_unaffordable(job, &record, &seen.records) {
                return broken(Invariant::I7, "a run was begun that could cost more than its type allows");
            }
            if record.event == EventKind::Canceled && record.from == Some(State::InProgress) {
                self.stops.extend(record.response.clone().map(|response| (response, record.at)));
            }
            if let Some(what) = unfounded(shared, job, &record, &seen.records) {
                return broken(Invariant::I13, what);
            }
            let response = record.response.as_ref().map_or("", |id| id.as_str());
            let state = State::ALL.iter().position(|state| *state == record.to).unwrap_or_default();
            shared.executor.trace(
                &[u64::from(record.version), state as u64, record.attempt.into()],
                format_args!(
                    "       {} v{} {}: {:?}, attempt {} {response} {}",
                    job.id,
                    record.version,
                    record.event.word(),
                    record.to,
                    record.attempt,
                    record.reason.as_ref().map_or("", domain::policy::reason::Reason::word),
                ),
            );
            if record.event == EventKind::Finished
                && let Some(run) =
                    record.response.as_ref().and_then(|id| shared.provider.borrow().runs.get(id).map(|run| run.ends))
            {
                self.worst_capture = self.worst_capture.max(shared.executor.now().since(run));
            }
            self.transitions += 1;
            (seen.head, seen.state) = (Some(sealed.hash), Some(record.to));
            seen.records.push(record);
        }
        if usize::try_from(job.version) != Ok(trail.len()) || seen.head != Some(job.head) {
            return broken(Invariant::I5, "the trail does not end where the row stands");
        }
        if Replay::of(&seen.records) != Some(Replay::from_row(job)) {
            return broken(Invariant::I5, "the trail tells another story than the row");
        }
        let (next, duty) = job.next_duty();
        if next < Timestamp::NEVER && job.due_index_at.is_none_or(|due_index_at| next < due_index_at) {
            return broken(Invariant::I18, &format!("the index points behind {duty:?}"));
        }
        if !is_readable(shared, job) {
            return broken(Invariant::I12, "the result cannot be read");
        }
        match delivery::leaked(shared, job, &seen.records) {
            Some(what) => broken(Invariant::I3, what),
            None => Ok(()),
        }
    }

    /// From now on nothing goes wrong: every job and response gets its time.
    pub fn set_bounds(&mut self, shared: &Shared) {
        self.last_bound = shared.executor.now() + REST;
        self.bound_new(shared);
    }

    /// Whatever still has to happen gets its time when it is first seen: its duty's, and a while.
    fn bound_new(&mut self, shared: &Shared) {
        let now = shared.executor.now();
        let parked = shared.store.parked_until().unwrap_or(now);
        let mut open = shared.store.all_jobs(|job, _| Some((open_job(job)?, job.next_duty().0)));
        let responses = shared.store.all_responses().into_iter();
        open.extend(responses.map(|row| Some((Open::Response(row.id), row.due.filter(|_| !row.settled)?))));
        open.extend(open_changes(shared).map(Some));
        for (open, due) in open.into_iter().flatten() {
            let bound = *self.bounds.entry(open).or_insert(now.max(due).max(parked) + REST);
            self.last_bound = self.last_bound.max(bound);
        }
        // A delayed message may be waited for, even where its job no longer needs it.
        if let Some(visible) = last_message(shared) {
            self.last_bound = self.last_bound.max(visible + REST);
        }
    }

    /// Whether something takes longer than it may.
    pub fn overdue(&mut self, shared: &Shared, is_idle: bool) -> Result<(), Violation> {
        self.bound_new(shared);
        let now = shared.executor.now();
        let late = self.bounds.iter().find(|(open, bound)| **bound < now && open.is_so(shared));
        if let Some((open, bound)) = late {
            return Err(Violation::new(Invariant::I18, format!("{open:?} at {now}, and was to be over by {bound}")));
        }
        if !is_idle && self.last_bound < now {
            return Err(Violation::new(Invariant::I18, "there is still something under way".to_owned()));
        }
        Ok(())
    }

    pub fn is_at_rest(&self, shared: &Shared) -> bool {
        shared.store.all_jobs(|job, _| is_at_rest(job)).into_iter().all(|rests| rests)
            && shared.store.all_responses().iter().all(|row| row.settled)
            && shared.store.all_workspaces().iter().all(|(row, _)| !row.is_publish_overdue())
    }

    pub fn add_to(&self, tally: &mut Tally) {
        tally.transitions += self.transitions;
        tally.undiscoverable += self.undiscoverable;
        tally.most_looks = tally.most_looks.max(self.most_looks);
        tally.worst_capture = tally.worst_capture.max(self.worst_capture);
        tally.worst_stop = tally.worst_stop.max(self.worst_stop);
    }
}

/// When the last message is handed out that somebody waits for. A hint at what the provider has never heard of is none.
pub fn last_message(shared: &Shared) -> Option<Timestamp> {
    let provider = shared.provider.borrow();
    shared.queues.last_visible(|work| match work {
        Work::Poll(PollMessage::ResponseV1 { response_id, .. }) => provider.runs.contains_key(response_id),
        Work::Submit(_) | Work::Poll(PollMessage::ObserveV1 { .. } | PollMessage::WorkspaceV1 { .. }) => true,
    })
}

/// A transition that nothing said or allowed.
fn unfounded(shared: &Shared, job: &Job, record: &Record, before: &[Record]) -> Option<&'static str> {
    if record.event == EventKind::Finished && record.reason == Some(Reason::ProviderLost) {
        let missing = before.iter().rev().take_while(|before| before.reason == Some(Reason::ProviderMissing));
        let since = missing.last().map(|before| before.at);
        let is_long = since.is_some_and(|since| record.at.since(since) >= shared.timing.missing_limit);
        return (!is_long).then_some("a response was given up before its time");
    }
    let provider = shared.provider.borrow();
    if record.event == EventKind::Reattached
        && record.response.as_ref().and_then(|id| provider.runs.get(id)).is_none_or(|run| run.cancels > 0)
    {
        return Some("a run was taken over that had been stopped");
    }
    // The record of a run that is tried again is of the next attempt, which has no response yet.
    let response = before.iter().rev().find_map(|before| before.response.as_ref());
    let run = response.and_then(|id| provider.runs.get(id));
    if record.event == EventKind::Finished && run.is_none_or(|run| shared.executor.now() < run.ends) {
        return Some("a run was ended that the provider had not ended");
    }
    approval::unapproved(shared, job, record, before)
}

/// Another attempt of a job that ended without a result.
fn is_retry(record: &Record, before: &[Record]) -> bool {
    let last = before.last();
    record.event == EventKind::Retried
        && record.to == State::Waiting
        && last.is_some_and(|last| last.to != State::Completed && record.attempt == last.attempt + 1)
}

/// Ended or waiting for a person, and everybody told.
fn is_at_rest(job: &Job) -> bool {
    job.state.is_resting() && job.is_published()
}

fn open_job(job: &Job) -> Option<Open> {
    let key = (job.workspace.clone(), job.id.clone());
    match (job.state.is_resting(), job.is_published()) {
        (false, _) => Some(Open::Job(key.0, key.1, job.attempt.number)),
        (true, false) => Some(Open::News(key.0, key.1, job.version)),
        (true, true) => None,
    }
}

/// The workspaces with changes that not everybody is told of, and when that is due.
fn open_changes(shared: &Shared) -> impl Iterator<Item = (Open, Timestamp)> {
    let rows = shared.store.all_workspaces().into_iter().map(|(row, _)| row);
    rows.filter(Workspace::is_publish_overdue).filter_map(|row| Some((Open::Changes(row.id, row.version), row.due?)))
}

impl Open {
    fn is_so(&self, shared: &Shared) -> bool {
        match self {
            Self::Job(workspace, id, _) | Self::News(workspace, id, _) => {
                shared.store.look(workspace, id).is_some_and(|row| open_job(&row.0).as_ref() == Some(self))
            }
            Self::Response(id) => !shared.store.is_settled(id),
            Self::Changes(..) => open_changes(shared).any(|(open, _)| open == *self),
        }
    }
}

/// Whether a job's payloads are still kept.
fn is_kept(shared: &Shared, job: &Job) -> bool {
    shared.executor.now() < job.deadline && job.deadline != Timestamp::NEVER
}

/// Whether the result that a job rests on is there, or what its run answered instead, as long as it is kept.
fn is_readable(shared: &Shared, job: &Job) -> bool {
    let is_kept = is_kept(shared, job);
    if let Some(answer) = job.attempt.answer.filter(|_| job.state.is_resting() && is_kept) {
        let kind = PayloadKind::Result { attempt: job.attempt.number };
        return job.result.is_none() && shared.payloads.holds((&job.workspace, &job.id), kind, &answer);
    }
    let Some(result) = job.result.filter(|_| job.state.is_resting() && is_kept) else {
        return job.state != State::Completed || !is_kept;
    };
    let attempt = job.attempt.number;
    let kind = if result.edited { PayloadKind::Edit { attempt } } else { PayloadKind::Result { attempt } };
    shared.payloads.holds((&job.workspace, &job.id), kind, &result.stored)
}
