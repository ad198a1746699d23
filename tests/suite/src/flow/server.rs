//! A provider that answers each start and each look as a test tells it, by their number from 1.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use local::world::ProviderChoice;
use serde_json::{Value, json};

pub(super) type Answer = (StatusCode, Value);

/// What was asked of it so far.
#[derive(Clone, Default)]
pub(super) struct Asked {
    starts: Arc<AtomicU32>,
    looks: Arc<AtomicU32>,
}

impl Asked {
    pub(super) fn starts(&self) -> u32 {
        self.starts.load(Ordering::SeqCst)
    }

    pub(super) fn looks(&self) -> u32 {
        self.looks.load(Ordering::SeqCst)
    }
}

/// `start` is told the request as well, `look` the id.
pub(super) async fn server(
    start: impl Fn(u32, Value) -> Answer + Clone + Send + Sync + 'static,
    look: impl Fn(u32, String) -> Answer + Clone + Send + Sync + 'static,
) -> (ProviderChoice, Asked) {
    let asked = Asked::default();
    let Asked { starts, looks } = asked.clone();
    let router = Router::new()
        .route(
            "/v1/responses",
            post(move |Json(request): Json<Value>| async move {
                let (status, body) = start(starts.fetch_add(1, Ordering::SeqCst) + 1, request);
                (status, Json(body))
            }),
        )
        .route(
            "/v1/responses/{id}",
            get(move |Path(id): Path<String>| async move {
                let (status, body) = look(looks.fetch_add(1, Ordering::SeqCst) + 1, id);
                (status, Json(body))
            }),
        )
        .route(
            "/v1/responses/{id}/cancel",
            post(|Path(id): Path<String>| async move { Json(json!({"id": id, "status": "in_progress"})) }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (ProviderChoice::Server { base_url, api_key: "none".to_owned() }, asked)
}

/// One that takes every start, has it done at the first look, and remembers what it was asked to start.
pub(super) async fn remembering() -> (ProviderChoice, Arc<Mutex<Vec<Value>>>) {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let requests = seen.clone();
    let start = move |number, request| {
        requests.lock().unwrap().push(request);
        queued(number)
    };
    let (provider, _) = server(start, |_, id| (StatusCode::OK, done(&id))).await;
    (provider, seen)
}

/// A provider that denies what was asked for.
pub(super) fn denied() -> Answer {
    (StatusCode::NOT_FOUND, json!({"error": {"message": "Not found.", "type": "invalid_request_error"}}))
}

/// A start that is accepted, as `resp_<number>`.
pub(super) fn queued(number: u32) -> Answer {
    (StatusCode::OK, json!({"id": format!("resp_{number}"), "status": "queued", "output": []}))
}

/// A run that is over, with a text and no usage.
pub(super) fn done(id: &str) -> Value {
    let content = json!([{"type": "output_text", "text": "Done."}]);
    json!({"id": id, "status": "completed", "output": [{"type": "message", "content": content}]})
}
