//! A job's life: with a webhook, without one, past its deadline, created by sixteen callers at once, listed.

use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use serde_json::json;

use super::stage::{ALICE, Need, Stage};

#[tokio::test]
async fn a_background_job_is_completed_by_its_webhook() {
    let Some(stage) = Stage::open(&[Need::Simulator]).await else { return };
    // A run that nobody would look at by itself for a while yet.
    stage.plan(json!({"document-analysis": {"life": [{"status": "completed", "after_ms": 1_000}]}})).await;
    let id = stage.create(json!({})).await;
    let job = stage.ended(&id, "completed").await;
    assert_eq!((&job["attempt"], &job["cost"]["state"]), (&json!(1), &json!("known")));
    let trail = stage.trail(&id).await;
    let causes: Vec<_> = trail.iter().map(|event| event["cause"].as_str().unwrap()).collect();
    assert_eq!(causes.last(), Some(&"webhook"), "{causes:?}");
    let (posts, responses) = stage.made(&id).await;
    assert_eq!((posts, responses.len()), (1, 1));
}

#[tokio::test]
async fn a_job_is_completed_and_its_result_is_there() {
    let Some(stage) = Stage::open(&[]).await else { return };
    let id = stage.create(json!({"summary": "end to end"})).await;
    let job = stage.ended(&id, "completed").await;
    let result = stage.get(ALICE, &format!("jobs/{id}/result")).await;
    assert_eq!((result.status, &result.body["digest"]), (200, &job["result"]["digest"]));
    assert!(!result.body["text"].as_str().unwrap().is_empty());
    assert_eq!(stage.trail(&id).await.len() as u64, job["version"].as_u64().unwrap());
}

#[tokio::test]
async fn a_job_whose_webhook_never_comes_is_completed_by_the_schedule() {
    let Some(stage) = Stage::open(&[Need::Simulator]).await else { return };
    stage.plan(json!({"document-analysis": "webhook-never"})).await;
    let id = stage.create(json!({})).await;
    stage.ended(&id, "completed").await;
    assert_eq!(stage.trail(&id).await.last().unwrap()["cause"], "due");
    assert_eq!(stage.made(&id).await.0, 1);
}

#[tokio::test]
async fn a_run_past_its_deadline_expires_and_is_stopped() {
    let Some(stage) = Stage::open(&[Need::Simulator]).await else { return };
    stage.plan(json!({"document-analysis": "in-progress-forever"})).await;
    let deadline = System.now() + Duration::from_secs(12);
    let id = stage.create(json!({"deadline": deadline})).await;
    stage.until(&id, |job| job["status"] == "running").await;
    let job = stage.ended(&id, "expired").await;
    assert_eq!(job["reason"]["code"], "run_deadline");
    let mut stopped = false;
    for _ in 0..1_500 {
        stopped = stage.made(&id).await.1.iter().all(|response| response["terminal_status"] == "cancelled");
        if stopped {
            break;
        }
        super::stage::pause().await;
    }
    assert!(stopped, "the provider was not told");
    stage.until(&id, |job| job["cost"]["state"] == "known").await;
}

#[tokio::test]
async fn a_job_that_met_a_used_up_quota_is_started_by_the_schedule_when_there_is_more() {
    let Some(stage) = Stage::open(&[Need::Simulator]).await else { return };
    // In a lane of its own: all of it waits.
    stage.plan(json!({"quick-answer": "quota-exhausted-then-ok"})).await;
    let id = stage.create(json!({"type": "quick-answer"})).await;
    let held = stage.until(&id, |job| job["phase"] == "held").await;
    assert_eq!((&held["status"], &held["attention"]["code"]), (&json!("queued"), &json!("provider_quota")));
    let job = stage.ended(&id, "completed").await;
    assert_eq!(job["attempt"], 2);
    assert_eq!(stage.made(&id).await.1.len(), 1);
}

#[tokio::test]
async fn sixteen_callers_with_one_key_get_one_job() {
    let Some(stage) = Stage::open(&[]).await else { return };
    let key = System.nonce().to_string();
    let body = json!({"type": "document-analysis", "input": "The parties agree."});
    // All under way before the first answer is waited for.
    let calls: Vec<_> = (0..16).map(|_| tokio::spawn(Stage::send(stage.job_request(Some(&key), &body)))).collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    let made = answers.iter().filter(|answer| answer.status == 202).count();
    let repeated =
        answers.iter().filter(|answer| answer.status == 200 && answer.headers.contains_key("idempotent-replayed"));
    assert_eq!(
        (made, repeated.count()),
        (1, 15),
        "{:?}",
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
    );
    let id = answers[0].body["id"].as_str().unwrap();
    assert!(answers.iter().all(|answer| answer.body["id"] == id));
    let other =
        Stage::send(stage.job_request(Some(&key), &json!({"type": "document-analysis", "input": "Other."}))).await;
    assert_eq!((other.status, &other.body["code"]), (422, &json!("idempotency_key_reused")));
    stage.ended(id, "completed").await;
}

#[tokio::test]
async fn jobs_are_listed_and_those_that_need_a_person_by_themselves() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Simulator]).await else { return };
    stage.plan(json!({"document-analysis": ["fails-by-policy", "default"]})).await;
    let failed = stage.create(json!({"tags": {"n": "1"}})).await;
    stage.ended(&failed, "failed").await;
    let completed = stage.create(json!({"tags": {"n": "2"}})).await;
    stage.ended(&completed, "completed").await;
    let listed = async |query: &str| -> Vec<String> {
        let answer = stage.get("otto", &format!("jobs?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let jobs = answer.body["jobs"].as_array().unwrap().iter();
        jobs.map(|job| job["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed("limit=100").await, [completed, failed.clone()]);
    assert_eq!(listed("attention=true").await.as_slice(), std::slice::from_ref(&failed));
    assert_eq!(listed("tag=n:1").await, [failed]);
}
