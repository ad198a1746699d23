//! Lambda's Runtime API for one process and one invocation.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use adapters::system::System;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use domain::port::Clock as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What the process says.
#[derive(Debug)]
pub(super) enum News {
    Answer { at: Instant, body: String },
    Failure(String),
}

#[derive(Clone)]
struct Api {
    /// Until it is asked for.
    event: Arc<Mutex<Option<String>>>,
    limit: Duration,
    news: UnboundedSender<News>,
}

pub(super) fn service(event: String, limit: Duration) -> (Router, UnboundedReceiver<News>) {
    let (news, heard) = unbounded_channel();
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(failure))
        .route("/2018-06-01/runtime/init/error", post(failure))
        // An answer may have 6 MB.
        .layer(DefaultBodyLimit::disable())
        .with_state(Api { event: Arc::new(Mutex::new(Some(event))), limit, news });
    (router, heard)
}

async fn next(State(api): State<Api>) -> Response {
    let event = api.event.lock().unwrap_or_else(PoisonError::into_inner).take();
    // A function that answered is frozen in its next question.
    let Some(event) = event else { return std::future::pending().await };
    let deadline = (System.now() + api.limit).millis().to_string();
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", deadline.as_str()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:measured"),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"),
    ];
    (headers, event).into_response()
}

async fn answer(State(api): State<Api>, body: String) -> StatusCode {
    // Nobody listens once the run is over.
    let _ = api.news.send(News::Answer { at: super::now(), body });
    StatusCode::ACCEPTED
}

async fn failure(State(api): State<Api>, body: String) -> StatusCode {
    let _ = api.news.send(News::Failure(body));
    StatusCode::ACCEPTED
}
