//! The schedule, and the queues as far as it concerns when they hand something out.

use std::time::Duration;

use domain::value::time::Timestamp;

use super::{Event, START, World};
use crate::faults::Function;

impl World {
    /// The next minute at which the schedule finds anything; those at which it would not are not played.
    pub(super) fn next_tick(&self) -> Option<Timestamp> {
        let every = self.fault_rates.every;
        let skew = if self.is_calm() { 0 } else { self.fault_rates.skew(Function::Reconcile) };
        let first = Timestamp::from_millis(self.shared.store.first_due()?.millis() - skew);
        let at = first.max(self.last_tick + every).max(self.shared.executor.now());
        let every = i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
        let ticks = (at.millis() - START.millis() + every - 1) / every;
        Some(Timestamp::from_millis(START.millis() + ticks * every))
    }

    pub(super) fn tick(&mut self, at: Timestamp) {
        self.last_tick = self.last_tick.max(at);
        let (fails, twice) = (self.strikes(self.fault_rates.tick_fails), self.strikes(self.fault_rates.tick_twice));
        if fails {
            return;
        }
        self.invoke_reconcile();
        if twice {
            self.set_in(self.shared.executor.between(Duration::ZERO, self.fault_rates.latency * 3), Event::Tick);
        }
    }

    pub(super) fn receive(&mut self, number: u64) {
        let Some(message) = self.shared.queues.receive(number) else { return };
        if self.strikes(self.fault_rates.message_twice) {
            let wait = self.shared.executor.between(Duration::ZERO, Duration::from_secs(60));
            self.shared.queues.put(message.work.clone(), wait);
        }
        self.invoke_message(number, &message);
    }

    pub(super) fn delete(&mut self, number: u64) {
        // At least once: a message may come again after it was deleted.
        if !self.strikes(self.fault_rates.message_again) {
            self.shared.queues.delete(number);
        }
    }
}
