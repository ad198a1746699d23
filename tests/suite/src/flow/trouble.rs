//! Providers and buses that answer badly or not at all, for a while or for good.

use axum::http::StatusCode;
use local::world::ProviderChoice;
use serde_json::json;

use super::Scene;
use super::server::{Answer, denied, done, queued, server};

/// Starts every run, and answers looks by their number.
async fn provider(look: impl Fn(u32) -> Answer + Clone + Send + Sync + 'static) -> ProviderChoice {
    server(|number, _| queued(number), move |number, _| look(number)).await.0
}

#[tokio::test]
async fn a_run_that_cannot_be_looked_at_says_so_and_expires_at_its_deadline() {
    for (status, body, reason) in [
        (StatusCode::BAD_GATEWAY, json!("garbage"), "provider_unreachable"),
        (StatusCode::OK, json!({"id": "resp_other", "status": "completed"}), "provider_unreachable"),
        (StatusCode::UNAUTHORIZED, json!({"error": {"code": "invalid_api_key"}}), "provider_unauthorized"),
        (StatusCode::UNAUTHORIZED, json!({}), "provider_unreachable"),
        (StatusCode::NOT_FOUND, json!("a proxy's page"), "provider_unreachable"),
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
        _ => (StatusCode::OK, done("resp_1")),
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
    let spell = |n| if n <= 2 { denied() } else { (StatusCode::OK, done("resp_1")) };
    let scene = Scene::with(provider(spell).await).await;
    let id = scene.create().await;
    scene.pass(90).await;
    assert_eq!(scene.see(&id).await["reason"]["code"], "provider_missing");
    scene.pass(300).await;
    scene.ended(&id, "completed").await;
    assert_eq!(scene.see(&id).await["attempt"], 1);

    let scene = Scene::with(provider(|_| denied()).await).await;
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
                (StatusCode::OK, done("resp_1"))
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
