//! The two work queues behind the ports that the rules send through.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::port::{LONGEST_DELAY, Message, PollMessage, PollQueue, SubmitMessage, SubmitQueue};
use domain::value::failure::Failure;

use super::MemoryQueue;

/// The queues in front of `submit-job` and `observe-job`.
#[derive(Clone)]
pub struct MemoryQueues {
    pub submit: MemoryQueue,
    pub observe: MemoryQueue,
    clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    failing: Arc<AtomicU32>,
}

impl MemoryQueues {
    /// The clock tells milliseconds since 1970.
    pub fn new(submit: MemoryQueue, observe: MemoryQueue, clock: Arc<dyn Fn() -> i64 + Send + Sync>) -> Self {
        Self { submit, observe, clock, failing: Arc::default() }
    }

    /// Makes the next `count` entries fail as a throttled queue would.
    pub fn fail_next(&self, count: u32) {
        self.failing.store(count, Ordering::SeqCst);
    }

    fn send(&self, queue: &MemoryQueue, messages: &[(impl Message, Duration)]) -> Vec<Result<(), Failure>> {
        messages.iter().map(|(message, delay)| self.send_one(queue, message, *delay)).collect()
    }

    fn send_one(&self, queue: &MemoryQueue, message: &impl Message, delay: Duration) -> Result<(), Failure> {
        const WHAT: &str = "send the message";
        if self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(Failure::transient(WHAT, "the queue was told to fail"));
        }
        // SQS knows whole seconds only.
        if delay > LONGEST_DELAY || delay.subsec_nanos() > 0 {
            return Err(Failure::permanent(WHAT, "a delay is whole seconds, at most 900"));
        }
        let body = serde_json::to_string(message).map_err(|error| Failure::permanent(WHAT, error))?;
        queue.send(&body, delay, (self.clock)());
        Ok(())
    }
}

impl SubmitQueue for MemoryQueues {
    async fn send_submits(&self, messages: &[(SubmitMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.send(&self.submit, messages)
    }

    async fn submits_waiting(&self) -> Result<usize, Failure> {
        Ok(self.submit.visible((self.clock)()))
    }
}

impl PollQueue for MemoryQueues {
    async fn send_polls(&self, messages: &[(PollMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.send(&self.observe, messages)
    }

    async fn polls_waiting(&self) -> Result<usize, Failure> {
        Ok(self.observe.visible((self.clock)()))
    }
}
