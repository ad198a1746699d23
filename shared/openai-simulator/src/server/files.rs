//! The Files API.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response as Answer};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::super::Simulator;
use super::super::error::ApiError;
use super::super::file::{LARGEST_BATCH_BYTES, Upload};
use super::super::multipart;
use super::super::query::Query;
use super::whole;

/// A form around the largest batch.
const LARGEST_FORM_BYTES: usize = LARGEST_BATCH_BYTES + 1024 * 1024;

pub(super) fn routes() -> Router<Simulator> {
    Router::new()
        .route("/v1/files", get(list).post(create))
        .route("/v1/files/{id}", get(retrieve).delete(delete))
        .route("/v1/files/{id}/content", get(content))
        .layer(DefaultBodyLimit::max(LARGEST_FORM_BYTES))
}

async fn create(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ApiError> {
    simulator.state().counts.uploads += 1;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let upload = Upload::read(&multipart::parts(kind, &whole(body, LARGEST_FORM_BYTES)?)?)?;
    let now_ms = simulator.now_ms();
    let mut state = simulator.state();
    let identity = state.identity;
    Ok(Json(state.files.put(upload, identity, now_ms)?.shown()))
}

async fn list(State(simulator): State<Simulator>, query: Query) -> Result<Json<Value>, ApiError> {
    let now_ms = simulator.now_ms();
    simulator.state().files.page(&query, now_ms).map(Json)
}

async fn retrieve(State(simulator): State<Simulator>, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let now_ms = simulator.now_ms();
    Ok(Json(simulator.state().files.find(&id, now_ms)?.shown()))
}

async fn delete(State(simulator): State<Simulator>, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let now_ms = simulator.now_ms();
    simulator.state().files.delete(&id, now_ms)?;
    Ok(Json(json!({"id": id, "object": "file", "deleted": true})))
}

async fn content(State(simulator): State<Simulator>, Path(id): Path<String>) -> Result<Answer, ApiError> {
    let now_ms = simulator.now_ms();
    let file = simulator.state().files.find(&id, now_ms)?.clone();
    if !["batch", "batch_output"].contains(&file.purpose.as_str()) {
        let message = format!("Not allowed to download files of purpose: {}", file.purpose);
        return Err(ApiError::invalid(message));
    }
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], file.body).into_response())
}
