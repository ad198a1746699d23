//! A caller that asks again: how soon it is told to, and what it is spared while nothing is new.

use axum::http::StatusCode;
use local::world::{Answer, Call};
use serde_json::{Value, json};

use super::Scene;
use super::parked::while_on;

impl Scene {
    async fn polled(&self, who: &str, id: &str, known: &str) -> Answer {
        let path = [("workspace", "acme"), ("id", id)];
        let route = "GET /v1/workspaces/{workspace}/jobs/{id}";
        let headers = [("if-none-match", known)];
        self.world
            .call(Call { route, principal: who, path: &path, headers: &headers, ..Call::default() })
            .await
            .unwrap()
    }
}

fn tag(answer: &Answer) -> &str {
    answer.headers["etag"].as_str().unwrap()
}

#[tokio::test]
async fn a_job_that_is_as_it_was_is_not_sent_again() {
    let scene = Scene::new().await;
    let made = scene.world.create("acme", "alice", None, r#"{"type":"document-analysis","input":"x"}"#).await.unwrap();
    let id = made.body["id"].as_str().unwrap();
    let (version, digest) = tag(&made).trim_matches('"').split_once('-').unwrap();
    assert_eq!((version, digest.len()), ("1", 8), "{}", tag(&made));
    let first = scene.polled("alice", id, "\"1\"").await;
    assert_eq!((first.status, tag(&first)), (200, tag(&made)), "a version alone is not what was seen");
    for known in [tag(&first).to_owned(), format!("W/{}", tag(&first)), format!("\"0-00000000\", {}", tag(&first))] {
        let again = scene.polled("alice", id, &known).await;
        assert_eq!((again.status, again.text.as_str(), tag(&again)), (304, "", tag(&first)), "{known}");
        assert_eq!(again.headers["poll-after-ms"], "1000");
    }
    for known in ["*", "\"1-00000000\""] {
        assert_eq!(scene.polled("alice", id, known).await.status, 200, "{known}");
    }
    scene.pass(5).await;
    let moved = scene.polled("alice", id, tag(&first)).await;
    assert_eq!((moved.status, &moved.body["status"]), (200, &json!("running")));
    assert_eq!(scene.polled("alice", id, tag(&moved)).await.status, 304);
}

/// A job that waits behind its lane has no version of its own for that.
#[tokio::test]
async fn what_changes_while_the_version_stands_is_seen_by_whoever_polls() {
    let quota = json!({"error": {"type": "insufficient_quota", "code": "project_spend_limit_exceeded"}});
    let (scene, ..) = while_on(StatusCode::TOO_MANY_REQUESTS, quota).await;
    scene.create().await;
    let body = r#"{"type":"document-analysis","input":"x"}"#;
    let waiting = scene.world.create("acme", "alice", Some("key-2"), body).await.unwrap();
    let id = waiting.body["id"].as_str().unwrap();
    scene.pass(500).await;
    let held = scene.polled("alice", id, tag(&waiting)).await;
    assert_eq!((held.status, &held.body["phase"]), (200, &json!("held")), "{}", held.text);
    assert_eq!(held.body["version"], waiting.body["version"]);
    assert_eq!(scene.polled("alice", id, tag(&held)).await.status, 304);
}

#[tokio::test]
async fn what_another_caller_was_shown_is_not_taken_for_the_same() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let seen = scene.polled("rita", &id, "\"\"").await;
    assert_eq!(scene.polled("rita", &id, tag(&seen)).await.status, 304);
    assert_eq!(scene.polled("alice", &id, tag(&seen)).await.status, 200, "she may do something else");
}

#[tokio::test]
async fn every_job_says_how_soon_to_ask_again_and_one_that_is_over_says_never() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    let read = async || scene.polled("alice", &id, "\"\"").await;
    let young = read().await;
    assert_eq!((&young.body["poll_after_ms"], &young.headers["poll-after-ms"]), (&json!(1_000), &json!("1000")));
    let (route, path) = ("GET /v1/workspaces/{workspace}/jobs", [("workspace", "acme")]);
    let list = Call { route, principal: "alice", path: &path, ..Call::default() };
    assert_eq!(scene.world.call(list).await.unwrap().body["jobs"][0]["poll_after_ms"], 1_000);
    scene.pass(60).await;
    let over = read().await;
    assert_eq!((&over.body["status"], &over.body["poll_after_ms"]), (&json!("completed"), &Value::Null));
    assert_eq!(over.headers.get("poll-after-ms"), None);
    assert_eq!(scene.polled("alice", &id, tag(&over)).await.status, 304);
}

#[tokio::test]
async fn a_decision_takes_the_tag_that_was_read_whoever_read_it() {
    let scene = Scene::new().await;
    for weak in ["", "W/"] {
        let id = scene.draft().await;
        let seen = scene.polled("alice", &id, "\"\"").await;
        let body = json!({"digest": seen.body["result"]["digest"]});
        let route = "POST /v1/workspaces/{workspace}/jobs/{id}/approve";
        let (path, known) = ([("workspace", "acme"), ("id", id.as_str())], format!("{weak}{}", tag(&seen)));
        let (headers, body) = ([("if-match", known.as_str())], body.to_string());
        let call =
            Call { route, principal: "rita", path: &path, headers: &headers, body: Some(&body), ..Call::default() };
        let answer = scene.world.call(call).await.unwrap();
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!("completed")), "{}", answer.text);
    }
}
