//! Routes that are not OpenAI's: what tests steer the simulator by and read its ledger from.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::super::Simulator;
use super::super::body::render;
use super::super::error::ApiError;
use super::super::ledger::Ledger;
use super::super::plan_file::Plans;
use super::super::request::{object, required};
use super::shown;

pub(super) fn routes() -> Router<Simulator> {
    Router::new()
        .route("/step", post(step))
        .route("/drain", post(drain))
        .route("/ledger", get(ledger))
        .route("/plans", put(plans))
        .route("/plans/{workspace}", put(plans_for))
}

async fn step(State(simulator): State<Simulator>, body: String) -> Result<Response, ApiError> {
    let body = object(body.as_bytes())?;
    let id = required(&body, "id")?.as_str().ok_or_else(|| ApiError::wrong_type("id", "a string"))?;
    if id.starts_with("batch_") {
        simulator.step_batch(id);
        return Ok(Json(simulator.state().find_batch(id)?.shown()).into_response());
    }
    simulator.step(id);
    Ok(shown(&render(simulator.state().find(id)?)))
}

async fn drain(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({"observed": simulator.drain()}))
}

async fn ledger(State(simulator): State<Simulator>) -> Json<Ledger> {
    Json(simulator.ledger())
}

async fn plans(simulator: State<Simulator>, plans: String) -> Result<Json<Value>, ApiError> {
    plans_for(simulator, Path(String::new()), plans).await
}

async fn plans_for(
    State(simulator): State<Simulator>,
    Path(workspace): Path<String>,
    plans: String,
) -> Result<Json<Value>, ApiError> {
    let read = Plans::read(&plans).map_err(|invalid| ApiError::invalid(invalid.to_string()))?;
    let names = json!({"plans": read.names().collect::<Vec<_>>()});
    simulator.plan_for(&workspace, read);
    Ok(Json(names))
}
