//! What is published about a job, and what people are notified of.

pub mod notice;
pub mod published;
