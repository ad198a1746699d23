//! The table's port of one invocation.

use domain::job::note::Note;
use domain::job::record::SealedRecord;
use domain::job::response::ResponseRow;
use domain::job::{Job, Transition};
use domain::people::workspace::{Workspace, WorkspaceChange};
use domain::policy::job_type::JobType;
use domain::port::{
    CircuitReader, Circuits, Commit, Confirmation, Creation, DueIndex, DueRow, JobReader, Jobs, Listing, Page,
    Position, Responses, Span, WorkspaceReader, Workspaces, WriteOutcome,
};
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::failure::Failure;
use domain::value::id::{Digest, JobId, Nonce, Principal, ResponseId, TypeName, WorkspaceId};
use domain::value::member::Member;
use domain::value::time::Timestamp;

use super::{Ports, failed};
use crate::faults::{Kind, Method};

impl JobReader for Ports {
    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Option<Job>, Failure> {
        self.call(Method::Job, self.shared.store.job(workspace, id)).await
    }

    async fn trail(&self, workspace: &WorkspaceId, id: &JobId, after: u32) -> Result<Vec<SealedRecord>, Failure> {
        self.call(Method::Trail, self.shared.store.trail(workspace, id, after)).await
    }

    async fn notes(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Vec<Note>, Failure> {
        self.call(Method::Notes, self.shared.store.notes(workspace, id)).await
    }

    async fn list(
        &self,
        workspace: &WorkspaceId,
        listing: Listing<'_>,
        span: &Span,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<Page, Failure> {
        self.call(Method::List, self.shared.store.list(workspace, listing, span, after, limit)).await
    }
}

impl Jobs for Ports {
    async fn create(&self, change: &Transition) -> Result<Creation, Failure> {
        self.call(Method::Create, self.shared.store.create(change)).await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<WriteOutcome, Failure> {
        self.call(Method::Commit, self.shared.store.commit(commit)).await
    }

    async fn claim(&self, seen: &Job, claimed: &Job) -> Result<WriteOutcome, Failure> {
        let done = self.shared.store.claim(seen, claimed);
        if claimed.attempt.submit_token == seen.attempt.submit_token {
            self.write(Method::Claim, done).await
        } else {
            // A fresh start proves whose claim it is.
            self.call(Method::Claim, done).await
        }
    }

    async fn confirm(&self, confirmed: &Confirmation) -> Result<WriteOutcome, Failure> {
        self.write(Method::Confirm, self.shared.store.confirm(confirmed)).await
    }
}

impl Responses for Ports {
    async fn response(&self, id: &ResponseId) -> Result<Option<ResponseRow>, Failure> {
        self.call(Method::Response, self.shared.store.response(id)).await
    }

    async fn put_response(&self, seen: Option<&ResponseRow>, row: &ResponseRow) -> Result<WriteOutcome, Failure> {
        self.write(Method::PutResponse, self.shared.store.put_response(seen, row)).await
    }

    async fn watcher(&self, id: &ResponseId) -> Result<Option<Nonce>, Failure> {
        self.call(Method::Watcher, self.shared.store.watcher(id)).await
    }

    async fn put_watcher(&self, id: &ResponseId, watcher: Nonce) -> Result<WriteOutcome, Failure> {
        self.write(Method::PutWatcher, self.shared.store.put_watcher(id, watcher)).await
    }
}

impl CircuitReader for Ports {
    async fn breaker(&self, circuit: Circuit) -> Result<Breaker, Failure> {
        self.call(Method::Breaker, self.shared.store.breaker(circuit)).await
    }
}

impl Circuits for Ports {
    async fn put_breaker(&self, next: &Breaker) -> Result<WriteOutcome, Failure> {
        self.write(Method::PutBreaker, self.shared.store.put_breaker(next)).await
    }
}

impl WorkspaceReader for Ports {
    async fn member(&self, workspace: &WorkspaceId, principal: &Principal) -> Result<Option<Member>, Failure> {
        self.call(Method::Member, self.shared.store.member(workspace, principal)).await
    }

    async fn members(&self, workspace: &WorkspaceId) -> Result<Vec<Member>, Failure> {
        self.call(Method::Members, self.shared.store.members(workspace)).await
    }

    async fn memberships(&self, principal: &Principal) -> Result<Vec<(WorkspaceId, Member)>, Failure> {
        // No function that writes asks for it.
        self.shared.store.memberships(principal).await
    }

    async fn workspace(&self, workspace: &WorkspaceId) -> Result<Workspace, Failure> {
        self.call(Method::Workspace, self.shared.store.workspace(workspace)).await
    }

    async fn type_digests(&self, workspace: &WorkspaceId) -> Result<Vec<(TypeName, u32, Digest)>, Failure> {
        self.call(Method::TypeDigests, self.shared.store.type_digests(workspace)).await
    }

    async fn workspace_trail(&self, workspace: &WorkspaceId) -> Result<Vec<SealedRecord>, Failure> {
        self.call(Method::WorkspaceTrail, self.shared.store.workspace_trail(workspace)).await
    }

    async fn job_type(
        &self,
        workspace: &WorkspaceId,
        name: &TypeName,
        version: Option<u32>,
    ) -> Result<Option<JobType>, Failure> {
        self.call(Method::JobType, self.shared.store.job_type(workspace, name, version)).await
    }

    async fn job_types(&self, workspace: &WorkspaceId) -> Result<Vec<JobType>, Failure> {
        self.call(Method::JobTypes, self.shared.store.job_types(workspace)).await
    }
}

impl Workspaces for Ports {
    async fn change_workspace(
        &self,
        change: &WorkspaceChange,
        admin: Option<&Principal>,
    ) -> Result<WriteOutcome, Failure> {
        self.call(Method::ChangeWorkspace, self.shared.store.change_workspace(change, admin)).await
    }

    async fn confirm_workspace(&self, workspace: &WorkspaceId, from: u32, to: u32) -> Result<WriteOutcome, Failure> {
        let done = self.shared.store.confirm_workspace(workspace, from, to);
        self.write(Method::ConfirmWorkspace, done).await
    }

    async fn claim_workspace(&self, seen: &Workspace, claimed: &Workspace) -> Result<WriteOutcome, Failure> {
        self.write(Method::ClaimWorkspace, self.shared.store.claim_workspace(seen, claimed)).await
    }
}

impl DueIndex for Ports {
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<DueRow>, Failure> {
        let kind = self.enter(Method::Due).await;
        if matches!(kind, Some(Kind::Before | Kind::Throttle | Kind::After)) {
            return failed();
        }
        let mut rows = self.shared.store.due(now, limit).await?;
        self.leave(kind).await;
        if kind == Some(Kind::Stale) {
            rows.retain(|_| self.shared.executor.chance(5_000));
        }
        Ok(rows)
    }
}
