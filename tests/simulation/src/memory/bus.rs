//! The event bus: everything it ever accepted, in order of arrival.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::event::published::{Published, PublishedChange};
use domain::port::EventBus;
use domain::value::failure::Failure;

/// What consumers saw: each event by its id, and how often it came.
#[derive(Debug, Default)]
pub struct Bus {
    seen: RefCell<BTreeMap<String, (Published, u32)>>,
    changes: RefCell<BTreeMap<String, PublishedChange>>,
    /// Ids that came a second time with other contents.
    contradictions: RefCell<Vec<String>>,
}

impl Bus {
    pub fn seen<T>(&self, id: &str, look: impl FnOnce(&Published) -> T) -> Option<T> {
        self.seen.borrow().get(id).map(|(event, _)| look(event))
    }

    /// Whether consumers saw this change of a workspace, as it is.
    pub fn has_change(&self, change: &PublishedChange) -> bool {
        self.changes.borrow().get(&change.id) == Some(change)
    }

    pub fn len(&self) -> usize {
        self.seen.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.seen.borrow().is_empty()
    }

    /// Events that arrived, repeats included.
    pub fn arrivals(&self) -> u64 {
        self.seen.borrow().values().map(|(_, times)| u64::from(*times)).sum()
    }

    pub fn contradiction(&self) -> Option<String> {
        self.contradictions.borrow().first().cloned()
    }
}

impl EventBus for Bus {
    async fn publish(&self, events: &[Published]) -> Vec<Result<(), Failure>> {
        let mut seen = self.seen.borrow_mut();
        for event in events {
            let (first, times) = seen.entry(event.id.clone()).or_insert_with(|| (event.clone(), 0));
            *times += 1;
            if first != event {
                self.contradictions.borrow_mut().push(event.id.clone());
            }
        }
        events.iter().map(|_| Ok(())).collect()
    }

    async fn publish_changes(&self, changes: &[PublishedChange]) -> Vec<Result<(), Failure>> {
        let mut seen = self.changes.borrow_mut();
        for change in changes {
            if seen.entry(change.id.clone()).or_insert_with(|| change.clone()) != change {
                self.contradictions.borrow_mut().push(change.id.clone());
            }
        }
        changes.iter().map(|_| Ok(())).collect()
    }
}
