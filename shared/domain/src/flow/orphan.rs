//! Orphans: responses that no attempt waits for any more. They are stopped, and what they cost is booked.

use std::ops::ControlFlow::{Break, Continue};

use super::observe::{Observed, held_to_schema};
use super::retry::while_in_conflict;
use super::{DENIALS, FlowContext, Ports, circuit, price, rules, transition};
use crate::job::record::Cause;
use crate::job::response::ResponseRow;
use crate::job::{Event, Job, PayloadRef, ResultRef};
use crate::policy::job_type::JobType;
use crate::port::{
    Clock, Commit, JobReader, Jobs, Lookup, PayloadKind, Payloads, Provider, ResponseWrite, Responses, WriteOutcome,
};
use crate::provider::breaker::Breaker;
use crate::provider::{Outcome, ProviderResponse, RunStatus};
use crate::value::failure::Failure;
use crate::value::time::{Timestamp, gap};

/// Polls the orphan: stops it while it runs, books its cost once it has ended.
pub async fn settle(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    breaker: &Breaker,
    seen: ResponseRow,
    job: Option<Job>,
) -> Result<Observed, Failure> {
    let again = flow.clock.now() + gap(&flow.setting.timing.backoff, seen.claim_count);
    let row = ResponseRow { due: Some(again), claim_count: seen.claim_count.saturating_add(1), ..seen.clone() };
    if flow.store.put_response(Some(&seen), &row).await? == WriteOutcome::Conflict {
        return Ok(Observed::Dropped);
    }
    // What never ends or never answers is looked at for as long as its job is kept.
    let now = flow.clock.now();
    let is_forgotten =
        job.as_ref().is_none_or(|job| job.state.is_terminal() && !(now..Timestamp::NEVER).contains(&job.deadline));
    // Without them the answer is one all the same.
    let policy = match &job {
        Some(job) => super::policy(flow.store, job).await.ok(),
        None => None,
    };
    let tools = policy.as_ref().map(|policy| policy.tools.clone()).unwrap_or_default();
    let owner = Some((&row.workspace, &row.job));
    match circuit::poll(flow, provider, breaker, &row.id, owner, &tools).await {
        Ok(Lookup::Found(answer)) if answer.id == row.id => match answer.read() {
            RunStatus::Finished(_) => book(flow, row, job, policy.as_ref(), &answer).await,
            _ if is_forgotten => give_up(flow, &row).await,
            RunStatus::Running | RunStatus::Unknown => {
                // Whatever that answers, only a look tells what came of it.
                let _ = provider.cancel(&row.id).await;
                match circuit::poll(flow, provider, breaker, &row.id, owner, &tools).await {
                    Ok(Lookup::Found(answer))
                        if answer.id == row.id && matches!(answer.read(), RunStatus::Finished(_)) =>
                    {
                        book(flow, row, job, policy.as_ref(), &answer).await
                    }
                    Ok(_) | Err(_) => Ok(Observed::Unchanged),
                }
            }
        },
        _ if is_forgotten => give_up(flow, &row).await,
        // No answer, or one about another response: `due` says when to look again.
        Ok(Lookup::Found(_)) | Err(_) => Ok(Observed::Unchanged),
        // A provider may deny a response for a while after it gave it out.
        Ok(Lookup::Missing) if row.claim_count < DENIALS => Ok(Observed::Unchanged),
        Ok(Lookup::Missing) => give_up(flow, &row).await,
    }
}

/// A newer release looks after it: its own look at it is an hour ahead.
pub(super) async fn leave_alone(flow: &FlowContext<'_, impl Ports>, row: &ResponseRow) -> Result<Observed, Failure> {
    if let Some(left) = row.left_alone(flow.clock.now()) {
        let _: WriteOutcome = flow.store.put_response(Some(row), &left).await?;
    }
    Ok(Observed::Dropped)
}

/// Gone, and its usage with it: the cost stays unknown, which is what it is.
async fn give_up(flow: &FlowContext<'_, impl Ports>, row: &ResponseRow) -> Result<Observed, Failure> {
    let gone = ResponseRow { due: None, settled: true, ..row.clone() };
    flow.store.put_response(Some(row), &gone).await.map(|_| Observed::Moved)
}

async fn book(
    flow: &FlowContext<'_, impl Ports>,
    row: ResponseRow,
    job: Option<Job>,
    policy: Option<&JobType>,
    answer: &ProviderResponse,
) -> Result<Observed, Failure> {
    let cost = price::cost(answer, job.as_ref(), row.asked.as_deref(), flow.setting, flow.clock.now());
    let ended = ResponseRow { due: None, settled: true, usage: answer.usage, ..row.clone() }.costing(cost);
    let (row, ended) = (&row, &ended);
    let booked = while_in_conflict(job, |_, job: Option<Job>| async move {
        // Its job still counts it as open, or has nothing else to show for it.
        let Some(current) = &job else { return Ok(Break(Booked::Alone)) };
        let stored = keep(flow, row, current, answer).await?;
        if cost.is_none() && stored.is_none() {
            return Ok(Break(Booked::Alone));
        }
        let kept = stored.filter(|_| answer.has_output()).map(|stored| late(stored, answer, policy));
        let evidence = stored.filter(|_| kept.is_none());
        let settled =
            Event::CostSettled { response: row.id.clone(), cost, usage: answer.usage, kept, answer: evidence };
        // What a newer release looks after hears of it from that one.
        let Some(policy) = rules(flow.store, current, flow.clock.now()).await? else {
            return Ok(Break(Booked::As(Observed::Dropped)));
        };
        let Some(change) = transition(current, settled, &flow.context(&policy, Cause::Due))? else {
            return Ok(Break(Booked::Alone));
        };
        let settle = ResponseWrite::Settle(ended.clone());
        if flow.store.commit(Commit::of(&change, Some(&settle))).await? == WriteOutcome::Committed {
            return Ok(Break(Booked::As(Observed::Moved)));
        }
        // The job moved on, or this response was settled by somebody else.
        Ok::<_, Failure>(match flow.store.job(&row.workspace, &row.job).await? {
            Some(newer) if newer.version > current.version => Continue(Some(newer)),
            Some(_) | None => Break(Booked::As(Observed::Dropped)),
        })
    });
    match booked.await? {
        Break(Booked::As(observed)) => Ok(observed),
        Break(Booked::Alone) => flow.store.put_response(Some(row), ended).await.map(|_| Observed::Moved),
        // Its `due` says when somebody tries again.
        Continue(_) => Ok(Observed::Dropped),
    }
}

/// Where an ended response was booked.
enum Booked {
    /// On its job, or by somebody else.
    As(Observed),
    /// Nowhere yet: its job has nothing to take from it.
    Alone,
}

/// What a job's last run said after the job had ended.
async fn keep(
    flow: &FlowContext<'_, impl Ports>,
    row: &ResponseRow,
    job: &Job,
    answer: &ProviderResponse,
) -> Result<Option<PayloadRef>, Failure> {
    let is_last = job.attempt.response.as_ref() == Some(&row.id);
    // Not in the last minute of retention either, or it would be written while the rest is being erased.
    let is_wanted = is_last && job.state.is_terminal() && !job.has_answer() && job.has_input(flow.clock.now());
    if !is_wanted {
        return Ok(None);
    }
    let kind = PayloadKind::Result { attempt: job.attempt.number };
    flow.payloads.put((&job.workspace, &job.id), kind, &answer.raw).await.map(Some)
}

/// A result that came after its job had ended. It delivers nothing.
fn late(stored: PayloadRef, answer: &ProviderResponse, policy: Option<&JobType>) -> ResultRef {
    let held = |outcome| policy.map_or(outcome, |policy| held_to_schema(policy, answer, outcome));
    let is_whole = match answer.read() {
        RunStatus::Finished(outcome) => matches!(held(outcome), Outcome::Completed | Outcome::ActionRequired),
        RunStatus::Running | RunStatus::Unknown => false,
    };
    ResultRef { stored, partial: !is_whole, edited: false, late: true }
}
