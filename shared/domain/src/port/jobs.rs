//! Jobs and their records: reading them, and the one conditional write that each transition is.

use serde::{Deserialize, Serialize};

use super::{ResponseWrite, WriteOutcome};
use crate::job::note::Note;
use crate::job::record::SealedRecord;
use crate::job::{Job, Transition};
use crate::value::failure::Failure;
use crate::value::id::{Issuer, JobId, Principal, WorkspaceId};
use crate::value::time::Timestamp;

/// How a create ended.
#[derive(Debug)]
pub enum Creation {
    Created,
    /// Somebody holds the id; the same request or another one.
    Existing(Box<Job>),
}

/// One transaction: the job's row at its next version, its record, and what goes along.
#[derive(Debug, Clone, Copy)]
pub struct Commit<'a> {
    pub transition: &'a Transition,
    pub response: Option<&'a ResponseWrite>,
    /// What a person wrote.
    pub note: Option<&'a Note>,
    /// Nothing is written unless all of these are reviewers of the workspace at that moment.
    pub reviewers: &'a [Principal],
}

impl<'a> Commit<'a> {
    /// A transition, and the response row that it touches.
    pub const fn of(transition: &'a Transition, response: Option<&'a ResponseWrite>) -> Self {
        Self { transition, response, note: None, reviewers: &[] }
    }
}

/// Which jobs of a workspace a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing<'a> {
    All,
    /// Those that are not terminal or still wait for a person.
    Open,
    /// One creator's own, so that not even a cursor names another's.
    By(&'a Principal, Option<Issuer>),
}

/// Which part of a list is asked for, and from which end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Created then or later.
    pub from: Option<Timestamp>,
    /// Created before.
    pub to: Option<Timestamp>,
    pub order: Order,
}

impl Span {
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

/// Which job comes first in a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Newest,
    Oldest,
}

/// One page of a list, in the order that was asked for.
#[derive(Debug)]
pub struct Page {
    pub jobs: Vec<Job>,
    pub next: Option<Position>,
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub created_ms: i64,
    pub job: JobId,
}

impl Position {
    /// Right after this job.
    pub fn of(job: &Job) -> Self {
        Self { created_ms: job.created_at.millis(), job: job.id.clone() }
    }

    pub const fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.created_ms)
    }
}

/// Reads jobs.
pub trait JobReader {
    /// Strongly consistent.
    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Option<Job>, Failure>;
    /// All records of a job from `after` on, in order.
    async fn trail(&self, workspace: &WorkspaceId, id: &JobId, after: u32) -> Result<Vec<SealedRecord>, Failure>;
    /// What people wrote about a job, in order.
    async fn notes(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Vec<Note>, Failure>;
    async fn list(
        &self,
        workspace: &WorkspaceId,
        listing: Listing<'_>,
        span: &Span,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<Page, Failure>;
}

/// Changes jobs. Every method is one conditional write, and one read where its answer was lost.
pub trait Jobs: JobReader {
    async fn create(&self, transition: &Transition) -> Result<Creation, Failure>;
    async fn commit(&self, commit: Commit<'_>) -> Result<WriteOutcome, Failure>;
    /// One conditional update of due, claim count, start and index hint, if version and claim count are as seen.
    async fn claim(&self, seen: &Job, claimed: &Job) -> Result<WriteOutcome, Failure>;
    /// Confirms versions `from` to `to` as published, if those before are.
    async fn confirm(&self, confirmed: &Confirmation) -> Result<WriteOutcome, Failure>;
}

/// What a publisher knows after its entries were accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    pub workspace: WorkspaceId,
    pub job: JobId,
    pub from: u32,
    pub to: u32,
}
