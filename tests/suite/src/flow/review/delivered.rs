//! What is delivered: of an edit only the edit, with the evidence that holds for it, and of a run that failed nothing that
//! somebody would have been asked about.

use axum::http::StatusCode;
use domain::value::id::Digest;
use local::world::ProviderChoice;
use serde_json::{Value, json};

use super::super::server::{queued, server};
use super::{DRAFT, Scene, refused};

/// Has every result reviewed, although nothing comes of it.
const CHECKED: &str = r#"{"description": "Checks.", "lane": "background", "model": "gpt-6.1-terra",
    "instructions": "Check it.", "review": "always"}"#;

/// Has what costs more than nothing reviewed.
const DEAR: &str = r#"{"description": "Checks.", "lane": "background", "model": "gpt-6.1-terra",
    "instructions": "Check it.", "review": {"when": {"cost_over_usd": "0.000001"}}}"#;

const CITED: &str = "The parcel left on Monday (carrier.example). It is in Basel (track.example).";

fn citation(passage: &str, title: &str) -> Value {
    let start = CITED.find(passage).unwrap();
    json!({"type": "url_citation", "title": title, "url": format!("https://{title}.example"),
           "start_index": start, "end_index": start + passage.len()})
}

/// Everything that a provider can say that no reviewer has written.
fn said(id: &str) -> Value {
    let annotations = [citation("(carrier.example)", "carrier"), citation("(track.example)", "track")];
    let text = json!({"type": "output_text", "text": CITED, "annotations": annotations});
    let refusal = json!({"type": "refusal", "refusal": "I will not say who signed for it."});
    let search = json!({"type": "web_search_call", "id": "ws_1", "status": "completed",
                        "action": {"type": "search", "query": "parcel of Ms. Smith"}});
    json!({"id": id, "status": "completed", "model": "gpt-6.1-terra",
           "usage": {"input_tokens": 1_000, "output_tokens": 500},
           "output": [search, {"type": "message", "content": [text, refusal]}]})
}

async fn saying(answer: fn(&str) -> Value) -> ProviderChoice {
    server(|number, _| queued(number), move |_, id| (StatusCode::OK, answer(&id))).await.0
}

#[tokio::test]
async fn an_edit_is_delivered_with_the_evidence_that_holds_for_it_and_nothing_else_that_the_provider_said() {
    let scene = Scene::with(saying(said).await).await;
    let id = scene.draft().await;
    let whole = scene.world.read("acme", "rita", &id, "/result").await.unwrap().body;
    assert_eq!(whole["citations"].as_array().unwrap().len(), 2, "{whole}");
    assert_eq!((whole["tool_calls"].as_array().unwrap().len(), whole["refusals"].as_array().unwrap().len()), (1, 1));

    let text = "Dear Ms. Smith, Zürich says: it is in Basel (track.example).";
    let edited = scene.now("rita", &id, "edit", json!({"text": text, "note": "She must not read (carrier.example)."}));
    assert_eq!(edited.await.status, 200);
    let approved = scene.now("remy", &id, "approve", json!({"note": "Good."})).await;
    assert_eq!(approved.body["status"], "completed", "{}", approved.text);
    scene.pass(60).await;
    scene.ended(&id, "completed").await;

    let result = scene.world.read("acme", "alice", &id, "/result").await.unwrap();
    for word in ["carrier", "Monday", "Ms. Smith\"", "who signed", "web_search_call", "part=raw"] {
        assert!(!result.text.contains(word), "{word}: {}", result.text);
    }
    let result = result.body;
    assert_eq!((&result["text"], &result["reviewer_notes"]), (&json!(text), &json!(["Good."])));
    for nothing in ["tool_calls", "refusals", "files"] {
        assert_eq!(result[nothing], json!([]), "{nothing}");
    }
    let [citation] = result["citations"].as_array().unwrap().as_slice() else { panic!("{result}") };
    assert_eq!((&citation["title"], &citation["text"]), (&json!("track"), &json!("(track.example)")));
    let (start, end) = (citation["start"].as_u64().unwrap() as usize, citation["end"].as_u64().unwrap() as usize);
    assert_eq!(text.chars().skip(start).take(end - start).collect::<String>(), "(track.example)");
    assert_eq!(result["proposed_digest"], whole["digest"], "a hash may be known");
    refused(&scene.part("alice", &id, "raw").await, 403, "edited_result");

    // What it was made from is there for whoever decided, and whoever looks into it afterwards.
    for who in ["rita", "audrey"] {
        let result = scene.world.read("acme", who, &id, "/result").await.unwrap().body;
        assert_eq!((&result["tool_calls"], &result["refusals"]), (&whole["tool_calls"], &whole["refusals"]), "{who}");
        let raw = scene.part(who, &id, "raw").await.text;
        assert_eq!(Digest::of(raw.as_bytes()).to_string(), whole["digest"].as_str().unwrap());
    }
    // Nothing else that alice reads of the job says more.
    let mut all = scene.see(&id).await.to_string();
    all.push_str(&scene.world.read("acme", "alice", &id, "/events").await.unwrap().text);
    all.push_str(&serde_json::to_string(&scene.world.bus().events()).unwrap());
    for word in ["carrier", "Monday", "Smith", "who signed"] {
        assert!(!all.contains(word), "{word}: {all}");
    }
}

#[tokio::test]
async fn what_nobody_edited_is_delivered_as_the_provider_said_it() {
    let scene = Scene::with(saying(said).await).await;
    let id = scene.draft().await;
    assert_eq!(scene.now("rita", &id, "approve", json!({})).await.status, 200);
    let result = scene.world.read("acme", "alice", &id, "/result").await.unwrap().body;
    assert_eq!((result["citations"].as_array().unwrap().len(), &result["text"]), (2, &json!(CITED)));
    let raw = scene.part("alice", &id, "raw").await.text;
    assert_eq!(Digest::of(raw.as_bytes()).to_string(), result["digest"].as_str().unwrap());
}

/// A run that failed, with half of what it had to say.
fn failed(id: &str) -> Value {
    let text = json!({"type": "output_text", "text": "Half of it.", "annotations": []});
    json!({"id": id, "status": "failed", "model": "gpt-6.1-terra", "error": {"code": "invalid_prompt"},
           "usage": {"input_tokens": 1_000, "output_tokens": 500},
           "output": [{"type": "message", "content": [text]}]})
}

async fn ended(scene: &Scene, body: &str) -> String {
    let made = scene.world.create("acme", "alice", None, body).await.unwrap();
    assert_eq!(made.status, 202, "{}", made.text);
    let id = made.body["id"].as_str().unwrap().to_owned();
    scene.pass(600).await;
    id
}

#[tokio::test]
async fn what_a_failed_run_left_is_out_of_its_submitters_reach_where_somebody_would_have_been_asked() {
    for body in
        [r#"{"type":"checked","input":"The parties agree."}"#, r#"{"type":"dear","input":"The parties agree."}"#, DRAFT]
    {
        let scene = Scene::with(saying(failed).await).await;
        assert_eq!(scene.set_type("ada", "checked", CHECKED).await.status, 200);
        assert_eq!(scene.set_type("ada", "dear", DEAR).await.status, 200);
        let id = ended(&scene, body).await;
        scene.ended(&id, "failed").await;
        for who in ["alice", "otto", "audrey", "ada"] {
            refused(&scene.world.read("acme", who, &id, "/result").await.unwrap(), 403, "result_withheld");
            for part in ["text", "raw"] {
                refused(&scene.part(who, &id, part).await, 403, "result_withheld");
            }
        }
        let shown = scene.world.read("acme", "rita", &id, "/result").await.unwrap().body;
        assert_eq!((&shown["text"], &shown["partial"]), (&json!("Half of it."), &json!(true)), "{body}");
    }
}

#[tokio::test]
async fn what_a_failed_run_left_is_its_submitters_as_partial_where_nobody_would_have_been_asked() {
    let scene = Scene::with(saying(failed).await).await;
    let id = ended(&scene, r#"{"type":"document-analysis","input":"The parties agree."}"#).await;
    scene.ended(&id, "failed").await;
    let shown = scene.world.read("acme", "alice", &id, "/result").await.unwrap().body;
    assert_eq!((&shown["text"], &shown["partial"]), (&json!("Half of it."), &json!(true)));
    assert_eq!(scene.see(&id).await["result"]["partial"], true);
    assert_eq!(scene.part("alice", &id, "raw").await.status, 200);
}

/// A failed run with a call that waits for somebody's leave.
fn failed_with_a_call(id: &str) -> Value {
    let call = json!({"type": "function_call", "name": "refund", "call_id": "call_1", "arguments": "{\"usd\":500}"});
    let mut answer = failed(id);
    answer["output"].as_array_mut().unwrap().push(call);
    answer
}

#[tokio::test]
async fn a_call_that_waits_for_somebodys_leave_is_shown_to_nobody_else_however_its_run_ended() {
    let scene = Scene::with(saying(failed_with_a_call).await).await;
    let id = ended(&scene, r#"{"type":"document-analysis","input":"The parties agree."}"#).await;
    scene.ended(&id, "failed").await;
    for part in ["text", "raw"] {
        refused(&scene.part("alice", &id, part).await, 403, "result_withheld");
    }
    let shown = scene.world.read("acme", "rita", &id, "/result").await.unwrap().body;
    assert_eq!(shown["tool_calls"][0]["outcome"], "pending", "{shown}");
}
