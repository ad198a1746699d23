//! What all worlds together did.

use std::time::Duration;

use crate::faults::Coverage;

#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub worlds: u64,
    /// Jobs that somebody wanted.
    pub lives: u64,
    pub steps: u64,
    pub invocations: u64,
    pub messages: u64,
    pub webhooks: u64,
    pub transitions: u64,
    pub events: u64,
    /// Events that came to the bus more than once.
    pub repeats: u64,
    /// Responses that nobody could have discovered: the answer died with its process, and no webhook got through.
    pub undiscoverable: u64,
    /// Longest time between a run's end at the provider and its end here.
    pub worst_capture: Duration,
    /// Longest time between the cancel of a running job and its run's end on our books.
    pub worst_stop: Duration,
    /// Most looks at one response after its first webhook was answered with 200.
    pub most_looks: u32,
    pub coverage: Coverage,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.worlds += other.worlds;
        self.lives += other.lives;
        self.steps += other.steps;
        self.invocations += other.invocations;
        self.messages += other.messages;
        self.webhooks += other.webhooks;
        self.transitions += other.transitions;
        self.events += other.events;
        self.repeats += other.repeats;
        self.undiscoverable += other.undiscoverable;
        self.worst_capture = self.worst_capture.max(other.worst_capture);
        self.worst_stop = self.worst_stop.max(other.worst_stop);
        self.most_looks = self.most_looks.max(other.most_looks);
        self.coverage.add(&other.coverage);
    }
}
