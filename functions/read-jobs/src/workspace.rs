//! What belongs to a workspace itself: its job types, its people, and its trail; and which workspaces a person has.

use adapters::lambda::http;
use domain::contract::view::{JobTypeAnswer, JobTypeView, MeView, MemberView, WorkspaceTrailView};
use domain::flow::{FlowError, members, read, types};
use domain::port::{Clock, StoreReader};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;

use crate::{ReadSettings, query};

pub(crate) async fn me(reader: &impl StoreReader, request: &Request) -> Result<Response<Body>, FlowError> {
    let (issuer, principal) = http::person(request)?;
    let memberships = members::of(reader, &principal, issuer).await?;
    Ok(http::json(StatusCode::OK, &MeView::of(&principal, &memberships)))
}

pub(crate) async fn job_types(
    reader: &impl StoreReader,
    clock: &impl Clock,
    settings: &ReadSettings,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let types = types::list(reader, &settings.caller(request)?).await?;
    let types: Vec<JobTypeView<'_>> =
        types.iter().map(|job_type| JobTypeView::of(job_type, &settings.prices, clock.now())).collect();
    Ok(http::json(StatusCode::OK, &json!({"job_types": types})))
}

pub(crate) async fn job_type(
    reader: &impl StoreReader,
    clock: &impl Clock,
    settings: &ReadSettings,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = settings.caller(request)?;
    let version = query::version(request)?;
    let job_type = types::get(reader, &caller, &http::path(request, "name"), version).await?;
    Ok(http::json(StatusCode::OK, &JobTypeAnswer::of(&job_type, &settings.prices, clock.now())))
}

pub(crate) async fn members(
    reader: &impl StoreReader,
    settings: &ReadSettings,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let members = members::list(reader, &settings.caller(request)?).await?;
    let members: Vec<MemberView<'_>> = members.iter().map(MemberView::of).collect();
    Ok(http::json(StatusCode::OK, &json!({"members": members})))
}

pub(crate) async fn trail(
    reader: &impl StoreReader,
    settings: &ReadSettings,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let (trail, altered) = read::workspace_trail(reader, &settings.caller(request)?).await?;
    Ok(http::json(StatusCode::OK, &WorkspaceTrailView::of(&trail, altered)))
}
