//! Controls: none is taken from somebody who may not give it, or twice under one key.

use domain::id::Principal;
use domain::job::Job;
use domain::port::Role;
use domain::record::{ActorKind, Record};

use crate::faulty::Shared;
use crate::world::OPERATOR;

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
