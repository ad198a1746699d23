//! The GET routes: one job, a page of jobs, what was asked, a result, a trail, a workspace's own things, and whether the service is up.

mod query;
mod workspace;

use adapters::lambda::http;
use adapters::openai::wire;
use domain::contract::route::Route;
use domain::contract::view::{JobView, TrailView};
use domain::flow::deliver::{self, Delivered};
use domain::flow::list::Listed;
use domain::flow::{FlowError, input, list, read, show};
use domain::port::{Clock, JobReader, Payloads, Position};
use domain::value::failure::Failure;
use domain::value::time::Timing;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;

pub async fn handle(
    reader: &impl JobReader,
    payloads: &impl Payloads,
    clock: &impl Clock,
    timing: &Timing,
    request: Request,
) -> Response<Body> {
    let request_id = http::request_id(&request);
    if let Err(refused) = adapters::lambda::query::check(&request) {
        return http::refusal(&refused, &request_id);
    }
    let answer = match http::route(&request) {
        Some(Route::Health) => Ok(http::json(StatusCode::OK, &json!({"status": "ok"}))),
        Some(Route::ReadMe) => workspace::me(reader, &request).await,
        Some(Route::ListJobs) => jobs(reader, clock, timing, &request).await,
        Some(Route::ReadJob) => one(reader, clock, timing, &request).await,
        Some(Route::ReadResult) => result(reader, payloads, &request).await,
        Some(Route::ReadInput) => asked(reader, payloads, clock, &request).await,
        Some(Route::ReadTrail) => trail(reader, &request).await,
        Some(Route::ListJobTypes) => workspace::job_types(reader, &request).await,
        Some(Route::ReadJobType) => workspace::job_type(reader, &request).await,
        Some(Route::ListMembers) => workspace::members(reader, &request).await,
        Some(Route::ReadWorkspaceTrail) => workspace::trail(reader, &request).await,
        Some(_) | None => Err(http::unserved(&request)),
    };
    answer.unwrap_or_else(|refused| http::refusal(&refused, &request_id))
}

async fn one(
    reader: &impl JobReader,
    clock: &impl Clock,
    timing: &Timing,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request)?;
    let id = http::path(request, "id");
    let wait = query::wait(request)?;
    let known = query::known_version(request);
    let until = clock.now() + wait;
    loop {
        let (job, member) = read::job(reader, &caller, &id).await?;
        let has_news = known != Some(job.version) || job.state.is_terminal();
        if has_news || clock.now() >= until {
            let view = show::job(reader, timing, clock.now(), &job, member).await?;
            return Ok(http::job_unless_known(request, &view));
        }
        clock.sleep(query::LOOK_EVERY).await;
    }
}

async fn jobs(
    reader: &impl JobReader,
    clock: &impl Clock,
    timing: &Timing,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request)?;
    let Listed { jobs, presenter, next } = list::list(reader, clock, timing, &caller, &query::list(request)?).await?;
    let jobs: Vec<JobView<'_>> = jobs.iter().map(|job| presenter.row(job)).collect();
    let (next_cursor, searched_to) = (next.as_ref().map(http::cursor), next.as_ref().map(Position::at));
    Ok(http::json(StatusCode::OK, &json!({"jobs": jobs, "next_cursor": next_cursor, "searched_to": searched_to})))
}

async fn result(
    reader: &impl JobReader,
    payloads: &impl Payloads,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request)?;
    let part = query::part(request)?;
    let parse =
        |raw: &[u8]| wire::parse(raw, None).map_err(|error| Failure::permanent("read the stored result", error));
    let id = http::path(request, "id");
    Ok(match deliver::result(reader, payloads, parse, &caller, &id, part).await? {
        Delivered::All(view) => http::json(StatusCode::OK, &view),
        Delivered::Text(text) => http::bytes("text/plain; charset=utf-8", text.into_bytes()),
        Delivered::Raw(raw) => http::bytes("application/json", raw),
        Delivered::Structured(json) => http::bytes("application/json", json.into_bytes()),
    })
}

async fn asked(
    reader: &impl JobReader,
    payloads: &impl Payloads,
    clock: &impl Clock,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request)?;
    let view = input::input(reader, payloads, clock, &caller, &http::path(request, "id")).await?;
    Ok(http::json(StatusCode::OK, &view))
}

async fn trail(reader: &impl JobReader, request: &Request) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request)?;
    let (job, trail, intact) = read::trail(reader, &caller, &http::path(request, "id")).await?;
    Ok(http::json(StatusCode::OK, &TrailView::of(&job.id, &trail, intact)))
}
