//! EventBridge in memory: keeps what was published and tells whoever subscribed.

mod pattern;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adapters::aws::eventbridge::SOURCE;
use domain::event::published::{Published, PublishedChange};
use domain::port::EventBus;
use domain::value::failure::Failure;
use serde::Serialize;
use serde_json::{Value, json};

pub use self::pattern::{Pattern, UnknownPattern};

/// How many events are kept; older ones are only counted.
pub const KEPT_EVENTS: usize = 10_000;

/// Is given each event as rules see it.
pub type Subscriber = Arc<dyn Fn(&Value) + Send + Sync>;

/// An event as rules see it and as they hand it on.
pub fn envelope(event: &Published) -> Value {
    around(&json!(event))
}

/// The same of any event, by its detail.
fn around(detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": detail["id"],
        "detail-type": detail["type"],
        "source": SOURCE,
        "account": "000000000000",
        "time": detail["at"],
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    })
}

/// A handle on a bus; clones share it.
#[derive(Clone, Default)]
pub struct MemoryBus(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    events: VecDeque<Published>,
    changes: VecDeque<PublishedChange>,
    counts: BTreeMap<String, u64>,
    failing: u32,
    subscribers: Vec<Subscriber>,
}

impl MemoryBus {
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `subscriber` for each event from now on, in the publisher's thread.
    pub fn subscribe(&self, subscriber: Subscriber) {
        self.state().subscribers.push(subscriber);
    }

    /// Makes the next `count` entries fail as a throttled bus would.
    pub fn fail_next(&self, count: u32) {
        self.state().failing = count;
    }

    /// The last changes of workspaces, oldest first.
    pub fn changes(&self) -> Vec<PublishedChange> {
        self.state().changes.iter().cloned().collect()
    }

    /// The last events of jobs, oldest first.
    pub fn events(&self) -> Vec<Published> {
        self.state().events.iter().cloned().collect()
    }

    /// How many events of each type were published.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.state().counts.clone()
    }

    /// Keeps an event in its list and tells whoever subscribed.
    fn put<T: Serialize + Clone>(
        &self,
        kind: &str,
        event: &T,
        list: fn(&mut State) -> &mut VecDeque<T>,
    ) -> Result<(), Failure> {
        let mut state = self.state();
        if let Some(left) = state.failing.checked_sub(1) {
            state.failing = left;
            return Err(Failure::transient("publish an event", "the bus was told to fail"));
        }
        let kept = list(&mut state);
        if kept.len() == KEPT_EVENTS {
            kept.pop_front();
        }
        kept.push_back(event.clone());
        *state.counts.entry(kind.to_owned()).or_default() += 1;
        // Called without the lock, so that a subscriber may ask the bus.
        let subscribers = state.subscribers.clone();
        drop(state);
        let envelope = around(&json!(event));
        subscribers.iter().for_each(|subscriber| subscriber(&envelope));
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventBus for MemoryBus {
    async fn publish(&self, events: &[Published]) -> Vec<Result<(), Failure>> {
        events.iter().map(|event| self.put(event.kind.word(), event, |state| &mut state.events)).collect()
    }

    async fn publish_changes(&self, changes: &[PublishedChange]) -> Vec<Result<(), Failure>> {
        changes.iter().map(|change| self.put(change.kind.word(), change, |state| &mut state.changes)).collect()
    }
}

impl fmt::Debug for MemoryBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBus").field("counts", &self.counts()).finish_non_exhaustive()
    }
}
