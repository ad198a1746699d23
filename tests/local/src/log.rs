//! Logs of the local edition: the functions' own JSON lines, on standard error, so that standard output is for people.

use std::io::stderr;
use std::str::FromStr as _;

use adapters::lambda::logging::filter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// `RUST_LOG` is a level for our own crates; others are never below `info`, where they would print prompts and tokens.
/// Of the embedded database only errors are told: a lost claim is no fault.
pub fn to_stderr(level: Option<&str>) {
    let own = level.and_then(|level| LevelFilter::from_str(level).ok()).unwrap_or(LevelFilter::INFO);
    let others = [("dynoxide", LevelFilter::ERROR), ("local", own), ("openai_simulator", own)];
    let lines = tracing_subscriber::fmt::layer().json().with_writer(stderr);
    // A second call finds the first one's subscriber, which serves as well.
    let _ = tracing_subscriber::registry().with(filter(level).with_targets(others)).with(lines).try_init();
}
