//! What people decided about a job's results, beside the result itself.

use serde::Serialize;

use crate::job::note::Note;
use crate::job::record::Record;
use crate::job::{EventKind, Job};
use crate::value::id::Digest;
use crate::value::time::Timestamp;

#[derive(Debug, Serialize)]
pub struct DecisionView {
    /// Of the job, by the decision.
    pub version: u32,
    pub decision: EventKind,
    pub by: String,
    pub at: Timestamp,
    /// Whose result it was about.
    pub attempt: u16,
    /// Of what the job's result was from then on.
    pub digest: Option<Digest>,
    /// What the reviewer wrote with it, for whoever may read that.
    pub note: Option<String>,
}

/// Each decision that the trail holds. `notes` are those that the reader may read.
pub(super) fn all(records: &[Record], notes: &[Note]) -> Vec<DecisionView> {
    let decisions = records.iter().filter(|record| record.event.is_decision());
    decisions
        .map(|record| DecisionView {
            version: record.version,
            decision: record.event,
            by: record.actor.id.clone(),
            at: record.at,
            attempt: record.attempt,
            digest: record.digest,
            note: notes.iter().find(|note| note.version == record.version).map(|note| note.text.clone()),
        })
        .collect()
}

/// The record that took in the answer of the attempt that the job stands with.
pub(super) fn finished<'r>(job: &Job, records: &'r [Record]) -> Option<&'r Record> {
    let of_attempt = |record: &&Record| record.event == EventKind::Finished && record.attempt == job.attempt.number;
    records.iter().rfind(of_attempt)
}
