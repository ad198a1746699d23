//! Controls: none is taken from somebody who may not give it, or twice under one key, and nobody is reminded twice.

use domain::job::record::{ActorKind, Record};
use domain::job::{EventKind, Job, State};
use domain::policy::cost::{CostState, Usd};

use crate::faulty::Shared;
use crate::world::{OPERATOR, REVIEWERS};

/// What is wrong with a control that was taken.
pub(super) fn unordered(job: &Job, record: &Record, before: &[Record]) -> Option<&'static str> {
    let event = record.event;
    if !matches!(event, EventKind::Canceled | EventKind::Retried | EventKind::Escalated | EventKind::Archived) {
        return None;
    }
    let is_system = record.actor.kind == ActorKind::System;
    // One who lost the role meanwhile had it when they asked.
    let is_reviewer = REVIEWERS.contains(&record.actor.id.as_str());
    let may = record.actor.id == job.created_by.as_str() || record.actor.id == OPERATOR;
    let is_repeat = |seen: &Record| seen.event == event && record.key.is_some() && seen.key == record.key;
    if !(may || (event == EventKind::Escalated && (is_system || is_reviewer))) {
        Some("a control was taken from somebody who may not give it")
    } else if before.iter().any(is_repeat) {
        Some("a control was taken twice under one key")
    } else {
        None
    }
}

/// Whether somebody was reminded of the same text before.
pub(super) fn reminded_twice(record: &Record, before: &[Record]) -> bool {
    let round =
        before.iter().rev().take_while(|before| !matches!(before.event, EventKind::Finished | EventKind::Edited));
    record.event == EventKind::Reminded && round.filter(|before| before.event == EventKind::Reminded).count() > 0
}

/// Whether the record of a run that its job left behind counts it as nothing, or an open cost as known.
pub(super) fn is_too_cheap(shared: &Shared, record: &Record, before: &[Record]) -> bool {
    let ends = matches!(record.event, EventKind::Canceled | EventKind::DeadlinePassed);
    let left = record.response.as_ref().filter(|_| ends && record.from == Some(State::InProgress));
    let provider = shared.provider.borrow();
    // A model that is on no list has no price to guess by.
    let run = left.and_then(|id| provider.runs.get(id)).filter(|run| run.has_price());
    let guessed = before.last().map_or(0, |before| before.cost_estimate);
    (run.is_some() && record.cost_estimate <= guessed)
        || (record.unpriced_responses > 0 && record.cost().state == CostState::Known)
}

/// Whether an attempt was begun although the job had cost too much for it when the attempt was opened.
pub(super) fn is_unaffordable(job: &Job, record: &Record, before: &[Record]) -> bool {
    let opened = before.iter().find(|before| before.attempt == record.attempt);
    job.cost_limit.zip(opened).is_some_and(|(limit, opened)| {
        let attempt = job.attempt_cost.unwrap_or_default();
        limit < Usd::from_pico(opened.cost_pico) + attempt || opened.cost_state == CostState::Unknown
    })
}
