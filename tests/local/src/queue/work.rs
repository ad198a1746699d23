//! The two work queues behind the port that the rules send through.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::port::{LONGEST_DELAY, Queue, Work, WorkQueue};
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

    fn send_one(&self, work: &Work, delay: Duration) -> Result<(), Failure> {
        if self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(Failure::transient("send work", "the queue was told to fail"));
        }
        // SQS knows whole seconds only.
        if delay > LONGEST_DELAY || delay.subsec_nanos() > 0 {
            return Err(Failure::permanent("send work", "a delay is whole seconds, at most 900"));
        }
        let body = serde_json::to_string(work).map_err(|error| Failure::permanent("write work as JSON", error))?;
        self.of(work.queue()).send(&body, delay, (self.clock)());
        Ok(())
    }

    fn of(&self, queue: Queue) -> &MemoryQueue {
        match queue {
            Queue::Submit => &self.submit,
            Queue::Observe => &self.observe,
        }
    }
}

impl WorkQueue for MemoryQueues {
    async fn send(&self, work: &[(Work, Duration)]) -> Vec<Result<(), Failure>> {
        work.iter().map(|(work, delay)| self.send_one(work, *delay)).collect()
    }

    async fn waiting(&self, queue: Queue) -> Result<usize, Failure> {
        Ok(self.of(queue).visible((self.clock)()))
    }
}
