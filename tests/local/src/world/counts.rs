//! What a world has cost and done, counted.

use std::collections::BTreeMap;

use super::{World, locked};

/// What a world has cost and done so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    pub write_units: f64,
    pub read_units: f64,
    pub transactions: u64,
    pub provider_posts: u64,
    pub provider_gets: u64,
    pub queue_messages: u64,
    /// Events on the bus, and messages that its rules made of them.
    pub events: u64,
    pub notices: u64,
    pub invocations: BTreeMap<String, u64>,
}

impl World {
    pub fn counts(&self) -> Counts {
        let readings = self.0.table.meter().readings();
        let provider = self.0.simulator.as_ref().map(|simulator| simulator.ledger().counts).unwrap_or_default();
        let queues = &self.0.queues;
        Counts {
            write_units: readings.write_units,
            read_units: readings.read_units,
            transactions: readings.calls("TransactWriteItems"),
            provider_posts: provider.posts,
            provider_gets: provider.gets,
            events: self.0.bus.counts().values().sum(),
            notices: self.0.fed.iter().map(|fed| fed.queue.counters().sent).sum(),
            queue_messages: queues.submit.counters().sent + queues.observe.counters().sent,
            invocations: locked(&self.0.invocations).clone(),
        }
    }
}

impl Counts {
    /// What came on top of an earlier count.
    pub fn since(&self, before: &Self) -> Self {
        Self {
            write_units: self.write_units - before.write_units,
            read_units: self.read_units - before.read_units,
            transactions: self.transactions - before.transactions,
            provider_posts: self.provider_posts - before.provider_posts,
            provider_gets: self.provider_gets - before.provider_gets,
            queue_messages: self.queue_messages - before.queue_messages,
            events: self.events - before.events,
            notices: self.notices - before.notices,
            invocations: self
                .invocations
                .iter()
                .map(|(name, count)| (name.clone(), count - before.invocations.get(name).copied().unwrap_or_default()))
                .collect(),
        }
    }
}
