//! The simulator's routes: those of OpenAI that are in use, and some for control.

mod batches;
mod containers;
mod control;
mod files;
mod form;
mod organization;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response as Answer};
use axum::routing::{any, get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::Simulator;
use super::body::{Rendered, render};
use super::error::ApiError;
use super::input;
use super::line::{Handle, Lines};
use super::model;
use super::query::Query;
use super::request::{self, Request};
use super::state::Created;

/// A request that holds files of 50 MB, in base64.
const LARGEST_BODY_BYTES: usize = 72 * 1024 * 1024;
const LONGEST_CLIENT_REQUEST_ID: usize = 512;

impl Simulator {
    /// Serves until the future is dropped.
    pub async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(Lines(listener), self.router().into_make_service_with_connect_info::<Handle>()).await
    }

    fn router(&self) -> Router {
        let with_key = middleware::from_fn_with_state(self.clone(), form::require_key);
        Router::new()
            .route("/v1/responses", post(create))
            .route("/v1/responses/{id}", get(retrieve).delete(delete))
            .route("/v1/responses/{id}/cancel", post(cancel))
            .route("/v1/responses/{id}/input_items", get(input_items).route_layer(with_key.clone()))
            .route("/v1/responses/input_tokens", post(input_tokens).route_layer(with_key.clone()))
            .route("/v1/models", get(models).route_layer(with_key.clone()))
            .route("/v1/models/{id}", get(named_model).route_layer(with_key.clone()))
            .merge(files::routes().route_layer(with_key.clone()))
            .merge(containers::routes().route_layer(with_key.clone()))
            .merge(batches::routes().route_layer(with_key.clone()))
            .merge(organization::routes(self))
            .merge(not_there_yet())
            .nest("/simulator", control::routes().route_layer(with_key))
            .fallback(form::unknown_path)
            .method_not_allowed_fallback(form::wrong_method)
            .layer(DefaultBodyLimit::max(LARGEST_BODY_BYTES))
            .layer(middleware::from_fn_with_state(self.clone(), form::like_openai))
            .with_state(self.clone())
    }

    fn authorize(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        match bearer(headers) {
            Some(sent) if sent == self.0.api_key => Ok(()),
            Some(_) => Err(ApiError::unauthorized("Incorrect API key provided.").coded("invalid_api_key")),
            None => Err(ApiError::unauthorized("You did not provide an API key as a bearer token.")),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// What OpenAI has and the simulator does not.
fn not_there_yet() -> Router<Simulator> {
    let said = |what: &'static str| any(move || async move { ApiError::not_there_yet(what) });
    let parts = [("uploads", "uploads"), ("conversations", "conversations"), ("vector_stores", "vector stores")];
    let router = Router::new()
        .route("/v1/responses/compact", said("compaction"))
        .route("/v1/containers", said("making or listing of containers"));
    parts.into_iter().fold(router, |router, (path, what)| {
        router.route(&format!("/v1/{path}"), said(what)).route(&format!("/v1/{path}/{{*rest}}"), said(what))
    })
}

async fn create(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Answer, ApiError> {
    simulator.state().counts.posts += 1;
    simulator.authorize(&headers)?;
    let own_id = headers.get("x-client-request-id").map(|id| id.as_bytes());
    if own_id.is_some_and(|id| !id.is_ascii() || id.len() > LONGEST_CLIENT_REQUEST_ID) {
        return Err(ApiError::invalid("X-Client-Request-Id is ASCII of at most 512 characters."));
    }
    let now_ms = simulator.now_ms();
    let request = Request::parse(&whole(body, LARGEST_BODY_BYTES)?, simulator.0.models, now_ms)?;
    let in_foreground = !request.background;
    let Created { id, after_the_end, reply } = simulator.state().create(request, now_ms)?;
    let Some(id) = id else { return Ok(reply.into_answer(None, now_ms, &line).await) };
    if after_the_end {
        simulator.finish_and_announce(&id).await;
    } else if in_foreground && reply.tells_the_id() {
        simulator.state().finish(&id, now_ms);
    }
    let body = {
        let mut state = simulator.state();
        if reply.tells_the_id() {
            state.tell(&id);
        }
        render(state.find(&id)?)
    };
    Ok(reply.into_answer(Some(body), now_ms, &line).await)
}

fn whole(body: Result<Bytes, BytesRejection>, most: usize) -> Result<Bytes, ApiError> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("The body of your request is larger than {most} bytes.");
            ApiError { status: 413, ..ApiError::invalid(message) }
        }
        _ => ApiError::invalid("The body of your request could not be read."),
    })
}

async fn retrieve(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    Path(id): Path<String>,
    headers: HeaderMap,
    query: Result<Query, ApiError>,
) -> Result<Answer, ApiError> {
    simulator.state().counts.gets += 1;
    simulator.authorize(&headers)?;
    let query = query?;
    query.check_include()?;
    if query.get("stream").is_some_and(|stream| !["false", "0", ""].contains(&stream)) {
        // As OpenAI says it of a response that was not created with `stream`: here none is.
        let message =
            "This response cannot be streamed: it was not created with 'stream'. The simulator does not stream.";
        return Err(ApiError::invalid(message).about("stream"));
    }
    let (reply, body) = {
        let mut state = simulator.state();
        (state.look(&id)?, render(state.find(&id)?))
    };
    Ok(reply.into_answer(Some(body), simulator.now_ms(), &line).await)
}

fn shown(body: &Rendered) -> Answer {
    ([(header::CONTENT_TYPE, "application/json")], body.to_json()).into_response()
}

async fn cancel(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, ApiError> {
    simulator.state().counts.cancels += 1;
    simulator.authorize(&headers)?;
    let now_ms = simulator.now_ms();
    Ok(shown(&render(simulator.state().cancel(&id, now_ms)?)))
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

async fn input_items(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let mut state = simulator.state();
    let identity = state.identity;
    let request = &state.find(&id)?.request;
    input::page(request, &id, identity, &query).map(Json)
}

/// A quarter of the bytes, as in every usage that the simulator reports.
async fn input_tokens(body: Result<Bytes, BytesRejection>) -> Result<Json<Value>, ApiError> {
    let bytes = request::input_bytes(&request::object(&whole(body, LARGEST_BODY_BYTES)?)?)?;
    let tokens = bytes.div_ceil(request::BYTES_OF_A_TOKEN);
    Ok(Json(json!({"object": "response.input_tokens", "input_tokens": tokens})))
}

async fn models(State(simulator): State<Simulator>) -> Json<Value> {
    Json(model::list(simulator.0.models, simulator.now_ms()))
}

async fn named_model(State(simulator): State<Simulator>, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let is_there = simulator.0.models.has(&id, simulator.now_ms());
    if is_there { Ok(Json(model::shown(&id))) } else { Err(ApiError::model_not_found(&id)) }
}
