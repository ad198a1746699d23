//! Providers and buses that answer badly or not at all, for a while or for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use local::world::ProviderChoice;
use serde_json::{Value, json};

use super::Scene;

/// Starts every run under an id of its own, and answers looks by their number: 1 for the first.
async fn provider(look: impl Fn(u32) -> (StatusCode, Value) + Clone + Send + Sync + 'static) -> ProviderChoice {
    let (looks, starts) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let router = Router::new()
        .route(
            "/v1/responses",
            post(move || async move {
                let id = format!("resp_{}", starts.fetch_add(1, Ordering::SeqCst) + 1);
                Json(json!({"id": id, "status": "queued", "output": []}))
            }),
        )
        .route(
            "/v1/responses/{id}",
            get(move |Path(_): Path<String>| async move {
                let (status, body) = look(looks.fetch_add(1, Ordering::SeqCst) + 1);
                (status, Json(body))
            }),
        )
        .route("/v1/responses/{id}/cancel", post(|| async { Json(json!({"id": "resp_1", "status": "in_progress"})) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    ProviderChoice::Server { base_url, api_key: "none".to_owned() }
}

fn done() -> Value {
    let content = json!([{"type": "output_text", "text": "Done."}]);
    json!({"id": "resp_1", "status": "completed", "output": [{"type": "message", "content": content}]})
}

#[tokio::test]
async fn a_run_that_cannot_be_looked_at_says_so_and_expires_at_its_deadline() {
    for (status, body, reason) in [
        (StatusCode::BAD_GATEWAY, json!("garbage"), "provider_unreachable"),
        (StatusCode::OK, json!({"id": "resp_other", "status": "completed"}), "provider_unreachable"),
        (StatusCode::UNAUTHORIZED, json!({}), "provider_unauthorized"),
    ] {
        let scene = Scene::with(provider(move |_| (status, body.clone())).await).await;
        let id = scene.create().await;
        scene.pass(90).await;
        let job = scene.see(&id).await;
        assert_eq!((&job["status"], &job["reason"]["code"]), (&json!("running"), &json!(reason)));
        assert_eq!(job["version"], 3, "one note, however often it fails");
        scene.pass(3_600 + 300).await;
        scene.ended(&id, "expired").await;
    }
}

#[tokio::test]
async fn a_run_that_can_be_looked_at_again_is_healthy_again() {
    let running = json!({"id": "resp_1", "status": "in_progress"});
    let look = move |n| match n {
        1 => (StatusCode::SERVICE_UNAVAILABLE, json!({})),
        2 => (StatusCode::OK, running.clone()),
        _ => (StatusCode::OK, done()),
    };
    let scene = Scene::with(provider(look).await).await;
    let id = scene.create().await;
    scene.pass(150).await;
    assert_eq!(scene.see(&id).await["reason"], json!(null));
    scene.pass(300).await;
    scene.ended(&id, "completed").await;
}

#[tokio::test]
async fn a_response_that_is_denied_for_a_while_is_not_lost_and_one_denied_for_good_is() {
    let spell = |n| if n <= 2 { (StatusCode::NOT_FOUND, json!({})) } else { (StatusCode::OK, done()) };
    let scene = Scene::with(provider(spell).await).await;
    let id = scene.create().await;
    scene.pass(90).await;
    assert_eq!(scene.see(&id).await["reason"]["code"], "provider_missing");
    scene.pass(300).await;
    scene.ended(&id, "completed").await;
    assert_eq!(scene.see(&id).await["attempt"], 1);

    let scene = Scene::with(provider(|_| (StatusCode::NOT_FOUND, json!({}))).await).await;
    let id = scene.create().await;
    scene.pass(3_600).await;
    scene.ended(&id, "failed").await;
    assert_eq!(scene.see(&id).await["reason"]["code"], "provider_lost");
}

#[tokio::test]
async fn a_bus_that_is_down_for_an_hour_keeps_no_job_from_its_end() {
    let scene = Scene::with(
        provider(|n| {
            if n < 8 {
                (StatusCode::OK, json!({"id": "resp_1", "status": "in_progress"}))
            } else {
                (StatusCode::OK, done())
            }
        })
        .await,
    )
    .await;
    scene.world.bus().fail_next(u32::MAX);
    scene.allow_repeats();
    let id = scene.create().await;
    scene.pass(1_800).await;
    assert_eq!(scene.see(&id).await["status"], "completed");
    assert!(scene.world.bus().events().is_empty());
    scene.world.bus().fail_next(0);
    scene.pass(7_200).await;
    scene.ended(&id, "completed").await;
}
