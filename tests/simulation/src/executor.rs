//! The executor: one thread, a clock of its own, and a seed that decides what happens next.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use domain::value::time::Timestamp;
use fastrand::Rng;

/// Something that waits for its moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timer<E> {
    /// An invocation is to go on.
    Wake(u64),
    /// Something happens in the world.
    Event(E),
}

/// Time first, then a random number, then the order in which they were set.
type Place = (Timestamp, u32, u64);

/// Clock, randomness, timers and trace. Whoever holds it is inside one world.
#[derive(Debug)]
pub struct Executor<E> {
    now: Cell<Timestamp>,
    rng: RefCell<Rng>,
    timers: RefCell<BTreeMap<Place, Timer<E>>>,
    set: Cell<u64>,
    hash: Cell<u64>,
    steps: Cell<u64>,
    lines: RefCell<Option<Vec<String>>>,
}

impl<E> Executor<E> {
    pub fn new(seed: u64, start: Timestamp) -> Self {
        Self {
            now: Cell::new(start),
            rng: RefCell::new(Rng::with_seed(seed)),
            timers: RefCell::default(),
            set: Cell::new(0),
            hash: Cell::new(0xcbf2_9ce4_8422_2325),
            steps: Cell::new(0),
            lines: RefCell::new(None),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// Moves the clock forward, never back.
    pub fn advance_to(&self, to: Timestamp) {
        self.now.set(self.now.get().max(to));
    }

    pub fn roll<T>(&self, throw: impl FnOnce(&mut Rng) -> T) -> T {
        throw(&mut self.rng.borrow_mut())
    }

    /// Whether something happens that does so in so many of 10,000 cases.
    pub fn chance(&self, of_ten_thousand: u32) -> bool {
        of_ten_thousand > 0 && self.roll(|rng| rng.u32(0..10_000)) < of_ten_thousand
    }

    pub fn between(&self, least: Duration, most: Duration) -> Duration {
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.roll(|rng| rng.u64(millis(least)..=millis(most).max(millis(least)))))
    }

    pub fn set_timer(&self, at: Timestamp, timer: Timer<E>) {
        let number = self.set.get() + 1;
        self.set.set(number);
        self.timers.borrow_mut().insert((at, self.roll(|rng| rng.u32(..)), number), timer);
    }

    /// When the next timer runs out.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.timers.borrow().first_key_value().map(|((at, ..), _)| *at)
    }

    /// Takes the next timer and moves the clock to it.
    pub fn pop(&self) -> Option<Timer<E>> {
        let ((at, ..), timer) = self.timers.borrow_mut().pop_first()?;
        self.advance_to(at);
        self.steps.set(self.steps.get() + 1);
        Some(timer)
    }

    /// Sets anew the timers that `moves` answers a moment for.
    pub fn reset_timers(&self, moves: impl Fn(&Timer<E>, Timestamp) -> Option<Timestamp>) {
        let timers = std::mem::take(&mut *self.timers.borrow_mut());
        let moved = timers.into_iter().map(|((at, rng, number), timer)| {
            let at = moves(&timer, at).unwrap_or(at);
            ((at, rng, number), timer)
        });
        self.timers.replace(moved.collect());
    }

    /// Whether any timer is left for which this holds.
    pub fn any(&self, holds: impl Fn(&Timer<E>) -> bool) -> bool {
        self.timers.borrow().values().any(holds)
    }

    /// Suspends a task until its time has come.
    pub fn pause(&self, task: u64, duration: Duration) -> Pause<'_, E> {
        Pause { executor: self, task, until: self.now() + duration, is_set: false }
    }

    pub fn keep_lines(&self) {
        self.lines.replace(Some(Vec::new()));
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone().unwrap_or_default()
    }

    /// Adds to the trace: numbers for its hash, words for whoever reads it.
    pub fn trace(&self, numbers: &[u64], words: fmt::Arguments<'_>) {
        let now = self.now().millis().unsigned_abs();
        let hash = [self.steps.get(), now].iter().chain(numbers).fold(self.hash.get(), |hash, number| {
            // FNV-1a over whole words; nothing in it depends on the machine or the run.
            (hash ^ number).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
        });
        self.hash.set(hash);
        if let Some(lines) = self.lines.borrow_mut().as_mut() {
            lines.push(format!("{:>6} {} {words}", self.steps.get(), self.now()));
        }
    }

    pub fn trace_hash(&self) -> u64 {
        self.hash.get()
    }

    pub fn steps(&self) -> u64 {
        self.steps.get()
    }
}

/// A task asleep. It has one timer, and only that timer wakes it.
#[derive(Debug)]
pub struct Pause<'a, E> {
    executor: &'a Executor<E>,
    task: u64,
    until: Timestamp,
    is_set: bool,
}

impl<E> Future for Pause<'_, E> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.is_set {
            return Poll::Ready(());
        }
        self.is_set = true;
        self.executor.set_timer(self.until, Timer::Wake(self.task));
        Poll::Pending
    }
}
