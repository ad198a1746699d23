//! SQS standard queues in memory, with the delivery rules that a consumer can notice.

mod batch;
mod work;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

pub use self::batch::event;
pub use self::work::MemoryQueues;

/// One delivery of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub id: String,
    /// Names this delivery; only the latest one's receipt deletes the message.
    pub receipt: String,
    pub body: String,
    pub receive_count: u32,
    pub sent_ms: i64,
    pub first_received_ms: i64,
}

/// What happened so far. `sent` is what was deleted, what is dead and what is still there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    pub sent: u64,
    pub received: u64,
    pub deleted: u64,
    pub dead: u64,
}

/// A handle on a queue; clones share it.
#[derive(Debug, Clone)]
pub struct MemoryQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    name: String,
    visibility_ms: AtomicI64,
    max_receives: u32,
    state: Mutex<State>,
    sent: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// By the moment from which a message can be received, then by age.
    messages: BTreeMap<(i64, u64), Message>,
    /// Where a message stands in `messages`.
    visible_ms: HashMap<u64, i64>,
    dead: Vec<Received>,
    counters: Counters,
}

#[derive(Debug)]
struct Message {
    body: String,
    sent_ms: i64,
    first_received_ms: i64,
    receive_count: u32,
}

impl MemoryQueue {
    pub fn new(name: &str, visibility: Duration, max_receives: u32) -> Self {
        let (name, visibility_ms) = (name.to_owned(), milliseconds(visibility).into());
        Self(Arc::new(Shared { name, visibility_ms, max_receives, state: Mutex::default(), sent: Notify::new() }))
    }

    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// For deliveries from now on, as `SetQueueAttributes` does.
    pub fn set_visibility(&self, visibility: Duration) {
        self.0.visibility_ms.store(milliseconds(visibility), Ordering::SeqCst);
    }

    /// Adds a message that can be received from `delay` on, and returns its id.
    pub fn send(&self, body: &str, delay: Duration, now_ms: i64) -> String {
        let mut state = self.state();
        state.counters.sent += 1;
        let (number, visible_ms) = (state.counters.sent, now_ms.saturating_add(milliseconds(delay)));
        let message = Message { body: body.to_owned(), sent_ms: now_ms, first_received_ms: 0, receive_count: 0 };
        state.put(number, visible_ms, message);
        drop(state);
        self.0.sent.notify_one();
        id(number)
    }

    /// Resolves after the next send, or at once when there was one since the last call resolved.
    pub async fn wait_for_send(&self) {
        self.0.sent.notified().await;
    }

    /// Up to `max` visible messages, hidden from then on for the visibility timeout. A message that was received as
    /// often as it may be moves to the dead letters instead.
    pub fn receive(&self, max: usize, now_ms: i64) -> Vec<Received> {
        let mut state = self.state();
        let mut received = Vec::new();
        while received.len() < max {
            let Some(((visible_ms, number), mut message)) = state.messages.pop_first() else { break };
            if visible_ms > now_ms {
                state.messages.insert((visible_ms, number), message);
                break;
            }
            if message.receive_count >= self.0.max_receives {
                state.visible_ms.remove(&number);
                state.counters.dead += 1;
                state.dead.push(delivery(number, &message));
                continue;
            }
            if message.receive_count == 0 {
                message.first_received_ms = now_ms;
            }
            message.receive_count += 1;
            state.counters.received += 1;
            received.push(delivery(number, &message));
            state.put(number, now_ms.saturating_add(self.0.visibility_ms.load(Ordering::SeqCst)), message);
        }
        received
    }

    /// Whether the receipt was of the latest delivery of a message that was still there.
    pub fn delete(&self, receipt: &str) -> bool {
        let mut state = self.state();
        let Some((number, count)) = receipt.split_once('-').and_then(|(n, c)| Some((n.parse().ok()?, c.parse().ok()?)))
        else {
            return false;
        };
        let Some(key) = state.visible_ms.get(&number).map(|visible_ms| (*visible_ms, number)) else { return false };
        let latest: Option<u32> = state.messages.get(&key).map(|message| message.receive_count);
        if latest != Some(count) {
            return false;
        }
        state.messages.remove(&key);
        state.visible_ms.remove(&number);
        state.counters.deleted += 1;
        true
    }

    /// The dead letters, as they were last delivered.
    pub fn dead(&self) -> Vec<Received> {
        self.state().dead.clone()
    }

    pub fn counters(&self) -> Counters {
        self.state().counters
    }

    /// When the next message can be received; in the past when one is waiting.
    pub fn next_visible_ms(&self) -> Option<i64> {
        self.state().messages.keys().next().map(|(visible_ms, _)| *visible_ms)
    }

    /// No message is visible, hidden or delayed.
    pub fn is_empty(&self) -> bool {
        self.state().messages.is_empty()
    }

    /// Messages that could be received now.
    pub fn visible(&self, now_ms: i64) -> usize {
        self.state().messages.range(..=(now_ms, u64::MAX)).count()
    }

    pub fn len(&self) -> usize {
        self.state().messages.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn put(&mut self, number: u64, visible_ms: i64, message: Message) {
        self.visible_ms.insert(number, visible_ms);
        self.messages.insert((visible_ms, number), message);
    }
}

fn delivery(number: u64, message: &Message) -> Received {
    Received {
        id: id(number),
        receipt: format!("{number}-{}", message.receive_count),
        body: message.body.clone(),
        receive_count: message.receive_count,
        sent_ms: message.sent_ms,
        first_received_ms: message.first_received_ms,
    }
}

fn id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
