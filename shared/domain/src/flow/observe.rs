//! Observe: do what a running or resting job owes. The provider is asked, and only its answer moves the job.
//!
//! The webhook and the schedule both end here. What they say is a reason to look, never evidence.

use super::{FlowContext, Ports, circuit, named, price, publish, rules};
use crate::contract::result::final_answer;
use crate::job::duty::{Duty, PollTrigger};
use crate::job::record::Cause;
use crate::job::response::ResponseRow;
use crate::job::{Event, Finish, Job, PersonInput, ResultRef, Transition, TransitionError};
use crate::policy::cost::Cost;
use crate::policy::job_type::JobType;
use crate::policy::output_schema::keeps;
use crate::policy::reason::Reason;
use crate::port::{
    CircuitReader, Clock, Commit, EventBus, JobReader, Jobs, Lookup, PayloadKind, Payloads, Provider, ResponseWrite,
    WriteOutcome,
};
use crate::provider::breaker::{Breaker, CallOutcome, Circuit};
use crate::provider::{ErrorWords, Outcome, ProviderResponse, RunStatus};
use crate::value::failure::{Class, Failure};
use crate::value::id::{JobId, WorkspaceId};
use crate::value::time::Timestamp;

/// What came of one look at a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// A transition was committed, or an event sent.
    Moved,
    /// The provider was asked and has no news.
    Unchanged,
    /// No look leaves at the moment; what is due stays due.
    Parked,
    /// Nothing to do here now: a repeat, a lost race, or a job that moved on.
    Dropped,
}

/// Does the duty of a job whose time has come.
pub async fn observe(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    bus: &impl EventBus,
    workspace: &WorkspaceId,
    id: &JobId,
) -> Result<Observed, Failure> {
    let Some(job) = flow.store.job(workspace, id).await? else { return Ok(Observed::Dropped) };
    let Some(policy) = rules(flow.store, &job, flow.clock.now()).await? else { return Ok(Observed::Dropped) };
    if let (Some(Duty::CloseUnknownStart | Duty::Expire), Some(id)) = (job.duty(flow.clock.now()), job.named()) {
        return named::look_again(flow, provider, &policy, &job, id).await;
    }
    match job.duty(flow.clock.now()) {
        Some(Duty::Check) => check(flow, provider, bus, &policy, &job, PollTrigger::Due).await,
        Some(Duty::Expire) if job.attempt.response.is_some() && !job.state.is_resting() => {
            // One last look: what finished in time counts.
            check(flow, provider, bus, &policy, &job, PollTrigger::Due).await
        }
        Some(Duty::Expire) => expire(flow, &policy, &job).await,
        Some(Duty::Remind) => {
            let context = flow.context(&policy, Cause::Due);
            let is_reminder = job.is_reminder_due(context.now);
            let event = if is_reminder { Event::Reminded } else { Event::Escalated(PersonInput::default()) };
            commit_transition(flow, job.apply(event, &context), None).await
        }
        Some(Duty::CloseUnknownStart) => {
            commit_transition(flow, job.apply(Event::StartLost, &flow.context(&policy, Cause::Due)), None).await
        }
        Some(Duty::Publish) => match claim(flow, &job, PollTrigger::Due).await? {
            Some(job) => publish::resend(flow.store, bus, &job).await.map(|()| Observed::Moved),
            None => Ok(Observed::Dropped),
        },
        Some(Duty::Purge) => match claim(flow, &job, PollTrigger::Due).await? {
            Some(job) => {
                flow.payloads.erase((workspace, id)).await?;
                commit_transition(flow, job.apply(Event::Purged, &flow.context(&policy, Cause::Due)), None).await
            }
            None => Ok(Observed::Dropped),
        },
        // A submit has a queue of its own.
        Some(Duty::Submit | Duty::Leave) | None => Ok(Observed::Dropped),
    }
}

/// Asks the provider about the attached response and takes in what it says.
pub(super) async fn check(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    bus: &impl EventBus,
    policy: &JobType,
    seen: &Job,
    occasion: PollTrigger,
) -> Result<Observed, Failure> {
    let Some(response) = &seen.attempt.response else { return Ok(Observed::Dropped) };
    let breaker = match circuit::pass(flow, Circuit::Polls).await? {
        Some(breaker) => breaker,
        // The last look is made whatever happened to others.
        None if seen.deadline <= flow.clock.now() => Breaker::untouched(Circuit::Polls),
        None => {
            resend(flow, bus, seen).await?;
            return Ok(Observed::Parked);
        }
    };
    let Some(job) = claim(flow, seen, occasion).await? else { return Ok(Observed::Dropped) };
    let cause = if occasion == PollTrigger::Webhook { Cause::Webhook } else { Cause::Due };
    let looked = match circuit::poll(flow, provider, &breaker, response, Some((&job.workspace, &job.id)), &policy.tools)
        .await
    {
        Ok(Lookup::Found(answer)) if answer.id == *response => apply_response(flow, policy, &job, &answer, cause).await,
        // Whatever kept us from an answer, time is up.
        _ if job.deadline <= flow.clock.now() => expire(flow, policy, &job).await,
        Ok(Lookup::Missing) => missing(flow, policy, &job, cause).await,
        // Seen behind proxies: an answer about another response is no answer.
        Ok(Lookup::Found(_)) => record_reason(flow, policy, &job, cause, Reason::ProviderUnreachable).await,
        Err(failure) => {
            let reason = match failure.class {
                Class::Transient => Reason::ProviderUnreachable,
                Class::Permanent | Class::Altered => Reason::ProviderUnauthorized,
            };
            record_reason(flow, policy, &job, cause, reason).await
        }
    };
    // The bus may be down for long; that must not keep anybody from looking.
    resend(flow, bus, &job).await?;
    looked
}

/// A running job has no publish duty of its own: what nobody confirmed in time is sent along with a look.
async fn resend(flow: &FlowContext<'_, impl Ports>, bus: &impl EventBus, job: &Job) -> Result<(), Failure> {
    if !job.is_publish_overdue(&flow.setting.timing, flow.clock.now()) {
        return Ok(());
    }
    publish::resend(flow.store, bus, job).await
}

/// Shows a person why a run cannot be looked at. It is watched on; the claim has said when to look again.
async fn record_reason(
    flow: &FlowContext<'_, impl Ports>,
    policy: &JobType,
    job: &Job,
    cause: Cause,
    reason: Reason,
) -> Result<Observed, Failure> {
    // A look that failed does not show the response again: the clock of a missing one goes on.
    if job.reason == Some(Reason::ProviderMissing) && reason == Reason::ProviderUnreachable {
        return Ok(Observed::Unchanged);
    }
    let event = Event::Noted { reason: Some(reason), provider_status: job.attempt.provider_status.clone() };
    commit_transition(flow, job.apply(event, &flow.context(policy, cause)), None).await
}

/// Moves the job by the provider's own answer.
pub(super) async fn apply_response(
    flow: &FlowContext<'_, impl Ports>,
    policy: &JobType,
    job: &Job,
    answer: &ProviderResponse,
    cause: Cause,
) -> Result<Observed, Failure> {
    let context = flow.context(policy, cause);
    let event = match answer.read() {
        RunStatus::Running | RunStatus::Unknown if job.deadline <= context.now => {
            return expire(flow, policy, job).await;
        }
        // Healthy again after a note, or nothing to note at all.
        RunStatus::Running if job.reason.is_none() => return Ok(Observed::Unchanged),
        RunStatus::Running => Event::Noted { reason: None, provider_status: answer.status.clone() },
        RunStatus::Unknown => {
            let status = answer.status.as_deref().map(|word| word.chars().take(32).collect());
            Event::Noted { reason: Some(Reason::ProviderWordUnknown), provider_status: status }
        }
        RunStatus::Finished(outcome) => {
            let outcome = held_to_schema(policy, answer, outcome);
            let lane = account_trouble(flow, job, outcome).await;
            let cost = price::cost(answer, Some(job), None, flow.setting, context.now);
            let finish = finish(flow.payloads, job, answer, (outcome, cost)).await?;
            let is_shown = lane.as_ref().is_some_and(|lane| lane.is_out_of_money(context.now));
            let finish = Finish { is_shown, ..finish };
            let row = settled(job, answer, &finish, context.now + context.timing.unknown_wait);
            let moved = commit_transition(flow, job.apply(Event::Finished(finish), &context), Some(&row)).await?;
            if let (Some(lane), Outcome::Failed(reason), Observed::Moved) = (lane, outcome, moved) {
                circuit::record_outcome(flow, &lane, CallOutcome::Refused { reason, retry_after: None }).await;
            }
            return Ok(moved);
        }
    };
    commit_transition(flow, job.apply(event, &context), None).await
}

/// An answer that does not keep its type's schema is no success, whatever the provider calls it.
pub(super) fn held_to_schema(policy: &JobType, answer: &ProviderResponse, outcome: Outcome) -> Outcome {
    match &policy.output_schema {
        Some(schema) if outcome == Outcome::Completed && !keeps(schema, &final_answer(answer)) => {
            Outcome::Partial(Reason::InvalidOutput)
        }
        Some(_) | None => outcome,
    }
}

/// The breaker of the lane whose starts fare no better than this run did: the provider had no room for it, or no money.
/// One that cannot be read keeps nothing from ending.
async fn account_trouble(flow: &FlowContext<'_, impl Ports>, job: &Job, outcome: Outcome) -> Option<Breaker> {
    if !matches!(outcome, Outcome::Failed(Reason::ProviderBusy | Reason::ProviderQuota)) {
        return None;
    }
    flow.store.breaker(Circuit::Starts(job.lane)).await.ok()
}

async fn finish(
    payloads: &impl Payloads,
    job: &Job,
    answer: &ProviderResponse,
    (outcome, cost): (Outcome, Option<Cost>),
) -> Result<Finish, Failure> {
    let kind = PayloadKind::Result { attempt: job.attempt.number };
    // Kept whatever came of it: a failure has to be looked into as well.
    let stored = payloads.put((&job.workspace, &job.id), kind, &answer.raw).await?;
    let partial = outcome != Outcome::Completed && outcome != Outcome::ActionRequired;
    let result = answer.has_output().then_some(ResultRef { stored, partial, edited: false, late: false });
    Ok(Finish {
        outcome,
        result,
        answer: result.is_none().then_some(stored),
        error: if partial { answer.error.clone() } else { ErrorWords::default() },
        is_shown: false,
        provider_status: answer.status.clone(),
        model: answer.model.clone(),
        service_tier: answer.service_tier.clone(),
        usage: answer.usage,
        cost,
        finished_at: answer.finished_at,
        request_id: answer.request_id.clone(),
    })
}

/// The response row once its run is over. Usage that is missing may come late: it is asked for once more.
fn settled(job: &Job, answer: &ProviderResponse, finish: &Finish, once_more: Timestamp) -> ResponseWrite {
    ResponseWrite::Settle(ResponseRow {
        usage: finish.usage,
        due: finish.cost.is_none().then_some(once_more),
        settled: finish.cost.is_some(),
        ..ResponseRow::attached(answer.id.clone(), job).costing(finish.cost)
    })
}

/// The response row of a run that nobody waits for any more: an orphan, to be polled from `due` on.
fn orphan(job: &Job, due: Timestamp) -> Option<ResponseWrite> {
    let response = job.attempt.response.clone().filter(|_| !job.state.is_resting())?;
    Some(ResponseWrite::Settle(ResponseRow { due: Some(due), ..ResponseRow::attached(response, job) }))
}

/// The provider denies a response that it gave us: often for seconds, sometimes for good.
async fn missing(
    flow: &FlowContext<'_, impl Ports>,
    policy: &JobType,
    job: &Job,
    cause: Cause,
) -> Result<Observed, Failure> {
    let context = flow.context(policy, cause);
    let noted = job.reason == Some(Reason::ProviderMissing);
    if !noted || context.now.since(job.since) < flow.setting.timing.missing_limit {
        return record_reason(flow, policy, job, cause, Reason::ProviderMissing).await;
    }
    let lost = Event::Finished(Finish {
        outcome: Outcome::Failed(Reason::ProviderLost),
        result: None,
        answer: None,
        error: ErrorWords::default(),
        is_shown: false,
        provider_status: job.attempt.provider_status.clone(),
        model: None,
        service_tier: None,
        usage: None,
        cost: None,
        finished_at: None,
        request_id: None,
    });
    // Until then another attempt may find it alive and take it over.
    let due = context.now + context.timing.unknown_wait;
    commit_transition(flow, job.apply(lost, &context), orphan(job, due).as_ref()).await
}

/// Ends a job whose deadline has passed, and has what it left at the provider stopped.
pub(super) async fn expire(
    flow: &FlowContext<'_, impl Ports>,
    policy: &JobType,
    job: &Job,
) -> Result<Observed, Failure> {
    let context = flow.context(policy, Cause::Due);
    commit_transition(flow, job.apply(Event::DeadlinePassed, &context), orphan(job, context.now).as_ref()).await
}

/// The claim of a duty whose time has come.
pub(super) async fn claim_due(flow: &FlowContext<'_, impl Ports>, seen: &Job) -> Result<Option<Job>, Failure> {
    claim(flow, seen, PollTrigger::Due).await
}

async fn claim(flow: &FlowContext<'_, impl Ports>, seen: &Job, occasion: PollTrigger) -> Result<Option<Job>, Failure> {
    let Some(job) = seen.claim(occasion, &flow.setting.timing, flow.clock.now()) else { return Ok(None) };
    Ok(match flow.store.claim(seen, &job).await? {
        WriteOutcome::Committed => Some(job),
        WriteOutcome::Conflict => None,
    })
}

/// Commits a change if there is one. An illegal event and a stale row mean that somebody else has moved the job; theirs
/// stands.
pub(super) async fn commit_transition(
    flow: &FlowContext<'_, impl Ports>,
    change: Result<Option<Transition>, TransitionError>,
    response: Option<&ResponseWrite>,
) -> Result<Observed, Failure> {
    match change {
        Ok(Some(change)) if flow.store.commit(Commit::of(&change, response)).await? == WriteOutcome::Committed => {
            Ok(Observed::Moved)
        }
        Ok(_) | Err(TransitionError::Illegal(_)) => Ok(Observed::Dropped),
        Err(TransitionError::Unsealed(error)) => Err(error.into()),
    }
}
