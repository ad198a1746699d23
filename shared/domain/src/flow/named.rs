//! Named: the answer to a create call broke off after it had named a response. That one is asked for before another is
//! paid.

use super::attach::{self, Attachment};
use super::observe::{self, Observed};
use super::{FlowContext, Ports, gate};
use crate::job::record::Cause;
use crate::job::{Event, Job};
use crate::policy::job_type::JobType;
use crate::port::{Clock, Lookup, Provider};
use crate::provider::breaker::Circuit;
use crate::provider::{Answer, ResponseMetadata};
use crate::value::failure::Failure;
use crate::value::id::ResponseId;

/// What a look at it showed.
enum Seen {
    /// It carries the metadata of this very POST.
    Ours(Box<Answer>),
    /// The provider has none of this name, or it is somebody else's.
    NotOurs,
    /// No look left, or none was answered.
    Nothing,
}

/// Looks at once at what the answer to this POST named. Whatever comes of it, the row has kept the name by then.
pub(super) async fn look_at_once(
    desk: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    policy: &JobType,
    id: &ResponseId,
    tag: &ResponseMetadata,
) -> Result<bool, Failure> {
    match look(desk, provider, policy, id, tag).await {
        Seen::Ours(answer) => attach(desk, policy, None, &answer, tag, Cause::Answer).await.map(|_| true),
        Seen::NotOurs | Seen::Nothing => Ok(false),
    }
}

/// The next looks, when they are due: the response is attached, or its start given up once it had its time. As long as
/// nobody can look, nothing else is paid.
pub(super) async fn look_again(
    desk: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    policy: &JobType,
    seen: &Job,
    id: &ResponseId,
) -> Result<Observed, Failure> {
    let Some(start) = seen.attempt.start else { return Ok(Observed::Dropped) };
    let Some(job) = observe::claim_due(desk, seen).await? else { return Ok(Observed::Dropped) };
    let tag = ResponseMetadata {
        deployment: desk.setting.deployment.clone(),
        workspace: job.workspace.clone(),
        job: job.id.clone(),
        attempt: job.attempt.number,
        start,
    };
    let now = desk.clock.now();
    match look(desk, provider, policy, id, &tag).await {
        Seen::Ours(answer) => attach(desk, policy, Some(job), &answer, &tag, Cause::Due).await,
        _ if job.deadline <= now => observe::expire(desk, policy, &job).await,
        Seen::NotOurs if job.has_waited(&desk.setting.timing, now) => {
            observe::commit_transition(desk, job.apply(Event::StartLost, &desk.context(policy, Cause::Due)), None).await
        }
        // A provider may deny a response for a while after it gave it out.
        Seen::NotOurs | Seen::Nothing => Ok(Observed::Unchanged),
    }
}

async fn look(
    desk: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    policy: &JobType,
    id: &ResponseId,
    tag: &ResponseMetadata,
) -> Seen {
    let Ok(Some(breaker)) = gate::pass(desk, Circuit::Looks).await else { return Seen::Nothing };
    match gate::look(desk, provider, &breaker, id, Some((&tag.workspace, &tag.job)), &policy.tools).await {
        Ok(Lookup::Found(answer)) if answer.id != *id => Seen::Nothing,
        Ok(Lookup::Found(answer)) if ResponseMetadata::of(&answer.metadata, &tag.deployment).as_ref() == Some(tag) => {
            Seen::Ours(answer)
        }
        Ok(Lookup::Found(_) | Lookup::Missing) => Seen::NotOurs,
        Err(_) => Seen::Nothing,
    }
}

async fn attach(
    desk: &FlowContext<'_, impl Ports>,
    policy: &JobType,
    job: Option<Job>,
    answer: &Answer,
    tag: &ResponseMetadata,
    cause: Cause,
) -> Result<Observed, Failure> {
    match attach::attach(desk, job, answer, tag, cause).await? {
        Attachment::Attached(job) => {
            observe::apply_response(desk, policy, &job, answer, cause).await?;
            Ok(Observed::Moved)
        }
        // The job has moved on: whoever looks after orphans stops it.
        Attachment::Orphan(_) | Attachment::Unknown => Ok(Observed::Dropped),
    }
}
