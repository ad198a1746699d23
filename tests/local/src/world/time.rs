//! How time passes in a simulated world: everything that can happen now happens, then the clock moves on.

use std::time::Duration;

use domain::port::Clock as _;
use domain::value::time::Timestamp;

use super::{BoxError, SCHEDULE, World};
use crate::embedded::TABLE;
use openai_simulator::Simulator;

/// How far the simulated clock moves at once: finely for a minute, coarsely for hours.
fn step(duration: Duration) -> Duration {
    (duration / 600).max(Duration::from_millis(500))
}

impl World {
    /// Runs whatever can run without the clock moving. Answers whether anything did.
    pub async fn settle(&self) -> bool {
        let mut ran = false;
        loop {
            if let Some(simulator) = self.simulator() {
                simulator.tick().await;
            }
            let (submit, observe) = (self.0.template.queues().submit.clone(), self.0.template.queues().observe.clone());
            let mut moved = self.pump_stream().await;
            moved += self.pump_queue(&self.0.queues.submit, &submit.function, batch(submit.batch_size)).await;
            moved += self.pump_queue(&self.0.queues.observe, &observe.function, batch(observe.batch_size)).await;
            for fed in &self.0.fed {
                moved += self.pump_queue(&fed.queue, &fed.source.function, batch(fed.source.batch_size)).await;
            }
            if moved == 0 {
                return ran;
            }
            ran = true;
        }
    }

    /// Runs the schedule once.
    pub async fn reconcile(&self) -> Result<String, String> {
        self.invoke("reconcile", "{}").await
    }

    /// Lets simulated time pass, with the schedule firing at each full minute.
    pub async fn advance(&self, duration: Duration) {
        let (end, step) = (self.0.clock.now() + duration, step(duration));
        self.settle().await;
        while self.0.clock.now() < end {
            let before = self.0.clock.now();
            self.0.clock.advance(step.min(end.since(before)));
            let every = i64::try_from(SCHEDULE.as_millis()).unwrap_or(i64::MAX);
            if before.millis().div_euclid(every) != self.0.clock.now().millis().div_euclid(every) {
                // A run that fails is what the next one is for.
                let _ = self.reconcile().await;
            }
            self.settle().await;
        }
    }

    /// Lets simulated time pass without stopping where nothing can happen. It ends as `advance` does, as long as no bus
    /// fails: a stream that has to be read again does not count as something to come.
    pub async fn skip(&self, duration: Duration) -> Result<(), BoxError> {
        let end = self.0.clock.now() + duration;
        self.settle().await;
        while let Some((next, is_schedule)) = self.next().await?
            && next <= end
        {
            self.0.clock.advance(next.since(self.0.clock.now()));
            if is_schedule {
                let _ = self.reconcile().await;
            }
            self.settle().await;
        }
        self.0.clock.advance(end.since(self.0.clock.now()));
        Ok(())
    }

    /// The next moment at which something happens, and whether it is the schedule that makes it happen.
    async fn next(&self) -> Result<Option<(Timestamp, bool)>, BoxError> {
        let queues = &self.0.queues;
        let simulator = self.simulator().and_then(Simulator::next_due_ms);
        let by_itself = [simulator, queues.submit.next_visible_ms(), queues.observe.next_visible_ms()];
        let fed = self.0.fed.iter().filter_map(|fed| fed.queue.next_visible_ms());
        let by_itself = by_itself.into_iter().flatten().chain(fed).map(|ms| (Timestamp::from_millis(ms), false));
        // Past the table's meter: only a test looks at the index like this.
        let index = self.0.embedded.client().scan().table_name(TABLE).index_name("due").send().await?;
        let due = index.items().iter().filter_map(|entry| entry.get("due_at")?.as_n().ok()?.parse::<i64>().ok());
        let now = self.0.clock.now().millis();
        let every = i64::try_from(SCHEDULE.as_millis())?;
        // What is overdue has had its minute already.
        let by_schedule = due.map(|at| (at.max(now + 1) + every - 1).div_euclid(every) * every);
        Ok(by_itself.chain(by_schedule.map(|ms| (Timestamp::from_millis(ms), true))).min())
    }
}

fn batch(size: u32) -> usize {
    usize::try_from(size).unwrap_or(1)
}
