//! What people decide: a reviewer about a result, a submitter or operator about a job, an admin about who is in a
//! workspace and what its job types are.

use adapters::lambda::{http, query};
use domain::contract::request::decision::{self as given, MemberRequest, Range};
use domain::contract::route::Route;
use domain::contract::view::{JobTypeAnswer, MemberView};
use domain::flow::control::{ControlCommand, control as give};
use domain::flow::decide::{Decision, decide};
use domain::flow::republish::{Republished, republish};
use domain::flow::{Caller, FlowContext, FlowError, Ports, members, show, types};
use domain::people::control::Control;
use domain::people::review::{Action, ReviewCommand};
use domain::port::{Clock as _, EventBus};
use domain::value::id::Principal;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;

pub async fn handle(flow: &FlowContext<'_, impl Ports>, bus: &impl EventBus, request: Request) -> Response<Body> {
    let request_id = http::request_id(&request);
    if let Err(refused) = query::check(&request) {
        return http::refusal(&refused, &request_id);
    }
    let answer = match http::route(&request) {
        Some(Route::Decide(action)) => decision(flow, action, &request).await,
        Some(Route::Control(control)) => order(flow, control, &request).await,
        Some(Route::Republish) => publish_again(flow, bus, &request).await,
        Some(Route::SetJobType) => job_type(flow, &request).await,
        Some(Route::SetMember) => set_member(flow, &request).await,
        Some(Route::RemoveMember) => remove_member(flow, &request).await,
        Some(_) | None => Err(http::unserved(&request)),
    };
    answer.unwrap_or_else(|refused| http::refusal(&refused, &request_id))
}

fn caller(flow: &FlowContext<'_, impl Ports>, request: &Request) -> Result<Caller, FlowError> {
    http::caller(request, flow.setting.first_admin.as_ref())
}

/// Why a decision without it is refused.
const DECISION_VERSION: &str = "A decision needs If-Match with the version of the job that was read.";

async fn decision(
    flow: &FlowContext<'_, impl Ports>,
    action: Action,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = caller(flow, request)?;
    let seen = http::if_match(request)?.ok_or(FlowError::VersionRequired(DECISION_VERSION))?;
    let body = given::parse(action, http::body(request)?).map_err(FlowError::Invalid)?;
    let ask = ReviewCommand { action, digest: body.digest, seen };
    let decision = Decision { ask, text: body.text, note: body.note };
    let (job, member, policy) = decide(flow, &caller, &http::path(request, "id"), &decision).await?;
    Ok(http::job(StatusCode::OK, &show::changed(flow, &job, member, policy).await))
}

async fn order(
    flow: &FlowContext<'_, impl Ports>,
    control: Control,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = caller(flow, request)?;
    let (seen, key) = (http::if_match(request)?, http::idempotency_key(request)?);
    let order =
        ControlCommand { control, seen, key, note: given::said(http::body(request)?).map_err(FlowError::Invalid)? };
    let (job, member, policy) = give(flow, &caller, &http::path(request, "id"), &order).await?;
    Ok(http::job(StatusCode::OK, &show::changed(flow, &job, member, policy).await))
}

async fn set_member(flow: &FlowContext<'_, impl Ports>, request: &Request) -> Result<Response<Body>, FlowError> {
    let caller = caller(flow, request)?;
    let principal = principal(request)?;
    let given = given::member(http::body(request)?).map_err(FlowError::Invalid)?;
    let member = members::set(flow.store, flow.clock, &caller, &principal, &given).await?;
    Ok(http::json(StatusCode::OK, &MemberView::of(&member)))
}

async fn remove_member(flow: &FlowContext<'_, impl Ports>, request: &Request) -> Result<Response<Body>, FlowError> {
    let caller = caller(flow, request)?;
    let principal = principal(request)?;
    let member = members::set(flow.store, flow.clock, &caller, &principal, &MemberRequest::default()).await?;
    Ok(http::json(StatusCode::OK, &MemberView::of(&member)))
}

fn principal(request: &Request) -> Result<Principal, FlowError> {
    Principal::parse(&http::path(request, "principal")).map_err(|error| http::invalid("principal", &error.to_string()))
}

async fn job_type(flow: &FlowContext<'_, impl Ports>, request: &Request) -> Result<Response<Body>, FlowError> {
    let job_type =
        types::set(flow, &caller(flow, request)?, &http::path(request, "name"), http::body(request)?).await?;
    Ok(http::json(StatusCode::OK, &JobTypeAnswer::of(&job_type, &flow.setting.prices, flow.clock.now())))
}

async fn publish_again(
    flow: &FlowContext<'_, impl Ports>,
    bus: &impl EventBus,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = caller(flow, request)?;
    let Range { from, to, cursor } = given::range(http::body(request)?).map_err(FlowError::Invalid)?;
    let after = cursor.as_deref().map(http::position).transpose()?;
    let Republished { jobs, events, next } = republish(flow.store, bus, &caller, (from, to), after).await?;
    let next = next.as_ref().map(http::cursor);
    Ok(http::json(StatusCode::OK, &json!({"jobs": jobs, "events": events, "next_cursor": next})))
}
