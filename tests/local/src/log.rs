//! Logs of the local edition: the functions' own JSON lines, on standard error, so that standard output is for people.

use std::io::stderr;
use std::str::FromStr as _;

use adapters::lambda::logging::filter;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Lines of JSON, as far as this level lets them pass.
pub fn to_stderr(level: Option<&str>) {
    let lines = tracing_subscriber::fmt::layer().json().with_writer(stderr);
    // A second call finds the first one's subscriber, which serves as well.
    let _ = tracing_subscriber::registry().with(targets(level)).with(lines).try_init();
}

/// What `RUST_LOG` lets pass: it is a level for our own crates. Others are never below `info`, where they would print
/// prompts and tokens. Of the embedded database only errors are logged: a lost claim is no fault.
pub fn targets(level: Option<&str>) -> Targets {
    let own = level.and_then(|level| LevelFilter::from_str(level).ok()).unwrap_or(LevelFilter::INFO);
    filter(level).with_targets([("dynoxide", LevelFilter::ERROR), ("local", own), ("openai_simulator", own)])
}
