//! `POST /v1/webhooks/openai`: check the signature, and pass on which response the provider hinted at.
//!
//! Unverified, a webhook causes nothing. Verified, it causes one look; what it says is never believed.
//! A refused one leaves one line in the log, and costs one MAC for each secret in use.

mod delivery;
mod event;

use adapters::aws::secrets::CachedSecret;
use adapters::lambda::http;
use adapters::webhook_signature::{self, Refusal, Signer};
use domain::contract::route::Route;
use domain::flow::FlowError;
use domain::flow::webhook::enqueue_poll;
use domain::port::{Clock, PollQueue, Responses};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use serde_json::json;

pub use self::delivery::{BodyError, Delivery, MAX_BODY};
pub use self::event::Event;

pub async fn handle<S: Signer + Clone + PartialEq>(
    store: &impl Responses,
    queue: &impl PollQueue,
    secrets: &CachedSecret<Vec<S>>,
    clock: &impl Clock,
    delivery: Delivery,
) -> Response<Body> {
    let request_id = delivery.request_id().to_owned();
    if delivery.route() != Some(Route::ReceiveWebhook) {
        tracing::warn!(request_id, "the function does not serve this route");
        return http::refusal(&FlowError::NotFound, &request_id);
    }
    let names = [webhook_signature::ID, webhook_signature::TIMESTAMP, webhook_signature::SIGNATURE];
    let headers = names.map(|name| (name, delivery.header(name).map(str::to_owned)));
    let body = match delivery.into_body() {
        Ok(body) => body,
        Err(error) => return unusable(error, &request_id),
    };
    let header =
        |wanted: &str| headers.iter().find(|(name, _)| *name == wanted).and_then(|(_, value)| value.as_deref());
    if let Err(refusal) = verify(secrets, clock, header, &body).await {
        tracing::warn!(request_id, reason = %refusal, "webhook refused");
        return http::problem(StatusCode::UNAUTHORIZED, "bad_signature", "The signature does not hold.", &request_id);
    }
    match Event::read(&body) {
        Event::Response(response) => match enqueue_poll(store, queue, response).await {
            Ok(()) => accepted(),
            // The provider sends it again for up to three days, and the schedule does not need it.
            Err(failure) => http::refusal(&failure.into(), &request_id),
        },
        Event::Other(reason) => {
            tracing::info!(request_id, reason, "webhook ignored");
            accepted()
        }
        Event::NotJson => unusable(BodyError::Unreadable, &request_id),
    }
}

/// Holds the delivery against the secrets in use, and where it matches none against those that came since.
async fn verify<'a, S: Signer + Clone + PartialEq>(
    secrets: &CachedSecret<Vec<S>>,
    clock: &impl Clock,
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
) -> Result<(), Refusal> {
    let in_use = secrets.get(clock).await;
    let now = clock.now().seconds();
    match webhook_signature::verify(&in_use, &header, body, now) {
        Err(Refusal::NoMatch) => {
            let newer = secrets.newer(clock).await.unwrap_or_default();
            let unseen: Vec<S> = newer.into_iter().filter(|secret| !in_use.contains(secret)).collect();
            webhook_signature::verify(&unseen, &header, body, now)
        }
        verdict => verdict,
    }
}

fn unusable(error: BodyError, request_id: &str) -> Response<Body> {
    let (status, code, detail) = match error {
        BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "A webhook has at most 64 KB."),
        BodyError::Unreadable => (StatusCode::BAD_REQUEST, "invalid_request", "The body is not a JSON event."),
    };
    tracing::warn!(request_id, code, "webhook not read");
    http::problem(status, code, detail, request_id)
}

fn accepted() -> Response<Body> {
    http::json(StatusCode::OK, &json!({"received": true}))
}
