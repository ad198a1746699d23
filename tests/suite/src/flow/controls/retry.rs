//! Retry: one further attempt for each time that somebody asks, and only where there is something to try.

use serde_json::json;

use super::super::review::refused;
use super::{Scene, distinct, dollars};

#[tokio::test]
async fn a_job_that_ended_without_a_result_is_tried_again_to_its_end() {
    for (plan, status, hours) in [
        ("fails-by-policy", "failed", 0),
        ("in-progress-forever", "expired", 1),
        ("in-progress-forever", "canceled", 0),
    ] {
        let scene = Scene::new().await;
        scene.plans(json!([plan, "default"]));
        let id = scene.create().await;
        scene.pass(60).await;
        if status == "canceled" {
            scene.does("alice", &id, "cancel").await;
        }
        scene.pass(hours * 3_600 + 300).await;
        let ended = scene.see(&id).await;
        assert_eq!((&ended["status"], &ended["attempt"]), (&json!(status), &json!(1)), "{ended}");
        assert_eq!(ended["allowed_actions"].as_array().unwrap()[0], "retry", "{ended}");
        let again = scene.does("alice", &id, "retry").await;
        assert_eq!((&again["status"], &again["attempt"]), (&json!("queued"), &json!(2)));
        assert_eq!((&again["reason"]["code"], &again["attention"]), (&json!("retried_by_person"), &json!(null)));
        scene.pass(60).await;
        let done = scene.see(&id).await;
        assert_eq!((&done["status"], &done["attempt"], scene.posts()), (&json!("completed"), &json!(2), 2), "{done}");
        assert_eq!(done["cost"]["state"], "known");
        assert!(dollars(&done) > dollars(&ended), "each attempt is on the bill");
        assert_eq!(scene.whole(&id).await.iter().filter(|event| *event == "retried").count(), 1);
    }
}

/// A job that failed, and would complete.
async fn failed() -> (Scene, String) {
    let scene = Scene::new().await;
    scene.plans(json!(["fails-by-policy", "default"]));
    let id = scene.create().await;
    scene.pass(60).await;
    assert_eq!(scene.see(&id).await["status"], "failed");
    (scene, id)
}

#[tokio::test]
async fn a_retry_says_what_it_has_read_or_has_a_key() {
    let (scene, id) = failed().await;
    let version = scene.row(&id).await.version;
    refused(&scene.order("alice", &id, "retry", &[], json!({})).await, 428, "version_required");
    for seen in [1, version - 1, version + 1] {
        let seen = format!("\"{seen}\"");
        refused(&scene.order("alice", &id, "retry", &[("if-match", &seen)], json!({})).await, 412, "stale");
        let headers = [("if-match", seen.as_str()), ("idempotency-key", "k")];
        refused(&scene.order("alice", &id, "retry", &headers, json!({})).await, 412, "stale");
    }
    for (name, value) in [("if-match", "*"), ("if-match", "4"), ("idempotency-key", "")] {
        refused(&scene.order("alice", &id, "retry", &[(name, value)], json!({})).await, 400, "invalid_request");
    }
    assert_eq!((scene.row(&id).await.version, scene.posts()), (version, 1), "nothing has happened");
    assert_eq!(scene.order("alice", &id, "retry", &[("idempotency-key", "k")], json!({})).await.status, 200);
}

#[tokio::test]
async fn a_retry_under_the_same_key_is_one_attempt_however_late_it_comes_again() {
    let (scene, id) = failed().await;
    let key = [("idempotency-key", "k")];
    let first = scene.order("alice", &id, "retry", &key, json!({})).await;
    assert_eq!((first.status, &first.body["attempt"]), (200, &json!(2)), "{}", first.text);
    let again = scene.order("alice", &id, "retry", &key, json!({})).await;
    assert_eq!((again.status, &again.body["version"]), (200, &first.body["version"]));
    scene.pass(60).await;
    assert_eq!(scene.see(&id).await["status"], "completed");
    let late = scene.order("alice", &id, "retry", &key, json!({})).await;
    assert_eq!((late.status, &late.body["status"]), (200, &json!("completed")), "{}", late.text);
    // Another key and another person's are other retries.
    for (who, key) in [("alice", "other"), ("otto", "k")] {
        let answer = scene.order(who, &id, "retry", &[("idempotency-key", key)], json!({})).await;
        refused(&answer, 409, "not_retryable");
    }
    scene.pass(60).await;
    assert_eq!(scene.posts(), 2);
    assert_eq!(scene.whole(&id).await.iter().filter(|event| *event == "retried").count(), 1);
}

#[tokio::test]
async fn sixteen_retries_at_once_under_one_key_open_one_attempt() {
    let (scene, id) = failed().await;
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let (world, id) = (scene.world.clone(), id.clone());
            tokio::spawn(async move {
                let route = "POST /v1/workspaces/{workspace}/jobs/{id}/retry";
                let (path, headers) = ([("workspace", "acme"), ("id", id.as_str())], [("idempotency-key", "k")]);
                let call = local::world::Call {
                    route,
                    principal: "alice",
                    path: &path,
                    headers: &headers,
                    ..Default::default()
                };
                world.call(call).await.unwrap()
            })
        })
        .collect();
    let mut versions = Vec::new();
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!((answer.status, &answer.body["attempt"]), (200, &json!(2)), "{}", answer.text);
        versions.push(answer.body["version"].to_string());
    }
    assert_eq!(distinct(versions).len(), 1);
    scene.pass(60).await;
    assert_eq!((&scene.see(&id).await["status"], scene.posts()), (&json!("completed"), 2));
    assert_eq!(scene.whole(&id).await.iter().filter(|event| *event == "retried").count(), 1);
}

#[tokio::test]
async fn two_people_who_read_the_same_failure_open_one_attempt() {
    let (scene, id) = failed().await;
    let version = format!("\"{}\"", scene.row(&id).await.version);
    let headers = [("if-match", version.as_str())];
    let (alice, otto) = tokio::join!(
        scene.order("alice", &id, "retry", &headers, json!({})),
        scene.order("otto", &id, "retry", &headers, json!({}))
    );
    let mut statuses = [alice.status, otto.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{} {}", alice.text, otto.text);
    scene.pass(60).await;
    assert_eq!(scene.posts(), 2);
}

#[tokio::test]
async fn attempts_that_are_used_up_are_no_more() {
    let scene = Scene::new().await;
    scene.own_type("check", json!({"retry": {"attempts": 2}})).await;
    let plans = openai_simulator::Plans::parse(&json!({"check": "fails-by-policy"})).unwrap();
    scene.world.simulator().unwrap().plan_by_type(plans);
    let id = scene.create_of("check").await;
    scene.pass(60).await;
    scene.does("alice", &id, "retry").await;
    scene.pass(60).await;
    let failed = scene.see(&id).await;
    assert_eq!((&failed["status"], &failed["attempt"]), (&json!("failed"), &json!(2)));
    assert_eq!(failed["allowed_actions"], json!(["escalate", "archive"]));
    let answer = scene.order("alice", &id, "retry", &[("idempotency-key", "k")], json!({})).await;
    refused(&answer, 409, "no_attempts_left");
    assert_eq!(answer.body["allowed_actions"], failed["allowed_actions"]);
    assert_eq!(scene.posts(), 2);
}

#[tokio::test]
async fn a_completed_job_is_not_tried_again_and_a_rejected_one_is() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(60).await;
    refused(&scene.order("alice", &id, "retry", &[("idempotency-key", "k")], json!({})).await, 409, "not_retryable");

    let draft = scene.draft().await;
    refused(&scene.order("alice", &draft, "retry", &[("idempotency-key", "k")], json!({})).await, 409, "not_retryable");
    assert_eq!(scene.now("rita", &draft, "reject", json!({"note": "Wrong parcel."})).await.status, 200);
    let again = scene.does("otto", &draft, "retry").await;
    assert_eq!((&again["status"], &again["attempt"], &again["result"]), (&json!("queued"), &json!(2), &json!(null)));
    let waits = scene.waits(&draft).await;
    assert_eq!(waits["attempt"], 2);
    assert_eq!(scene.now("rita", &draft, "approve", json!({})).await.body["status"], "completed");
}
