//! Reconcile: the real path. What the due index names is put on its queue; push and webhook only make it sooner.

use std::collections::BTreeMap;
use std::time::Duration;

use super::dispatch::{self, Due};
use super::{leave_alone, rules, transition};
use crate::job::duty::Duty;
use crate::job::record::{Actor, Cause};
use crate::job::{Event, Job, PersonInput, State, TransitionContext};
use crate::port::{
    CircuitReader, Clock, Commit, DueRow, Jobs, PollMessage, PollQueue, Store, SubmitMessage, SubmitQueue,
    WorkspaceReader, WriteOutcome,
};
use crate::provider::breaker::{Circuit, Pass};
use crate::value::failure::Failure;
use crate::value::time::{Timestamp, Timing};

/// What one run found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Pieces of work sent.
    pub sent: usize,
    /// Pieces of work that a queue refused; the next run sends them.
    pub refused: usize,
    /// Pieces of work left for later: their circuit is parked, or their queue still holds enough.
    pub deferred: usize,
    /// Index entries that pointed too early and were moved.
    pub reindexed: usize,
    /// Index entries of what only a newer release understands, moved an hour ahead.
    pub left: usize,
    /// Responses among it that belong to no attempt and have to be stopped or booked.
    pub orphans: usize,
    /// Jobs whose duty has been overdue for so long that a person should look.
    pub stuck: usize,
    /// Stuck jobs for which somebody was called in.
    pub escalated: usize,
    /// Jobs with an event that should have been confirmed as published by now.
    pub unpublished: usize,
}

/// Rows for each shard and run; more are found by the next run.
const PER_SHARD: u16 = 2_000;

/// Pieces of work for each queue and run.
const MOST: usize = 10_000;

/// A queue that still holds so much gets no more than a few, or each run would send the same work again.
const ENOUGH: usize = 1_000;
const FEW: usize = 100;

/// What a parked circuit is offered for its one probe: some of it may prove to be nothing.
const CANDIDATES: usize = 10;

/// How long a job is stuck before somebody is called in, and before the next levels.
const ESCALATION_DELAYS: [Duration; 3] = [Duration::ZERO, Duration::from_secs(3_600), Duration::from_secs(12 * 3_600)];

/// Calls of one run, at most.
const MOST_CALLS: usize = 20;

/// Something overdue, the circuit that it needs, and whether it is the one to probe with.
struct Overdue {
    message: Due,
    circuit: Option<Circuit>,
    first: bool,
    stuck: Option<Stuck>,
}

/// A job whose duty nobody does.
struct Stuck {
    job: Box<Job>,
    since: Timestamp,
}

impl Stuck {
    /// As many levels as its time has come for, and no more than are left.
    fn is_to_be_escalated(&self, now: Timestamp) -> bool {
        let levels = ESCALATION_DELAYS.iter().filter(|wait| self.since + **wait <= now).count();
        !self.job.state.is_terminal() && usize::from(self.job.escalation_level) < levels
    }
}

pub async fn reconcile(
    store: &impl Store,
    queues: &(impl SubmitQueue + PollQueue),
    clock: &impl Clock,
    timing: &Timing,
) -> Result<Reconciled, Failure> {
    let now = clock.now();
    let mut found = Reconciled::default();
    let (mut overdue, mut early) = (Vec::new(), Vec::new());
    for row in store.due(now, PER_SHARD).await? {
        match row {
            DueRow::Job(job) if !job.is_understood() => {
                found.left += 1;
                let _ = leave_alone(store, &job, now).await;
            }
            DueRow::Job(job) => {
                found.unpublished += usize::from(job.is_publish_overdue(timing, now));
                match job.duty(now) {
                    Some(duty) => overdue.push(overdue_job(job, duty, timing, now)),
                    None => early.push(job),
                }
            }
            DueRow::Response(row) if !row.is_understood() => {
                found.left += 1;
                if let Some(left) = row.left_alone(now) {
                    let _ = store.put_response(Some(&row), &left).await;
                }
            }
            DueRow::Response(row) => {
                found.orphans += usize::from(row.orphan);
                let message = Due::Poll(PollMessage::response(row.id));
                overdue.push(Overdue { message, circuit: Some(Circuit::Polls), first: false, stuck: None });
            }
            DueRow::Workspace(row) => {
                found.unpublished += usize::from(row.is_publish_overdue());
                let message = Due::Poll(PollMessage::WorkspaceV1 { workspace: row.id.clone() });
                overdue.push(Overdue { message, circuit: None, first: false, stuck: None });
            }
        }
    }
    // What goes on without the provider comes first. A lane that is parked is probed with the job that shows a person why
    // it is parked.
    overdue.sort_by_key(|overdue| (overdue.circuit.is_some(), !overdue.first));

    let mut exits = DispatchCapacity { store, queues, timing, room: BTreeMap::new(), passes: BTreeMap::new() };
    let (mut messages, mut calls) = (Vec::new(), Vec::new());
    for Overdue { message, circuit, stuck, .. } in overdue {
        if exits.is_open(Queue::of(&message), circuit, now).await {
            // What waits for a parked circuit waits for a reason that is known.
            found.stuck += usize::from(stuck.is_some());
            calls.extend(stuck.filter(|stuck| stuck.is_to_be_escalated(now)));
            messages.push((message, Duration::ZERO));
        } else {
            found.deferred += 1;
        }
    }
    for Stuck { job, .. } in calls.into_iter().take(MOST_CALLS) {
        // One that fails keeps nothing from being sent; the next run finds the job again.
        found.escalated += usize::from(escalate_stuck(store, timing, &job, now).await.unwrap_or(false));
    }
    for outcome in dispatch::send(queues, &messages).await {
        match outcome {
            Ok(()) => found.sent += 1,
            Err(_) => found.refused += 1,
        }
    }
    for job in early {
        let mut aimed = Job::clone(&job);
        aimed.update_due_index(now);
        // Stale or failed: somebody moved the job and the entry with it, or the next run finds it again.
        if store.claim(&job, &aimed).await.is_ok() {
            found.reindexed += 1;
        }
    }
    Ok(found)
}

/// One of the two queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Queue {
    Submit,
    Poll,
}

impl Queue {
    const fn of(message: &Due) -> Self {
        match message {
            Due::Submit(_) => Self::Submit,
            Due::Poll(_) => Self::Poll,
        }
    }
}

/// Which queues and circuits take work in this run; each is asked once, and only when there is work for it.
struct DispatchCapacity<'a, S, Q> {
    store: &'a S,
    queues: &'a Q,
    timing: &'a Timing,
    /// How much more each queue takes.
    room: BTreeMap<Queue, usize>,
    /// How much more each circuit takes.
    passes: BTreeMap<Circuit, usize>,
}

impl<S: CircuitReader, Q: SubmitQueue + PollQueue> DispatchCapacity<'_, S, Q> {
    async fn is_open(&mut self, queue: Queue, circuit: Option<Circuit>, now: Timestamp) -> bool {
        let mut room = match self.room.get(&queue) {
            Some(room) => *room,
            // A depth that cannot be told bounds nothing, and stops nothing.
            None if self.waiting(queue).await.unwrap_or_default() < ENOUGH => MOST,
            None => FEW,
        };
        let mut passes = match circuit {
            None => usize::MAX,
            Some(circuit) => match self.passes.get(&circuit) {
                Some(passes) => *passes,
                // One that cannot be read stops nothing here: whoever takes the work asks again.
                None => match self.store.breaker(circuit).await.map(|breaker| breaker.pass(self.timing, now)) {
                    Ok(Pass::Parked) => 0,
                    Ok(Pass::Probe(_)) => CANDIDATES,
                    Ok(Pass::Free) | Err(_) => usize::MAX,
                },
            },
        };
        let is_open = room > 0 && passes > 0;
        (room, passes) = (room - usize::from(is_open), passes - usize::from(is_open));
        self.room.insert(queue, room);
        self.passes.extend(circuit.map(|circuit| (circuit, passes)));
        is_open
    }

    async fn waiting(&self, queue: Queue) -> Result<usize, Failure> {
        match queue {
            Queue::Submit => self.queues.submits_waiting().await,
            Queue::Poll => self.queues.polls_waiting().await,
        }
    }
}

fn overdue_job(job: Box<Job>, duty: Duty, timing: &Timing, now: Timestamp) -> Overdue {
    let (workspace, job_id) = (job.workspace.clone(), job.id.clone());
    let message = match duty {
        Duty::Submit => Due::Submit(SubmitMessage::SubmitV1 { workspace, job_id }),
        Duty::CloseUnknownStart
        | Duty::Check
        | Duty::Remind
        | Duty::Expire
        | Duty::Publish
        | Duty::Purge
        | Duty::Leave => Due::Poll(PollMessage::ObserveV1 { workspace, job_id }),
    };
    let circuit = match duty {
        // Its end, and its news, come without the provider.
        _ if job.deadline <= now => None,
        Duty::Check if job.is_publish_overdue(timing, now) => None,
        Duty::Submit => Some(Circuit::Starts(job.lane)),
        Duty::Check => Some(Circuit::Polls),
        Duty::CloseUnknownStart | Duty::Remind | Duty::Expire | Duty::Publish | Duty::Purge | Duty::Leave => None,
    };
    let (first, since) = (job.state == State::Held, job.stuck_since(timing, now));
    Overdue { message, circuit, first, stuck: since.map(|since| Stuck { job, since }) }
}

/// Calls somebody in, once what an earlier run has sent has come to nothing. A stale row is no longer stuck.
async fn escalate_stuck(
    store: &(impl Jobs + WorkspaceReader),
    timing: &Timing,
    job: &Job,
    now: Timestamp,
) -> Result<bool, Failure> {
    let Some(policy) = rules(store, job, now).await? else { return Ok(false) };
    if job.claim_count == 0 {
        // This run's message is the first try. After an outage it is all that most of what looks stuck was waiting for.
        let counted = Job { claim_count: 1, ..job.clone() };
        return store.claim(job, &counted).await.map(|_| false);
    }
    let actor = Actor::system("reconcile");
    let context = TransitionContext { policy: &policy, timing, actor: &actor, cause: Cause::Due, now };
    let Some(change) = transition(job, Event::Escalated(PersonInput::default()), &context)? else { return Ok(false) };
    Ok(store.commit(Commit::of(&change, None)).await? == WriteOutcome::Committed)
}
