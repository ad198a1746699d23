//! The GET routes: one job, now or when it has ended, a page of jobs, what was asked, a result, a trail, a workspace's own
//! things, and whether the service is up.

mod query;
mod result;
mod settings;
mod wait;
mod workspace;

use adapters::lambda::http;
use domain::contract::route::Route;
use domain::contract::view::{JobView, TrailView};
use domain::flow::list::Listed;
use domain::flow::read::Trail;
use domain::flow::{FlowError, input, list, read, show};
use domain::port::{Clock, Links, Payloads, Position, StoreReader};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;

pub use self::settings::ReadSettings;

pub async fn handle(
    reader: &impl StoreReader,
    payloads: &(impl Payloads + Links),
    clock: &impl Clock,
    settings: &ReadSettings,
    request: Request,
) -> Response<Body> {
    let request_id = http::request_id(&request);
    if let Err(refused) = adapters::lambda::query::check(&request) {
        return http::refusal(&refused, &request_id);
    }
    let answer = match http::route(&request) {
        Some(Route::Health) => Ok(http::json(StatusCode::OK, &json!({"status": "ok"}))),
        Some(Route::ReadMe) => workspace::me(reader, &request).await,
        Some(Route::ListJobs) => jobs(reader, clock, settings, &request).await,
        Some(Route::ReadJob) => one(reader, clock, settings, &request).await,
        Some(Route::WaitForJob) => wait::wait(reader, clock, settings, &request).await,
        Some(Route::ReadResult) => result::answer(reader, settings, payloads, clock, &request).await,
        Some(Route::ReadInput) => asked(reader, settings, payloads, clock, &request).await,
        Some(Route::ReadTrail) => trail(reader, clock, settings, &request).await,
        Some(Route::ListJobTypes) => workspace::job_types(reader, clock, settings, &request).await,
        Some(Route::ReadJobType) => workspace::job_type(reader, clock, settings, &request).await,
        Some(Route::ListMembers) => workspace::members(reader, settings, &request).await,
        Some(Route::ReadWorkspaceTrail) => workspace::trail(reader, settings, &request).await,
        Some(_) | None => Err(http::unserved(&request)),
    };
    answer.unwrap_or_else(|refused| http::refusal(&refused, &request_id))
}

async fn one(
    reader: &impl StoreReader,
    clock: &impl Clock,
    settings: &ReadSettings,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = settings.caller(request)?;
    let id = http::path(request, "id");
    let (job, member) = read::job(reader, &caller, &id).await?;
    let view = show::job(reader, &settings.timing, clock.now(), &job, member).await?;
    Ok(http::job_unless_known(request, &view))
}

async fn jobs(
    reader: &impl StoreReader,
    clock: &impl Clock,
    settings: &ReadSettings,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = settings.caller(request)?;
    let Listed { jobs, presenter, next } =
        list::list(reader, clock, &settings.timing, &caller, &query::list(request)?).await?;
    let jobs: Vec<JobView<'_>> = jobs.iter().map(|job| presenter.row(job)).collect();
    let (next_cursor, searched_to) = (next.as_ref().map(http::cursor), next.as_ref().map(Position::at));
    Ok(http::json(StatusCode::OK, &json!({"jobs": jobs, "next_cursor": next_cursor, "searched_to": searched_to})))
}

async fn asked(
    reader: &impl StoreReader,
    settings: &ReadSettings,
    payloads: &impl Payloads,
    clock: &impl Clock,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = settings.caller(request)?;
    let view = input::input(reader, payloads, clock, &caller, &http::path(request, "id")).await?;
    Ok(http::json(StatusCode::OK, &view))
}

async fn trail(
    reader: &impl StoreReader,
    clock: &impl Clock,
    settings: &ReadSettings,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = settings.caller(request)?;
    let id = http::path(request, "id");
    let Trail { job, sealed, is_intact, notes, durations } = read::trail(reader, clock, &caller, &id).await?;
    Ok(http::json(StatusCode::OK, &TrailView::of(&job.id, &sealed, is_intact, notes, durations)))
}
