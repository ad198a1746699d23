//! How time passes in a simulated world: everything that can happen now happens, then the clock moves on.

use std::time::Duration;

use domain::port::Clock as _;

use super::{SCHEDULE, World};

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
}

fn batch(size: u32) -> usize {
    usize::try_from(size).unwrap_or(1)
}
