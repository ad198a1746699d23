//! The simulator's routes: the four of OpenAI that are in use, and four for control.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::{self, Next};
use axum::response::Response as Answer;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::Simulator;
use super::body::render;
use super::error::ApiError;
use super::ledger::Ledger;
use super::plans::{Create, Plan};
use super::request::Request;

const LARGEST_BODY_BYTES: usize = 16 * 1024 * 1024;

impl Simulator {
    /// Serves until the future is dropped.
    pub async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(listener, self.router()).await
    }

    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/responses", post(create))
            .route("/v1/responses/{id}", get(retrieve).delete(delete))
            .route("/v1/responses/{id}/cancel", post(cancel))
            .route("/simulator/step", post(step))
            .route("/simulator/drain", post(drain))
            .route("/simulator/ledger", get(ledger))
            .route("/simulator/plans", put(plans))
            .fallback(unknown_route)
            .layer(DefaultBodyLimit::max(LARGEST_BODY_BYTES))
            .layer(middleware::from_fn_with_state(self.clone(), name_the_request))
            .with_state(self.clone())
    }

    fn authorize(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let Some(key) = &self.0.api_key else {
            return Ok(());
        };
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match sent.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(sent) if sent == key => Ok(()),
            Some(_) => Err(ApiError::unauthorized(Some("invalid_api_key"), "Incorrect API key provided.")),
            None => Err(ApiError::unauthorized(None, "You did not provide an API key as a bearer token.")),
        }
    }
}

async fn create(State(simulator): State<Simulator>, headers: HeaderMap, body: Bytes) -> Result<Json<Value>, ApiError> {
    simulator.state().counts.posts += 1;
    simulator.authorize(&headers)?;
    let request = Request::parse(&body)?;
    let in_foreground = !request.background;
    let now_ms = simulator.now_ms();
    let (id, create) = simulator.state().create(request, now_ms)?;
    match create {
        Create::Answer if in_foreground => {
            simulator.state().finish(&id, now_ms);
        }
        Create::Answer => {}
        Create::AnswerAfterTheEnd => simulator.finish_and_announce(&id).await,
        Create::Hold => std::future::pending().await,
    }
    let mut state = simulator.state();
    state.tell(&id);
    Ok(Json(render(state.find(&id)?)))
}

async fn retrieve(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    simulator.state().counts.gets += 1;
    simulator.authorize(&headers)?;
    Ok(Json(render(simulator.state().find(&id)?)))
}

async fn cancel(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    simulator.state().counts.cancels += 1;
    simulator.authorize(&headers)?;
    let now_ms = simulator.now_ms();
    Ok(Json(render(simulator.state().cancel(&id, now_ms)?)))
}

async fn delete(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    simulator.state().counts.deletes += 1;
    simulator.authorize(&headers)?;
    simulator.state().delete(&id)?;
    Ok(Json(json!({"id": id, "object": "response", "deleted": true})))
}

#[derive(Deserialize)]
struct Step {
    id: String,
}

async fn step(State(simulator): State<Simulator>, Json(Step { id }): Json<Step>) -> Result<Json<Value>, ApiError> {
    simulator.step(&id);
    Ok(Json(render(simulator.state().find(&id)?)))
}

async fn drain(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({"observed": simulator.drain()}))
}

async fn ledger(State(simulator): State<Simulator>) -> Json<Ledger> {
    Json(simulator.ledger())
}

async fn plans(State(simulator): State<Simulator>, Json(plans): Json<BTreeMap<String, Plan>>) -> Json<Value> {
    let answer = json!(plans);
    simulator.state().plans = plans;
    Json(answer)
}

async fn unknown_route(method: Method, uri: Uri) -> ApiError {
    ApiError { status: 404, ..ApiError::invalid(format!("Invalid URL ({method} {})", uri.path())) }
}

async fn name_the_request(State(simulator): State<Simulator>, request: HttpRequest, next: Next) -> Answer {
    let request_id = simulator.state().request_id();
    let mut answer = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        answer.headers_mut().insert("x-request-id", value);
    }
    answer
}
