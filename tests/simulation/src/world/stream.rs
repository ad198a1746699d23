//! The table's stream: in order, again from the first that failed, given up after some tries, and sometimes not there.

use std::collections::VecDeque;
use std::time::Duration;

use domain::job::Transition;

use super::{Event, World};

/// Tries of one record before it is given up; from then on only the publish duty knows of it.
const TRIES: u32 = 6;

/// How long a batch may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Stream {
    records: VecDeque<(u64, Transition)>,
    shown: u64,
    /// How often the first record was tried.
    tries: u32,
    /// The one batch under way, by its number, and how many records it holds.
    reader: Option<(u64, usize)>,
    readers: u64,
    pub is_off: bool,
}

impl Stream {
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl World {
    /// Takes what the table wrote; while the stream is off it is gone for good.
    pub(super) fn show_stream(&mut self) {
        let changes = self.shared.store.take_stream();
        self.tell_reviewers(&changes);
        self.tell_operators(&changes);
        if self.stream.is_off || changes.is_empty() {
            return;
        }
        if self.stream.is_empty() {
            self.set_in(self.shared.executor.between(Duration::ZERO, self.fault_rates.latency), Event::Read);
        }
        for change in changes {
            self.stream.shown += 1;
            self.stream.records.push_back((self.stream.shown, change));
        }
    }

    pub(super) fn read_stream(&mut self) {
        if self.stream.reader.is_some() || self.stream.is_empty() {
            return;
        }
        self.stream.readers += 1;
        let reader = self.stream.readers;
        let most = self.shared.executor.roll(|rng| rng.usize(1..=10));
        let batch: Vec<(u64, Transition)> = self.stream.records.iter().take(most).cloned().collect();
        self.stream.reader = Some((reader, batch.len()));
        self.set_in(PATIENCE, Event::GiveUp(reader));
        self.invoke_publish(reader, &batch);
    }

    /// The reader's answer, by the sequence numbers of what failed.
    pub(super) fn batch_done(&mut self, reader: u64, failed: &[String]) {
        let Some((_, length)) = self.stream.reader.filter(|(current, _)| *current == reader) else { return };
        let is_failed = |(number, _): &(u64, Transition)| failed.contains(&number.to_string());
        let done = self.stream.records.iter().take(length).position(is_failed).unwrap_or(length);
        self.stream.records.drain(..done);
        if done > 0 {
            self.stream.tries = 0;
        }
        self.read_again(done < length);
    }

    /// Whoever took a batch is dead or too slow.
    pub(super) fn give_up(&mut self, reader: u64) {
        if self.stream.reader.is_some_and(|(current, _)| current == reader) {
            self.read_again(true);
        }
    }

    fn read_again(&mut self, has_failed: bool) {
        self.stream.reader = None;
        if has_failed {
            self.stream.tries += 1;
            if self.stream.tries >= TRIES {
                self.stream.records.pop_front();
                self.stream.tries = 0;
            }
        }
        if !self.stream.is_empty() {
            let wait = if has_failed { Duration::from_secs(1) } else { Duration::ZERO };
            self.set_in(wait, Event::Read);
        }
    }
}
