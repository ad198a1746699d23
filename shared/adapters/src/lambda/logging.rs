//! Logs of a function: structured lines on standard output, at the level and in the format that Lambda's variables say.

use std::str::FromStr as _;

use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::config;

/// Structured logs on standard output, level and format by Lambda's own variables.
pub fn init() {
    let (level, json) = config::log_format();
    // It can only be refused where somebody has set one before, and then that one is in use.
    let _ = tracing::subscriber::set_global_default(subscriber(level.as_deref(), json, std::io::stdout));
}

/// The crates that a level below INFO is for: ours, which log ids and codes. What others trace is whole events with their
/// tokens (`lambda_runtime`), headers and bodies (the HTTP clients), so that no level turns it on.
pub const OURS: [&str; 12] = [
    "adapters",
    "console",
    "control_job",
    "create_job",
    "domain",
    "ingest_webhook",
    "notify",
    "observe_job",
    "publish_events",
    "read_jobs",
    "reconcile",
    "submit_job",
];

/// What is logged at a level; one that does not read is INFO.
pub fn filter(level: Option<&str>) -> Targets {
    let level = level.and_then(|level| LevelFilter::from_str(level).ok()).unwrap_or(LevelFilter::INFO);
    let ours = OURS.map(|name| (name, level));
    Targets::new().with_default(level.min(LevelFilter::INFO)).with_targets(ours)
}

/// Lines of JSON, or of text for a person.
pub fn subscriber<W>(level: Option<&str>, json: bool, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_target(false).without_time().with_writer(writer);
    let filtered = tracing_subscriber::registry().with(filter(level));
    if json { Box::new(filtered.with(lines.json())) } else { Box::new(filtered.with(lines)) }
}
