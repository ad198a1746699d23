//! What nobody may let out alone: a consequential result, and one that its type's conditions hold back.

use std::collections::BTreeSet;

use domain::job::record::Record;
use domain::job::{EventKind, Job, State};
use domain::policy::cost::{CostState, Usd};
use domain::policy::job_type::{JobType, ReviewPolicy, shipped};
use domain::policy::lane::Lane;
use domain::value::id::Principal;
use domain::value::member::Role;

use crate::faulty::Shared;

/// What is wrong with a completion that somebody has to allow.
pub(super) fn unapproved(shared: &Shared, job: &Job, record: &Record, before: &[Record]) -> Option<&'static str> {
    let is_out = record.to == State::Completed && record.from != Some(State::Completed);
    let Some(job_type) = is_out.then(|| type_of(shared, job))? else {
        return Some("a job was completed whose type is not there");
    };
    if record.event == EventKind::Approved {
        return unallowed(shared, job, record, before, &job_type);
    }
    let is_held_back = match job_type.review {
        ReviewPolicy::Never => false,
        ReviewPolicy::Always | ReviewPolicy::Other(_) => true,
        ReviewPolicy::When(conditions) => {
            let is_sure = record.unpriced_responses == 0 && record.cost_state == CostState::Known;
            let is_dear = |limit| Usd::from_pico(record.cost_pico) > limit || !is_sure;
            conditions.cost_over.is_some_and(is_dear) || job.result.is_some_and(|result| result.partial)
        }
    };
    // Somebody asked for this attempt, and has not seen what came of it.
    let opens = |record: &&Record| matches!(record.event, EventKind::ChangesRequested | EventKind::Retried);
    let was_sent_back = before.iter().rev().find(opens).is_some_and(|opens| opens.event == EventKind::ChangesRequested);
    (is_held_back || was_sent_back || job.lane == Lane::Approval)
        .then_some("a result that somebody has to allow was completed by nobody")
}

/// The version that the job was created with.
pub(super) fn type_of(shared: &Shared, job: &Job) -> Option<JobType> {
    let own = shared.store.type_of(&job.workspace, &job.job_type, Some(job.type_version));
    own.or_else(|| shipped(job.job_type.as_str()).filter(|shipped| shipped.version == job.type_version))
}

/// Whether this person wrote or retried something that went on into what waits: it was sent back to be changed, and not
/// started anew, by whoever opened the next attempt.
fn made(id: &str, before: &[Record]) -> bool {
    let goes_on = |behind: &[Record]| {
        let opens = |record: &&Record| matches!(record.event, EventKind::ChangesRequested | EventKind::Retried);
        behind.iter().find(opens).is_none_or(|opens| opens.event == EventKind::ChangesRequested)
    };
    before.iter().enumerate().any(|(at, record)| {
        let is_theirs = record.actor.id == id && matches!(record.event, EventKind::Edited | EventKind::Retried);
        is_theirs && goes_on(before.get(at + 1..).unwrap_or_default())
    })
}

/// What is wrong with an approval that let a result out.
fn unallowed(
    shared: &Shared,
    job: &Job,
    record: &Record,
    before: &[Record],
    job_type: &JobType,
) -> Option<&'static str> {
    let is_reviewer = |id: &str| {
        let principal = Principal::parse(id);
        principal.is_ok_and(|principal| shared.store.has_role(&job.workspace, &principal, Role::Reviewer))
    };
    let opened = before.iter().rposition(|before| before.event == EventKind::Finished).unwrap_or_default();
    let attempt = before.get(opened..).unwrap_or_default();
    let four_eyes = job.lane == Lane::Approval || !job_type.description.contains("four eyes");
    let is_for =
        |id: &str| before.iter().any(|record| record.on_behalf_of.as_ref().is_some_and(|it| it.as_str() == id));
    let has_hand = |id: &str| four_eyes && (id == job.created_by.as_str() || is_for(id) || made(id, before));
    let waits = attempt.iter().rposition(|before| matches!(before.event, EventKind::Finished | EventKind::Edited));
    let round = attempt.get(waits.unwrap_or_default()..).unwrap_or_default();
    let approvals = round.iter().chain([record]).filter(|record| record.event == EventKind::Approved);
    let allowed_by: BTreeSet<&str> = approvals.map(|record| record.actor.id.as_str()).collect();
    let counted = allowed_by.iter().filter(|id| is_reviewer(id) && !has_hand(id)).count();
    if !is_reviewer(&record.actor.id) {
        Some("a result was let out by somebody who is no reviewer")
    } else if has_hand(&record.actor.id) {
        Some("a result was let out by somebody who had a hand in it")
    } else if round.first().is_none_or(|waits| waits.digest != record.digest || waits.attempt != record.attempt) {
        Some("another result was let out than the one that waited")
    } else if counted < usize::from(job_type.approvals) {
        Some("a result was let out by fewer reviewers than its type asks for")
    } else {
        None
    }
}
