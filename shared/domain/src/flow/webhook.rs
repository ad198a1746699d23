//! Webhook: a verified delivery named a response. Queue one look; then find its job, and look.

use std::time::Duration;

use serde_json::Value;

use super::attach::{self, Attachment};
use super::observe::{self, Observed};
use super::{DENIALS, FlowContext, Ports, circuit, orphan, rules};
use crate::job::duty::PollTrigger;
use crate::job::record::Cause;
use crate::port::{
    Clock, EventBus, JobReader, LONGEST_DELAY, Lookup, PollMessage, PollQueue, Provider, Responses, WriteOutcome,
};
use crate::provider::breaker::{Breaker, Circuit};
use crate::provider::{Owner, ProviderResponse, ResponseMetadata, RunStatus};
use crate::value::failure::Failure;
use crate::value::id::{Nonce, ResponseId};
use crate::value::time::gap;

/// The looks at a response that nobody here knows: how many there were, and which series they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Series {
    pub denials: u16,
    pub watcher: Option<Nonce>,
}

/// Takes a hint: one look is queued for it, unless there is nothing more to learn about the response.
pub async fn enqueue_poll(
    store: &impl Responses,
    queue: &impl PollQueue,
    response_id: ResponseId,
) -> Result<(), Failure> {
    if store.response(&response_id).await?.is_some_and(|row| row.settled) {
        return Ok(());
    }
    queue.send_polls(&[(PollMessage::response(response_id), Duration::ZERO)]).await.into_iter().collect()
}

/// Looks at a response by its id: the provider hinted at news, or its row is due. `series` says which look it is at one
/// that nobody here knows.
pub async fn poll_response(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    bus: &impl EventBus,
    queue: &impl PollQueue,
    id: &ResponseId,
    series: Series,
) -> Result<Observed, Failure> {
    let row = flow.store.response(id).await?;
    if row.as_ref().is_some_and(|row| row.settled) {
        return Ok(Observed::Dropped);
    }
    let job = match &row {
        Some(row) => flow.store.job(&row.workspace, &row.job).await?,
        None => None,
    };
    match (row, job) {
        (Some(row), job) if !row.is_understood() || job.as_ref().is_some_and(|job| !job.is_understood()) => {
            orphan::leave_alone(flow, &row).await
        }
        (Some(row), Some(job)) if job.attempt.response.as_ref() == Some(&row.id) && !job.state.is_resting() => {
            match rules(flow.store, &job, flow.clock.now()).await? {
                Some(policy) => observe::check(flow, provider, bus, &policy, &job, PollTrigger::Webhook).await,
                None => Ok(Observed::Dropped),
            }
        }
        // The next attempt asks for it before it pays for another, unless the time for that is over.
        (Some(row), Some(job)) if job.attempt.prior.as_ref() == Some(&row.id) && row.is_untouched(flow.clock.now()) => {
            Ok(Observed::Unchanged)
        }
        (Some(row), job) => match circuit::pass(flow, Circuit::Polls).await? {
            Some(breaker) => orphan::settle(flow, provider, &breaker, row, job).await,
            None => Ok(Observed::Parked),
        },
        (None, _) => unknown(flow, provider, queue, id, series).await,
    }
}

/// The webhook is all there is: no row is due, so that nobody looks again unless the message does. What the provider
/// denies is looked at by one series with a few growing gaps, however often and under whatever name it is told of.
async fn unknown(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    queue: &impl PollQueue,
    id: &ResponseId,
    series: Series,
) -> Result<Observed, Failure> {
    // A message may be handed out before the series that it belongs to is written down.
    let known = flow.store.watcher(id).await?;
    if known.is_some_and(|known| series.watcher != Some(known)) {
        return Ok(Observed::Dropped);
    }
    let (outcome, next) = match circuit::pass(flow, Circuit::Polls).await? {
        None => (Observed::Parked, series),
        Some(breaker) => match circuit::poll(flow, provider, &breaker, id, None, &[]).await? {
            Lookup::Found(answer) if answer.id == *id => return adopt(flow, provider, &breaker, &answer).await,
            Lookup::Found(_) | Lookup::Missing if series.denials >= DENIALS => return Ok(Observed::Dropped),
            Lookup::Found(_) | Lookup::Missing => {
                let watcher = series.watcher.unwrap_or_else(|| flow.clock.nonce());
                (Observed::Unchanged, Series { denials: series.denials + 1, watcher: Some(watcher) })
            }
        },
    };
    let wait = gap(&flow.setting.timing.backoff, next.denials.saturating_sub(1)).min(LONGEST_DELAY);
    let again = PollMessage::ResponseV1 { response_id: id.clone(), denials: next.denials, watcher: next.watcher };
    queue.send_polls(&[(again, wait)]).await.into_iter().collect::<Result<(), Failure>>()?;
    // After its message is safe: a series that is written down and goes nowhere would lose the response.
    if let (None, Some(watcher)) = (known, next.watcher) {
        // Whoever began another series meanwhile goes on, and this one's message will see that.
        let _: WriteOutcome = flow.store.put_watcher(id, watcher).await?;
    }
    Ok(outcome)
}

/// A response whose id nobody here has stored: its webhook was faster than the answer, or the answer was lost.
async fn adopt(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    breaker: &Breaker,
    answer: &ProviderResponse,
) -> Result<Observed, Failure> {
    let Some(tag) = ResponseMetadata::of(&answer.metadata, &flow.setting.deployment) else {
        return Ok(Observed::Dropped);
    };
    match attach::attach(flow, None, answer, &tag, Cause::Webhook).await? {
        Attachment::Attached(job) => match rules(flow.store, &job, flow.clock.now()).await? {
            Some(policy) => {
                let known = ((&job.workspace, &job.id), &policy.tools[..]);
                let whole = with_findings(flow, provider, breaker, answer, known).await;
                observe::apply_response(flow, &policy, &job, whole.as_deref().unwrap_or(answer), Cause::Webhook).await
            }
            None => Ok(Observed::Dropped),
        },
        Attachment::Orphan(row) => {
            let job = flow.store.job(&row.workspace, &row.job).await?;
            orphan::settle(flow, provider, breaker, *row, job).await
        }
        Attachment::Unknown => Ok(Observed::Dropped),
    }
}

/// The final answer with what its tools found: whose it is, and so which tools it had, was not known before it was read.
async fn with_findings(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    breaker: &Breaker,
    answer: &ProviderResponse,
    (owner, tools): (Owner<'_>, &[Value]),
) -> Option<Box<ProviderResponse>> {
    let is_over = |answer: &ProviderResponse| matches!(answer.read(), RunStatus::Finished(_));
    if tools.is_empty() || !is_over(answer) {
        return None;
    }
    match circuit::poll(flow, provider, breaker, &answer.id, Some(owner), tools).await {
        Ok(Lookup::Found(whole)) if whole.id == answer.id && is_over(&whole) => Some(whole),
        Ok(_) | Err(_) => None,
    }
}
