//! Every port of one invocation: a yield, a draw of faults, and then the port in memory. The faults stand here once.

mod table;

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::rc::Rc;
use std::time::Duration;

use domain::event::published::{Published, PublishedChange};
use domain::job::PayloadRef;
use domain::policy::reason::Reason;
use domain::port::{
    Clock, CreateFailure, EventBus, Lookup, NewResponse, PayloadKind, Payloads, PollMessage, PollQueue, Provider,
    SubmitMessage, SubmitQueue, WriteOutcome,
};
use domain::provider::{ErrorWords, ProviderResponse};
use domain::value::failure::Failure;
use domain::value::id::{JobId, Nonce, ResponseId, WorkspaceId};
use domain::value::time::{Timestamp, Timing};

use crate::executor::Executor;
use crate::faults::{Faults, Function, Kind, Method};
use crate::memory::{Bus, MemoryPayloads, MemoryStore, Queues};
use crate::world::Event;

/// What all invocations of one world share.
#[derive(Debug)]
pub struct Shared {
    pub executor: Executor<Event>,
    pub faults: Faults,
    pub timing: Timing,
    pub latency: Duration,
    pub store: MemoryStore,
    pub payloads: MemoryPayloads,
    pub queues: Queues,
    pub bus: Bus,
    pub provider: RefCell<crate::provider::Provider>,
}

/// One run of a function.
#[derive(Debug)]
pub struct Invocation {
    pub id: u64,
    pub function: Function,
    /// How wrong its clock is.
    pub skew_ms: i64,
    pub is_dead: Cell<bool>,
    /// Faults that it has met.
    pub harm: Cell<u32>,
}

/// The ports as one invocation has them.
#[derive(Debug, Clone)]
pub struct Ports {
    pub shared: Rc<Shared>,
    pub invocation: Rc<Invocation>,
}

/// The shortest and longest that a slow call takes: beyond lease and visibility.
const SLOW: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(1_200));

fn failed<T>() -> Result<T, Failure> {
    Err(Failure::transient("do what was asked", "the simulation made it fail"))
}

impl Ports {
    /// Waits for its turn, and learns what goes wrong. A crash before, and a long wait, happen in here.
    async fn enter(&self, method: Method) -> Option<Kind> {
        let Self { shared, invocation } = self;
        let wait = shared.executor.between(Duration::from_millis(1), shared.latency);
        shared.executor.pause(invocation.id, wait).await;
        let kind = shared.executor.roll(|rng| shared.faults.draw((invocation.function, method), rng));
        let numbers = [invocation.id, method as u64, kind.map_or(0, |kind| kind as u64 + 1)];
        match kind {
            None => shared
                .executor
                .trace(&numbers, format_args!("{:>4} {:<14} {method}", invocation.id, invocation.function)),
            Some(kind) => {
                invocation.harm.set(invocation.harm.get() + 1);
                shared.executor.trace(
                    &numbers,
                    format_args!("{:>4} {:<14} {method}: {kind:?}", invocation.id, invocation.function),
                );
            }
        }
        match kind {
            Some(Kind::CrashBefore) => self.die().await,
            Some(Kind::Slow) => self.hang().await,
            _ => {}
        }
        kind
    }

    /// What happens to the invocation once the thing is done.
    async fn leave(&self, kind: Option<Kind>) {
        match kind {
            Some(Kind::CrashAfter) => self.die().await,
            Some(Kind::Late) => self.hang().await,
            _ => {}
        }
        // Dead by then, or a zombie that goes on as if nothing was.
        let may_be_dead = matches!(kind, Some(Kind::Slow | Kind::Late)) && self.shared.faults.are_on.get();
        if may_be_dead && self.shared.executor.chance(5_000) {
            self.die().await;
        }
    }

    async fn hang(&self) {
        let wait = self.shared.executor.between(SLOW.0, SLOW.1);
        self.shared.executor.pause(self.invocation.id, wait).await;
    }

    async fn die(&self) {
        self.invocation.is_dead.set(true);
        pending().await
    }

    /// `lost` is what the caller hears when it was done and the answer did not come back.
    async fn call_or<T>(
        &self,
        method: Method,
        done: impl Future<Output = Result<T, Failure>>,
        lost: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let kind = self.enter(method).await;
        if matches!(kind, Some(Kind::Before | Kind::Throttle)) {
            return failed();
        }
        let answer = done.await;
        self.leave(kind).await;
        if kind == Some(Kind::After) { lost() } else { answer }
    }

    async fn call<T>(&self, method: Method, done: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.call_or(method, done, failed).await
    }

    /// A write that the SDK may have sent twice, so that the second meets what the first one did.
    async fn write(
        &self,
        method: Method,
        done: impl Future<Output = Result<WriteOutcome, Failure>>,
    ) -> Result<WriteOutcome, Failure> {
        let lost = || if self.shared.executor.chance(5_000) { Ok(WriteOutcome::Conflict) } else { failed() };
        self.call_or(method, done, lost).await
    }

    /// Which entries of a batch are refused: all of them, or some.
    fn refused(&self, entries: usize) -> Vec<bool> {
        let all = self.shared.executor.chance(5_000);
        (0..entries).map(|_| all || self.shared.executor.chance(5_000)).collect()
    }

    /// A batch whose entries can fail one by one.
    async fn batch<T: Clone, F: Future<Output = Vec<Result<(), Failure>>>>(
        &self,
        method: Method,
        entries: &[T],
        done: impl FnOnce(Vec<T>) -> F,
    ) -> Vec<Result<(), Failure>> {
        if entries.is_empty() {
            return Vec::new();
        }
        let kind = self.enter(method).await;
        let refused = match kind {
            Some(Kind::Before | Kind::Throttle) => self.refused(entries.len()),
            _ => vec![false; entries.len()],
        };
        let taken = entries.iter().zip(&refused).filter(|(_, refused)| !**refused);
        let mut answers = done(taken.map(|(entry, _)| entry.clone()).collect()).await.into_iter();
        self.leave(kind).await;
        let lost = if kind == Some(Kind::After) { self.refused(entries.len()) } else { vec![false; entries.len()] };
        let answer = |(refused, lost): (bool, bool)| match if refused { None } else { answers.next() } {
            Some(answer) if !lost => answer,
            Some(_) | None => failed(),
        };
        refused.into_iter().zip(lost).map(answer).collect()
    }
}

impl Payloads for Ports {
    async fn put(&self, job: (&WorkspaceId, &JobId), kind: PayloadKind, bytes: &[u8]) -> Result<PayloadRef, Failure> {
        self.call(Method::PutPayload, self.shared.payloads.put(job, kind, bytes)).await
    }

    async fn get(
        &self,
        job: (&WorkspaceId, &JobId),
        kind: PayloadKind,
        stored: &PayloadRef,
    ) -> Result<Option<Vec<u8>>, Failure> {
        self.call(Method::GetPayload, self.shared.payloads.get(job, kind, stored)).await
    }

    async fn erase(&self, job: (&WorkspaceId, &JobId)) -> Result<(), Failure> {
        self.call(Method::Erase, self.shared.payloads.erase(job)).await
    }
}

impl Provider for Ports {
    async fn create_response(&self, new: &NewResponse) -> Result<ProviderResponse, CreateFailure> {
        let Self { shared, invocation } = self;
        let unknown = |response| {
            let failure = Failure::transient("start", "the simulation made it fail");
            Err(CreateFailure::Unknown { failure, response })
        };
        let not_created =
            |reason| Err(CreateFailure::NotCreated { reason, retry_after: None, error: ErrorWords::default() });
        let kind = self.enter(Method::CreateResponse).await;
        let post = || {
            let now = shared.executor.now();
            shared.executor.roll(|rng| shared.provider.borrow_mut().create_response(new, now, rng))
        };
        match kind {
            Some(Kind::Before) if shared.executor.chance(5_000) => return not_created(Reason::ProviderUnreachable),
            Some(Kind::Before) => return unknown(None),
            Some(Kind::Throttle) => return not_created(Reason::ProviderBusy),
            _ => {}
        }
        let mut answer = post();
        self.leave(kind).await;
        let mut named = answer.as_ref().ok().map(|answer| answer.id.clone());
        if kind == Some(Kind::After) {
            // Some answers break off behind their id.
            named = named.filter(|_| shared.executor.chance(5_000));
            answer = unknown(named.clone());
        }
        if let Some(id) = named
            && let Some(run) = shared.provider.borrow_mut().runs.get_mut(&id)
        {
            run.holder = Some((invocation.clone(), invocation.harm.get()));
            run.is_cut = answer.is_err();
        }
        answer
    }

    async fn get(&self, id: &ResponseId) -> Result<Lookup, Failure> {
        let done = async { Ok(self.shared.provider.borrow_mut().get(id, self.shared.executor.now())) };
        self.call(Method::Get, done).await
    }

    fn read(&self, kept: &[u8]) -> Result<ProviderResponse, Failure> {
        let answer = self.shared.provider.borrow_mut().read(kept, self.shared.executor.now());
        answer.ok_or_else(|| Failure::permanent("read the kept answer", "it is not one"))
    }

    async fn cancel(&self, id: &ResponseId) -> Result<(), Failure> {
        let done = async {
            let now = self.shared.executor.now();
            self.shared.executor.roll(|rng| self.shared.provider.borrow_mut().cancel(id, now, rng));
            Ok(())
        };
        self.call(Method::Cancel, done).await
    }
}

impl SubmitQueue for Ports {
    async fn send_submits(&self, messages: &[(SubmitMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.batch(Method::Send, messages, |taken| async move { self.shared.queues.send_submits(&taken).await }).await
    }

    async fn submits_waiting(&self) -> Result<usize, Failure> {
        self.call(Method::Waiting, self.shared.queues.submits_waiting()).await
    }
}

impl PollQueue for Ports {
    async fn send_polls(&self, messages: &[(PollMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.batch(Method::Send, messages, |taken| async move { self.shared.queues.send_polls(&taken).await }).await
    }

    async fn polls_waiting(&self) -> Result<usize, Failure> {
        self.call(Method::Waiting, self.shared.queues.polls_waiting()).await
    }
}

impl EventBus for Ports {
    async fn publish(&self, events: &[Published]) -> Vec<Result<(), Failure>> {
        self.batch(Method::Publish, events, |taken| async move { self.shared.bus.publish(&taken).await }).await
    }

    async fn publish_changes(&self, changes: &[PublishedChange]) -> Vec<Result<(), Failure>> {
        let done = |taken: Vec<PublishedChange>| async move { self.shared.bus.publish_changes(&taken).await };
        self.batch(Method::PublishChanges, changes, done).await
    }
}

impl Clock for Ports {
    fn now(&self) -> Timestamp {
        let skew = if self.shared.faults.are_on.get() { self.invocation.skew_ms } else { 0 };
        Timestamp::from_millis(self.shared.executor.now().millis() + skew)
    }

    fn nonce(&self) -> Nonce {
        self.shared.executor.roll(|rng| {
            let mut bytes = [0; 16];
            rng.fill(&mut bytes);
            Nonce(bytes)
        })
    }

    async fn sleep(&self, duration: Duration) {
        self.shared.executor.pause(self.invocation.id, duration).await;
    }
}
