//! Large inputs and results lie in the bucket, end with their retention, and are missed when they are gone.

use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use serde_json::json;

use super::inside::digest;
use super::stage::{ALICE, Need, Stage};

/// More than a row takes.
fn large(word: &str) -> String {
    word.repeat(2_000)
}

#[tokio::test]
async fn large_inputs_and_results_are_kept_until_their_retention_ends() {
    let Some(stage) = Stage::open(&[Need::Inside, Need::Simulator]).await else { return };
    let text = large("Mine. ");
    stage.plan(json!({"document-analysis": {"life": [{"status": "completed", "after_ms": 500, "text": text}]}})).await;
    let id = stage.create(json!({"input": large("Yours. ")})).await;
    stage.ended(&id, "completed").await;
    let result = stage.get(ALICE, &format!("jobs/{id}/result")).await;
    assert_eq!((result.status, &result.body["text"]), (200, &json!(text)));
    let path = format!("/v1/workspaces/{}/jobs/{id}/result?part=raw", stage.workspace);
    let raw = stage.request(reqwest::Method::GET, &path).bearer_auth(stage.token(ALICE)).send().await.unwrap();
    assert_eq!(result.body["digest"], digest(&raw.text().await.unwrap()));

    let mut row = stage.told(&id).await;
    let past = System.now() - Duration::from_secs(1);
    (row.due, row.deadline, row.due_index_at) = (past, past, Some(past));
    stage.inside().overwrite(&row).await;
    let purged = stage.until(&id, |job| job["version"] == row.version + 1).await;
    assert_eq!(purged["status"], "completed");
    let gone = stage.get(ALICE, &format!("jobs/{id}/result")).await;
    assert_eq!((gone.status, &gone.body["code"]), (409, &json!("no_result")));
    assert_eq!(stage.trail(&id).await.last().unwrap()["event"], "purged");
}

#[tokio::test]
async fn a_provider_that_answers_the_create_call_with_a_large_finished_run_is_taken_at_its_word() {
    let Some(stage) = Stage::open(&[Need::Inside, Need::Simulator]).await else { return };
    let text = large("At once. ");
    let life = json!([{"status": "completed", "after_ms": 0, "text": text}]);
    let plan = json!({"create": {"ends_first": true}, "life": life, "webhooks": {"copies": 0}});
    stage.plan(json!({"document-analysis": plan})).await;
    let id = stage.create(json!({})).await;
    stage.ended(&id, "completed").await;
    assert_eq!(stage.trail(&id).await.last().unwrap()["cause"], "answer");
    let result = stage.get(ALICE, &format!("jobs/{id}/result")).await;
    assert_eq!((result.status, &result.body["text"]), (200, &json!(text)));
}

#[tokio::test]
async fn a_result_whose_object_is_gone_is_no_result() {
    let Some(stage) = Stage::open(&[Need::Inside, Need::Simulator]).await else { return };
    let text = large("Lost. ");
    stage.plan(json!({"document-analysis": {"life": [{"status": "completed", "after_ms": 500, "text": text}]}})).await;
    let id = stage.create(json!({})).await;
    stage.ended(&id, "completed").await;
    stage.inside().forget_objects(&format!("{}/{id}/", stage.workspace)).await;
    let gone = stage.get(ALICE, &format!("jobs/{id}/result")).await;
    assert_eq!((gone.status, &gone.body["code"]), (409, &json!("no_result")));
}

#[tokio::test]
async fn a_start_that_the_provider_put_off_is_made_again_by_the_schedule() {
    let Some(stage) = Stage::open(&[Need::Simulator]).await else { return };
    stage.plan(json!({"document-analysis": "rate-limited-then-ok"})).await;
    let id = stage.create(json!({"input": large("Later. ")})).await;
    let job = stage.ended(&id, "completed").await;
    assert_eq!(job["attempt"], 2);
    let (posts, responses) = stage.made(&id).await;
    assert_eq!((posts, responses.len()), (2, 1));
}
