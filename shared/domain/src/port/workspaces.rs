//! Workspaces: their members, their job types and the chained records of both.

use super::WriteOutcome;
use crate::job::record::SealedRecord;
use crate::people::workspace::{Workspace, WorkspaceChange};
use crate::policy::job_type::JobType;
use crate::value::failure::Failure;
use crate::value::id::{Digest, Principal, TypeName, WorkspaceId};
use crate::value::member::Member;

/// Reads members, job types and the records about them.
pub trait WorkspaceReader {
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
}

/// Changes workspaces. Every method is one conditional write, and one read where its answer was lost.
pub trait Workspaces: WorkspaceReader {
    /// A member row or a new version of a type, the workspace's next version and its record, if the version before is
    /// there; and if this one is an admin of it now.
    async fn change_workspace(
        &self,
        change: &WorkspaceChange,
        admin: Option<&Principal>,
    ) -> Result<WriteOutcome, Failure>;
    /// Confirms versions `from` to `to` of its own records as published, if those before are. After the last one nothing
    /// of the workspace is due.
    async fn confirm_workspace(&self, workspace: &WorkspaceId, from: u32, to: u32) -> Result<WriteOutcome, Failure>;
    /// One conditional update of due and claim count, if version and claim count are as seen.
    async fn claim_workspace(&self, seen: &Workspace, claimed: &Workspace) -> Result<WriteOutcome, Failure>;
}
