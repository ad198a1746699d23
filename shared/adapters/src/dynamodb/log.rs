//! What a write leaves in the log: ids, codes and figures. The template's metrics, alarms and dashboard read these lines.

use domain::breaker::Breaker;
use domain::id::ResponseId;
use domain::job::Change;

use super::keys;

/// The one log line of a circuit that is parked.
pub(super) fn log_breaker(breaker: &Breaker) {
    if let Some(until) = breaker.parked_until {
        let Breaker { failures, reason, .. } = breaker;
        let circuit = keys::breaker(breaker.circuit).sk;
        let reason = reason.map(domain::reason::Reason::code);
        tracing::warn!(circuit, failures, reason, %until, parked = 1, "circuit {circuit} is parked");
    }
}

/// The one log line of a transition.
pub(super) fn log_transition(change: &Change) {
    let record = &change.record;
    let since_created_ms = record.at.since(change.job.created_at).as_millis().try_into().unwrap_or(u64::MAX);
    tracing::info!(
        workspace = %change.job.workspace,
        job_id = %change.job.id,
        version = record.version,
        attempt = record.attempt,
        event = record.event,
        cause = word(&record.cause),
        from = record.from.map(|state| word(&state)),
        to = word(&record.to),
        status = word(&record.to.status()),
        reason = record.reason.map(domain::reason::Reason::code),
        since_created_ms,
        cost_usd = change.job.cost_usd.dollars(),
        response_id = record.response.as_ref().map(ResponseId::as_str),
        "job {} is {}",
        change.job.id,
        word(&record.to.status()),
    );
}

/// The API's own word for a state, a status or a cause.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
