//! Named: the answer to a create call broke off after it had named a response. That one is asked for before another is
//! paid.

use super::attach::{self, Attachment};
use super::observe::{self, Observed};
use super::{FlowContext, Ports, circuit};
use crate::job::record::Cause;
use crate::job::{Event, Job};
use crate::policy::job_type::JobType;
use crate::port::{Clock, Lookup, Provider};
use crate::provider::breaker::Circuit;
use crate::provider::{ProviderResponse, ResponseMetadata};
use crate::value::failure::Failure;
use crate::value::id::ResponseId;

/// What a look at it showed.
enum Seen {
    /// It carries the metadata of this very POST.
    Ours(Box<ProviderResponse>),
    /// The provider has none of this name, or it is somebody else's.
    NotOurs,
    /// No look left, or none was answered.
    Nothing,
}

/// Looks at once at what the answer to this POST named. Whatever comes of it, the row has kept the name by then.
pub(super) async fn look_at_once(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    policy: &JobType,
    id: &ResponseId,
    tag: &ResponseMetadata,
) -> Result<bool, Failure> {
    match look(flow, provider, policy, id, tag).await {
        Seen::Ours(answer) => attach(flow, policy, None, &answer, tag, Cause::Answer).await.map(|_| true),
        Seen::NotOurs | Seen::Nothing => Ok(false),
    }
}

/// The next looks, when they are due: the response is attached, or its start given up once it had its time. As long as
/// nobody can look, nothing else is paid.
pub(super) async fn look_again(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    policy: &JobType,
    seen: &Job,
    id: &ResponseId,
) -> Result<Observed, Failure> {
    let Some(start) = seen.attempt.submit_token else { return Ok(Observed::Dropped) };
    let Some(job) = observe::claim_due(flow, seen).await? else { return Ok(Observed::Dropped) };
    let tag = ResponseMetadata {
        deployment: flow.setting.deployment.clone(),
        workspace: job.workspace.clone(),
        job: job.id.clone(),
        attempt: job.attempt.number,
        submit_token: start,
    };
    let now = flow.clock.now();
    match look(flow, provider, policy, id, &tag).await {
        Seen::Ours(answer) => attach(flow, policy, Some(job), &answer, &tag, Cause::Due).await,
        _ if job.deadline <= now => observe::expire(flow, policy, &job).await,
        Seen::NotOurs if job.has_waited(&flow.setting.timing, now) => {
            observe::commit_transition(flow, job.apply(Event::StartLost, &flow.context(policy, Cause::Due)), None).await
        }
        // A provider may deny a response for a while after it gave it out.
        Seen::NotOurs | Seen::Nothing => Ok(Observed::Unchanged),
    }
}

async fn look(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    policy: &JobType,
    id: &ResponseId,
    tag: &ResponseMetadata,
) -> Seen {
    let Ok(Some(breaker)) = circuit::pass(flow, Circuit::Polls).await else { return Seen::Nothing };
    match circuit::poll(flow, provider, &breaker, id, Some((&tag.workspace, &tag.job)), &policy.tools).await {
        Ok(Lookup::Found(answer)) if answer.id != *id => Seen::Nothing,
        Ok(Lookup::Found(answer)) if ResponseMetadata::of(&answer.metadata, &tag.deployment).as_ref() == Some(tag) => {
            Seen::Ours(answer)
        }
        Ok(Lookup::Found(_) | Lookup::Missing) => Seen::NotOurs,
        Err(_) => Seen::Nothing,
    }
}

async fn attach(
    flow: &FlowContext<'_, impl Ports>,
    policy: &JobType,
    job: Option<Job>,
    answer: &ProviderResponse,
    tag: &ResponseMetadata,
    cause: Cause,
) -> Result<Observed, Failure> {
    match attach::attach(flow, job, answer, tag, cause).await? {
        Attachment::Attached(job) => {
            observe::apply_response(flow, policy, &job, answer, cause).await?;
            Ok(Observed::Moved)
        }
        // The job has moved on: whoever looks after orphans stops it.
        Attachment::Orphan(_) | Attachment::Unknown => Ok(Observed::Dropped),
    }
}
