//! Lanekeeper's rules: what a job is and what may happen to it. No AWS, HTTP, runtime, clock or randomness in here.
//!
//! Each room uses those above it, and none below.
//!
//! - [`value`]: ids, times, words, JSON, members.
//! - [`policy`]: lanes, reasons, job types, prices.
//! - [`provider`]: the provider's words in our terms, and when the provider is left alone.
//! - [`job`]: the row and its state machine, its duties, its records, its responses.
//! - [`people`]: who may decide and do what.
//! - [`event`]: what is published, and what people are notified of.
//! - [`contract`]: what callers send and get.
//! - [`port`]: what the outside has to offer.
//! - [`flow`]: one file per use case over those ports.

pub mod contract;
pub mod event;
pub mod flow;
pub mod job;
pub mod people;
pub mod policy;
pub mod port;
pub mod provider;
pub mod value;

#[cfg(test)]
mod tests;
