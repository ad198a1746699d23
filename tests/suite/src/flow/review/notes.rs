//! What reviewers wrote, in the job's trail: with author and time, for whoever may read it.

use serde_json::{Value, json};

use super::super::Scene;

/// The notes of a job's trail as somebody reads them, by the event that they came with.
async fn notes(scene: &Scene, who: &str, id: &str) -> Vec<(String, Value)> {
    let trail = scene.world.read("acme", who, id, "/events").await.unwrap();
    let events = trail.body["events"].as_array().unwrap().clone();
    let decisions = ["approved", "edited", "rejected", "changes_requested"];
    let of = |event: &Value| (event["event"].as_str().unwrap().to_owned(), event["note"].clone());
    events.iter().map(of).filter(|(event, _)| decisions.contains(&event.as_str())).collect()
}

fn said(event: &str, note: Value) -> (String, Value) {
    (event.to_owned(), note)
}

#[tokio::test]
async fn a_submitter_reads_why_their_result_was_rejected() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let why = json!("It promises a refund.");
    assert_eq!(scene.now("rita", &id, "reject", json!({"note": why})).await.status, 200);
    for who in ["alice", "rita", "otto", "audrey"] {
        assert_eq!(notes(&scene, who, &id).await, [said("rejected", why.clone())], "{who}");
    }
    let trail = scene.world.read("acme", "alice", &id, "/events").await.unwrap().body;
    let rejected = trail["events"].as_array().unwrap().iter().find(|event| event["event"] == "rejected").unwrap();
    assert_eq!(rejected["actor"]["id"], "rita");
    assert!(rejected["at"].is_string());
}

#[tokio::test]
async fn what_reviewers_say_about_a_draft_is_no_news_for_its_submitter_until_it_is_let_out() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let (quote, edit, leave) = (json!("\"We pay\" is wrong."), json!("Shorter."), json!("As kind as it gets."));
    assert_eq!(scene.now("rita", &id, "request-changes", json!({"note": quote})).await.status, 200);
    scene.waits(&id).await;
    let text = json!({"text": "Your parcel is on its way.", "note": edit});
    assert_eq!(scene.now("rita", &id, "edit", text).await.status, 200);
    let so_far = [said("changes_requested", quote.clone()), said("edited", edit.clone())];
    assert_eq!(notes(&scene, "remy", &id).await, so_far);
    let hidden = [said("changes_requested", Value::Null), said("edited", Value::Null)];
    assert_eq!(notes(&scene, "alice", &id).await, hidden);
    assert_eq!(scene.now("remy", &id, "approve", json!({"note": leave})).await.body["status"], "completed");
    let approved = said("approved", leave);
    assert_eq!(notes(&scene, "alice", &id).await, [&hidden[..], std::slice::from_ref(&approved)].concat());
    assert_eq!(notes(&scene, "audrey", &id).await, [&so_far[..], &[approved]].concat());
}
