//! Decide: a reviewer approves, edits, rejects a result or asks for another attempt. The roles that count are checked in
//! the write itself.

use std::ops::ControlFlow::{Break, Continue};

use super::retry::retry_on_conflict;
use super::{Caller, FlowContext, FlowError, Ports, policy, read, trust, visible_job};
use crate::contract::request::error_at;
use crate::contract::result::Edited;
use crate::job::note::Note;
use crate::job::record::{Actor, Cause, Record};
use crate::job::{Event, Job, ResultRef, TransitionContext, TransitionError};
use crate::people::control::allowed;
use crate::people::review::{self, Action, ActionDenied, ReviewCommand, ReviewOutcome, Round};
use crate::policy::job_type::JobType;
use crate::policy::output_schema::{SchemaError, errors_of};
use crate::port::{Clock, Commit, Jobs, PayloadKind, Payloads, WorkspaceReader, WriteOutcome};
use crate::value::failure::Failure;
use crate::value::id::{Digest, Principal};
use crate::value::member::{Member, Role};

/// A decision with all that its caller gave.
#[derive(Debug, Clone)]
pub struct Decision {
    pub ask: ReviewCommand,
    /// The text to deliver instead, of an edit.
    pub text: Option<String>,
    pub note: Option<String>,
}

/// The job after the decision. A repeat answers the job as it is.
pub async fn decide(
    flow: &FlowContext<'_, impl Ports>,
    caller: &Caller,
    id: &str,
    decision: &Decision,
) -> Result<(Job, Member, JobType), FlowError> {
    retry_on_conflict("commit the decision", (), |_, ()| async move {
        let (job, member) = visible_job(flow.store, caller, id).await?;
        let policy = policy(flow.store, &job).await?;
        let (_, trail, is_intact) = read::whole_trail(flow.store, &job).await?;
        if !is_intact {
            // Who had a hand in it cannot be told.
            return Err(FlowError::Altered);
        }
        let by_row = |denial| FlowError::Denied(denial, allowed(&job, &member, &policy, None, flow.clock.now()));
        if !trail.iter().all(Record::is_understood) {
            // Nor here.
            return Err(by_row(ActionDenied::NewerRelease));
        }
        let round = Round::of(&job, &trail);
        let now = flow.clock.now();
        let verdict = review::decide(&job, &round, &policy, &member, decision.ask, now);
        let denied =
            |denial| FlowError::Denied(denial, allowed(&job, &member, &policy, Some(&round), flow.clock.now()));
        let verdict = verdict.map_err(denied)?;
        let reviewers = match &verdict {
            ReviewOutcome::Repeat => still_reviewers(flow.store, caller, &round.approved_by).await?,
            ReviewOutcome::Counted(approved_by) => still_reviewers(flow.store, caller, approved_by).await?,
            ReviewOutcome::Decided => vec![caller.principal.clone()],
        };
        let missing = usize::from(policy.approvals).saturating_sub(reviewers.len());
        // A repeat adds nothing, unless one of those before was no reviewer for a while.
        let is_over = job.state.is_terminal() || job.deadline <= now;
        if verdict == ReviewOutcome::Repeat && (missing > 0 || is_over) {
            return Ok(Break((job, member, policy)));
        }
        if !reviewers.contains(&caller.principal) {
            return Ok(Continue(()));
        }
        trust::standing(flow.store, &caller.workspace, &reviewers).await?;
        let note = flow.note(&job, decision.note.as_ref());
        let event = event(flow, &job, &policy, decision, missing, note.as_ref().map(Note::digest)).await?;
        let actor = Actor::principal(&caller.principal);
        let context = TransitionContext { actor: &actor, ..flow.context(&policy, Cause::Request) };
        let change = job.apply(event, &context).map_err(|error| match error {
            TransitionError::Illegal(_) => denied(ActionDenied::NotWaiting),
            TransitionError::Unsealed(error) => Failure::from(error).into(),
        })?;
        let Some(change) = change else { return Ok(Break((job, member, policy))) };
        let commit = Commit { note: note.as_ref(), reviewers: &reviewers, ..Commit::of(&change, None) };
        if flow.store.commit(commit).await? == WriteOutcome::Committed {
            return Ok(Break((change.job, member, policy)));
        }
        // Or somebody's roles have changed.
        Ok(Continue(()))
    })
    .await
}

/// Those of them who are reviewers now.
async fn still_reviewers(
    store: &impl WorkspaceReader,
    caller: &Caller,
    approved_by: &[Principal],
) -> Result<Vec<Principal>, FlowError> {
    let mut reviewers = Vec::new();
    for principal in approved_by {
        let member = store.member(&caller.workspace, principal).await?;
        let is_reviewer = |member: Member| member.active && member.roles.contains(&Role::Reviewer);
        if member.filter(|member| member.is_of(caller.issuer)).is_some_and(is_reviewer) {
            reviewers.push(principal.clone());
        }
    }
    Ok(reviewers)
}

async fn event(
    flow: &FlowContext<'_, impl Ports>,
    job: &Job,
    policy: &JobType,
    decision: &Decision,
    missing: usize,
    note: Option<Digest>,
) -> Result<Event, FlowError> {
    Ok(match decision.ask.action {
        Action::Approve => Event::Approved { approvals_missing: u8::try_from(missing).unwrap_or(u8::MAX), note },
        Action::Reject => Event::Rejected { note },
        Action::RequestChanges => Event::ChangesRequested { note },
        Action::Edit => {
            let text = decision.text.clone().unwrap_or_default();
            keeps_schema(policy, &text)?;
            let kept = keep(flow, job, text).await?;
            Event::Edited { result: kept, note }
        }
    })
}

/// What a reviewer puts in the place of an answer keeps the schema that the answer had to keep.
fn keeps_schema(policy: &JobType, text: &str) -> Result<(), FlowError> {
    let Some(schema) = &policy.output_schema else { return Ok(()) };
    let errors = errors_of(schema, text);
    let wrong = |error: SchemaError| error_at("text", &format!("at {:?} {}", error.path, error.message));
    if errors.is_empty() { Ok(()) } else { Err(FlowError::Invalid(errors.into_iter().map(wrong).collect())) }
}

/// Keeps the reviewer's text beside what it stands in for.
async fn keep(flow: &FlowContext<'_, impl Ports>, job: &Job, text: String) -> Result<ResultRef, FlowError> {
    let result = job.result.ok_or(FlowError::NoResult)?;
    let (place, attempt) = ((&job.workspace, &job.id), job.attempt.number);
    let of = match result.edited {
        false => result.stored,
        true => {
            let bytes = flow.payloads.get(place, PayloadKind::Edit { attempt }, &result.stored).await?;
            Edited::read(&bytes.ok_or(FlowError::NoResult)?)?.of()
        }
    };
    let edited = Edited { digest: of.digest, bytes: of.bytes, text };
    let stored = flow.payloads.put(place, PayloadKind::Edit { attempt }, &edited.write()?).await?;
    Ok(ResultRef { stored, partial: result.partial, edited: true, late: false })
}
