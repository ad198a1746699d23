//! The table, with somebody who sees some of its calls and can make them fail, or do something meanwhile.

use adapters::dynamodb::Table;
use domain::breaker::{Breaker, Circuit};
use domain::id::{JobId, Principal, ResponseId, TypeName, WorkspaceId};
use domain::job::{Change, Job};
use domain::job_type::JobType;
use domain::port::{
    Confirmation, Creation, DueRow, Failure, JobReader, JobStore, Member, Note, Page, Position, ResponseRow,
    ResponseWrite, Write,
};
use domain::record::Sealed;
use domain::time::Timestamp;
use domain::workspace::{Workspace, WorkspaceChange};

/// Asked before and after a commit, and before a decision's write and a trail's read.
pub(super) trait Watch {
    async fn before(&self, call: &'static str) -> Result<(), Failure>;

    async fn after(&self, _call: &'static str) -> Result<(), Failure> {
        Ok(())
    }
}

pub(super) struct Watched<'a, W> {
    pub(super) table: &'a Table,
    pub(super) watch: W,
}

impl<W: Watch> JobReader for Watched<'_, W> {
    async fn member(&self, workspace: &WorkspaceId, principal: &Principal) -> Result<Option<Member>, Failure> {
        self.table.member(workspace, principal).await
    }

    async fn members(&self, workspace: &WorkspaceId) -> Result<Vec<Member>, Failure> {
        self.table.members(workspace).await
    }

    async fn workspace(&self, workspace: &WorkspaceId) -> Result<Workspace, Failure> {
        self.table.workspace(workspace).await
    }

    async fn workspace_trail(&self, workspace: &WorkspaceId) -> Result<Vec<Sealed>, Failure> {
        self.table.workspace_trail(workspace).await
    }

    async fn job_type(
        &self,
        workspace: &WorkspaceId,
        name: &TypeName,
        version: Option<u32>,
    ) -> Result<Option<JobType>, Failure> {
        self.table.job_type(workspace, name, version).await
    }

    async fn job_types(&self, workspace: &WorkspaceId) -> Result<Vec<JobType>, Failure> {
        self.table.job_types(workspace).await
    }

    async fn notes(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Vec<Note>, Failure> {
        self.table.notes(workspace, id).await
    }

    fn first_admin(&self) -> Option<&Principal> {
        self.table.first_admin()
    }

    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Option<Job>, Failure> {
        self.table.job(workspace, id).await
    }

    async fn trail(&self, workspace: &WorkspaceId, id: &JobId, after: u32) -> Result<Vec<Sealed>, Failure> {
        self.watch.before("trail").await?;
        self.table.trail(workspace, id, after).await
    }

    async fn list(
        &self,
        workspace: &WorkspaceId,
        open: bool,
        from: Option<&Position>,
        limit: u16,
    ) -> Result<Page, Failure> {
        self.table.list(workspace, open, from, limit).await
    }

    async fn breaker(&self, circuit: Circuit) -> Result<Breaker, Failure> {
        self.table.breaker(circuit).await
    }
}

impl<W: Watch> JobStore for Watched<'_, W> {
    async fn create(&self, change: &Change) -> Result<Creation, Failure> {
        self.table.create(change).await
    }

    async fn commit(&self, change: &Change, response: Option<&ResponseWrite>) -> Result<Write, Failure> {
        self.watch.before("commit").await?;
        let write = self.table.commit(change, response).await;
        self.watch.after("commit").await.and(write)
    }

    async fn decide(
        &self,
        change: &Change,
        response: Option<&ResponseWrite>,
        note: Option<&Note>,
        reviewers: &[Principal],
    ) -> Result<Write, Failure> {
        self.watch.before("decide").await?;
        self.table.decide(change, response, note, reviewers).await
    }

    async fn change_workspace(&self, change: &WorkspaceChange, admin: Option<&Principal>) -> Result<Write, Failure> {
        self.table.change_workspace(change, admin).await
    }

    async fn claim(&self, seen: &Job, claimed: &Job) -> Result<Write, Failure> {
        self.table.claim(seen, claimed).await
    }

    async fn confirm(&self, confirmed: &Confirmation) -> Result<Write, Failure> {
        self.table.confirm(confirmed).await
    }

    async fn response(&self, id: &ResponseId) -> Result<Option<ResponseRow>, Failure> {
        self.table.response(id).await
    }

    async fn put_response(&self, seen: Option<&ResponseRow>, row: &ResponseRow) -> Result<Write, Failure> {
        self.table.put_response(seen, row).await
    }

    async fn put_breaker(&self, next: &Breaker) -> Result<Write, Failure> {
        self.table.put_breaker(next).await
    }

    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<DueRow>, Failure> {
        self.table.due(now, limit).await
    }
}
