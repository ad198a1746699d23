//! A reviewer asks for changes: their words reach the provider, and nobody else.

use serde_json::{Value, json};

use super::super::secrecy::{listen, logged};
use super::super::server::remembering;
use super::Scene;

const CANARY: &str = "canary-9c2e";

#[tokio::test]
async fn the_next_attempt_is_told_what_to_change_and_nothing_but_the_trail_shows_it() {
    listen();
    let (provider, seen) = remembering().await;
    let scene = Scene::with(provider).await;
    let id = scene.draft().await;
    let first = scene.see(&id).await;
    let note = format!("Name the carrier. {CANARY}");
    let changed = scene.now("rita", &id, "request-changes", json!({"note": note})).await;
    assert_eq!((changed.status, &changed.body["status"]), (200, &json!("queued")), "{}", changed.text);
    assert_eq!((&changed.body["attempt"], &changed.body["result"]), (&json!(2), &Value::Null));
    assert_eq!(scene.waits(&id).await["attempt"], 2);
    assert_eq!(seen.lock().unwrap().len(), 2);
    let requests = seen.lock().unwrap().clone();
    assert_eq!(requests[0]["input"], "Where is my parcel?");
    assert!(!requests[0].to_string().contains(CANARY));
    assert_eq!(requests[1]["instructions"], requests[0]["instructions"]);
    let input = requests[1]["input"].as_array().unwrap();
    assert_eq!(input[0], json!({"role": "user", "content": "Where is my parcel?"}));
    assert_eq!(input[1], json!({"role": "assistant", "content": "Done."}), "the draft");
    assert!(input[2]["content"].as_str().unwrap().ends_with(&note), "{input:?}");
    assert_eq!(input.len(), 3);

    // What was read of the first attempt decides nothing about the second.
    let before = json!({"digest": first["result"]["digest"]});
    let version = format!("\"{}\"", first["version"]);
    let answer = scene.decide("remy", &id, "approve", Some(&version), &before).await;
    assert_eq!((answer.status, &answer.body["code"]), (412, &json!("stale")));

    // Whoever asked may approve.
    let approved = scene.now("rita", &id, "approve", json!({"note": format!("Now it is right. {CANARY}")})).await;
    assert_eq!(approved.body["status"], "completed", "{}", approved.text);
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
    let result = scene.world.read("acme", "alice", &id, "/result").await.unwrap().body;
    assert_eq!(result["reviewer_notes"].as_array().unwrap().len(), 1, "the approval's: {result}");
    let result = scene.world.read("acme", "remy", &id, "/result").await.unwrap().body;
    assert_eq!(result["reviewer_notes"].as_array().unwrap().len(), 2, "{result}");

    let events = serde_json::to_string(&scene.world.bus().events()).unwrap();
    let trail: String = scene.trail(&id).await.into_iter().map(|sealed| sealed.body).collect();
    let shown = scene.world.read("acme", "audrey", &id, "/events").await.unwrap();
    assert_eq!(shown.body["chain_intact"], true);
    let hashed = scene.records(&id).await.into_iter().filter(|record| record.note.is_some()).count();
    assert_eq!(hashed, 2, "the trail holds a hash of each");
    let job = scene.see(&id).await.to_string();
    let notes = shown.body["events"].as_array().unwrap().iter().filter(|event| !event["note"].is_null());
    assert_eq!(notes.count(), 2, "an auditor reads them: {}", shown.text);
    for (place, text) in [("log", &logged()), ("events", &events), ("trail", &trail), ("job", &job)] {
        assert!(!text.contains(CANARY), "in {place}: {text}");
    }
    assert!(logged().contains(&id), "the log was listened to");
    for event in shown.body["events"].as_array().unwrap() {
        let person = match event["event"].as_str().unwrap() {
            "created" => "alice",
            "changes_requested" | "approved" => "rita",
            _ => continue,
        };
        assert_eq!(event["actor"], json!({"kind": "principal", "id": person}), "{event}");
    }
}

#[tokio::test]
async fn the_words_of_a_reviewer_stand_behind_whatever_input_the_job_has() {
    let (provider, seen) = remembering().await;
    let scene = Scene::with(provider).await;
    let items = json!([{"role": "user", "content": "One"}, {"role": "user", "content": "Two"}]);
    let body = json!({"type": "support-reply-draft", "input": items}).to_string();
    let id = scene.world.create("acme", "alice", None, &body).await.unwrap().body["id"].as_str().unwrap().to_owned();
    for note in ["First note", "Second note"] {
        scene.waits(&id).await;
        let answer = scene.now("rita", &id, "request-changes", json!({"note": note})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    scene.waits(&id).await;
    let requests = seen.lock().unwrap().clone();
    for (request, note) in requests[1..].iter().zip(["First note", "Second note"]) {
        let input = request["input"].as_array().unwrap();
        assert_eq!((&input[..2], input.len()), (items.as_array().unwrap().as_slice(), 4));
        assert_eq!(input[2]["role"], "assistant");
        assert!(input[3]["content"].as_str().unwrap().ends_with(note));
    }
    assert_eq!(requests.len(), 3);
}
