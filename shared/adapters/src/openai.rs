//! OpenAI's API: what we send, what we make of its answers, and how a webhook proves where it came from.

mod answer;
mod client;
mod cut;
mod error;
mod failure;
mod request;
mod retry_after;

mod usage;
pub mod wire;

pub use client::{ApiKey, InvalidApiKey, OpenAiClient, OpenAiConfig, START_TIMEOUT, is_regional};
