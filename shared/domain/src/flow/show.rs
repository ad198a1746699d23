//! Show: a job as a caller sees it. Whichever route answers, it is put together here, from the same things.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::slice;

use super::read::whole_trail;
use super::{FlowContext, FlowError, Ports, policy};
use crate::contract::view::{JobView, Standing};
use crate::job::Job;
use crate::job::record::Record;
use crate::people::control::{self, AllowedAction};
use crate::people::review::{self, Round};
use crate::policy::job_type::JobType;
use crate::policy::lane::Lane;
use crate::port::{Clock, StoreReader};
use crate::provider::breaker::{Breaker, Circuit};
use crate::value::failure::{Class, Failure};
use crate::value::id::TypeName;
use crate::value::member::Member;
use crate::value::time::{Timestamp, Timing};

/// What jobs are shown with to a member at one moment, read once for all of them.
#[derive(Debug)]
pub struct Presenter<'a> {
    pub(super) timing: &'a Timing,
    pub(super) member: Member,
    pub(super) now: Timestamp,
    pub(super) lanes: LaneBreakers,
    pub(super) policies: Policies,
}

/// One job.
pub async fn job<'j>(
    reader: &impl StoreReader,
    timing: &Timing,
    now: Timestamp,
    job: &'j Job,
    member: Member,
) -> Result<JobView<'j>, FlowError> {
    let lanes = LaneBreakers::read(reader, slice::from_ref(job), now).await;
    let policies = Policies::read(reader, slice::from_ref(job)).await?;
    Presenter { timing, member, now, lanes, policies }.whole(reader, job).await
}

/// A job that this caller has just created or changed. That is committed: what cannot be read now is left out.
pub async fn changed<'j>(
    flow: &FlowContext<'_, impl Ports>,
    job: &'j Job,
    member: Member,
    policy: JobType,
) -> JobView<'j> {
    let now = flow.clock.now();
    let lanes = LaneBreakers::read(flow.store, slice::from_ref(job), now).await;
    let policies = Policies(BTreeMap::from([(Policies::key(job), policy)]));
    let presenter = Presenter { timing: &flow.setting.timing, member, now, lanes, policies };
    presenter.whole(flow.store, job).await.unwrap_or_else(|_| presenter.row(job))
}

impl Presenter<'_> {
    /// As far as its row tells, as in a list: four eyes may still refuse an approval.
    pub fn row<'j>(&self, job: &'j Job) -> JobView<'j> {
        self.view(job, Standing { allowed: self.allowed(job, None), approved_by: None })
    }

    /// While a job waits, its trail is read for a reviewer: what four eyes refuse is not allowed, nor is a decision that
    /// would rest on a trail that was altered, or that nobody here can read.
    async fn whole<'j>(&self, reader: &impl StoreReader, job: &'j Job) -> Result<JobView<'j>, FlowError> {
        if !review::is_asked(job, &self.member) || self.policies.of(job).is_none() {
            return Ok(self.row(job));
        }
        let (_, records, is_intact) = whole_trail(reader, job).await?;
        let standing = if is_intact && records.iter().all(Record::is_understood) {
            let round = Round::of(job, &records);
            Standing { allowed: self.allowed(job, Some(&round)), approved_by: Some(round.approved_by) }
        } else {
            let mut allowed = self.allowed(job, None);
            allowed.retain(|action| matches!(action, AllowedAction::Control(_)));
            Standing { allowed, approved_by: None }
        };
        Ok(self.view(job, standing))
    }

    fn view<'j>(&self, job: &'j Job, standing: Standing) -> JobView<'j> {
        JobView::of(job, self.timing, self.lanes.of(job), self.now).standing(standing)
    }

    /// What the member could do with the job now.
    fn allowed(&self, job: &Job, round: Option<&Round>) -> Vec<AllowedAction> {
        let policy = self.policies.of(job);
        policy.map(|policy| control::allowed(job, &self.member, policy, round, self.now)).unwrap_or_default()
    }
}

/// The lanes that queued jobs wait for.
#[derive(Debug, Default)]
pub(super) struct LaneBreakers(BTreeMap<Lane, Breaker>);

impl LaneBreakers {
    /// Reads the breaker of each lane in which one of the jobs is overdue to start.
    /// One that cannot be read hides no job.
    pub(super) async fn read(reader: &impl StoreReader, jobs: &[Job], now: Timestamp) -> Self {
        let mut lanes = Self::default();
        lanes.add(reader, jobs, now).await;
        lanes
    }

    /// The same for more jobs.
    pub(super) async fn add(&mut self, reader: &impl StoreReader, jobs: &[Job], now: Timestamp) {
        for job in jobs.iter().filter(|job| job.waits_for_lane(now)) {
            if let Entry::Vacant(unread) = self.0.entry(job.lane)
                && let Ok(breaker) = reader.breaker(Circuit::Starts(job.lane)).await
            {
                unread.insert(breaker);
            }
        }
    }

    pub(super) fn of(&self, job: &Job) -> Option<&Breaker> {
        self.0.get(&job.lane)
    }
}

/// The types that jobs were created with, each read once. What a job allows depends on its type.
#[derive(Debug, Default)]
pub(super) struct Policies(BTreeMap<(TypeName, u32), JobType>);

impl Policies {
    pub(super) async fn read(reader: &impl StoreReader, jobs: &[Job]) -> Result<Self, Failure> {
        let mut policies = BTreeMap::new();
        for job in jobs {
            if let Entry::Vacant(unread) = policies.entry(Self::key(job)) {
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

    fn key(job: &Job) -> (TypeName, u32) {
        (job.job_type.clone(), job.type_version)
    }

    fn of(&self, job: &Job) -> Option<&JobType> {
        self.0.get(&Self::key(job))
    }
}
