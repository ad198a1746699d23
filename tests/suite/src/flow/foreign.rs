//! A Responses server that is not OpenAI: other ids, no usage, no tier, no metadata, no webhooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use local::world::ProviderChoice;
use serde_json::{Value, json};

use super::Scene;
use super::server::{Answer, done, server as answering};

const ID: &str = "gen-1717/x:y==";

/// Answers the first two looks with a run under way, and then with its end.
async fn server(at_once: bool) -> ProviderChoice {
    let looks = Arc::new(AtomicU32::new(0));
    let done = || json!({"id": ID, "status": "completed", "output": [{"type": "message", "content": [{"type": "output_text", "text": "Done."}]}]});
    let running = || json!({"id": ID, "object": "response", "status": "in_progress", "output": []});
    let router = Router::new()
        .route(
            "/v1/responses",
            post(move |Json(body): Json<Value>| async move {
                assert_eq!((&body["background"], &body["store"]), (&json!(true), &json!(true)));
                Json(if at_once { done() } else { running() })
            }),
        )
        .route(
            "/v1/responses/{id}",
            get(move |Path(id): Path<String>| async move {
                assert_eq!(id, ID);
                Json(if looks.fetch_add(1, Ordering::SeqCst) < 2 { running() } else { done() })
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    ProviderChoice::Server { base_url, api_key: "none".to_owned() }
}

#[tokio::test]
async fn a_run_elsewhere_is_finished_by_reconcile_with_its_cost_unknown() {
    let scene = Scene::with(server(false).await).await;
    let id = scene.create().await;
    scene.pass(400).await;
    scene.ended(&id, "completed").await;
    let job = scene.see(&id).await;
    assert_eq!((&job["provider"]["response_id"], &job["cost"]["state"]), (&json!(ID), &json!("unknown")));
    assert_eq!(scene.world.read("acme", "alice", &id, "/result").await.unwrap().body["text"], "Done.");
}

#[tokio::test]
async fn a_server_that_answers_with_the_finished_run_completes_the_job_at_once() {
    let scene = Scene::with(server(true).await).await;
    let id = scene.create().await;
    scene.pass(1).await;
    scene.ended(&id, "completed").await;
}

/// What a response says that belongs to a job of another workspace.
fn of_another(id: &str) -> Value {
    let mut answer = done(id);
    answer["metadata"] =
        json!({"deployment": "local", "workspace": "globex", "job_id": "job_of_globex", "attempt": "1"});
    answer["output"][0]["content"][0]["text"] = json!("What globex asked for.");
    answer["usage"] = json!({"input_tokens": 9, "output_tokens": 9});
    answer
}

async fn with_answers(
    start: impl Fn(u32) -> Answer + Clone + Send + Sync + 'static,
    look: impl Fn(u32, String) -> Answer + Clone + Send + Sync + 'static,
) -> (Scene, super::server::Asked) {
    let (provider, asked) = answering(move |number, _| start(number), look).await;
    (Scene::with(provider).await, asked)
}

fn queued(number: u32) -> Answer {
    (StatusCode::OK, json!({"id": format!("resp_{number}"), "status": "queued", "output": []}))
}

#[tokio::test]
async fn the_answer_to_another_workspaces_job_is_never_delivered_whichever_call_brings_it() {
    let found = |_, id: String| (StatusCode::OK, of_another(&id));
    let create = with_answers(|_| (StatusCode::OK, of_another("resp_1")), found).await;
    let look = with_answers(queued, found).await;
    let running = |id| json!({"id": id, "status": "in_progress"});
    let late = move |number, id: String| (StatusCode::OK, if number == 1 { running(id) } else { of_another(&id) });
    let late = with_answers(queued, late).await;
    for (scene, _) in [create, look, late] {
        let id = scene.create().await;
        scene.pass(4_000).await;
        let job = scene.see(&id).await;
        assert_ne!(job["status"], "completed", "{job}");
        let result = scene.world.read("acme", "alice", &id, "/result").await.unwrap().text;
        let raw = scene.part("alice", &id, "raw").await.text;
        assert!(!result.contains("globex") && !raw.contains("globex"), "{result} {raw}");
    }
}

#[tokio::test]
async fn a_job_whose_response_turns_out_to_be_anothers_is_tried_again_and_completes() {
    let look = |_, id: String| (StatusCode::OK, if id == "resp_1" { of_another(&id) } else { done(&id) });
    let (scene, asked) = with_answers(queued, look).await;
    let id = scene.create().await;
    scene.pass(4_000).await;
    scene.ended(&id, "completed").await;
    let text = scene.world.read("acme", "alice", &id, "/result").await.unwrap().body["text"].clone();
    assert_eq!((text, asked.starts()), (json!("Done."), 2));
}

#[tokio::test]
async fn while_a_start_is_unknown_no_cost_is_known() {
    let lost = || (StatusCode::BAD_GATEWAY, json!("garbage"));
    let (scene, _) = with_answers(move |_| lost(), move |_, _| lost()).await;
    let id = scene.create().await;
    scene.pass(5).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["reason"]["code"], &job["cost"]["state"]), (&json!("start_unknown"), &json!("unknown")), "{job}");
}

#[tokio::test]
async fn what_was_asked_for_is_priced_although_the_server_sends_nothing_of_it_back() {
    let look = |_, id: String| {
        let mut answer = done(&id);
        answer["model"] = json!("gpt-6.1-terra");
        answer["usage"] = json!({"input_tokens": 1_000, "output_tokens": 1_000});
        (StatusCode::OK, answer)
    };
    let usual = json!({"usd": "0.006000", "state": "known"});
    let dearer = json!({"usd": "0.012000", "state": "estimated"});
    for (overrides, cost) in [(json!({}), usual), (json!({"service_tier": "priority"}), dearer)] {
        let (scene, _) = with_answers(queued, look).await;
        let body = json!({"description": "Fast.", "lane": "background", "model": "gpt-6.1-terra", "instructions": "x",
            "overridable": {"service_tier": ["priority"]}});
        assert_eq!(scene.set_type("ada", "fast", &body.to_string()).await.status, 200);
        let body = json!({"type": "fast", "input": "x", "overrides": overrides}).to_string();
        let created = scene.world.create("acme", "alice", None, &body).await.unwrap();
        let id = created.body["id"].as_str().unwrap().to_owned();
        scene.pass(120).await;
        scene.ended(&id, "completed").await;
        assert_eq!(scene.see(&id).await["cost"], cost);
    }
}
