//! The queues that rules of the bus fill, and where people are told of what is in them.

use std::sync::Arc;
use std::time::Duration;

use adapters::notifier::Target;

use super::{World, locked};
use crate::bus::MemoryBus;
use crate::queue::MemoryQueue;
use crate::template::{Queue, Template};

/// A queue that a rule fills.
pub(crate) struct Fed {
    pub(crate) queue: MemoryQueue,
    pub(crate) source: Queue,
}

/// Makes the queues of the template's rules, and has the bus fill them.
pub(super) fn wire(bus: &MemoryBus, template: &Template, clock: &Arc<dyn Fn() -> i64 + Send + Sync>) -> Vec<Fed> {
    let rules = template.rules().iter().map(|rule| {
        // `ReviewQueue` is `review`, as on AWS.
        let name = rule.queue.logical_id.trim_end_matches("Queue").to_lowercase();
        let queue = MemoryQueue::new(&name, rule.queue.visibility, rule.queue.max_receives);
        let (pattern, filled, clock) = (rule.pattern.clone(), queue.clone(), clock.clone());
        bus.subscribe(Arc::new(move |envelope| {
            if pattern.matches(envelope) {
                filled.send(&envelope.to_string(), Duration::ZERO, clock());
            }
        }));
        Fed { queue, source: rule.queue.clone() }
    });
    rules.collect()
}

impl World {
    /// Where people are told from now on; at first, and with `None`, in the log.
    pub fn tell(&self, target: Option<Target>) {
        locked(&self.0.told).0 = target;
    }

    /// What links to jobs start with from now on.
    pub(super) fn link_to(&self, base: String) {
        locked(&self.0.told).1 = base;
    }

    /// The queue of this name that a rule fills: `review`, `escalation`.
    pub fn fed(&self, name: &str) -> Option<&MemoryQueue> {
        self.0.fed.iter().map(|fed| &fed.queue).find(|queue| queue.name() == name)
    }
}
