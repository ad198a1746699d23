//! `POST …/jobs` and `POST /v1/lanes/classify`: accept a job once, or say which lane it would take.

use adapters::lambda::{http, query};
use domain::contract::request::questions;
use domain::contract::route::Route;
use domain::contract::view::{ClassificationView, CreatedView};
use domain::flow::create::{Created, create};
use domain::flow::{FlowContext, FlowError, Ports, show};
use domain::policy::lane;
use domain::port::Clock;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

pub async fn handle(flow: &FlowContext<'_, impl Ports>, request: Request) -> Response<Body> {
    let request_id = http::request_id(&request);
    if let Err(refused) = query::check(&request) {
        return http::refusal(&refused, &request_id);
    }
    let answer = match http::route(&request) {
        Some(Route::CreateJob) => create_job(flow, &request).await,
        Some(Route::ClassifyLane) => classify(flow, &request),
        Some(_) | None => Err(http::unserved(&request)),
    };
    answer.unwrap_or_else(|refused| http::refusal(&refused, &request_id))
}

async fn create_job(flow: &FlowContext<'_, impl Ports>, request: &Request) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request, None)?;
    let key = http::idempotency_key(request)?;
    let created = create(flow, &caller, key.as_ref(), http::body(request)?).await?;
    let Created { job, replayed, member, policy, alternatives } = created;
    let status = if replayed { StatusCode::OK } else { StatusCode::ACCEPTED };
    let view = show::changed(flow, &job, member, policy).await;
    let response = http::created(status, &CreatedView::of(&view, &alternatives));
    let response =
        http::with_header(response, "location", &format!("/v1/workspaces/{}/jobs/{}", job.workspace, job.id));
    Ok(if replayed { http::with_header(response, "idempotent-replayed", "true") } else { response })
}

fn classify(flow: &FlowContext<'_, impl Ports>, request: &Request) -> Result<Response<Body>, FlowError> {
    let work = questions::parse(http::body(request)?, &flow.setting.prices).map_err(FlowError::Invalid)?;
    let prices = work.prices(flow.setting.rates(), flow.clock.now());
    Ok(http::json(StatusCode::OK, &ClassificationView::of(lane::classify(&work, &prices), prices)))
}
