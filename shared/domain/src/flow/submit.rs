//! Submit: claim the attempt, POST it once, and attach what comes back.

use std::ops::ControlFlow::{Break, Continue};

use serde_json::Value;

use super::attach::{self, Attachment};
use super::changes;
use super::retry::{Round, while_in_conflict};
use super::{FlowContext, Ports, circuit, leave_alone, named, observe, rules, transition};
use crate::contract::request::SubmitInput;
use crate::contract::request::asked::Asked;
use crate::job::duty::PollTrigger;
use crate::job::record::Cause;
use crate::job::response::ResponseRow;
use crate::job::{Attempt, Event, Job};
use crate::policy::job_type::JobType;
use crate::policy::reason::Reason;
use crate::port::{
    Clock, Commit, CreateFailure, JobReader, Jobs, Lookup, NewResponse, PayloadKind, Payloads, Provider, ResponseWrite,
    Responses, WriteOutcome,
};
use crate::provider::breaker::{CallOutcome, Circuit};
use crate::provider::{ErrorWords, Outcome, ProviderResponse, ResponseMetadata, RunStatus};
use crate::value::failure::Failure;
use crate::value::id::{JobId, ResponseId, WorkspaceId};

/// What came of one submit message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    Started,
    /// The provider has nothing of this attempt; the next step is committed.
    NotCreated,
    /// Nobody knows whether the provider has it. Its webhook or the end of the wait will tell.
    Unknown,
    /// The lane is parked; the job stays queued, and reconcile brings it back.
    Parked,
    /// Nothing to do here now: a repeat, a lost race, or a job that moved on.
    Dropped,
}

pub async fn submit(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    workspace: &WorkspaceId,
    id: &JobId,
) -> Result<Submitted, Failure> {
    let Some(seen) = flow.store.job(workspace, id).await? else { return Ok(Submitted::Dropped) };
    let nonce = flow.clock.nonce();
    let Some(mut job) = seen.claim(PollTrigger::Submit(nonce), &flow.setting.timing, flow.clock.now()) else {
        return Ok(Submitted::Dropped);
    };
    let Some(policy) = rules(flow.store, &seen, flow.clock.now()).await? else { return Ok(Submitted::Dropped) };
    if job.deadline <= flow.clock.now() {
        return observe::expire(flow, &policy, &seen).await.map(|_| Submitted::Dropped);
    }
    // Read before the claim: what fails here has spent nothing of the attempt.
    let input = flow
        .payloads
        .get((workspace, id), PayloadKind::Input, &job.input)
        .await?
        .ok_or_else(|| Failure::permanent("read the input", "the bytes are missing or altered"))?;
    // It was accepted: a newer release knows its fields and words.
    let Some(request) = SubmitInput::read(&input) else {
        return leave_alone(flow.store, &seen, flow.clock.now()).await.map(|()| Submitted::Dropped);
    };
    let SubmitInput { input, overrides, flexible } = request;
    let input = match job.attempt.note {
        Some(version) => changes::told(input, changes::wanted(flow, provider, &job, version).await?),
        None => input,
    };
    let now = flow.clock.now();
    let asked = Asked::of(&policy, &overrides, flexible, job.complete_by.map(|by| by.since(now)));
    let asked = asked.fall_back(&policy, &seen);
    job.attempt.asked = asked.way();
    let most = asked.most(&policy, &input, flow.setting.rates(), now);
    let lost = match &job.attempt.prior {
        Some(prior) => flow.store.response(prior).await?.filter(|row| row.is_untouched(flow.clock.now())),
        None => None,
    };
    let Some(breaker) = circuit::pass(flow, Circuit::Starts(job.lane)).await? else { return Ok(Submitted::Parked) };
    if flow.store.claim(&seen, &job).await? == WriteOutcome::Conflict {
        return Ok(Submitted::Dropped);
    }

    if let Some(lost) = lost
        && let Some(reattached) = reattach(flow, provider, &policy, &job, lost).await?
    {
        return Ok(reattached);
    }
    if !job.affords(most) {
        let event = Event::NotCreated { reason: Reason::OverBudget, retry_after: None, error: ErrorWords::default() };
        return commit(flow, &policy, &job, event).await;
    }
    let tag = ResponseMetadata {
        deployment: flow.setting.deployment.clone(),
        workspace: workspace.clone(),
        job: id.clone(),
        attempt: job.attempt.number,
        submit_token: nonce,
    };
    let started = provider.create_response(&start(&policy, input, asked, tag.clone())).await;
    let verdict = verdict(&started);
    // What only this consumer knows about its job is written first.
    let submitted = match started {
        Ok(answer) => started_with(flow, &policy, job, &answer, &tag).await,
        Err(CreateFailure::NotCreated { reason, retry_after, error }) => {
            commit(flow, &policy, &job, Event::NotCreated { reason, retry_after, error }).await
        }
        Err(CreateFailure::Held { reason, error }) => {
            let until = flow.clock.now() + flow.setting.timing.quota_wait;
            commit(flow, &policy, &job, Event::Parked { reason, until, error }).await
        }
        Err(CreateFailure::Unknown { response: Some(named), .. }) => {
            cut_behind(flow, provider, &policy, &job, &named, &tag).await
        }
        Err(CreateFailure::Unknown { .. }) => Ok(Submitted::Unknown),
    };
    if let Some(verdict) = verdict {
        circuit::record_outcome(flow, &breaker, verdict).await;
    }
    submitted
}

/// What the attempt before lost sight of may be alive, or over with an answer that is paid for: then it is this attempt's.
/// `None` when there is nothing of the kind.
async fn reattach(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    policy: &JobType,
    job: &Job,
    lost: ResponseRow,
) -> Result<Option<Submitted>, Failure> {
    let looked = match circuit::pass(flow, Circuit::Polls).await {
        Ok(Some(breaker)) => {
            circuit::poll(flow, provider, &breaker, &lost.id, Some((&job.workspace, &job.id)), &policy.tools).await.ok()
        }
        Ok(None) | Err(_) => None,
    };
    let answer = match looked {
        Some(Lookup::Found(answer)) if answer.id == lost.id => answer,
        Some(Lookup::Missing) => return Ok(None),
        // Whether it lives cannot be seen now. Nothing is paid until it can, or until it is to be stopped.
        Some(Lookup::Found(_)) | None => {
            let event = Event::NotCreated {
                reason: Reason::ProviderUnreachable,
                retry_after: None,
                error: ErrorWords::default(),
            };
            return commit(flow, policy, job, event).await.map(Some);
        }
    };
    if matches!(answer.read(), RunStatus::Finished(Outcome::Failed(_))) {
        return Ok(None);
    }
    let event = Event::Reattached {
        response: answer.id.clone(),
        provider_status: answer.status.clone(),
        model: answer.model.clone(),
        service_tier: answer.service_tier.clone(),
        request_id: answer.request_id.clone(),
    };
    // What its own POST asked for is billed, and not what this attempt would have asked for.
    let attempt = Attempt { asked: lost.asked.clone(), ..job.attempt.clone() };
    let job = &Job { attempt, ..job.clone() };
    let Some(change) = transition(job, event, &flow.context(policy, Cause::Answer))? else { return Ok(None) };
    // Counted as a look, so that whoever read the row before finds it changed.
    let moved = ResponseWrite::Move(ResponseRow { due: None, claim_count: 1, attempt: job.attempt.number, ..lost });
    match flow.store.commit(Commit::of(&change, Some(&moved))).await? {
        WriteOutcome::Committed => {
            observe::apply_response(flow, policy, &change.job, &answer, Cause::Answer).await?;
            Ok(Some(Submitted::Started))
        }
        // Somebody looks after it already: its outcome is seen, or it is to be stopped. Or the job has moved on.
        WriteOutcome::Conflict => {
            let row = flow.store.job(&job.workspace, &job.id).await?;
            let is_ours =
                row.is_some_and(|row| row.is_starting() && row.attempt.submit_token == job.attempt.submit_token);
            Ok((!is_ours).then_some(Submitted::Dropped))
        }
    }
}

async fn started_with(
    flow: &FlowContext<'_, impl Ports>,
    policy: &JobType,
    job: Job,
    answer: &ProviderResponse,
    tag: &ResponseMetadata,
) -> Result<Submitted, Failure> {
    // An answer that went astray: what came of ours is not known.
    if tag.is_contradicted_by(&answer.metadata) {
        return Ok(Submitted::Unknown);
    }
    if let Attachment::Attached(job) = attach::attach(flow, Some(job), answer, tag, Cause::Answer).await? {
        // Some servers answer with the finished run.
        observe::apply_response(flow, policy, &job, answer, Cause::Answer).await?;
    }
    Ok(Submitted::Started)
}

/// The answer broke off behind the name of a response. It is kept first: a process that dies while it looks must not take
/// the name with it; and looked at even where it could not be kept.
async fn cut_behind(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    policy: &JobType,
    job: &Job,
    named: &ResponseId,
    tag: &ResponseMetadata,
) -> Result<Submitted, Failure> {
    let kept = commit(flow, policy, job, Event::AnswerCut { response: named.clone() }).await;
    if named::look_at_once(flow, provider, policy, named, tag).await? {
        return Ok(Submitted::Started);
    }
    kept.map(|_| Submitted::Unknown)
}

/// What the call showed about the provider; `None` where no call was made.
fn verdict(started: &Result<ProviderResponse, CreateFailure>) -> Option<CallOutcome> {
    Some(match started {
        Err(CreateFailure::NotCreated { reason: Reason::ToolSecretUnreadable, .. }) => return None,
        // One tier is full, and the others of the lane go on.
        Err(CreateFailure::NotCreated { error, .. }) if error.is_about_flex() => CallOutcome::Answered,
        Err(CreateFailure::NotCreated { reason: reason @ Reason::ProviderBusy, retry_after, .. }) => {
            CallOutcome::Refused { reason: *reason, retry_after: *retry_after }
        }
        Err(CreateFailure::Held { reason, .. }) => CallOutcome::Refused { reason: *reason, retry_after: None },
        Err(CreateFailure::NotCreated { reason: Reason::ProviderUnreachable, .. } | CreateFailure::Unknown { .. }) => {
            CallOutcome::Failed
        }
        // A refusal of this request is an answer like any other.
        Ok(_) | Err(CreateFailure::NotCreated { .. }) => CallOutcome::Answered,
    })
}

/// Commits what the provider's answer means. Only this consumer knows it, so that a row that somebody else moved is read
/// again as long as the start is still ours.
async fn commit(
    flow: &FlowContext<'_, impl Ports>,
    policy: &JobType,
    claimed: &Job,
    event: Event,
) -> Result<Submitted, Failure> {
    let event = &event;
    let submitted = while_in_conflict(claimed.clone(), |round: Round, job: Job| async move {
        let Some(change) = transition(&job, event.clone(), &flow.context(policy, Cause::Answer))? else {
            return Ok(Break(Submitted::Dropped));
        };
        match flow.store.commit(Commit::of(&change, None)).await {
            Ok(WriteOutcome::Committed) => Ok(Break(Submitted::NotCreated)),
            Ok(WriteOutcome::Conflict) => match flow.store.job(&job.workspace, &job.id).await? {
                Some(row) if row.attempt.submit_token == claimed.attempt.submit_token => Ok(Continue(row)),
                Some(_) | None => Ok(Break(Submitted::Dropped)),
            },
            Err(failure) => round.pause(flow.clock, failure).await.map(|()| Continue(job)),
        }
    });
    Ok(match submitted.await? {
        Break(submitted) => submitted,
        Continue(_) => Submitted::Dropped,
    })
}

/// The type's template with the job's own input and overrides.
fn start(policy: &JobType, input: Value, asked: Asked, tag: ResponseMetadata) -> NewResponse {
    let Asked { model, reasoning_effort, service_tier, window, max_output_tokens } = asked;
    NewResponse {
        job_type: policy.name.clone(),
        model,
        instructions: policy.instructions.clone(),
        input,
        tools: policy.tools.clone(),
        max_tool_calls: policy.max_tool_calls,
        reasoning_effort,
        max_output_tokens,
        output_schema: policy.output_schema.clone(),
        output_strict: policy.output_strict,
        service_tier,
        window,
        tag,
    }
}
