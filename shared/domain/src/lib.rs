//! Lanekeeper's rules: what a job is and what may happen to it. No AWS, HTTP, runtime, clock or dice in here.
//!
//! - [`job`]: the row and its state machine; [`duty`]: what it owes next, and the claim to do it;
//!   [`record`]: the audit trail that is also the outbox; [`breaker`]: when the provider is left alone.
//! - [`provider`]: the provider's words in our terms; [`lane`], [`job_type`], [`reason`], [`cost`], [`result`]:
//!   the policies and values; [`word`]: how a word of a newer release is read.
//! - [`review`], [`control`]: who may decide and do what; [`delivery`]: who may read what came of it.
//! - [`published`]: what leaves the house; [`notice`]: what people are told of it.
//! - [`json`]: bodies and answers as they were written.
//! - [`port`]: what the outside has to offer; [`flow`]: one file per use case over those ports.

pub mod breaker;
pub mod control;
pub mod cost;
pub mod delivery;
pub mod duty;
pub mod flow;
pub mod id;
pub mod job;
pub mod job_type;
pub mod json;
pub mod lane;
pub mod notice;
pub mod port;
pub mod provider;
pub mod published;
pub mod reason;
pub mod record;
pub mod request;
pub mod result;
pub mod review;
pub mod time;
pub mod view;
pub mod word;
pub mod workspace;

#[cfg(test)]
mod tests;
