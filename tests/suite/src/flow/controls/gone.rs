//! A job whose retention is over: there is nothing left to try, and what happened is still on record.

use std::time::Duration;

use serde_json::json;

use super::super::review::refused;
use super::Scene;

#[tokio::test]
async fn a_job_whose_input_is_gone_is_not_tried_again() {
    let scene = Scene::new().await;
    scene.plans(json!("fails-by-policy"));
    let id = scene.create().await;
    scene.pass(60).await;
    let failed = scene.see(&id).await;
    assert_eq!(failed["allowed_actions"], json!(["retry", "escalate", "archive"]));
    scene.world.skip(Duration::from_secs(31 * 86_400)).await.unwrap();
    scene.pass(120).await;
    let gone = scene.see(&id).await;
    assert_eq!((&gone["status"], &gone["allowed_actions"]), (&json!("failed"), &json!(["escalate", "archive"])));
    let version = format!("\"{}\"", gone["version"]);
    let answer = scene.order("alice", &id, "retry", &[("if-match", &version)], json!({})).await;
    refused(&answer, 409, "input_gone");
    assert_eq!(answer.body["allowed_actions"], gone["allowed_actions"]);
    scene.does("alice", &id, "archive").await;
    scene.pass(60).await;
    assert_eq!(scene.whole(&id).await.last().unwrap(), "archived");
    assert_eq!(scene.posts(), 1);
}
