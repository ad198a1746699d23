//! Cancel: final at once, whatever the provider still does; what runs is stopped and booked.

use std::sync::Mutex;

use domain::flow::FlowContext;
use domain::flow::submit::{Submitted, submit};
use domain::value::failure::Failure;
use domain::value::id::{JobId, WorkspaceId};
use openai_simulator::{Plan, Status};
use serde_json::json;

use super::super::review::refused;
use super::super::watched::{Watch, Watched};
use super::{Scene, dollars};

#[tokio::test]
async fn a_job_canceled_while_it_is_queued_never_reaches_the_provider_and_costs_nothing() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    let canceled = scene.does("alice", &id, "cancel").await;
    assert_eq!((&canceled["status"], &canceled["reason"]["code"]), (&json!("canceled"), &json!("canceled_by_person")));
    assert_eq!(canceled["allowed_actions"], json!(["retry", "archive"]));
    scene.pass(1_200).await;
    scene.ended(&id, "canceled").await;
    assert_eq!(scene.posts(), 0);
    assert_eq!(scene.see(&id).await["cost"], json!({"usd": "0.000000", "state": "known"}));
    assert_eq!(scene.heard(&id), [("job.created".to_owned(), 0), ("job.canceled".to_owned(), 0)]);
}

/// Cancels the job once the provider has taken the start, before that is written.
struct Canceling<'a> {
    scene: &'a Scene,
    id: &'a str,
    is_done: Mutex<bool>,
}

impl Watch for Canceling<'_> {
    async fn before(&self, call: &'static str) -> Result<(), Failure> {
        if call == "commit" && !std::mem::replace(&mut *self.is_done.lock().unwrap(), true) {
            // Boxed: all of this happens inside of the submit.
            assert_eq!(Box::pin(self.scene.see(self.id)).await["phase"], "starting");
            let canceled = Box::pin(self.scene.does("otto", self.id, "cancel")).await;
            assert_eq!((&canceled["status"], &canceled["cost"]["state"]), (&json!("canceled"), &json!("estimated")));
            assert!(dollars(&canceled) > 0.0, "a run may have begun: {canceled}");
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_response_that_was_under_way_when_its_job_was_canceled_is_stopped_and_booked() {
    let scene = Scene::new().await;
    scene.plans(json!("in-progress-forever"));
    let id = scene.create().await;
    let world = scene.world.clone();
    let watch = Canceling { scene: &scene, id: &id, is_done: Mutex::new(false) };
    let store = Watched { port: world.table(), watch };
    let setting = world.setting("submit-job");
    let flow = FlowContext::new(&store, world.payloads(), world.clock(), &setting);
    let (workspace, job) = (WorkspaceId::parse("acme").unwrap(), JobId::parse(&id).unwrap());
    let submitting = Box::pin(submit(&flow, world.provider(), &workspace, &job));
    assert_eq!(submitting.await.unwrap(), Submitted::Started);
    assert_eq!((scene.posts(), scene.running()), (1, 1));
    let seen = scene.see(&id).await;
    assert_eq!((&seen["status"], &seen["provider"]["response_id"]), (&json!("canceled"), &json!(null)));

    scene.pass(300).await;
    let ledger = scene.world.simulator().unwrap().ledger();
    assert_eq!(ledger.responses[0].terminal_status, Some(Status::Cancelled));
    let seen = scene.see(&id).await;
    assert_eq!((&seen["status"], &seen["cost"]["state"]), (&json!("canceled"), &json!("known")));
    assert_eq!(scene.posts(), 1);
    scene.ended(&id, "canceled").await;
}

#[tokio::test]
async fn a_run_whose_job_is_canceled_is_stopped_and_booked_within_five_minutes_and_estimated_until_then() {
    let scene = Scene::new().await;
    scene.plans(json!("in-progress-forever"));
    let id = scene.create().await;
    scene.pass(60).await;
    let running = scene.see(&id).await;
    assert_eq!((&running["status"], &running["cost"]["state"]), (&json!("running"), &json!("unknown")));
    assert_eq!(running["allowed_actions"], json!(["cancel", "escalate"]));
    let canceled = scene.does("alice", &id, "cancel").await;
    assert_eq!((&canceled["status"], &canceled["cost"]["state"]), (&json!("canceled"), &json!("estimated")));
    assert_eq!(scene.running(), 1, "nobody has stopped it yet");
    let guess = dollars(&canceled);
    assert!(guess > 0.0);

    scene.pass(300).await;
    assert_eq!(scene.running(), 0);
    let seen = scene.see(&id).await;
    assert_eq!((&seen["status"], &seen["cost"]["state"]), (&json!("canceled"), &json!("known")));
    assert!(0.0 < dollars(&seen) && dollars(&seen) < guess, "{} of at most {guess}", dollars(&seen));
    assert_eq!(scene.posts(), 1);
    assert_eq!(scene.world.simulator().unwrap().ledger().counts.cancels, 1);
    scene.ended(&id, "canceled").await;
}

#[tokio::test]
async fn a_run_that_ends_by_itself_after_its_job_was_canceled_is_kept_and_delivered_to_nobody() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(5).await;
    // It completes before anybody gets to stop it.
    let canceled = scene.does("alice", &id, "cancel").await;
    scene.world.clock().advance(std::time::Duration::from_secs(60));
    scene.pass(300).await;
    scene.ended(&id, "canceled").await;
    let seen = scene.see(&id).await;
    assert_eq!((&seen["result"]["late"], &seen["result"]["partial"]), (&json!(true), &json!(false)), "{seen}");
    assert_eq!((&seen["cost"]["state"], &seen["reason"]), (&json!("known"), &canceled["reason"]));
    let kinds: Vec<_> = scene.heard(&id).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["job.created", "job.running", "job.canceled"], "nobody hears of a result");
}

#[tokio::test]
async fn a_draft_that_waits_can_be_canceled_and_is_delivered_to_nobody_afterwards() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let canceled = scene.does("alice", &id, "cancel").await;
    assert_eq!((&canceled["status"], &canceled["cost"]["state"]), (&json!("canceled"), &json!("known")));
    refused(&scene.now("rita", &id, "approve", json!({})).await, 409, "not_waiting");
    scene.pass(60).await;
    scene.ended(&id, "canceled").await;
    refused(&scene.world.read("acme", "alice", &id, "/result").await.unwrap(), 403, "result_withheld");
    assert_eq!(scene.world.read("acme", "rita", &id, "/result").await.unwrap().status, 200);
}

#[tokio::test]
async fn what_has_ended_is_not_canceled_and_says_what_can_be_done_with_it() {
    let scene = Scene::planned(Plan::Default).await;
    let id = scene.create().await;
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
    for (who, allowed) in [("alice", json!(["archive"])), ("otto", json!(["archive"]))] {
        let answer = scene.order(who, &id, "cancel", &[], json!({})).await;
        refused(&answer, 409, "ended");
        assert_eq!(answer.body["allowed_actions"], allowed);
    }
    assert_eq!(scene.see(&id).await["version"], scene.row(&id).await.version);
}

#[tokio::test]
async fn a_second_cancel_is_the_first() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(5).await;
    let first = scene.does("alice", &id, "cancel").await;
    for who in ["alice", "otto"] {
        let again = scene.order(who, &id, "cancel", &[], json!({})).await;
        assert_eq!((again.status, &again.body["version"]), (200, &first["version"]), "{}", again.text);
    }
    // Whoever names a version of before has not seen that.
    refused(&scene.order("alice", &id, "cancel", &[("if-match", "\"1\"")], json!({})).await, 412, "stale");
    scene.pass(300).await;
    assert_eq!(scene.whole(&id).await.iter().filter(|event| *event == "canceled").count(), 1);
}
