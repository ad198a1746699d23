//! Read: one job, a page of jobs or a trail, for a caller who may see it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Caller, FlowError, member, policy, sees, sees_all, trust, visible_job};
use crate::contract::view::Standing;
use crate::job::record::{Record, SealedRecord, chain_intact, tells};
use crate::job::{Job, State};
use crate::people::control::{self, AllowedAction};
use crate::people::review::{self, Round};
use crate::policy::job_type::JobType;
use crate::policy::lane::Lane;
use crate::port::{Clock, JobReader, Listing, Position};
use crate::provider::breaker::{Breaker, Circuit};
use crate::value::failure::{Class, Failure};
use crate::value::id::{Principal, TypeName};
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

/// The lanes that queued jobs wait for.
#[derive(Debug, Default)]
pub struct LaneBreakers(BTreeMap<Lane, Breaker>);

impl LaneBreakers {
    /// Reads the breaker of each lane in which one of the jobs is overdue to start.
    /// One that cannot be read hides no job.
    pub async fn read(reader: &impl JobReader, jobs: &[Job], now: Timestamp) -> Self {
        let mut lanes = BTreeMap::new();
        for job in jobs.iter().filter(|job| job.waits_for_lane(now)) {
            if let Entry::Vacant(unread) = lanes.entry(job.lane)
                && let Ok(breaker) = reader.breaker(Circuit::Starts(job.lane)).await
            {
                unread.insert(breaker);
            }
        }
        Self(lanes)
    }

    pub fn of(&self, job: &Job) -> Option<&Breaker> {
        self.0.get(&job.lane)
    }
}

/// The job, and the caller as a member.
pub async fn job(reader: &impl JobReader, caller: &Caller, id: &str) -> Result<(Job, Member), FlowError> {
    visible_job(reader, caller, id).await
}

/// The types that jobs were created with, each read once. What a job allows depends on its type.
#[derive(Debug, Default)]
pub struct Policies(BTreeMap<(TypeName, u32), JobType>);

impl Policies {
    pub async fn read(reader: &impl JobReader, jobs: &[Job]) -> Result<Self, Failure> {
        let mut policies = BTreeMap::new();
        for job in jobs {
            if let Entry::Vacant(unread) = policies.entry((job.job_type.clone(), job.type_version)) {
                match policy(reader, job).await {
                    Ok(policy) => drop(unread.insert(policy)),
                    // A type that is gone hides no job; nothing can be done with it until it is back.
                    Err(failure) if failure.class != Class::Transient => {}
                    Err(failure) => return Err(failure),
                }
            }
        }
        Ok(Self(policies))
    }

    /// What this member could do with a job that was among them.
    pub fn allowed(&self, job: &Job, member: &Member, now: Timestamp) -> Vec<AllowedAction> {
        let policy = self.0.get(&(job.job_type.clone(), job.type_version));
        policy.map(|policy| control::allowed(job, member, policy, None, now)).unwrap_or_default()
    }
}

/// How this member stands to one job.
pub async fn standing(
    reader: &impl JobReader,
    job: &Job,
    member: &Member,
    now: Timestamp,
) -> Result<Standing, FlowError> {
    match policy(reader, job).await {
        Ok(policy) => standing_under(reader, job, member, &policy, now).await,
        // Nothing can be done with it until its type is back.
        Err(failure) if failure.class != Class::Transient => Ok(Standing::default()),
        Err(failure) => Err(failure.into()),
    }
}

/// The same after a change that is committed, as far as the row tells if nothing else can be read.
pub async fn standing_after(
    reader: &impl JobReader,
    job: &Job,
    member: &Member,
    policy: &JobType,
    now: Timestamp,
) -> Standing {
    let by_row = || Standing { allowed: control::allowed(job, member, policy, None, now), approved_by: None };
    standing_under(reader, job, member, policy, now).await.unwrap_or_else(|_| by_row())
}

/// While a job waits, its trail is read for a reviewer: what four eyes refuse is not allowed, nor is a decision that would
/// rest on a trail that was altered, or that nobody here can read.
async fn standing_under(
    reader: &impl JobReader,
    job: &Job,
    member: &Member,
    policy: &JobType,
    now: Timestamp,
) -> Result<Standing, FlowError> {
    let mut by_row = Standing { allowed: control::allowed(job, member, policy, None, now), approved_by: None };
    if !review::is_asked(job, member) {
        return Ok(by_row);
    }
    let (_, records, is_intact) = whole_trail(reader, job).await?;
    if !is_intact || !records.iter().all(Record::is_understood) {
        by_row.allowed.retain(|allowed| matches!(allowed, AllowedAction::Control(_)));
        return Ok(by_row);
    }
    let round = Round::of(job, &records);
    let allowed = control::allowed(job, member, policy, Some(&round), now);
    Ok(Standing { allowed, approved_by: Some(round.approved_by) })
}

/// A page of the jobs that the caller may see, newest first.
pub async fn list(
    reader: &impl JobReader,
    clock: &impl Clock,
    timing: &Timing,
    caller: &Caller,
    filter: &Filter,
    from: Option<&Position>,
    limit: u16,
) -> Result<(Vec<Job>, Member, LaneBreakers, Option<Position>), FlowError> {
    let member = member(reader, caller).await?;
    let listing = match (sees_all(&member), filter.is_open()) {
        (false, _) => Listing::By(&caller.principal, Some(caller.issuer)),
        (true, true) => Listing::Open,
        (true, false) => Listing::All,
    };
    let page = reader.list(&caller.workspace, listing, from, limit).await?;
    let now = clock.now();
    let lanes = LaneBreakers::read(reader, &page.jobs, now).await;
    let jobs =
        page.jobs.into_iter().filter(|job| sees(&member, job) && filter.keeps(job, timing, &lanes, now)).collect();
    Ok((jobs, member, lanes, page.next))
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
    let records: Vec<Record> = trail.iter().filter_map(|sealed| sealed.open().ok()).collect();
    let is_intact = chain_intact(job, &trail) && tells(&records, job);
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
