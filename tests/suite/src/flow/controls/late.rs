//! What comes out of a run after its job was canceled: kept, labelled, and in nobody's hands who may not have it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::review::{DRAFT, refused};
use super::super::server::{queued, server};
use super::Scene;

/// A provider whose runs say nothing until they are stopped, and then half of what they had to say.
async fn stopping() -> (Scene, Arc<AtomicBool>) {
    let is_stopped = Arc::new(AtomicBool::new(false));
    let stopped = is_stopped.clone();
    let look = move |_, id: String| {
        let text = json!([{"type": "output_text", "text": "Half of it."}]);
        let usage = json!({"input_tokens": 1_000, "output_tokens": 500});
        let half = json!({
            "id": id, "status": "cancelled", "model": "gpt-6.1-terra", "usage": usage,
            "output": [{"type": "message", "content": text}],
        });
        let runs = json!({"id": id, "status": "in_progress", "output": []});
        (StatusCode::OK, if stopped.load(Ordering::SeqCst) { half } else { runs })
    };
    let (provider, _) = server(|number, _| queued(number), look).await;
    (Scene::with(provider).await, is_stopped)
}

/// Has every result reviewed, although nothing comes of it.
const CHECKED: &str = r#"{"description": "Checks.", "lane": "background", "model": "gpt-6.1-terra",
    "instructions": "Check it.", "review": "always"}"#;

/// A canceled job of this request, once the provider has stopped its run.
async fn canceled(body: &str) -> (Scene, String) {
    let (scene, is_stopped) = stopping().await;
    assert_eq!(scene.set_type("ada", "checked", CHECKED).await.status, 200);
    let id = scene.world.create("acme", "alice", None, body).await.unwrap().body["id"].as_str().unwrap().to_owned();
    scene.pass(60).await;
    let canceled = scene.does("alice", &id, "cancel").await;
    assert_eq!((&canceled["result"], &canceled["cost"]["state"]), (&Value::Null, &json!("estimated")));
    scene.pass(120).await;
    assert_eq!(scene.see(&id).await["cost"], canceled["cost"], "it still runs");
    is_stopped.store(true, Ordering::SeqCst);
    scene.pass(600).await;
    scene.ended(&id, "canceled").await;
    let seen = scene.see(&id).await;
    assert_eq!((&seen["result"]["late"], &seen["result"]["partial"]), (&json!(true), &json!(true)), "{seen}");
    assert_eq!(seen["cost"], json!({"usd": "0.003500", "state": "known"}));
    assert_eq!(scene.world.bus().events().len(), 3, "created, running and canceled, and no result");
    (scene, id)
}

#[tokio::test]
async fn half_an_answer_of_a_canceled_run_is_kept_as_late_and_partial_for_its_submitter() {
    let (scene, id) = canceled(r#"{"type":"document-analysis","input":"The parties agree."}"#).await;
    for who in ["alice", "rita"] {
        let result = scene.world.read("acme", who, &id, "/result").await.unwrap();
        assert_eq!((result.status, &result.body["partial"]), (200, &json!(true)), "{who}: {}", result.text);
        assert_eq!(result.body["text"], "Half of it.");
    }
    // Another attempt has nothing of it.
    let again = scene.does("alice", &id, "retry").await;
    assert_eq!((&again["result"], &again["status"]), (&Value::Null, &json!("queued")));
}

#[tokio::test]
async fn half_an_answer_of_a_canceled_run_is_out_of_its_submitters_reach_where_its_type_has_it_reviewed() {
    let (scene, id) = canceled(r#"{"type":"checked","input":"The parties agree."}"#).await;
    for part in ["text", "raw"] {
        for who in ["alice", "otto", "audrey", "ada"] {
            refused(&scene.part(who, &id, part).await, 403, "result_withheld");
        }
    }
    refused(&scene.world.read("acme", "alice", &id, "/result").await.unwrap(), 403, "result_withheld");
    assert_eq!(scene.part("rita", &id, "text").await.text, "Half of it.");
}

#[tokio::test]
async fn half_a_draft_of_a_canceled_run_is_out_of_its_submitters_reach() {
    let (scene, id) = canceled(DRAFT).await;
    for part in ["text", "raw"] {
        refused(&scene.part("alice", &id, part).await, 403, "result_withheld");
        refused(&scene.part("otto", &id, part).await, 403, "result_withheld");
    }
    refused(&scene.world.read("acme", "alice", &id, "/result").await.unwrap(), 403, "result_withheld");
    assert_eq!(scene.part("rita", &id, "text").await.text, "Half of it.");
    // What came late is nobody's to let out.
    refused(&scene.now("rita", &id, "approve", json!({})).await, 409, "not_waiting");
}
