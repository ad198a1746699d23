//! Numbers longer than a float holds: exact wherever somebody compares them, reads them or decides on them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Scene;
use super::server::{queued, server};

/// An id as some shops issue it. As a float it would be 9.423588012367823e21.
const ID: &str = "9423588012367823456789";

/// A job whose run is over with this output.
async fn ended(output: &'static str) -> (Scene, String) {
    let look = move |_, id: String| {
        let answer = format!(r#"{{"id":"{id}","status":"completed","output":[{output}]}}"#);
        (StatusCode::OK, serde_json::from_str::<Value>(&answer).unwrap())
    };
    let scene = Scene::with(server(|number, _| queued(number), look).await.0).await;
    let id = scene.create().await;
    scene.pass(120).await;
    (scene, id)
}

#[tokio::test]
async fn whoever_decides_on_a_call_sees_every_digit_of_its_arguments() {
    let (scene, id) = ended(
        r#"{"type":"function_call","name":"refund","arguments":"{\"order\":9423588012367823456789,\"part\":1.10}"}"#,
    )
    .await;
    assert_eq!(scene.see(&id).await["phase"], "awaiting_action");
    let shown = scene.world.read("acme", "rita", &id, "/result").await.unwrap();
    let call = &shown.body["tool_calls"][0];
    let arguments = format!(r#"{{"order":{ID},"part":1.10}}"#);
    assert_eq!(call["input"]["arguments"].as_str(), Some(arguments.as_str()), "{}", shown.text);
}

#[tokio::test]
async fn a_structured_answer_is_delivered_with_every_digit() {
    let (scene, id) =
        ended(r#"{"type":"message","content":[{"type":"output_text","text":"{\"order\": 9423588012367823456789}"}]}"#)
            .await;
    let shown = scene.world.read("acme", "alice", &id, "/result").await.unwrap();
    assert_eq!(shown.body["structured"], json!({"order": serde_json::from_str::<Value>(ID).unwrap()}));
    assert!(shown.text.contains(&format!(r#""structured":{{"order":{ID}}}"#)), "{}", shown.text);
}

#[tokio::test]
async fn whoever_decides_sees_what_was_asked_with_every_digit() {
    let scene = Scene::new().await;
    let body = format!(
        r#"{{"type":"support-reply-draft","input":[{{"role":"user","content":"Refund {ID}."}}],"deadline":"2026-12-24T09:30:00Z",
            "effects":["customer_message"],"summary":"A refund","tags":{{"team":"care"}},"overrides":{{"max_output_tokens":1000}}}}"#
    );
    let made = scene.world.create("acme", "alice", None, &body).await.unwrap();
    let id = made.body["id"].as_str().unwrap_or_else(|| panic!("{}", made.text));
    let expected = format!(
        r#"{{"job_id":"{id}","type":"support-reply-draft","input":[{{"content":"Refund {ID}.","role":"user"}}],"summary":"A refund","tags":{{"team":"care"}},"lane":null,"effects":["customer_message"],"deadline":"2026-12-24T09:30:00.000Z","on_behalf_of":null,"flexible":false,"overrides":{{"max_output_tokens":1000}}}}"#
    );
    for who in ["alice", "rita", "otto", "audrey", "ada"] {
        let shown = scene.world.read("acme", who, id, "/input").await.unwrap();
        assert_eq!((shown.status, shown.text.as_str()), (200, expected.as_str()), "{who}");
    }
}

#[tokio::test]
async fn a_body_with_a_doubled_name_or_half_a_character_is_refused_by_the_place() {
    let scene = Scene::new().await;
    for (body, field) in [
        (r#"{"type":"document-analysis","input":"a","input":"b"}"#, "input"),
        (r#"{"type":"document-analysis","input":[{"role":"user","content":"a","content":"b"}]}"#, "input.0.content"),
        (r#"{"type":"document-analysis","input":"a","tags":{"team":"a","team":"b"}}"#, "tags.team"),
        (r#"{"type":"document-analysis","input":"\ud83d"}"#, "input"),
        (r#"{"type":"document-analysis","input":[{"role":"user","content":"\ude00"}]}"#, "input.0.content"),
        (r#"{"type":"document-analysis","input":"a",}"#, "body"),
    ] {
        let refused = scene.world.create("acme", "alice", None, body).await.unwrap();
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!(field)), "{}", refused.text);
        assert_eq!(refused.body["errors"].as_array().unwrap().len(), 1, "{}", refused.text);
    }
}
