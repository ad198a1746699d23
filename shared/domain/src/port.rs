//! Ports: what the rules need from the outside. Each is implemented for AWS and for the local edition.

mod notices;
mod queue;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::published::{Published, PublishedChange};
use crate::job::note::Note;
use crate::job::record::SealedRecord;
use crate::job::response::ResponseRow;
use crate::job::{Job, PayloadRef, Transition};
use crate::people::workspace::{Workspace, WorkspaceChange};
use crate::policy::cost::Window;
use crate::policy::job_type::JobType;
use crate::policy::reason::Reason;
use crate::provider::breaker::{Breaker, Circuit};
use crate::provider::{Answer, ErrorWords, ResponseMetadata};
use crate::value::failure::Failure;
use crate::value::id::{Digest, Issuer, JobId, Nonce, Principal, ResponseId, TypeName, WorkspaceId};
use crate::value::member::Member;
use crate::value::time::Timestamp;

pub use self::notices::{Claim, NoticeLedger, Notifier};
pub use self::queue::{LONGEST_DELAY, Message, PollMessage, PollQueue, SubmitMessage, SubmitQueue};

/// How a create ended.
#[derive(Debug)]
pub enum Creation {
    Created,
    /// Somebody holds the id; the same request or another one.
    Existing(Box<Job>),
}

/// How a conditional write ended. Losing is normal: read again, then decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum WriteOutcome {
    Committed,
    Conflict,
}

/// A response row that goes into the same transaction as a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseWrite {
    /// The first time we hear of it; an existing row makes the transaction stale.
    Put(ResponseRow),
    /// Only while it is not settled.
    Settle(ResponseRow),
    /// To a later attempt of its job, only while nobody has looked after it outside its job.
    Move(ResponseRow),
}

/// A row that the due index named.
#[derive(Debug, Clone)]
pub enum DueRow {
    Job(Box<Job>),
    Response(Box<ResponseRow>),
    Workspace(Box<Workspace>),
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

/// The reading half of the table: all that an API function needs to answer a GET.
pub trait JobReader {
    async fn member(&self, workspace: &WorkspaceId, principal: &Principal) -> Result<Option<Member>, Failure>;
    /// Everybody who has a row in the workspace.
    async fn members(&self, workspace: &WorkspaceId) -> Result<Vec<Member>, Failure>;
    /// This principal's rows in every workspace, in the order of their names, whomever they are about by now.
    async fn memberships(&self, principal: &Principal) -> Result<Vec<(WorkspaceId, Member)>, Failure>;
    /// How often a workspace's people and types have changed.
    async fn workspace(&self, workspace: &WorkspaceId) -> Result<Workspace, Failure>;
    /// The name, the version and the digest of the document of every type row that the workspace has.
    async fn type_digests(&self, workspace: &WorkspaceId) -> Result<Vec<(TypeName, u32, Digest)>, Failure>;
    /// All records of a workspace, in order.
    async fn workspace_trail(&self, workspace: &WorkspaceId) -> Result<Vec<SealedRecord>, Failure>;
    /// The workspace's own type of this name, in this version or else in its latest. Strongly consistent.
    async fn job_type(
        &self,
        workspace: &WorkspaceId,
        name: &TypeName,
        version: Option<u32>,
    ) -> Result<Option<JobType>, Failure>;
    /// The latest version of each type that the workspace has of its own, by name.
    async fn job_types(&self, workspace: &WorkspaceId) -> Result<Vec<JobType>, Failure>;
    /// What reviewers wrote about a job, in order.
    async fn notes(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Vec<Note>, Failure>;
    /// Who sets up workspaces that have no admin yet.
    fn first_admin(&self) -> Option<&Principal>;
    /// Strongly consistent.
    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Option<Job>, Failure>;
    /// All records of a job from `after` on, in order.
    async fn trail(&self, workspace: &WorkspaceId, id: &JobId, after: u32) -> Result<Vec<SealedRecord>, Failure>;
    async fn list(
        &self,
        workspace: &WorkspaceId,
        listing: Listing<'_>,
        span: &Span,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<Page, Failure>;
    async fn breaker(&self, circuit: Circuit) -> Result<Breaker, Failure>;
}

/// The jobs table. Every writing method is one conditional write, and one read where its answer was lost.
pub trait JobStore: JobReader {
    async fn create(&self, change: &Transition) -> Result<Creation, Failure>;
    /// One transaction: the row at its next version, the record, and the response row where it is touched.
    async fn commit(&self, change: &Transition, response: Option<&ResponseWrite>) -> Result<WriteOutcome, Failure>;
    /// One conditional update of due, tries, start and index hint, if version and tries are as seen.
    async fn claim(&self, seen: &Job, claimed: &Job) -> Result<WriteOutcome, Failure>;
    /// The same for what a person decided, with what they wrote, if all of these are reviewers of the workspace now.
    async fn decide(
        &self,
        change: &Transition,
        response: Option<&ResponseWrite>,
        note: Option<&Note>,
        reviewers: &[Principal],
    ) -> Result<WriteOutcome, Failure>;
    /// A member row or a new version of a type, the workspace's next version and its record, if the version before is
    /// there; and if this one is an admin of it now.
    async fn change_workspace(
        &self,
        change: &WorkspaceChange,
        admin: Option<&Principal>,
    ) -> Result<WriteOutcome, Failure>;
    /// Confirms versions `from` to `to` as published, if those before are.
    async fn confirm(&self, confirmed: &Confirmation) -> Result<WriteOutcome, Failure>;
    /// The same of a workspace's own records; after the last one nothing of it is due.
    async fn confirm_workspace(&self, workspace: &WorkspaceId, from: u32, to: u32) -> Result<WriteOutcome, Failure>;
    /// One conditional update of due and tries, if version and tries are as seen.
    async fn claim_workspace(&self, seen: &Workspace, claimed: &Workspace) -> Result<WriteOutcome, Failure>;
    async fn response(&self, id: &ResponseId) -> Result<Option<ResponseRow>, Failure>;
    /// A response row on its own: an orphan, or a duty outside its job. `None` for `seen` means it must be new.
    async fn put_response(&self, seen: Option<&ResponseRow>, row: &ResponseRow) -> Result<WriteOutcome, Failure>;
    /// The series of looks at a response that the provider denied and that nobody here knows.
    async fn watcher(&self, id: &ResponseId) -> Result<Option<Nonce>, Failure>;
    /// Begins such a series, if there has been none. It is for good: what is told again of this id begins no other.
    async fn put_watcher(&self, id: &ResponseId, watcher: Nonce) -> Result<WriteOutcome, Failure>;
    /// The next version of a circuit's breaker, if the one before is there.
    async fn put_breaker(&self, next: &Breaker) -> Result<WriteOutcome, Failure>;
    /// Rows whose index entry is at or before `now`, at most `limit` for each shard.
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<DueRow>, Failure>;
}

/// What a publisher knows after its entries were accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    pub workspace: WorkspaceId,
    pub job: JobId,
    pub from: u32,
    pub to: u32,
}

/// What a payload is to its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadKind {
    Input,
    Result {
        attempt: u16,
    },
    /// What a reviewer put in the place of a result.
    Edit {
        attempt: u16,
    },
}

/// Inputs and results, by content: written before the transition that names them, never changed.
pub trait Payloads {
    async fn put(&self, job: (&WorkspaceId, &JobId), kind: PayloadKind, bytes: &[u8]) -> Result<PayloadRef, Failure>;
    /// `None` when the bytes are gone or are not the ones named.
    async fn get(
        &self,
        job: (&WorkspaceId, &JobId),
        kind: PayloadKind,
        stored: &PayloadRef,
    ) -> Result<Option<Vec<u8>>, Failure>;
    /// Empties every payload of a job, those of earlier attempts included.
    async fn erase(&self, job: (&WorkspaceId, &JobId)) -> Result<(), Failure>;
}

/// A create call. Everything else about it is fixed: in the background, stored, never retried.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    pub job_type: TypeName,
    pub model: String,
    pub instructions: String,
    pub input: Value,
    pub tools: Vec<Value>,
    pub max_tool_calls: u32,
    pub reasoning_effort: Option<String>,
    pub max_output_tokens: u32,
    /// The schema that the answer has to keep, and whether the model is held to it.
    pub output_schema: Option<Value>,
    pub output_strict: bool,
    pub service_tier: Option<String>,
    /// By when it is to be done, for a lower price.
    pub window: Option<Window>,
    pub tag: ResponseMetadata,
}

/// Why a create call brought no response.
#[derive(Debug, thiserror::Error)]
pub enum StartFailure {
    #[error("the provider created nothing: {}", reason.word())]
    NotCreated { reason: Reason, retry_after: Option<Duration>, error: ErrorWords },
    /// Nothing was created, and nothing will be until somebody acts.
    #[error("the provider's account takes no work: {}", reason.word())]
    Held { reason: Reason, error: ErrorWords },
    /// It may have been created. What came of the answer may have named the response.
    #[error("the answer to the create call is unknown")]
    Unknown {
        #[source]
        failure: Failure,
        response: Option<ResponseId>,
    },
}

/// What a GET found.
#[derive(Debug)]
pub enum Lookup {
    Found(Box<Answer>),
    Missing,
}

/// The model's provider.
pub trait Provider {
    async fn start(&self, start: &Start) -> Result<Answer, StartFailure>;
    async fn get(&self, id: &ResponseId) -> Result<Lookup, Failure>;
    /// The same, with what these tools found where the provider leaves that out unless it is asked for.
    async fn get_with(&self, id: &ResponseId, _tools: &[Value]) -> Result<Lookup, Failure> {
        self.get(id).await
    }
    /// An answer again, from the bytes that were kept of it.
    fn read(&self, kept: &[u8]) -> Result<Answer, Failure>;
    /// Best effort; only a GET tells what came of it.
    async fn cancel(&self, id: &ResponseId) -> Result<(), Failure>;
}

/// Where everyone else hears of jobs.
pub trait EventBus {
    /// One result for each event, in order.
    async fn publish(&self, events: &[Published]) -> Vec<Result<(), Failure>>;
    /// The same of what changed in a workspace.
    async fn publish_changes(&self, changes: &[PublishedChange]) -> Vec<Result<(), Failure>>;
}

/// The only clock and the only dice.
pub trait Clock {
    fn now(&self) -> Timestamp;
    fn nonce(&self) -> Nonce;
    async fn sleep(&self, duration: Duration);
}
