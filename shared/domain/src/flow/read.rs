//! Read: one job, a page of jobs or a trail, for a caller who may see it.

use super::show::{LaneBreakers, Policies, Presenter};
use super::{Caller, FlowError, member, sees, sees_all, trust, visible_job};
use crate::job::record::{Record, SealedRecord, chain_intact, matches_row};
use crate::job::{Job, State};
use crate::policy::lane::Lane;
use crate::port::{Clock, JobReader, Listing, Position};
use crate::value::id::Principal;
use crate::value::member::{Member, Role};
use crate::value::time::{Timestamp, Timing};

/// A filter over the workspace's jobs. It applies after a page is read, so a page may come short.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status: Option<crate::job::Status>,
    pub job_type: Option<String>,
    pub lane: Option<Lane>,
    /// Only jobs that need a person.
    pub attention: bool,
    /// A key and, when given, its value.
    pub tag: Option<(String, Option<String>)>,
    pub archived: bool,
    pub on_behalf_of: Option<Principal>,
}

impl Filter {
    fn keeps(&self, job: &Job, timing: &Timing, lanes: &LaneBreakers, now: Timestamp) -> bool {
        self.status.is_none_or(|status| job.state.status() == status)
            && self.job_type.as_ref().is_none_or(|name| job.job_type.as_str() == name)
            && self.lane.is_none_or(|lane| job.lane == lane)
            && self.tag.as_ref().is_none_or(|(key, value)| {
                job.tags.get(key).is_some_and(|held| value.as_ref().is_none_or(|value| held == value))
            })
            && (!self.attention || job.attention(timing, lanes.of(job), now).is_some())
            && (self.archived || job.archived_at.is_none())
            && (self.on_behalf_of.is_none() || job.on_behalf_of == self.on_behalf_of)
    }

    /// Whether every match is an open job, so that the sparse index will do.
    fn is_open(&self) -> bool {
        self.attention
            || self.status.is_some_and(|status| {
                State::ALL.iter().filter(|state| state.status() == status).all(|state| !state.is_terminal())
            })
    }
}

/// The job, and the caller as a member.
pub async fn job(reader: &impl JobReader, caller: &Caller, id: &str) -> Result<(Job, Member), FlowError> {
    visible_job(reader, caller, id).await
}

/// A page of the jobs that the caller may see, newest first.
pub async fn list<'a>(
    reader: &impl JobReader,
    clock: &impl Clock,
    timing: &'a Timing,
    caller: &Caller,
    filter: &Filter,
    from: Option<&Position>,
    limit: u16,
) -> Result<(Vec<Job>, Presenter<'a>, Option<Position>), FlowError> {
    let member = member(reader, caller).await?;
    let listing = match (sees_all(&member), filter.is_open()) {
        (false, _) => Listing::By(&caller.principal, Some(caller.issuer)),
        (true, true) => Listing::Open,
        (true, false) => Listing::All,
    };
    let page = reader.list(&caller.workspace, listing, from, limit).await?;
    let now = clock.now();
    let lanes = LaneBreakers::read(reader, &page.jobs, now).await;
    let is_shown = |job: &Job| sees(&member, job) && filter.keeps(job, timing, &lanes, now);
    let jobs: Vec<Job> = page.jobs.into_iter().filter(is_shown).collect();
    let policies = Policies::read(reader, &jobs).await?;
    Ok((jobs, Presenter { timing, member, now, lanes, policies }, page.next))
}

/// The trail, and whether its chain holds and tells the row's story.
pub async fn trail(
    reader: &impl JobReader,
    caller: &Caller,
    id: &str,
) -> Result<(Job, Vec<SealedRecord>, bool), FlowError> {
    let (job, _) = visible_job(reader, caller, id).await?;
    let (trail, _, is_intact) = whole_trail(reader, &job).await?;
    Ok((job, trail, is_intact))
}

/// What led to the row, sealed and read, and whether nothing of it was altered.
pub(super) async fn whole_trail(
    reader: &impl JobReader,
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
    reader: &impl JobReader,
    caller: &Caller,
) -> Result<(Vec<SealedRecord>, Option<Vec<String>>), FlowError> {
    let member = member(reader, caller).await?;
    if !member.roles.contains(&Role::Auditor) && !member.roles.contains(&Role::Admin) {
        return Err(FlowError::Forbidden("Only an auditor or an admin reads a workspace's trail."));
    }
    trust::compared(reader, &caller.workspace).await
}
