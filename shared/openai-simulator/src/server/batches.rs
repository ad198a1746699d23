//! The Batch API.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, Path, State};
use axum::response::Response as Answer;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;

use super::super::Simulator;
use super::super::batch::BatchRequest;
use super::super::error::ApiError;
use super::super::line::Handle;
use super::super::query::Query;
use super::super::reply::json;
use super::super::request::object;
use super::super::state::Created;
use super::{LARGEST_BODY_BYTES, whole};

pub(super) fn routes() -> Router<Simulator> {
    Router::new()
        .route("/v1/batches", get(list).post(create))
        .route("/v1/batches/{id}", get(retrieve))
        .route("/v1/batches/{id}/cancel", post(cancel))
}

async fn create(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Answer, ApiError> {
    simulator.state().counts.batches += 1;
    let request = BatchRequest::parse(&object(&whole(body, LARGEST_BODY_BYTES)?)?)?;
    let now_ms = simulator.now_ms();
    let Created { id, after_the_end, reply } = simulator.state().create_batch(request, now_ms)?;
    let Some(id) = id else { return Ok(reply.into_answer(None, now_ms, &line).await) };
    if after_the_end {
        simulator.finish_and_announce(&id).await;
    }
    let shown = {
        let mut state = simulator.state();
        if reply.tells_the_id() {
            state.tell(&id);
        }
        state.find_batch(&id)?.shown()
    };
    Ok(reply.deliver(Bytes::from(shown.to_string()), json(), now_ms, &line).await)
}

async fn retrieve(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    Path(id): Path<String>,
) -> Result<Answer, ApiError> {
    let (reply, shown) = {
        let mut state = simulator.state();
        (state.look_at_batch(&id)?, state.find_batch(&id)?.shown())
    };
    Ok(reply.deliver(Bytes::from(shown.to_string()), json(), simulator.now_ms(), &line).await)
}

async fn list(State(simulator): State<Simulator>, query: Query) -> Result<Json<Value>, ApiError> {
    simulator.state().batch_page(&query).map(Json)
}

async fn cancel(State(simulator): State<Simulator>, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let now_ms = simulator.now_ms();
    Ok(Json(simulator.state().cancel_batch(&id, now_ms)?.shown()))
}
