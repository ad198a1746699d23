//! The Containers API, as far as it reads what code left behind.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::HeaderValue;
use axum::response::Response as Answer;
use axum::routing::get;
use serde_json::Value;

use super::super::Simulator;
use super::super::error::ApiError;
use super::super::line::Handle;
use super::super::query::Query;
use super::super::reply::{Reply, json};

pub(super) fn routes() -> Router<Simulator> {
    Router::new()
        .route("/v1/containers/{id}", get(retrieve))
        .route("/v1/containers/{id}/files", get(list))
        .route("/v1/containers/{id}/files/{file}", get(file))
        .route("/v1/containers/{id}/files/{file}/content", get(content))
}

impl Simulator {
    async fn shown(&self, (reply, value): (Reply, Value), line: &Handle) -> Answer {
        reply.deliver(Bytes::from(value.to_string()), json(), self.now_ms(), line).await
    }
}

async fn retrieve(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    Path(id): Path<String>,
) -> Result<Answer, ApiError> {
    let now_ms = simulator.now_ms();
    let looked = simulator.state().containers.look(&id, now_ms)?;
    Ok(simulator.shown(looked, &line).await)
}

async fn list(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    Path(id): Path<String>,
    query: Query,
) -> Result<Answer, ApiError> {
    let now_ms = simulator.now_ms();
    let looked = simulator.state().containers.files(&id, &query, now_ms)?;
    Ok(simulator.shown(looked, &line).await)
}

async fn file(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    Path((id, file)): Path<(String, String)>,
) -> Result<Answer, ApiError> {
    let now_ms = simulator.now_ms();
    let shown = simulator.state().containers.file(&id, &file, now_ms)?;
    Ok(simulator.shown((Reply::whole(), shown), &line).await)
}

async fn content(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    Path((id, file)): Path<(String, String)>,
) -> Result<Answer, ApiError> {
    let now_ms = simulator.now_ms();
    let (reply, made, kind) = simulator.state().containers.content(&id, &file, now_ms)?;
    let kind = HeaderValue::try_from(kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Ok(reply.deliver(made.bytes(), kind, now_ms, &line).await)
}
