//! The form that every answer has: who may ask, the error envelope, and the headers.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, DATE, HOST};
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::super::Simulator;
use super::super::error::ApiError;
use super::super::reply::{AsPlanned, http_date};

/// Nobody waits for these, and the simulator counts none of them down.
const LIMITS: [(&str, &str); 8] = [
    ("openai-organization", "org-simulated"),
    ("openai-version", "2020-10-01"),
    ("x-ratelimit-limit-requests", "10000"),
    ("x-ratelimit-limit-tokens", "2000000"),
    ("x-ratelimit-remaining-requests", "9999"),
    ("x-ratelimit-remaining-tokens", "1999000"),
    ("x-ratelimit-reset-requests", "6ms"),
    ("x-ratelimit-reset-tokens", "30ms"),
];

pub(super) async fn require_key(
    State(simulator): State<Simulator>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    simulator.authorize(request.headers())?;
    Ok(next.run(request).await)
}

pub(super) async fn unknown_path(method: Method, uri: Uri) -> ApiError {
    ApiError { status: 404, ..ApiError::invalid(format!("Invalid URL ({method} {})", uri.path())) }
}

pub(super) async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    ApiError { status: 405, ..ApiError::invalid(format!("Invalid method for URL ({method} {})", uri.path())) }
}

/// Around every call: refuses foreign hosts, puts what the server itself refused into the envelope, adds the headers.
pub(super) async fn like_openai(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let (request_id, started_ms) = (simulator.state().request_id(), simulator.now_ms());
    let mut answer = if is_at_home(request.headers()) {
        in_envelope(next.run(request).await)
    } else {
        let message = "The Host header names somebody else.";
        ApiError { status: 403, ..ApiError::invalid(message) }.into_response()
    };
    let headers = answer.headers_mut();
    let mut add = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(name).or_insert(value);
        }
    };
    add("x-request-id", &request_id);
    add("openai-processing-ms", &(simulator.now_ms() - started_ms).max(1).to_string());
    LIMITS.iter().for_each(|(name, value)| add(name, value));
    headers.entry(DATE).or_insert(http_date(simulator.now_ms()));
    answer
}

fn in_envelope(answer: Response) -> Response {
    let status = answer.status();
    let is_json = answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if is_json || !(status.is_client_error() || status.is_server_error()) || is_planned(&answer) {
        return answer;
    }
    let reason = status.canonical_reason().unwrap_or("The request was refused");
    ApiError { status: status.as_u16(), ..ApiError::invalid(format!("{reason}.")) }.into_response()
}

fn is_planned(answer: &Response) -> bool {
    answer.extensions().get::<AsPlanned>().is_some()
}

/// A page on the web can make a name of its own mean this machine; it cannot do so with an address, or with a name that
/// only this machine or its network has.
fn is_at_home(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return true };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_address = name.starts_with('[') || name.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_address || !name.contains('.') || [".localhost", ".internal", ".local"].iter().any(|end| name.ends_with(end))
}
