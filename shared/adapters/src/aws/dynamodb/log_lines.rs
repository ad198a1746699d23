//! What a write leaves in the log: ids, codes and figures. The template's metrics, alarms and dashboard read these lines.

use domain::job::{State, Transition};
use domain::policy::reason::Reason;
use domain::provider::breaker::Breaker;
use domain::value::id::ResponseId;

use super::keys;

/// The one log line of a circuit that is parked.
pub(super) fn log_breaker(breaker: &Breaker) {
    if let Some(until) = breaker.parked_until {
        let Breaker { failures, reason, .. } = breaker;
        let circuit = keys::breaker(breaker.circuit).sk;
        let reason = reason.as_ref().map(Reason::word);
        tracing::warn!(circuit, failures, reason, %until, parked = 1, "circuit {circuit} is parked");
    }
}

/// The one log line of a transition.
pub(super) fn log_transition(change: &Transition) {
    let record = &change.record;
    let since_created_ms = record.at.since(change.job.created_at).as_millis().try_into().unwrap_or(u64::MAX);
    tracing::info!(
        workspace = %change.job.workspace,
        job_id = %change.job.id,
        version = record.version,
        attempt = record.attempt,
        event = record.event.word(),
        cause = record.cause.word(),
        from = record.from.as_ref().map(State::word),
        to = record.to.word(),
        status = record.to.status().word(),
        reason = record.reason.as_ref().map(Reason::word),
        since_created_ms,
        cost_usd = change.job.cost_usd.dollars(),
        response_id = record.response.as_ref().map(ResponseId::as_str),
        "job {} is {}",
        change.job.id,
        record.to.status().word(),
    );
}
