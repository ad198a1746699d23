//! A Responses server that is not OpenAI: other ids, no usage, no tier, no metadata, no webhooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use local::world::ProviderChoice;
use serde_json::{Value, json};

use super::Scene;

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
