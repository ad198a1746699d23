//! Every test that needs more than the domain crate, in one binary, because each binary links the AWS SDK.
#![cfg(test)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on has failed")]

mod edition;
mod flow;
mod openai;
mod samples;
mod signature;
mod simulator;
mod tidy;
