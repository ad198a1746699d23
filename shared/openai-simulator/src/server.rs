//! The simulator's routes: the four of OpenAI that are in use, and five for control.

use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response as Answer};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::Simulator;
use super::body::render;
use super::error::ApiError;
use super::ledger::Ledger;
use super::line::{Break, Handle, Lines};
use super::plan_file::Plans;
use super::request::Request;
use super::script::Reply;
use super::state::Created;

const LARGEST_BODY_BYTES: usize = 16 * 1024 * 1024;

impl Simulator {
    /// Serves until the future is dropped.
    pub async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(Lines(listener), self.router().into_make_service_with_connect_info::<Handle>()).await
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/v1/responses", post(create))
            .route("/v1/responses/{id}", get(retrieve).delete(delete))
            .route("/v1/responses/{id}/cancel", post(cancel))
            .route("/simulator/step", post(step))
            .route("/simulator/drain", post(drain))
            .route("/simulator/ledger", get(ledger))
            .route("/simulator/plans", put(plans))
            .route("/simulator/plans/{workspace}", put(plans_for))
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
            Some(_) => Err(ApiError::unauthorized("Incorrect API key provided.").coded("invalid_api_key")),
            None => Err(ApiError::unauthorized("You did not provide an API key as a bearer token.")),
        }
    }
}

async fn create(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, ApiError> {
    simulator.state().counts.posts += 1;
    simulator.authorize(&headers)?;
    let request = Request::parse(&body)?;
    let in_foreground = !request.background;
    let now_ms = simulator.now_ms();
    let Created { id, after_the_end, reply } = simulator.state().create(request, now_ms);
    let Some(id) = id else { return answer(reply, Value::Null, &line).await };
    if after_the_end {
        simulator.finish_and_announce(&id).await;
    } else if in_foreground && matches!(reply, Reply::Whole) {
        simulator.state().finish(&id, now_ms);
    }
    let body = {
        let mut state = simulator.state();
        if matches!(reply, Reply::Whole) {
            state.tell(&id);
        }
        render(state.find(&id)?)
    };
    answer(reply, body, &line).await
}

async fn retrieve(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Handle>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, ApiError> {
    simulator.state().counts.gets += 1;
    simulator.authorize(&headers)?;
    let (reply, body) = {
        let mut state = simulator.state();
        (state.look(&id)?, render(state.find(&id)?))
    };
    answer(reply, body, &line).await
}

async fn answer(reply: Reply, mut body: Value, line: &Handle) -> Result<Answer, ApiError> {
    match reply {
        Reply::Whole => {}
        Reply::Error(error) => return Err(error),
        Reply::Hold => std::future::pending().await,
        Reply::ResetBefore => line.break_by(Break::Reset),
        Reply::ResetInside => line.break_by(Break::InsideBody),
        Reply::Drip => line.break_by(Break::Drip),
        Reply::Truncated => {
            let mut text = body.to_string();
            text.truncate(text.len() / 2);
            return Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response());
        }
        Reply::OtherId => {
            if let Some(id) = body.get_mut("id") {
                *id = json!("resp_of_somebody_else");
            }
        }
    }
    Ok(Json(body).into_response())
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

async fn plans(simulator: State<Simulator>, plans: Json<Value>) -> Result<Json<Value>, ApiError> {
    plans_for(simulator, Path(String::new()), plans).await
}

async fn plans_for(
    State(simulator): State<Simulator>,
    Path(workspace): Path<String>,
    Json(plans): Json<Value>,
) -> Result<Json<Value>, ApiError> {
    simulator.plan_for(&workspace, Plans::parse(&plans).map_err(|invalid| ApiError::invalid(invalid.to_string()))?);
    Ok(Json(plans))
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
