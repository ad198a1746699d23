//! Any port, with somebody who sees its calls and can make them fail, or do something meanwhile.

use std::time::Duration;

use domain::event::published::{Published, PublishedChange};
use domain::job::note::Note;
use domain::job::record::SealedRecord;
use domain::job::response::ResponseRow;
use domain::job::{Job, PayloadRef, Transition};
use domain::people::workspace::{Workspace, WorkspaceChange};
use domain::policy::job_type::JobType;
use domain::port::{
    CircuitReader, Circuits, Commit, Confirmation, CreateFailure, Creation, DueIndex, DueRow, EventBus, JobReader,
    Jobs, Listing, Lookup, NewResponse, Page, PayloadKind, Payloads, PollMessage, PollQueue, Position, Provider,
    Responses, Span, SubmitMessage, SubmitQueue, WorkspaceReader, Workspaces, WriteOutcome,
};
use domain::provider::ProviderResponse;
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::failure::Failure;
use domain::value::id::{Digest, JobId, Nonce, Principal, ResponseId, TypeName, WorkspaceId};
use domain::value::member::Member;
use domain::value::time::Timestamp;
use serde_json::Value;

/// Asked before and after each call, by the name of its method.
pub(super) trait Watch {
    async fn before(&self, _call: &'static str) -> Result<(), Failure> {
        Ok(())
    }

    async fn after(&self, _call: &'static str) -> Result<(), Failure> {
        Ok(())
    }
}

/// One watch over several ports.
impl<W: Watch> Watch for &W {
    async fn before(&self, call: &'static str) -> Result<(), Failure> {
        (**self).before(call).await
    }

    async fn after(&self, call: &'static str) -> Result<(), Failure> {
        (**self).after(call).await
    }
}

pub(super) struct Watched<'a, P, W> {
    pub(super) port: &'a P,
    pub(super) watch: W,
}

impl<P, W: Watch> Watched<'_, P, W> {
    async fn call<T>(&self, call: &'static str, done: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.watch.before(call).await?;
        let answer = done.await;
        self.watch.after(call).await.and(answer)
    }

    /// A batch is seen; its entries fail one by one, which nobody here asks for.
    async fn batch<T>(&self, call: &'static str, done: impl Future<Output = T>) -> T {
        let _ = self.watch.before(call).await;
        let answers = done.await;
        let _ = self.watch.after(call).await;
        answers
    }
}

impl<P: JobReader, W: Watch> JobReader for Watched<'_, P, W> {
    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Option<Job>, Failure> {
        self.call("job", self.port.job(workspace, id)).await
    }

    async fn trail(&self, workspace: &WorkspaceId, id: &JobId, after: u32) -> Result<Vec<SealedRecord>, Failure> {
        self.call("trail", self.port.trail(workspace, id, after)).await
    }

    async fn notes(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Vec<Note>, Failure> {
        self.call("notes", self.port.notes(workspace, id)).await
    }

    async fn list(
        &self,
        workspace: &WorkspaceId,
        listing: Listing<'_>,
        span: &Span,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<Page, Failure> {
        self.call("list", self.port.list(workspace, listing, span, after, limit)).await
    }
}

impl<P: Jobs, W: Watch> Jobs for Watched<'_, P, W> {
    async fn create(&self, change: &Transition) -> Result<Creation, Failure> {
        self.call("create", self.port.create(change)).await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<WriteOutcome, Failure> {
        self.call("commit", self.port.commit(commit)).await
    }

    async fn claim(&self, seen: &Job, claimed: &Job) -> Result<WriteOutcome, Failure> {
        self.call("claim", self.port.claim(seen, claimed)).await
    }

    async fn confirm(&self, confirmed: &Confirmation) -> Result<WriteOutcome, Failure> {
        self.call("confirm", self.port.confirm(confirmed)).await
    }
}

impl<P: Responses, W: Watch> Responses for Watched<'_, P, W> {
    async fn response(&self, id: &ResponseId) -> Result<Option<ResponseRow>, Failure> {
        self.call("response", self.port.response(id)).await
    }

    async fn put_response(&self, seen: Option<&ResponseRow>, row: &ResponseRow) -> Result<WriteOutcome, Failure> {
        self.call("put_response", self.port.put_response(seen, row)).await
    }

    async fn watcher(&self, id: &ResponseId) -> Result<Option<Nonce>, Failure> {
        self.call("watcher", self.port.watcher(id)).await
    }

    async fn put_watcher(&self, id: &ResponseId, watcher: Nonce) -> Result<WriteOutcome, Failure> {
        self.call("put_watcher", self.port.put_watcher(id, watcher)).await
    }
}

impl<P: CircuitReader, W: Watch> CircuitReader for Watched<'_, P, W> {
    async fn breaker(&self, circuit: Circuit) -> Result<Breaker, Failure> {
        self.call("breaker", self.port.breaker(circuit)).await
    }
}

impl<P: Circuits, W: Watch> Circuits for Watched<'_, P, W> {
    async fn put_breaker(&self, next: &Breaker) -> Result<WriteOutcome, Failure> {
        self.call("put_breaker", self.port.put_breaker(next)).await
    }
}

impl<P: WorkspaceReader, W: Watch> WorkspaceReader for Watched<'_, P, W> {
    async fn member(&self, workspace: &WorkspaceId, principal: &Principal) -> Result<Option<Member>, Failure> {
        self.call("member", self.port.member(workspace, principal)).await
    }

    async fn members(&self, workspace: &WorkspaceId) -> Result<Vec<Member>, Failure> {
        self.call("members", self.port.members(workspace)).await
    }

    async fn memberships(&self, principal: &Principal) -> Result<Vec<(WorkspaceId, Member)>, Failure> {
        self.call("memberships", self.port.memberships(principal)).await
    }

    async fn workspace(&self, workspace: &WorkspaceId) -> Result<Workspace, Failure> {
        self.call("workspace", self.port.workspace(workspace)).await
    }

    async fn type_digests(&self, workspace: &WorkspaceId) -> Result<Vec<(TypeName, u32, Digest)>, Failure> {
        self.call("type_digests", self.port.type_digests(workspace)).await
    }

    async fn workspace_trail(&self, workspace: &WorkspaceId) -> Result<Vec<SealedRecord>, Failure> {
        self.call("workspace_trail", self.port.workspace_trail(workspace)).await
    }

    async fn job_type(
        &self,
        workspace: &WorkspaceId,
        name: &TypeName,
        version: Option<u32>,
    ) -> Result<Option<JobType>, Failure> {
        self.call("job_type", self.port.job_type(workspace, name, version)).await
    }

    async fn job_types(&self, workspace: &WorkspaceId) -> Result<Vec<JobType>, Failure> {
        self.call("job_types", self.port.job_types(workspace)).await
    }
}

impl<P: Workspaces, W: Watch> Workspaces for Watched<'_, P, W> {
    async fn change_workspace(
        &self,
        change: &WorkspaceChange,
        admin: Option<&Principal>,
    ) -> Result<WriteOutcome, Failure> {
        self.call("change_workspace", self.port.change_workspace(change, admin)).await
    }

    async fn confirm_workspace(&self, workspace: &WorkspaceId, from: u32, to: u32) -> Result<WriteOutcome, Failure> {
        self.call("confirm_workspace", self.port.confirm_workspace(workspace, from, to)).await
    }

    async fn claim_workspace(&self, seen: &Workspace, claimed: &Workspace) -> Result<WriteOutcome, Failure> {
        self.call("claim_workspace", self.port.claim_workspace(seen, claimed)).await
    }
}

impl<P: DueIndex, W: Watch> DueIndex for Watched<'_, P, W> {
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<DueRow>, Failure> {
        self.call("due", self.port.due(now, limit)).await
    }
}

impl<P: Payloads, W: Watch> Payloads for Watched<'_, P, W> {
    async fn put(&self, job: (&WorkspaceId, &JobId), kind: PayloadKind, bytes: &[u8]) -> Result<PayloadRef, Failure> {
        self.call("put", self.port.put(job, kind, bytes)).await
    }

    async fn get(
        &self,
        job: (&WorkspaceId, &JobId),
        kind: PayloadKind,
        stored: &PayloadRef,
    ) -> Result<Option<Vec<u8>>, Failure> {
        self.call("get", self.port.get(job, kind, stored)).await
    }

    async fn erase(&self, job: (&WorkspaceId, &JobId)) -> Result<(), Failure> {
        self.call("erase", self.port.erase(job)).await
    }
}

impl<P: Provider, W: Watch> Provider for Watched<'_, P, W> {
    async fn create_response(&self, new: &NewResponse) -> Result<ProviderResponse, CreateFailure> {
        let unknown = |failure| CreateFailure::Unknown { failure, response: None };
        self.watch.before("create_response").await.map_err(unknown)?;
        let answer = self.port.create_response(new).await;
        self.watch.after("create_response").await.map_err(unknown)?;
        answer
    }

    async fn get(&self, id: &ResponseId) -> Result<Lookup, Failure> {
        self.call("look", self.port.get(id)).await
    }

    async fn get_with(&self, id: &ResponseId, tools: &[Value]) -> Result<Lookup, Failure> {
        self.call("look", self.port.get_with(id, tools)).await
    }

    fn read(&self, kept: &[u8]) -> Result<ProviderResponse, Failure> {
        self.port.read(kept)
    }

    async fn cancel(&self, id: &ResponseId) -> Result<(), Failure> {
        self.call("cancel", self.port.cancel(id)).await
    }
}

impl<P: EventBus, W: Watch> EventBus for Watched<'_, P, W> {
    async fn publish(&self, events: &[Published]) -> Vec<Result<(), Failure>> {
        self.batch("publish", self.port.publish(events)).await
    }

    async fn publish_changes(&self, changes: &[PublishedChange]) -> Vec<Result<(), Failure>> {
        self.batch("publish_changes", self.port.publish_changes(changes)).await
    }
}

impl<P: SubmitQueue, W: Watch> SubmitQueue for Watched<'_, P, W> {
    async fn send_submits(&self, messages: &[(SubmitMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.batch("send", self.port.send_submits(messages)).await
    }

    async fn submits_waiting(&self) -> Result<usize, Failure> {
        self.call("waiting", self.port.submits_waiting()).await
    }
}

impl<P: PollQueue, W: Watch> PollQueue for Watched<'_, P, W> {
    async fn send_polls(&self, messages: &[(PollMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.batch("send", self.port.send_polls(messages)).await
    }

    async fn polls_waiting(&self) -> Result<usize, Failure> {
        self.call("waiting", self.port.polls_waiting()).await
    }
}
