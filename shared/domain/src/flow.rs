//! Flows: one file per use case. Each reads, decides, and ends in one conditional write.

pub mod announce;
pub mod attach;
mod changes;
mod circuit;
pub mod control;
pub mod create;
pub mod decide;
pub mod deliver;
mod dispatch;
pub mod input;
pub mod link;
pub mod list;
pub mod members;
mod named;
pub mod notify;
pub mod observe;
pub mod orphan;
mod price;
pub mod publish;
pub mod read;
pub mod reconcile;
pub mod republish;
mod retry;
pub mod show;
pub mod submit;
mod trust;
pub mod types;
pub mod webhook;

use std::collections::BTreeSet;
use std::slice;

use crate::contract::request::FieldError;
use crate::job::note::Note;
use crate::job::record::{Actor, Cause, Record};
use crate::job::{Event, Job, Transition, TransitionContext, TransitionError};
use crate::people::control::AllowedAction;
use crate::people::review::ActionDenied;
use crate::people::workspace::Standing;
use crate::policy::cost::{PriceList, Rates};
use crate::policy::job_type::{self, JobType};
use crate::policy::lane::LaneReason;
use crate::port::{Clock, JobReader, Jobs, Payloads, Store, StoreReader, WorkspaceReader, WriteOutcome};
use crate::value::failure::Failure;
use crate::value::id::{Issuer, JobId, Principal, WorkspaceId};
use crate::value::member::{Member, Role};
use crate::value::time::{Timestamp, Timing};
use crate::value::word::Closed;

/// Why a caller does not get what it asked for. `adapters` turns each into one HTTP answer.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    #[error("the request has fields that are wrong")]
    Invalid(Vec<FieldError>),
    /// A foreign, a missing and a malformed thing look alike.
    #[error("there is no such thing here")]
    NotFound,
    #[error("the caller's roles do not allow this")]
    Forbidden(&'static str),
    #[error("the result waits for a review")]
    AwaitingReview,
    /// The same of a job that is over: nobody will decide about it any more.
    #[error("nobody has let the result out")]
    Withheld,
    #[error("another text stands in for what the provider said")]
    Edited,
    #[error("the decision is not possible")]
    Denied(ActionDenied, Vec<AllowedAction>),
    #[error("the trail has been altered")]
    Altered,
    #[error("nobody would be left to set the workspace up")]
    LastAdmin,
    #[error("the call has to say which version it is about")]
    VersionRequired(&'static str),
    #[error("too few reviewers are left")]
    NoReviewerLeft,
    #[error("the job has no result")]
    NoResult,
    #[error("the input was erased")]
    InputPurged,
    #[error("the result is not one JSON object that keeps its schema")]
    NotStructured,
    #[error("the key belongs to another request")]
    KeyReused,
    #[error("the lane asked for is not the lane of this work")]
    LaneContradiction(Vec<LaneReason>),
    #[error("this lane is not available")]
    LaneUnavailable,
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// An authenticated caller in a workspace.
#[derive(Debug, Clone)]
pub struct Caller {
    pub workspace: WorkspaceId,
    pub principal: Principal,
    /// Who vouches for the principal.
    pub issuer: Issuer,
    /// The settings name this principal as who sets up workspaces that have no admin yet.
    pub is_first_admin: bool,
}

/// What every flow that changes jobs is set up with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Names this installation in the provider's metadata and in derived ids.
    pub deployment: String,
    /// Whether the provider is called at the address of a region, which costs more.
    pub is_regional: bool,
    /// What ships, with the installation's own prices before it.
    pub prices: PriceList,
    pub timing: Timing,
    /// Who sets up workspaces that have no admin yet.
    pub first_admin: Option<Principal>,
    /// The function at work, as the audit trail shows it.
    pub actor: Actor,
}

impl Settings {
    pub const fn rates(&self) -> Rates<'_> {
        Rates { prices: &self.prices, is_regional: self.is_regional }
    }
}

/// What every flow that writes works with.
#[derive(Debug)]
pub struct FlowContext<'a, P: Ports> {
    pub store: &'a P::Store,
    pub payloads: &'a P::Payloads,
    pub clock: &'a P::Clock,
    pub setting: &'a Settings,
}

/// The ports that every flow that writes needs.
pub trait Ports {
    type Store: Store;
    type Payloads: Payloads;
    type Clock: Clock;
}

impl<S: Store, P: Payloads, C: Clock> Ports for (S, P, C) {
    type Store = S;
    type Payloads = P;
    type Clock = C;
}

impl<'a, S: Store, P: Payloads, C: Clock> FlowContext<'a, (S, P, C)> {
    pub fn new(store: &'a S, payloads: &'a P, clock: &'a C, setting: &'a Settings) -> Self {
        Self { store, payloads, clock, setting }
    }
}

impl<P: Ports> FlowContext<'_, P> {
    fn context<'a>(&'a self, policy: &'a JobType, cause: Cause) -> TransitionContext<'a> {
        let Settings { timing, actor, .. } = self.setting;
        TransitionContext { policy, timing, actor, cause, now: self.clock.now() }
    }

    /// What a person wrote with what is to be the job's next version.
    fn note(&self, job: &Job, text: Option<&String>) -> Option<Note> {
        let text = text?.clone();
        Some(Note { version: job.version.saturating_add(1), salt: self.clock.nonce(), text })
    }
}

/// The transition that an event leads to. `None` where it leads to none: it is a repeat, or somebody else has moved the
/// job, and theirs stands.
fn transition(job: &Job, event: Event, context: &TransitionContext<'_>) -> Result<Option<Transition>, Failure> {
    match job.apply(event, context) {
        Ok(change) => Ok(change),
        Err(TransitionError::Illegal(_)) => Ok(None),
        Err(TransitionError::Unsealed(error)) => Err(error.into()),
    }
}

/// How often the provider may deny a response that no running job looks after, before it counts as gone. With the gaps
/// of `backoff` that takes half an hour on AWS. There is an end, because test events name responses that nothing has.
pub const DENIALS: u16 = 5;

/// The policy of a job that this release may act on. `None` when a newer one has moved the job on or set its type: then
/// an index entry that is due goes an hour ahead, so that nobody meets it every minute.
async fn rules(store: &(impl Jobs + WorkspaceReader), job: &Job, now: Timestamp) -> Result<Option<JobType>, Failure> {
    if job.is_understood() {
        let policy = policy(store, job).await?;
        if policy.is_understood() {
            return Ok(Some(policy));
        }
    }
    leave_alone(store, job, now).await?;
    Ok(None)
}

/// Nothing is written but the time of the index entry.
async fn leave_alone(store: &impl Jobs, job: &Job, now: Timestamp) -> Result<(), Failure> {
    match job.left_alone(now) {
        // Stale: somebody has moved the job and the entry with it.
        Some(left) => store.claim(job, &left).await.map(|_: WriteOutcome| ()),
        None => Ok(()),
    }
}

/// The policy that a job was created with, in exactly that version. What ships is version 1 and costs no read.
async fn policy(reader: &impl WorkspaceReader, job: &Job) -> Result<JobType, Failure> {
    let Job { workspace, job_type: name, type_version: version, .. } = job;
    if let Some(shipped) = job_type::shipped(name.as_str()).filter(|shipped| shipped.version == *version) {
        return Ok(shipped);
    }
    let row = reader.job_type(workspace, name, Some(*version)).await?;
    row.ok_or_else(|| Failure::permanent("find the job type", format!("no version {version} of {name}")))
}

/// The caller's active row; whoever has none learns nothing about the workspace.
async fn member(reader: &impl WorkspaceReader, caller: &Caller) -> Result<Member, FlowError> {
    match reader.member(&caller.workspace, &caller.principal).await? {
        Some(member) if counts(&member, caller.issuer) => Ok(Member { issuer: Some(caller.issuer), ..member }),
        _ if caller.is_first_admin && !has_admin(reader, caller).await? => {
            let principal = caller.principal.clone();
            let issuer = Some(caller.issuer);
            Ok(Member { principal, issuer, roles: BTreeSet::from([Role::Admin]), active: true, name: None })
        }
        Some(_) | None => Err(FlowError::NotFound),
    }
}

/// Whether a row lets this issuer's subject in.
fn counts(member: &Member, issuer: Issuer) -> bool {
    member.active && member.is_of(issuer) && member.roles.iter().any(Closed::is_known)
}

/// Whether a member row makes the caller, who has to be an admin, one; who stands in for the first has no row that could
/// say so. And what the records say of everybody, the caller's row among them.
async fn admin(
    reader: &impl WorkspaceReader,
    caller: &Caller,
    others: &'static str,
) -> Result<(bool, Standing), FlowError> {
    if !member(reader, caller).await?.roles.contains(&Role::Admin) {
        return Err(FlowError::Forbidden(others));
    }
    let standing = trust::standing(reader, &caller.workspace, slice::from_ref(&caller.principal)).await?;
    let row = standing.members.get(&caller.principal);
    let is_admin = |row: &Member| row.active && row.is_of(caller.issuer) && row.roles.contains(&Role::Admin);
    Ok((row.is_some_and(is_admin), standing))
}

/// Whether somebody of the workspace can set it up.
async fn has_admin(reader: &impl WorkspaceReader, caller: &Caller) -> Result<bool, FlowError> {
    let members = reader.members(&caller.workspace).await?;
    let is_admin = |member: &Member| member.active && member.roles.contains(&Role::Admin);
    Ok(members.iter().any(|member| is_admin(member) && member.is_of(caller.issuer)))
}

/// What reviewers wrote about the job, as far as it is what the records of their decisions say; and the records, if
/// anybody wrote anything.
async fn true_notes(reader: &impl JobReader, job: &Job) -> Result<(Vec<Note>, Vec<Record>), Failure> {
    let mut notes = reader.notes(&job.workspace, &job.id).await?;
    if notes.is_empty() {
        return Ok((notes, Vec::new()));
    }
    let trail = reader.trail(&job.workspace, &job.id, 0).await?;
    let records: Vec<Record> = trail.iter().filter_map(|sealed| sealed.decode().ok()).collect();
    notes.retain(|note| note.record(&records).is_some_and(|record| record.event.is_decision()));
    Ok((notes, records))
}

/// A job that this caller may see: its own as submitter, any with another reading role.
async fn visible_job(reader: &impl StoreReader, caller: &Caller, id: &str) -> Result<(Job, Member), FlowError> {
    let member = member(reader, caller).await?;
    // A malformed id is looked up as a name that nothing has, so that it costs and answers what a missing one does.
    let id = JobId::parse(id).or_else(|_| JobId::parse("job_0")).map_err(|_| FlowError::NotFound)?;
    match reader.job(&caller.workspace, &id).await? {
        Some(job) if sees(&member, &job) => Ok((job, member)),
        Some(_) | None => Err(FlowError::NotFound),
    }
}

/// Whether every job of the workspace is this member's to see.
fn sees_all(member: &Member) -> bool {
    let all = [Role::Reviewer, Role::Operator, Role::Auditor, Role::Admin];
    member.roles.iter().any(|role| all.contains(role))
}

fn sees(member: &Member, job: &Job) -> bool {
    sees_all(member) || (member.roles.contains(&Role::Submitter) && job.is_by(member))
}
