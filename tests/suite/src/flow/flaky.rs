//! A table that answers badly for a while: what was paid for is kept, and what was refused is not forgotten.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::flow::FlowContext;
use domain::flow::submit::{Submitted, submit};
use domain::value::failure::Failure;
use domain::value::id::{JobId, WorkspaceId};
use openai_simulator::Plan;
use serde_json::json;

use super::Scene;
use super::watched::{Watch, Watched};

/// The next commits fail: before anything is written, or after it was.
struct Flaky {
    before: AtomicU32,
    after: AtomicU32,
}

fn take(count: &AtomicU32) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl Watch for Flaky {
    async fn before(&self, call: &'static str) -> Result<(), Failure> {
        let fails = call == "commit" && take(&self.before);
        if fails { Err(Failure::transient("commit", "nothing was written")) } else { Ok(()) }
    }

    async fn after(&self, call: &'static str) -> Result<(), Failure> {
        let fails = call == "commit" && take(&self.after);
        if fails { Err(Failure::transient("commit", "it was written")) } else { Ok(()) }
    }
}

/// Submits a new job over a table that fails so often.
async fn submitted(plan: Plan, before: u32, after: u32) -> (Scene, String, Submitted) {
    let scene = Scene::planned(plan).await;
    let id = scene.create().await;
    let world = scene.world.clone();
    let watch = Flaky { before: before.into(), after: after.into() };
    let store = Watched { port: world.table(), watch };
    let setting = world.setting("submit-job");
    let flow = FlowContext::new(&store, world.payloads(), world.clock(), &setting);
    let (workspace, job) = (WorkspaceId::parse("acme").unwrap(), JobId::parse(&id).unwrap());
    let outcome = submit(&flow, world.provider(), &workspace, &job).await.unwrap();
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
