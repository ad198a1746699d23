//! What submitters and operators do with a job: cancel, retry, escalate, archive, look at what needs them, publish again.

use std::collections::BTreeSet;
use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use reqwest::Method;
use serde_json::{Value, json};

use super::bus::{heard, kinds};
use super::review::refused;
use super::stage::{ALICE, Answer, Need, Stage, pause};

impl Stage {
    async fn order(&self, who: &str, id: &str, control: &str, version: Option<&Value>) -> Answer {
        self.call(who, Method::POST, &format!("jobs/{id}/{control}"), version, &json!({})).await
    }

    async fn ids(&self, query: &str) -> Vec<String> {
        let answer = self.get("otto", &format!("jobs?limit=100&{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_running_job_is_canceled_stopped_and_booked() {
    let Some(stage) = Stage::open(&[Need::Simulator]).await else { return };
    stage.plan(json!({"document-analysis": "in-progress-forever"})).await;
    let id = stage.create(json!({})).await;
    stage.until(&id, |job| job["provider"]["response_id"].is_string()).await;
    let canceled = stage.order(ALICE, &id, "cancel", None).await;
    assert_eq!((canceled.status, &canceled.body["status"]), (200, &json!("canceled")), "{}", canceled.body);
    let again = stage.order(ALICE, &id, "cancel", None).await;
    assert_eq!((again.status, &again.body["reason"]), (200, &canceled.body["reason"]), "{}", again.body);
    let mut left = Vec::new();
    for _ in 0..1_500 {
        left = stage.made(&id).await.1;
        left.retain(|response| response["terminal_status"] != "cancelled");
        if left.is_empty() {
            break;
        }
        pause().await;
    }
    assert_eq!(left, [] as [Value; 0], "the provider was not told");
    // What was stopped before it began tells no usage.
    let booked = stage.until(&id, |job| job["cost"]["state"] != "unknown").await;
    assert_eq!((&booked["status"], stage.made(&id).await.0), (&json!("canceled"), 1));
    stage.trail(&id).await;
}

#[tokio::test]
async fn a_failed_job_is_tried_again_to_its_end() {
    let Some(stage) = Stage::open(&[Need::Simulator]).await else { return };
    stage.plan(json!({"document-analysis": ["fails-by-policy", "default"]})).await;
    let id = stage.create(json!({})).await;
    let failed = stage.ended(&id, "failed").await;
    refused(&stage.order(ALICE, &id, "retry", None).await, 428, "version_required");
    let again = stage.order(ALICE, &id, "retry", Some(&failed["version"])).await;
    assert_eq!((again.status, &again.body["attempt"]), (200, &json!(2)), "{}", again.body);
    refused(&stage.order(ALICE, &id, "retry", Some(&failed["version"])).await, 412, "stale");
    let done = stage.until(&id, |job| job["status"] == "completed").await;
    assert_eq!((&done["attempt"], stage.made(&id).await.0), (&json!(2), 2));
    refused(&stage.order(ALICE, &id, "retry", Some(&done["version"])).await, 409, "not_retryable");
    stage.trail(&id).await;
}

#[tokio::test]
async fn an_escalation_is_heard_and_what_failed_needs_somebody_until_it_is_put_away() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Simulator, Need::Inside]).await else { return };
    stage.inside().subscribe(&stage.workspace).await;
    stage.plan(json!({"document-analysis": "fails-by-policy"})).await;
    let id = stage.create(json!({})).await;
    let failed = stage.ended(&id, "failed").await;
    let attention = &failed["attention"];
    assert_eq!((&attention["code"], &attention["next_step"]), (&json!("content_policy"), &json!("change_request")));
    assert_eq!(failed["allowed_actions"], json!(["retry", "escalate", "archive"]));
    assert_eq!(stage.ids("attention=true").await.as_slice(), std::slice::from_ref(&id));
    for who in ["audrey", "ada"] {
        refused(&stage.order(who, &id, "escalate", None).await, 403, "forbidden");
    }
    let escalated = stage.order("rita", &id, "escalate", None).await;
    assert_eq!((escalated.status, &escalated.body["escalation_level"]), (200, &json!(1)), "{}", escalated.body);
    let is_called = |events: &[Value]| events.iter().any(|event| event["type"] == "job.escalated");
    let events = heard(&stage, &id, is_called).await;
    let call = events.iter().find(|event| event["type"] == "job.escalated").unwrap();
    assert_eq!((&call["escalation_level"], &call["attention"]), (&json!(1), &json!(true)));

    let archived = stage.order("otto", &id, "archive", None).await;
    assert_eq!((archived.status, &archived.body["attention"]), (200, &Value::Null), "{}", archived.body);
    assert!(archived.body["archived_at"].is_string());
    for query in ["attention=true", "status=failed", "archived=false"] {
        assert_eq!(stage.ids(query).await, [] as [String; 0], "{query}");
    }
    assert_eq!(stage.ids("archived=true").await.as_slice(), std::slice::from_ref(&id));
    assert_eq!(stage.see(&id).await["archived_at"], archived.body["archived_at"]);
    stage.trail(&id).await;
}

#[tokio::test]
async fn an_operator_has_everything_published_again_under_the_same_ids() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Inside]).await else { return };
    stage.inside().subscribe(&stage.workspace).await;
    let id = stage.create(json!({})).await;
    let job = stage.ended(&id, "completed").await;
    stage.told(&id).await;
    let all = BTreeSet::from(["job.created", "job.running", "job.completed"]);
    heard(&stage, &id, |events| kinds(events) == all).await;
    let range = json!({"from": job["created_at"], "to": "2100-01-01T00:00:00Z"});
    for who in [ALICE, "rita", "audrey", "ada"] {
        refused(&stage.call(who, Method::POST, "republish", None, &range).await, 403, "forbidden");
    }
    let sent = stage.call("otto", Method::POST, "republish", None, &range).await;
    let expected = json!({"jobs": 1, "events": 3, "next_cursor": null});
    assert_eq!((sent.status, &sent.body), (200, &expected), "{}", sent.body);
    let events = heard(&stage, &id, |events| events.len() >= 6).await;
    let ids: BTreeSet<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 3, "a repeat has the id of the first: {ids:?}");
    assert_eq!(stage.see(&id).await["version"], job["version"], "nothing has happened to the job");
}

#[tokio::test]
async fn somebody_is_called_in_about_a_job_that_a_first_try_did_not_move() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Simulator, Need::Inside]).await else { return };
    let draft = stage.draft().await;
    let id = draft["id"].as_str().unwrap();
    let mut row = stage.told(id).await;
    let past = System.now() - Duration::from_secs(600);
    (row.due, row.deadline, row.due_index_at, row.claim_count) = (past, past, Some(past), 1);
    stage.inside().overwrite(&row).await;
    let called = stage.until(id, |job| job["escalation_level"] == 1).await;
    assert_eq!(
        (&called["status"], called["version"].as_u64()),
        (&json!("needs_review"), Some(u64::from(row.version) + 1))
    );
    let trail = stage.trail(id).await;
    let last = trail.iter().find(|event| event["version"] == row.version + 1).unwrap();
    assert_eq!((&last["event"], &last["actor"]["id"]), (&json!("escalated"), &json!("reconcile")));
}
