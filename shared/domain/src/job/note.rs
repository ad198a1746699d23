//! A note: what a person wrote with a decision.

use super::record::Record;
use crate::value::id::{Digest, Nonce};

/// What a reviewer wrote with a decision. The record of the decision holds its salted hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Of the job, by the decision.
    pub version: u32,
    pub salt: Nonce,
    pub text: String,
}

impl Note {
    pub fn digest(&self) -> Digest {
        Digest::of_parts(&[&self.salt.0, self.text.as_bytes()])
    }

    /// The record of what it was written with, if that says these words.
    pub(crate) fn record<'r>(&self, records: &'r [Record]) -> Option<&'r Record> {
        let record = records.iter().find(|record| record.version == self.version)?;
        (record.note == Some(self.digest())).then_some(record)
    }
}
