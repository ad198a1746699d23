//! What people decide: a reviewer about a result, an admin about who is in a workspace and what its job types are.

use adapters::http;
use domain::flow::decide::{Decision, decide};
use domain::flow::{Desk, Refused, members, types};
use domain::id::Principal;
use domain::port::{Clock, JobStore, Payloads};
use domain::request::{FieldError, decision as given};
use domain::review::{Action, Ask, allowed};
use domain::view::{JobView, MemberView};
use lambda_http::http::{StatusCode, header};
use lambda_http::{Body, Request, RequestExt as _, Response};

pub async fn handle(desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>, request: Request) -> Response<Body> {
    let request_id = http::request_id(&request);
    let route = http::route(&request);
    let action = Action::ALL.into_iter().find(|action| route.ends_with(&format!("/{}", action.name())));
    let answer = match action {
        Some(action) => decision(desk, action, &request).await,
        None if route.ends_with("/job-types/{name}") => job_type(desk, &request).await,
        None => member(desk, route.starts_with("DELETE "), &request).await,
    };
    answer.unwrap_or_else(|refused| http::refusal(&refused, &request_id))
}

async fn decision(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    action: Action,
    request: &Request,
) -> Result<Response<Body>, Refused> {
    let caller = http::caller(request)?;
    let seen = version(request)?;
    let body = given::parse(action, request.body()).map_err(Refused::Invalid)?;
    let ask = Ask { action, digest: body.digest, seen };
    let decision = Decision { ask, text: body.text, note: body.note };
    let (job, member) = decide(desk, &caller, &path(request, "id"), &decision).await?;
    let now = desk.clock.now();
    let view = JobView::of(&job, &desk.setting.timing, None, now).allowing(&allowed(&job, &member, now));
    Ok(http::with_header(http::json(StatusCode::OK, &view), "etag", &format!("\"{}\"", job.version)))
}

async fn member(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    remove: bool,
    request: &Request,
) -> Result<Response<Body>, Refused> {
    let caller = http::caller(request)?;
    let principal = Principal::parse(&path(request, "principal"));
    let principal = principal.map_err(|error| invalid("principal", &error.to_string()))?;
    let roles = if remove { Default::default() } else { given::roles(request.body()).map_err(Refused::Invalid)? };
    let member = members::set(desk.store, desk.clock, &caller, &principal, &roles).await?;
    Ok(http::json(StatusCode::OK, &MemberView::of(&member)))
}

async fn job_type(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    request: &Request,
) -> Result<Response<Body>, Refused> {
    let job_type = types::set(desk, &http::caller(request)?, &path(request, "name"), request.body()).await?;
    Ok(http::json(StatusCode::OK, &job_type))
}

/// The version that the caller has read.
fn version(request: &Request) -> Result<u32, Refused> {
    let named = request.headers().get(header::IF_MATCH).ok_or(Refused::VersionRequired)?;
    let named = named.to_str().unwrap_or_default();
    let version = named.trim_matches('"').parse::<u32>().ok().filter(|version| named == format!("\"{version}\""));
    version.ok_or_else(|| invalid("If-Match", "must be a version in quotes, such as \"7\""))
}

fn invalid(field: &str, message: &str) -> Refused {
    Refused::Invalid(vec![FieldError { field: field.to_owned(), message: message.to_owned() }])
}

fn path(request: &Request, name: &str) -> String {
    request.path_parameters_ref().and_then(|path| path.first(name)).unwrap_or_default().to_owned()
}
