//! Control: a person cancels, retries, escalates or archives a job.

use std::ops::ControlFlow::{Break, Continue};

use super::retry::retry_on_conflict;
use super::{Caller, FlowContext, FlowError, Ports, policy, transition, visible_job};
use crate::contract::request::error_at;
use crate::job::note::Note;
use crate::job::record::{Actor, Cause};
use crate::job::response::ResponseRow;
use crate::job::{Event, Job, PersonInput, TransitionContext};
use crate::people::control::{Control, allowed};
use crate::people::review::ActionDenied;
use crate::policy::job_type::JobType;
use crate::port::{Clock, Commit, JobReader, Jobs, ResponseWrite, Responses, WriteOutcome};
use crate::value::failure::Failure;
use crate::value::id::{Digest, IdempotencyKey};
use crate::value::member::Member;

/// A control with all that its caller gave.
#[derive(Debug, Clone)]
pub struct ControlCommand {
    pub control: Control,
    /// The version of the job that the caller has read.
    pub seen: Option<u32>,
    pub key: Option<IdempotencyKey>,
    pub note: Option<String>,
}

/// The job afterwards. A repeat answers the job as it is.
pub async fn control(
    flow: &FlowContext<'_, impl Ports>,
    caller: &Caller,
    id: &str,
    order: &ControlCommand,
) -> Result<(Job, Member, JobType), FlowError> {
    if order.control == Control::Retry && order.seen.is_none() && order.key.is_none() {
        return Err(FlowError::VersionRequired(
            "A retry needs If-Match with the version of the job that was read, or an Idempotency-Key.",
        ));
    }
    let key = order
        .key
        .as_ref()
        .map(|key| Digest::of_parts(&[caller.principal.as_str().as_bytes(), b"\n", key.as_str().as_bytes()]));
    retry_on_conflict("commit the control", (), |_, ()| async move {
        let (job, member) = visible_job(flow.store, caller, id).await?;
        if !order.control.is_for(&member, &job) {
            return Err(FlowError::Forbidden(match order.control {
                Control::Escalate => "Only the job's submitter, a reviewer or an operator escalates it.",
                Control::Cancel | Control::Retry | Control::Archive => {
                    "Only the job's submitter or an operator does this."
                }
            }));
        }
        let policy = policy(flow.store, &job).await?;
        if is_repeat(flow.store, &job, order.control, key).await? {
            return Ok(Break((job, member, policy)));
        }
        let denied = |denial| FlowError::Denied(denial, allowed(&job, &member, &policy, None, flow.clock.now()));
        if order.seen.is_some_and(|seen| seen != job.version) {
            return Err(denied(ActionDenied::Stale));
        }
        if !order.control.fits(&job, &policy, flow.clock.now()).map_err(denied)? {
            return Ok(Break((job, member, policy)));
        }
        if order.note.is_some() && job.is_purged() {
            let message = "cannot be kept: the job's retention is over, and nothing would erase it";
            return Err(FlowError::Invalid(vec![error_at("note", message)]));
        }
        let note = flow.note(&job, order.note.as_ref());
        let event = event(order.control, PersonInput { note: note.as_ref().map(Note::digest), key });
        let actor = Actor::principal(&caller.principal);
        let context = TransitionContext { actor: &actor, ..flow.context(&policy, Cause::Request) };
        let Some(change) = transition(&job, event, &context)? else { return Err(denied(ActionDenied::Stale)) };
        let left = match order.control {
            Control::Cancel => left_running(flow, &job).await?,
            Control::Retry | Control::Escalate | Control::Archive => None,
        };
        let commit = Commit { note: note.as_ref(), ..Commit::of(&change, left.as_ref()) };
        if flow.store.commit(commit).await? == WriteOutcome::Committed {
            return Ok(Break((change.job, member, policy)));
        }
        Ok(Continue(()))
    })
    .await
}

fn event(control: Control, said: PersonInput) -> Event {
    match control {
        Control::Cancel => Event::Canceled(said),
        Control::Retry => Event::Retried(said),
        Control::Escalate => Event::Escalated(said),
        Control::Archive => Event::Archived(said),
    }
}

/// Whether the job's trail has this under the same key already.
async fn is_repeat(store: &impl JobReader, job: &Job, control: Control, key: Option<Digest>) -> Result<bool, Failure> {
    if key.is_none() {
        return Ok(false);
    }
    let kind = event(control, PersonInput::default()).kind();
    let trail = store.trail(&job.workspace, &job.id, 0).await?;
    Ok(trail.iter().filter_map(|sealed| sealed.decode().ok()).any(|record| record.event == kind && record.key == key))
}

/// The response row of what a canceled job leaves at the provider, due to be stopped.
async fn left_running(flow: &FlowContext<'_, impl Ports>, job: &Job) -> Result<Option<ResponseWrite>, Failure> {
    let attempt = &job.attempt;
    let Some(response) = attempt.response.as_ref().or(attempt.prior.as_ref()).filter(|_| !job.state.is_resting())
    else {
        return Ok(None);
    };
    let row = flow.store.response(response).await?.filter(|row| !row.settled);
    Ok(row.map(|row| ResponseWrite::Settle(ResponseRow { due: Some(flow.clock.now()), ..row })))
}
