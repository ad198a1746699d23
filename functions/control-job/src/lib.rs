//! What people decide: a reviewer about a result, a submitter or operator about a job, an admin about who is in a
//! workspace and what its job types are.

use adapters::lambda::http;
use domain::contract::request::decision::{self as given, Range};
use domain::contract::view::MemberView;
use domain::flow::control::{Order, control as give};
use domain::flow::decide::{Decision, decide};
use domain::flow::republish::{Republished, republish};
use domain::flow::{FlowContext, FlowError, members, show, types};
use domain::people::control::Control;
use domain::people::review::{Action, Ask};
use domain::port::{Clock, EventBus, JobReader, JobStore, Payloads};
use domain::value::id::Principal;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;

pub async fn handle(
    desk: &FlowContext<'_, impl JobStore, impl Payloads, impl Clock>,
    bus: &impl EventBus,
    request: Request,
) -> Response<Body> {
    let request_id = http::request_id(&request);
    let route = http::route(&request);
    let name = route.rsplit('/').next().unwrap_or_default();
    let action = Action::ALL.into_iter().find(|action| action.name() == name);
    let control = Control::ALL.into_iter().find(|control| control.name() == name);
    let answer = match (action, control) {
        (Some(action), _) => decision(desk, action, &request).await,
        (_, Some(control)) => order(desk, control, &request).await,
        (None, None) if name == "republish" => publish_again(desk.store, bus, &request).await,
        (None, None) if name == "{name}" => job_type(desk, &request).await,
        (None, None) => member(desk, route.starts_with("DELETE "), &request).await,
    };
    answer.unwrap_or_else(|refused| http::refusal(&refused, &request_id))
}

async fn decision(
    desk: &FlowContext<'_, impl JobStore, impl Payloads, impl Clock>,
    action: Action,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request)?;
    let seen = http::if_match(request)?.ok_or(FlowError::VersionRequired)?;
    let body = given::parse(action, http::body(request)?).map_err(FlowError::Invalid)?;
    let ask = Ask { action, digest: body.digest, seen };
    let decision = Decision { ask, text: body.text, note: body.note };
    let (job, member, policy) = decide(desk, &caller, &http::path(request, "id"), &decision).await?;
    Ok(http::job(StatusCode::OK, &show::changed(desk, &job, member, policy).await))
}

async fn order(
    desk: &FlowContext<'_, impl JobStore, impl Payloads, impl Clock>,
    control: Control,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request)?;
    let (seen, key) = (http::if_match(request)?, http::idempotency_key(request)?);
    let order = Order { control, seen, key, note: given::said(http::body(request)?).map_err(FlowError::Invalid)? };
    let (job, member, policy) = give(desk, &caller, &http::path(request, "id"), &order).await?;
    Ok(http::job(StatusCode::OK, &show::changed(desk, &job, member, policy).await))
}

async fn member(
    desk: &FlowContext<'_, impl JobStore, impl Payloads, impl Clock>,
    remove: bool,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request)?;
    let principal = Principal::parse(&http::path(request, "principal"));
    let principal = principal.map_err(|error| http::invalid("principal", &error.to_string()))?;
    let roles =
        if remove { Default::default() } else { given::roles(http::body(request)?).map_err(FlowError::Invalid)? };
    let member = members::set(desk.store, desk.clock, &caller, &principal, &roles).await?;
    Ok(http::json(StatusCode::OK, &MemberView::of(&member)))
}

async fn job_type(
    desk: &FlowContext<'_, impl JobStore, impl Payloads, impl Clock>,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let job_type =
        types::set(desk, &http::caller(request)?, &http::path(request, "name"), http::body(request)?).await?;
    Ok(http::json(StatusCode::OK, &job_type))
}

async fn publish_again(
    reader: &impl JobReader,
    bus: &impl EventBus,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = http::caller(request)?;
    let Range { from, to, cursor } = given::range(http::body(request)?).map_err(FlowError::Invalid)?;
    let after = cursor.as_deref().map(http::position).transpose()?;
    let Republished { jobs, events, next } = republish(reader, bus, &caller, (from, to), after).await?;
    let next = next.as_ref().map(http::cursor);
    Ok(http::json(StatusCode::OK, &json!({"jobs": jobs, "events": events, "next_cursor": next})))
}
