//! A table that answers badly for a while: what was paid for is kept, and what was refused is not forgotten.

use std::sync::atomic::{AtomicU32, Ordering};

use adapters::dynamodb::Table;
use domain::breaker::{Breaker, Circuit};
use domain::flow::Desk;
use domain::flow::submit::{Submitted, submit};
use domain::id::{JobId, Principal, ResponseId, WorkspaceId};
use domain::job::{Change, Job};
use domain::port::{
    Confirmation, Creation, DueRow, Failure, JobReader, JobStore, Member, Page, Position, ResponseRow, ResponseWrite,
    Write,
};
use domain::record::Sealed;
use domain::time::Timestamp;
use local::simulator::Plan;
use serde_json::json;

use super::Scene;

/// The table, whose next commits fail: before anything is written, or after it was.
struct Flaky<'a> {
    table: &'a Table,
    before: AtomicU32,
    after: AtomicU32,
}

fn take(count: &AtomicU32) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl JobReader for Flaky<'_> {
    async fn member(&self, workspace: &WorkspaceId, principal: &Principal) -> Result<Option<Member>, Failure> {
        self.table.member(workspace, principal).await
    }

    async fn members(&self, workspace: &WorkspaceId) -> Result<Vec<Member>, Failure> {
        self.table.members(workspace).await
    }

    fn first_admin(&self) -> Option<&Principal> {
        self.table.first_admin()
    }

    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Option<Job>, Failure> {
        self.table.job(workspace, id).await
    }

    async fn trail(&self, workspace: &WorkspaceId, id: &JobId, after: u32) -> Result<Vec<Sealed>, Failure> {
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

impl JobStore for Flaky<'_> {
    async fn create(&self, change: &Change) -> Result<Creation, Failure> {
        self.table.create(change).await
    }

    async fn commit(&self, change: &Change, response: Option<&ResponseWrite>) -> Result<Write, Failure> {
        if take(&self.before) {
            return Err(Failure::transient("commit", "nothing was written"));
        }
        let write = self.table.commit(change, response).await;
        if take(&self.after) { Err(Failure::transient("commit", "it was written")) } else { write }
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

/// Submits a new job over a table that fails so often.
async fn submitted(plan: Plan, before: u32, after: u32) -> (Scene, String, Submitted) {
    let scene = Scene::planned(plan).await;
    let id = scene.create().await;
    let world = scene.world.clone();
    let store = Flaky { table: world.table(), before: before.into(), after: after.into() };
    let setting = world.setting("submit-job");
    let desk = Desk { store: &store, payloads: world.payloads(), clock: world.clock(), setting: &setting };
    let (workspace, job) = (WorkspaceId::parse("acme").unwrap(), JobId::parse(&id).unwrap());
    let outcome = submit(&desk, world.provider(), &workspace, &job).await.unwrap();
    (scene, id, outcome)
}

#[tokio::test]
async fn the_id_of_a_paid_response_survives_a_table_that_fails_for_a_while() {
    for (before, after) in [(3, 0), (0, 1), (1, 1)] {
        let (scene, id, outcome) = submitted(Plan::WebhookNever, before, after).await;
        assert_eq!(outcome, Submitted::Started, "{before} before, {after} after");
        assert_eq!(scene.see(&id).await["provider"]["response_id"], scene.response_id());
        scene.pass(300).await;
        scene.ended(&id, "completed").await;
        assert_eq!(scene.posts(), 1);
    }
}

#[tokio::test]
async fn a_refusal_by_the_provider_survives_a_table_that_fails_for_a_while() {
    for (before, after) in [(3, 0), (0, 1)] {
        let (scene, id, _) = submitted(Plan::RateLimitedThenOk, before, after).await;
        assert_eq!(scene.see(&id).await["reason"]["code"], "provider_busy", "{before} before, {after} after");
        scene.pass(60).await;
        scene.ended(&id, "completed").await;
        assert_eq!((scene.posts(), &scene.see(&id).await["attempt"]), (2, &json!(2)));
    }
}
