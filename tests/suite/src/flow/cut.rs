//! An answer to a create call that breaks off behind the id of its response.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use local::world::ProviderChoice;
use serde_json::{Value, json};

use super::Scene;
use super::server::{Answer, denied, done};

/// What a provider was asked that answers each start with no more than `{"id": "resp_<number>"`.
#[derive(Clone, Default)]
struct Asked {
    /// The metadata of each start.
    starts: Arc<Mutex<Vec<Value>>>,
    looks: Arc<AtomicU32>,
    cancels: Arc<AtomicU32>,
}

impl Asked {
    fn counts(&self) -> (usize, u32) {
        (self.starts.lock().unwrap().len(), self.looks.load(Ordering::SeqCst))
    }
}

/// `look` is told its number and what an honest provider would say.
async fn cutting(look: impl Fn(u32, Value) -> Answer + Clone + Send + Sync + 'static) -> (Scene, Asked) {
    let asked = Asked::default();
    let Asked { starts, looks, cancels } = asked.clone();
    let posts = starts.clone();
    let router = Router::new()
        .route(
            "/v1/responses",
            post(move |Json(request): Json<Value>| async move {
                let mut posts = posts.lock().unwrap();
                posts.push(request["metadata"].clone());
                format!("{{\"id\":\"resp_{}\",\"object\":\"resp", posts.len())
            }),
        )
        .route(
            "/v1/responses/{id}",
            get(move |Path(id): Path<String>| async move {
                let number: usize = id.strip_prefix("resp_").unwrap().parse().unwrap();
                let mut answer = done(&id);
                // A cost that is not told would be asked for once more.
                answer["model"] = json!("gpt-6.1-terra");
                answer["service_tier"] = json!("default");
                answer["usage"] = json!({"input_tokens": 9, "output_tokens": 9});
                answer["metadata"] = starts.lock().unwrap()[number - 1].clone();
                let (status, body) = look(looks.fetch_add(1, Ordering::SeqCst) + 1, answer);
                (status, Json(body))
            }),
        )
        .route(
            "/v1/responses/{id}/cancel",
            post(move |Path(id): Path<String>| async move {
                cancels.fetch_add(1, Ordering::SeqCst);
                Json(json!({"id": id, "status": "in_progress"}))
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Scene::with(ProviderChoice::Server { base_url, api_key: "none".to_owned() }).await, asked)
}

fn trouble() -> Answer {
    (StatusCode::BAD_GATEWAY, json!("garbage"))
}

#[tokio::test]
async fn a_response_that_a_cut_answer_named_is_looked_at_and_attached_and_nothing_is_paid_again() {
    let (scene, asked) = cutting(|_, answer| (StatusCode::OK, answer)).await;
    let id = scene.create().await;
    scene.pass(1).await;
    assert_eq!((asked.counts(), &scene.see(&id).await["status"]), ((1, 1), &json!("completed")));
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
    assert_eq!((asked.counts(), &scene.see(&id).await["attempt"]), ((1, 1), &json!(1)));
}

#[tokio::test]
async fn a_name_that_cannot_be_looked_at_is_kept_and_looked_at_again_before_another_run_is_paid() {
    let (scene, asked) = cutting(|n, answer| if n <= 5 { trouble() } else { (StatusCode::OK, answer) }).await;
    let id = scene.create().await;
    scene.pass(5).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["status"], &job["phase"]), (&json!("queued"), &json!("starting")));
    assert_eq!((&job["reason"]["code"], &job["next_step"]["action"]), (&json!("start_unknown"), &json!("check")));
    scene.pass(1_800).await;
    scene.ended(&id, "completed").await;
    assert_eq!((asked.counts().0, &scene.see(&id).await["attempt"]), (1, &json!(1)));
}

#[tokio::test]
async fn as_long_as_nobody_can_look_at_what_was_named_nothing_else_is_paid() {
    let (scene, asked) = cutting(|_, _| trouble()).await;
    let id = scene.create().await;
    scene.pass(3_000).await;
    let (starts, looks) = asked.counts();
    assert!((starts, looks > 5) == (1, true), "{starts} starts, {looks} looks");
    assert_eq!(scene.see(&id).await["phase"], "starting");
    // Hours in one step: what is due in between is overdue after it.
    scene.world.clock().advance(std::time::Duration::from_secs(6 * 3_600));
    scene.pass(300).await;
    scene.ended(&id, "expired").await;
    assert_eq!(asked.counts().0, 1);
    assert_eq!(scene.see(&id).await["cost"]["state"], "estimated", "it may have run");
}

#[tokio::test]
async fn a_name_that_the_provider_denies_for_all_its_time_is_a_lost_start() {
    let (scene, asked) = cutting(|n, answer| if n <= 20 { denied() } else { (StatusCode::OK, answer) }).await;
    let id = scene.create().await;
    scene.pass(700).await;
    assert_eq!((asked.counts().0, &scene.see(&id).await["phase"]), (1, &json!("starting")));
    scene.pass(3_000).await;
    assert!(asked.counts().0 >= 2, "{:?}", asked.counts());
    scene.ended(&id, "completed").await;
}

#[tokio::test]
async fn somebody_elses_response_is_never_attached_although_the_answer_named_it() {
    let foreign = |_, mut answer: Value| {
        answer["metadata"]["submit_token"] = json!("00000000000000000000000000000000");
        (StatusCode::OK, answer)
    };
    let (scene, asked) = cutting(foreign).await;
    let id = scene.create().await;
    scene.pass(700).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["phase"], &job["provider"]["response_id"]), (&json!("starting"), &json!(null)));
    assert_eq!((asked.counts().0, asked.cancels.load(Ordering::SeqCst)), (1, 0));
}

#[tokio::test]
async fn a_job_that_is_canceled_while_its_start_is_unknown_leaves_no_named_run_behind() {
    let runs = |mut answer: Value| {
        answer["status"] = json!("in_progress");
        (StatusCode::OK, answer)
    };
    let (scene, asked) = cutting(move |n, answer| if n <= 1 { trouble() } else { runs(answer) }).await;
    let id = scene.create().await;
    scene.pass(5).await;
    scene.does("alice", &id, "cancel").await;
    scene.pass(120).await;
    scene.ended(&id, "canceled").await;
    assert!(asked.cancels.load(Ordering::SeqCst) >= 1, "{:?}", asked.counts());
}
