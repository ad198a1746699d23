//! Read: one job or a trail, for a caller who may see it.

use std::collections::BTreeMap;

use super::{Caller, FlowError, member, trust, visible_job};
use crate::job::Job;
use crate::job::delivery::notes_for;
use crate::job::durations::Durations;
use crate::job::record::{Record, SealedRecord, chain_intact, matches_row};
use crate::port::{Clock, StoreReader};
use crate::value::member::{Member, Role};

/// The job, and the caller as a member.
pub async fn job(reader: &impl StoreReader, caller: &Caller, id: &str) -> Result<(Job, Member), FlowError> {
    visible_job(reader, caller, id).await
}

/// A job's trail, and what its reader may know beside it.
#[derive(Debug)]
pub struct Trail {
    pub job: Job,
    pub sealed: Vec<SealedRecord>,
    /// The chain holds and tells the row's story.
    pub is_intact: bool,
    /// What people wrote, by version.
    pub notes: BTreeMap<u32, String>,
    pub durations: Durations,
}

pub async fn trail(
    reader: &impl StoreReader,
    clock: &impl Clock,
    caller: &Caller,
    id: &str,
) -> Result<Trail, FlowError> {
    let (job, member) = visible_job(reader, caller, id).await?;
    let (sealed, records, is_intact) = whole_trail(reader, &job).await?;
    let notes = match records.iter().any(|record| record.note.is_some()) {
        true => notes_for(&member, &job, reader.notes(&job.workspace, &job.id).await?, &records),
        false => BTreeMap::new(),
    };
    let durations = Durations::of(&records, clock.now());
    Ok(Trail { job, sealed, is_intact, notes, durations })
}

/// What led to the row, sealed and read, and whether nothing of it was altered.
pub(super) async fn whole_trail(
    reader: &impl StoreReader,
    job: &Job,
) -> Result<(Vec<SealedRecord>, Vec<Record>, bool), FlowError> {
    let mut trail = reader.trail(&job.workspace, &job.id, 0).await?;
    // Records that came after the row was read are not a break.
    trail.truncate(usize::try_from(job.version).unwrap_or(usize::MAX));
    let records: Vec<Record> = trail.iter().filter_map(|sealed| sealed.decode().ok()).collect();
    let is_intact = chain_intact(job, &trail) && matches_row(&records, job);
    Ok((trail, records, is_intact))
}

/// What changed in a workspace, and which of its rows are not what that says of them; `None` where the trail itself was
/// altered.
pub async fn workspace_trail(
    reader: &impl StoreReader,
    caller: &Caller,
) -> Result<(Vec<SealedRecord>, Option<Vec<String>>), FlowError> {
    let member = member(reader, caller).await?;
    if !member.roles.contains(&Role::Auditor) && !member.roles.contains(&Role::Admin) {
        return Err(FlowError::Forbidden("Only an auditor or an admin reads a workspace's trail."));
    }
    trust::compared(reader, &caller.workspace).await
}
