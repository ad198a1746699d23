//! Processes that die at the worst moment, streams that are off, queues that repeat.

use std::time::Duration;

use domain::port::Clock as _;
use domain::port::SubmitMessage;
use openai_simulator::{Plan, WebhookDelivery};
use serde_json::json;

use super::{SECRET, Scene, signed};

/// Starts `submit-job` on the job and kills it once the provider has the request.
async fn kill_after_post(scene: &Scene, id: &str) {
    let posts = scene.posts();
    let message = serde_json::to_string(&SubmitMessage::SubmitV1 {
        workspace: "acme".to_owned().try_into().unwrap(),
        job_id: id.to_owned().try_into().unwrap(),
    })
    .unwrap();
    let event = sqs_event(&message);
    let world = scene.world.clone();
    let running = tokio::spawn(async move { world.invoke("submit-job", &event).await });
    while scene.posts() == posts {
        tokio::task::yield_now().await;
    }
    running.abort();
    let _ = running.await;
}

#[tokio::test]
async fn a_process_that_dies_after_the_provider_said_yes_loses_nothing_and_pays_once() {
    let scene = Scene::planned(Plan::AcceptsAndNeverAnswers).await;
    let id = scene.create().await;
    kill_after_post(&scene, &id).await;
    assert_eq!(scene.see(&id).await["phase"], "starting");
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
    assert_eq!((scene.posts(), &scene.see(&id).await["attempt"]), (1, &json!(1)));
    assert_eq!(scene.see(&id).await["cost"]["state"], "known");
}

#[tokio::test]
async fn when_the_webhook_of_a_lost_answer_is_lost_too_the_attempt_is_closed_and_the_next_one_runs() {
    let scene = Scene::planned(Plan::AcceptsAndVanishes).await;
    let id = scene.create().await;
    kill_after_post(&scene, &id).await;
    scene.pass(700).await;
    assert!(scene.see(&id).await["phase"] == "starting", "its webhook may still come");
    scene.pass(300).await;
    scene.ended(&id, "completed").await;
    assert_eq!((scene.posts(), &scene.see(&id).await["attempt"]), (2, &json!(2)));
}

#[tokio::test]
async fn a_lost_response_that_turns_up_after_all_is_booked_and_changes_nothing_else() {
    let scene = Scene::planned(Plan::AcceptsAndVanishes).await;
    let id = scene.create().await;
    kill_after_post(&scene, &id).await;
    scene.pass(1_000).await;
    scene.ended(&id, "completed").await;
    let before = scene.see(&id).await;
    assert_eq!(before["cost"]["state"], "unknown", "the first attempt may have cost something");

    let lost = scene.world.simulator().unwrap().ledger().responses[0].id.clone();
    let body = json!({"id": "evt_1", "type": "response.completed", "data": {"id": lost}}).to_string();
    let headers = signed(SECRET, "wh_1", scene.world.clock().now(), body.as_bytes());
    scene.world.deliver_webhook(&WebhookDelivery { headers, body: body.into() }).await;
    scene.pass(600).await;
    scene.ended(&id, "completed").await;
    let after = scene.see(&id).await;
    assert_eq!((&after["cost"]["state"], &after["result"]), (&json!("known"), &before["result"]));
    let dollars = |job: &serde_json::Value| job["cost"]["usd"].as_str().unwrap().parse::<f64>().unwrap();
    assert!(dollars(&after) > dollars(&before));
    assert_eq!(scene.posts(), 2);
}

#[tokio::test]
async fn a_job_whose_stream_record_was_lost_is_submitted_by_reconcile_and_its_events_go_out_late() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.world.embedded().lose_stream().unwrap();
    scene.allow_repeats();
    scene.pass(20).await;
    assert_eq!(scene.posts(), 0, "nothing has told anybody yet");
    scene.pass(600).await;
    scene.ended(&id, "completed").await;
}

#[tokio::test]
async fn a_submit_message_that_comes_again_and_again_is_one_post() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    let message = json!({"kind": "submit_v1", "workspace": "acme", "job_id": id}).to_string();
    for _ in 0..20 {
        scene.world.queues().submit.send(&message, Duration::ZERO, 0);
    }
    scene.pass(30).await;
    scene.ended(&id, "completed").await;
    assert_eq!(scene.posts(), 1);
}

#[tokio::test]
async fn sixteen_consumers_of_one_submit_message_make_one_post() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    sixteen_take(&scene, "submit-job", &json!({"kind": "submit_v1", "workspace": "acme", "job_id": id})).await;
    assert_eq!(scene.posts(), 1);
}

#[tokio::test]
async fn events_that_the_bus_refused_go_out_later() {
    let scene = Scene::new().await;
    scene.world.bus().fail_next(2);
    scene.allow_repeats();
    let id = scene.create().await;
    scene.pass(30).await;
    scene.ended(&id, "completed").await;
    assert!(scene.world.stream_dead().is_empty());
}

#[tokio::test]
async fn sixteen_consumers_of_one_due_message_ask_the_provider_once() {
    let scene = Scene::planned(Plan::WebhookNever).await;
    let id = scene.create().await;
    scene.pass(1).await;
    scene.world.clock().advance(Duration::from_secs(35));
    sixteen_take(&scene, "observe-job", &json!({"kind": "observe_v1", "workspace": "acme", "job_id": id})).await;
    assert_eq!(scene.gets(), 1);
    scene.pass(120).await;
    scene.ended(&id, "completed").await;
}

/// Sixteen consumers get the same message at the same time; all of them report it as done.
async fn sixteen_take(scene: &Scene, function: &'static str, message: &serde_json::Value) {
    let event = sqs_event(&message.to_string());
    let runs: Vec<_> = (0..16)
        .map(|_| {
            let (world, event) = (scene.world.clone(), event.clone());
            tokio::spawn(async move { world.invoke(function, &event).await.unwrap() })
        })
        .collect();
    for run in runs {
        assert_eq!(run.await.unwrap(), r#"{"batchItemFailures":[]}"#);
    }
}

fn sqs_event(body: &str) -> String {
    json!({"Records": [{"messageId": "m", "body": body, "eventSource": "aws:sqs"}]}).to_string()
}
