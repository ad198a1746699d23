//! `POST …/jobs` and `POST /v1/lanes/classify`: accept a job once, or say which lane it would take.

use adapters::lambda::{http, query};
use domain::contract::request::questions;
use domain::contract::route::Route;
use domain::flow::create::{Created, create};
use domain::flow::{FlowContext, FlowError, Ports, show};
use domain::policy::lane;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

pub async fn handle(flow: &FlowContext<'_, impl Ports>, request: Request) -> Response<Body> {
    let request_id = http::request_id(&request);
    if let Err(refused) = query::check(&request) {
        return http::refusal(&refused, &request_id);
    }
    let answer = match http::route(&request) {
        Some(Route::CreateJob) => create_job(flow, &request).await,
        Some(Route::ClassifyLane) => classify(&request),
        Some(_) | None => Err(http::unserved(&request)),
    };
    answer.unwrap_or_else(|refused| http::refusal(&refused, &request_id))
}

async fn create_job(flow: &FlowContext<'_, impl Ports>, request: &Request) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request, None)?;
    let key = http::idempotency_key(request)?;
    let Created { job, replayed, member, policy } = create(flow, &caller, key.as_ref(), http::body(request)?).await?;
    let status = if replayed { StatusCode::OK } else { StatusCode::ACCEPTED };
    let response = http::job(status, &show::changed(flow, &job, member, policy).await);
    let response =
        http::with_header(response, "location", &format!("/v1/workspaces/{}/jobs/{}", job.workspace, job.id));
    Ok(if replayed { http::with_header(response, "idempotent-replayed", "true") } else { response })
}

fn classify(request: &Request) -> Result<Response<Body>, FlowError> {
    let questions = questions::parse(http::body(request)?).map_err(FlowError::Invalid)?;
    Ok(http::json(StatusCode::OK, &lane::classify(&questions)))
}
