//! Every test that needs more than the domain crate, in one binary, because each binary links the AWS SDK.
#![cfg(test)]

mod config;
mod contract;
mod controls;
mod edition;
mod end_to_end;
mod flow;
mod logging;
mod notifier;
mod openai;
mod outage;
mod samples;
mod schema;
mod secrets;
mod signature;
mod simulation;
mod simulator;
mod store;
mod template;
mod tidy;
