//! `POST …/jobs` and `POST /v1/lanes/classify`: accept a job once, or say which lane it would take.

use adapters::http;
use domain::flow::create::{Created, create};
use domain::flow::{Desk, Refused};
use domain::id::IdempotencyKey;
use domain::lane::{self, Questions};
use domain::port::{Clock, JobStore, Payloads};
use domain::request::FieldError;
use domain::view::JobView;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

pub async fn handle(desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>, request: Request) -> Response<Body> {
    let request_id = http::request_id(&request);
    let answer = if http::route(&request) == "POST /v1/lanes/classify" {
        classify(&request)
    } else {
        create_job(desk, &request).await
    };
    answer.unwrap_or_else(|refused| http::refusal(&refused, &request_id))
}

async fn create_job(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    request: &Request,
) -> Result<Response<Body>, Refused> {
    let caller = http::caller(request)?;
    let key = match request.headers().get("idempotency-key") {
        None => None,
        Some(value) => Some(key(value.to_str().unwrap_or_default())?),
    };
    let Created { job, replayed } = create(desk, &caller, key.as_ref(), request.body()).await?;
    let status = if replayed { StatusCode::OK } else { StatusCode::ACCEPTED };
    let response = http::json(status, &JobView::of(&job, &desk.setting.timing, None, desk.clock.now()));
    let response =
        http::with_header(response, "location", &format!("/v1/workspaces/{}/jobs/{}", job.workspace, job.id));
    let response = http::with_header(response, "etag", &format!("\"{}\"", job.version));
    Ok(if replayed { http::with_header(response, "idempotent-replayed", "true") } else { response })
}

fn key(text: &str) -> Result<IdempotencyKey, Refused> {
    IdempotencyKey::parse(text).map_err(|error| invalid("Idempotency-Key", error.to_string()))
}

fn classify(request: &Request) -> Result<Response<Body>, Refused> {
    let questions: Questions =
        serde_json::from_slice(request.body()).map_err(|error| invalid("body", error.to_string()))?;
    Ok(http::json(StatusCode::OK, &lane::classify(&questions)))
}

fn invalid(field: &str, message: String) -> Refused {
    Refused::Invalid(vec![FieldError { field: field.to_owned(), message }])
}
