//! Submit: claim the attempt, POST it once, and attach what comes back.

use serde_json::Value;

use super::attach::{self, Attachment};
use super::{Desk, observe, policy};
use crate::duty::Occasion;
use crate::id::{JobId, WorkspaceId};
use crate::job::{Event, Job};
use crate::job_type::JobType;
use crate::port::{Clock, Failure, JobStore, PayloadKind, Payloads, Provider, Start, StartFailure, Write};
use crate::provider::Tag;
use crate::record::Cause;
use crate::request::{self, CreateRequest};

/// How long a quota problem parks a job before it is tried again.
const PARKED: std::time::Duration = std::time::Duration::from_secs(600);

/// What came of one submit message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    Started,
    /// The provider has nothing of this attempt; the next step is committed.
    NotCreated,
    /// Nobody knows whether the provider has it. Its webhook or the end of the wait will tell.
    Unknown,
    /// Nothing to do here now: a repeat, a lost race, or a job that moved on.
    Dropped,
}

pub async fn submit(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    provider: &impl Provider,
    workspace: &WorkspaceId,
    id: &JobId,
) -> Result<Submitted, Failure> {
    let Some(seen) = desk.store.job(workspace, id).await? else { return Ok(Submitted::Dropped) };
    let nonce = desk.clock.nonce();
    let Some(job) = seen.claim(Occasion::Submit(nonce), &desk.setting.timing, desk.clock.now()) else {
        return Ok(Submitted::Dropped);
    };
    let policy = policy(&job)?;
    if job.deadline <= desk.clock.now() {
        return observe::expire(desk, &policy, &seen).await.map(|_| Submitted::Dropped);
    }
    // Read before the claim: what fails here has spent nothing of the attempt.
    let input = desk
        .payloads
        .get((workspace, id), PayloadKind::Input, &job.input)
        .await?
        .ok_or_else(|| Failure::permanent("read the input", "the bytes are missing or altered"))?;
    let request =
        request::parse(&input).map_err(|_| Failure::permanent("read the input", "it is not a create request"))?;
    if desk.store.claim(&seen, &job).await? == Write::Stale {
        return Ok(Submitted::Dropped);
    }

    let tag = Tag {
        deployment: desk.setting.deployment.clone(),
        workspace: workspace.clone(),
        job: id.clone(),
        attempt: job.attempt.number,
        start: nonce,
    };
    match provider.start(&start(&policy, request, tag.clone())).await {
        Ok(answer) => {
            let attached = attach::attach(desk, Some(job), &answer, &tag, Cause::Answer).await?;
            if let Attachment::Attached(job) = attached {
                // Some servers answer with the finished run.
                observe::take_in(desk, &policy, &job, &answer, Cause::Answer).await?;
            }
            Ok(Submitted::Started)
        }
        Err(StartFailure::NotCreated { reason, retry_after }) => {
            commit(desk, &policy, &job, Event::NotCreated { reason, retry_after }).await
        }
        Err(StartFailure::Quota { reason }) => {
            let until = desk.clock.now() + PARKED;
            commit(desk, &policy, &job, Event::Parked { reason, until }).await
        }
        Err(StartFailure::Unknown(_)) => Ok(Submitted::Unknown),
    }
}

/// Commits what the provider's answer means. Only this consumer knows it, so that a row that somebody else moved is read
/// again as long as the start is still ours.
async fn commit(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    policy: &JobType,
    claimed: &Job,
    event: Event,
) -> Result<Submitted, Failure> {
    let mut job = claimed.clone();
    for round in 0..attach::ROUNDS {
        let Ok(Some(change)) = job.apply(event.clone(), &desk.context(policy, Cause::Answer)) else { break };
        match desk.store.commit(&change, None).await {
            Ok(Write::Done) => return Ok(Submitted::NotCreated),
            Ok(Write::Stale) => match desk.store.job(&job.workspace, &job.id).await? {
                Some(row) if row.attempt.start == claimed.attempt.start => job = row,
                Some(_) | None => break,
            },
            Err(failure) => attach::pause_for(desk.clock, failure, round).await?,
        }
    }
    Ok(Submitted::Dropped)
}

/// The type's template with the job's own input and overrides.
fn start(policy: &JobType, request: CreateRequest, tag: Tag) -> Start {
    let CreateRequest { input, overrides, flexible, .. } = request;
    let word = |name: &str| overrides.get(name).and_then(Value::as_str).map(str::to_owned);
    Start {
        model: word("model").unwrap_or_else(|| policy.model.to_owned()),
        instructions: policy.instructions.to_owned(),
        input,
        tools: policy.tools.clone(),
        reasoning_effort: word("reasoning_effort").unwrap_or_else(|| policy.reasoning_effort.to_owned()),
        max_output_tokens: overrides
            .get("max_output_tokens")
            .and_then(Value::as_u64)
            .and_then(|tokens| u32::try_from(tokens).ok())
            .unwrap_or(policy.max_output_tokens),
        // Whoever can wait takes the cheaper tier, unless the request names one itself.
        service_tier: word("service_tier").or_else(|| flexible.then(|| "flex".to_owned())),
        tag,
    }
}
