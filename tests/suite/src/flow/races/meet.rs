//! How two sides come at once: one breaks into the other at one port call, or a seed says whose call is next.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use domain::job::Job;
use domain::port::{Payloads, Store};
use domain::value::failure::Failure;
use simulation::executor::{Executor, Timer};

use super::case::Case;
use super::fixture::{Fixture, Told};
use crate::contract::make::NOW;
use crate::flow::watched::Watch;

/// How a race is run. Sides are 0 and 1, calls are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meeting {
    /// The other side runs to its end just before this call of this side.
    Before(usize, u32),
    /// Just after it.
    After(usize, u32),
    /// Just before this write of this side.
    BeforeWrite(usize, u32),
    /// Call by call, in the order of this seed.
    Seeded(u64),
}

/// The calls that change something; each has its condition.
const WRITES: [&str; 4] = ["claim", "commit", "put_breaker", "put_response"];

/// What came of it, before anything else happened.
#[derive(Debug)]
pub(super) struct Met {
    /// The side of each commit since the race began, in order.
    pub(super) commits: Vec<usize>,
    pub(super) told: [Vec<Told>; 2],
    /// The side that was to be broken into had no such call; the other ran behind it.
    pub(super) was_over: bool,
}

/// Notes whose commit moved the job.
struct Log<'a, S> {
    store: &'a S,
    job: &'a Job,
    version: Cell<u32>,
    commits: RefCell<Vec<usize>>,
}

impl<S: Store> Log<'_, S> {
    async fn note(&self, side: usize, call: &'static str) -> Result<(), Failure> {
        if call != "commit" {
            return Ok(());
        }
        let version = self.store.job(&self.job.workspace, &self.job.id).await?.unwrap().version;
        if self.version.replace(version) < version {
            self.commits.borrow_mut().push(side);
        }
        Ok(())
    }
}

/// A side that runs through.
struct Noted<'a, S> {
    log: &'a Log<'a, S>,
    side: usize,
}

impl<S: Store> Watch for Noted<'_, S> {
    async fn after(&self, call: &'static str) -> Result<(), Failure> {
        self.log.note(self.side, call).await
    }
}

/// A side that the other breaks into.
struct Broken<'a, S> {
    noted: Noted<'a, S>,
    at: Meeting,
    calls: Cell<u32>,
    writes: Cell<u32>,
    other: RefCell<Option<Pin<Box<dyn Future<Output = ()> + 'a>>>>,
}

impl<S: Store> Broken<'_, S> {
    async fn let_in(&self, here: Meeting) {
        let other = if here == self.at { self.other.take() } else { None };
        if let Some(other) = other {
            other.await;
        }
    }
}

impl<S: Store> Watch for Broken<'_, S> {
    async fn before(&self, call: &'static str) -> Result<(), Failure> {
        let side = self.noted.side;
        self.calls.set(self.calls.get() + 1);
        self.let_in(Meeting::Before(side, self.calls.get())).await;
        if WRITES.contains(&call) {
            self.writes.set(self.writes.get() + 1);
            self.let_in(Meeting::BeforeWrite(side, self.writes.get())).await;
        }
        Ok(())
    }

    async fn after(&self, call: &'static str) -> Result<(), Failure> {
        // Nobody is let in twice, so that this is still the same call.
        let here = Meeting::After(self.noted.side, self.calls.get());
        self.noted.after(call).await?;
        self.let_in(here).await;
        Ok(())
    }
}

/// A side whose every call waits for its turn.
struct InTurn<'a, S> {
    noted: Noted<'a, S>,
    executor: &'a Executor<()>,
}

impl<S: Store> Watch for InTurn<'_, S> {
    async fn before(&self, _: &'static str) -> Result<(), Failure> {
        self.executor.pause(self.noted.side as u64, Duration::ZERO).await;
        Ok(())
    }

    async fn after(&self, call: &'static str) -> Result<(), Failure> {
        self.noted.after(call).await
    }
}

/// Runs both sides over a job that stands where the case says.
pub(super) async fn meet<S: Store, P: Payloads>(
    fixture: &Fixture<'_, S, P>,
    case: &Case,
    job: &Job,
    meeting: Meeting,
) -> Met {
    let log = Log { store: fixture.store, job, version: job.version.into(), commits: RefCell::default() };
    let (told, was_over) = match meeting {
        Meeting::Before(side, _) | Meeting::After(side, _) | Meeting::BeforeWrite(side, _) => {
            broken(fixture, case, &log, (side, meeting)).await
        }
        Meeting::Seeded(seed) => (in_turn(fixture, case, &log, seed), false),
    };
    Met { commits: log.commits.take(), told, was_over }
}

async fn broken<S: Store, P: Payloads>(
    fixture: &Fixture<'_, S, P>,
    case: &Case,
    log: &Log<'_, S>,
    (side, at): (usize, Meeting),
) -> ([Vec<Told>; 2], bool) {
    let others = RefCell::default();
    let noted = |side| Noted { log, side };
    let other: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async {
        let told = fixture.act_all(log.job, case.sides[1 - side], &noted(1 - side)).await;
        others.replace(told);
    });
    let watch =
        Broken { noted: noted(side), at, calls: Cell::default(), writes: Cell::default(), other: Some(other).into() };
    let own = fixture.act_all(log.job, case.sides[side], &watch).await;
    let left = watch.other.take();
    let was_over = left.is_some();
    if let Some(left) = left {
        left.await;
    }
    drop(watch);
    let others = others.take();
    (if side == 0 { [own, others] } else { [others, own] }, was_over)
}

/// The table in memory never waits, so that a side that is not over waits for its turn.
fn in_turn<S: Store, P: Payloads>(
    fixture: &Fixture<'_, S, P>,
    case: &Case,
    log: &Log<'_, S>,
    seed: u64,
) -> [Vec<Told>; 2] {
    let executor = Executor::new(seed, NOW);
    let watches = [0, 1].map(|side| InTurn { noted: Noted { log, side }, executor: &executor });
    let mut sides = [0, 1].map(|side| Some(Box::pin(fixture.act_all(log.job, case.sides[side], &watches[side]))));
    let mut told = [0, 1].map(|side| {
        executor.set_timer(NOW, Timer::Wake(side));
        None
    });
    while let Some(timer) = executor.pop() {
        let Timer::Wake(side) = timer else { unreachable!("nothing else is set") };
        let side = usize::try_from(side).unwrap();
        let polled = sides[side].as_mut().unwrap().as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let std::task::Poll::Ready(all) = polled {
            (told[side], sides[side]) = (Some(all), None);
        }
    }
    told.map(|told| told.unwrap())
}

impl fmt::Display for Meeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |side: usize| if side == 0 { "first" } else { "second" };
        match *self {
            Self::Before(side, call) => write!(f, "before call {call} of the {}", name(side)),
            Self::After(side, call) => write!(f, "after call {call} of the {}", name(side)),
            Self::BeforeWrite(side, write) => write!(f, "before write {write} of the {}", name(side)),
            Self::Seeded(seed) => write!(f, "seed {seed}"),
        }
    }
}
