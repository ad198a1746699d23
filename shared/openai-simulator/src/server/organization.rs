//! The organisation's endpoints, which take an admin key and no other.

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response as Answer;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use super::super::Simulator;
use super::super::error::ApiError;
use super::super::organization::{costs, usage};
use super::super::query::Query;
use super::bearer;

pub(super) fn routes(simulator: &Simulator) -> Router<Simulator> {
    Router::new()
        .route("/v1/organization/costs", get(costs_of))
        .route("/v1/organization/usage/completions", get(usage_of))
        .route_layer(middleware::from_fn_with_state(simulator.clone(), require_admin_key))
}

async fn require_admin_key(
    State(simulator): State<Simulator>,
    request: Request,
    next: Next,
) -> Result<Answer, ApiError> {
    let sent = bearer(request.headers()).map(str::to_owned);
    let is_admin = sent.is_some() && sent == simulator.state().admin_key;
    if is_admin {
        return Ok(next.run(request).await);
    }
    let message = "You have insufficient permissions for this operation. It takes an admin key.";
    Err(ApiError::unauthorized(message).coded("invalid_api_key"))
}

async fn costs_of(State(simulator): State<Simulator>, query: Query) -> Result<Json<Value>, ApiError> {
    let bills = simulator.state().bills();
    costs(&bills, &query, simulator.now_ms() / 1000).map(Json)
}

async fn usage_of(State(simulator): State<Simulator>, query: Query) -> Result<Json<Value>, ApiError> {
    let bills = simulator.state().bills();
    usage(&bills, &query, simulator.now_ms() / 1000).map(Json)
}
