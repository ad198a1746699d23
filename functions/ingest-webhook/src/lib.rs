//! `POST /v1/webhooks/openai`: check the signature, and pass on which response the provider hinted at.
//!
//! Unverified, a webhook causes nothing. Verified, it causes one look; what it says is never believed.

use adapters::http;
use adapters::openai::signature::{self, WebhookSecret};
use domain::flow::hear::hint;
use domain::id::ResponseId;
use domain::port::{Clock, JobStore, WorkQueue};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Deserialize;
use serde_json::json;

/// The largest body of a webhook, in bytes.
const MAX_BODY: usize = 65_536;

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    id: Option<String>,
}

pub async fn handle(
    store: &impl JobStore,
    queue: &impl WorkQueue,
    secrets: &[WebhookSecret],
    clock: &impl Clock,
    request: Request,
) -> Response<Body> {
    let request_id = http::request_id(&request);
    if request.body().len() > MAX_BODY {
        return http::problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "A webhook has at most 64 KB.", &request_id);
    }
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Err(refusal) = signature::verify(secrets, header, request.body(), clock.now().seconds()) {
        tracing::warn!(request_id, reason = %refusal, "webhook refused");
        return http::problem(StatusCode::UNAUTHORIZED, "bad_signature", "The signature does not hold.", &request_id);
    }
    let Ok(event) = serde_json::from_slice::<Event>(request.body()) else {
        return http::problem(StatusCode::BAD_REQUEST, "invalid_request", "The body is not a JSON event.", &request_id);
    };
    let named = event.data.and_then(|data| data.id).and_then(|id| ResponseId::parse(&id).ok());
    match named {
        Some(response) if event.kind.starts_with("response.") => match hint(store, queue, response).await {
            Ok(()) => accepted(),
            // The provider sends it again for up to three days, and the schedule does not need it.
            Err(failure) => http::refusal(&failure.into(), &request_id),
        },
        // Events about things that are not ours to know are acknowledged, or they would come for three days.
        Some(_) | None => accepted(),
    }
}

fn accepted() -> Response<Body> {
    http::json(StatusCode::OK, &json!({"received": true}))
}
