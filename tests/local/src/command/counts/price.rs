//! What counted requests cost at AWS's list price.

use local::world::Counts;

/// Dollars a million in us-east-1, on demand, without free tiers, as of 2026-12-01.
const WRITE_UNIT: f64 = 0.625;
const READ_UNIT: f64 = 0.125;
const INVOCATION: f64 = 0.20;
const API_REQUEST: f64 = 1.00;
const QUEUE_REQUEST: f64 = 0.40;
const EVENT: f64 = 1.00;

/// Dollars a million GB-seconds on arm64.
const GB_SECOND: f64 = 13.3334;

/// What the template gives each function.
const MEMORY_GB: f64 = 0.25;

/// How long an invocation is taken to run, in seconds. It was not measured on AWS. The two that call the provider wait
/// for its answer.
const USUAL: f64 = 0.02;
const CREATE_CALL: f64 = 1.0;
const PROVIDER_GET: f64 = 0.6;

/// A message is sent, received and deleted; nothing is taken for batches.
const REQUESTS_OF_A_MESSAGE: f64 = 3.0;

const FUNCTIONS_OF_THE_API: [&str; 4] = ["create-job", "read-jobs", "control-job", "ingest-webhook"];

pub(super) const HEADING: &str =
    "At AWS's list price in us-east-1 of 2026-12-01, a job with four status reads, in dollars:
                                     a thousand  a million   table  invocations   API  queues  events  run time";

pub(super) const NOTE: &str = "Run time is assumed: 20 ms an invocation, 1 s a create call, 0.6 s a GET. Not in: logs, storage, traffic, what stands idle.";

/// One line of the table: the whole, and what it is made of for a million jobs.
pub(super) fn line(way: &str, counts: &Counts) -> String {
    // Each is dollars for a million jobs, because each price is for a million of what one job takes.
    let invocations = |of: &dyn Fn(&str) -> bool| -> f64 {
        let chosen = counts.invocations.iter().filter(|(name, _)| of(name));
        chosen.map(|(_, count)| *count as f64).sum()
    };
    let all = invocations(&|_| true);
    let table = counts.write_units * WRITE_UNIT + counts.read_units * READ_UNIT;
    let invoked = all * INVOCATION;
    let api = invocations(&|name| FUNCTIONS_OF_THE_API.contains(&name)) * API_REQUEST;
    let queues = (counts.queue_messages + counts.notices) as f64 * REQUESTS_OF_A_MESSAGE * QUEUE_REQUEST;
    let events = counts.events as f64 * EVENT;
    let waited = counts.provider_posts as f64 * CREATE_CALL + counts.provider_gets as f64 * PROVIDER_GET;
    let run_time = (all * USUAL + waited) * MEMORY_GB * GB_SECOND;
    let whole = table + invoked + api + queues + events + run_time;
    format!(
        "{way:<36} {:>11.4} {whole:>10.2} {table:>7.2} {invoked:>12.2} {api:>5.2} {queues:>7.2} {events:>7.2} {run_time:>9.2}",
        whole / 1_000.0
    )
}
