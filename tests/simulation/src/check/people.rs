//! What people did: nobody lets out what they may not, and no control is given without the right to, or twice.

use domain::id::Principal;
use domain::job::Job;
use domain::port::Role;
use domain::record::{ActorKind, Record};

use crate::faulty::Shared;
use crate::world::OPERATOR;

/// What is wrong with a consequential result that was let out.
pub(super) fn unapproved(shared: &Shared, job: &Job, record: &Record, before: &[Record]) -> Option<&'static str> {
    if record.event != "approved" {
        return Some("a consequential result was completed by nobody");
    }
    let is_reviewer = Principal::parse(&record.actor.id)
        .is_ok_and(|principal| shared.store.has_role(&job.workspace, &principal, Role::Reviewer));
    let opened = before.iter().rposition(|before| before.event == "finished").unwrap_or_default();
    let round = before.get(opened..).unwrap_or_default();
    let wrote = round.iter().any(|before| before.event == "edited" && before.actor == record.actor);
    let waits = round.iter().rev().find(|before| matches!(before.event.as_str(), "finished" | "edited"));
    if !is_reviewer {
        Some("a result was let out by somebody who is no reviewer")
    } else if record.actor.id == job.created_by.as_str() || wrote {
        Some("a result was let out by somebody who had a hand in it")
    } else if waits.is_none_or(|waits| waits.digest != record.digest || waits.attempt != record.attempt) {
        Some("another result was let out than the one that waited")
    } else {
        None
    }
}

/// What is wrong with a control that was taken.
pub(super) fn unordered(shared: &Shared, job: &Job, record: &Record, before: &[Record]) -> Option<&'static str> {
    let event = record.event.as_str();
    if !matches!(event, "canceled" | "retried" | "escalated" | "archived") {
        return None;
    }
    let is_system = record.actor.kind == ActorKind::System;
    let is_reviewer = Principal::parse(&record.actor.id)
        .is_ok_and(|principal| shared.store.has_role(&job.workspace, &principal, Role::Reviewer));
    let may = record.actor.id == job.created_by.as_str() || record.actor.id == OPERATOR;
    let is_repeat = |seen: &Record| seen.event == event && record.key.is_some() && seen.key == record.key;
    if !(may || (event == "escalated" && (is_system || is_reviewer))) {
        Some("a control was taken from somebody who may not give it")
    } else if before.iter().any(is_repeat) {
        Some("a control was taken twice under one key")
    } else {
        None
    }
}
