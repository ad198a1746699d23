//! HTTP answers: who is calling, and which status code every refusal gets.
//!
//! | status | when |
//! |---|---|
//! | 200, 202 | the thing asked for; work accepted |
//! | 304 | the job is as the caller has it |
//! | 400 | the body or a parameter is wrong; `errors` names each field |
//! | 403 | the caller is a member and may not do this, or not yet |
//! | 404 | a foreign, a missing or a malformed name; always the same answer |
//! | 409 | the job's state does not allow it; `allowed_actions` says what it allows |
//! | 410 | what is asked for was erased at the end of its retention |
//! | 412 | `If-Match` names a version of the past |
//! | 413 | a webhook's body is larger than 64 KB; the gateway says so of any body over 6 MB |
//! | 422 | the request contradicts itself: a reused key, a lane that is not the work's, nobody who could approve it |
//! | 428 | the call needs an `If-Match`, or a retry an `Idempotency-Key` |
//! | 503 | something we rest on failed; the same call may be made again |

use aws_lambda_events::apigw::{ApiGatewayV2httpRequestContext, ApiGatewayV2httpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::contract::entity_tag;
use domain::contract::request::FieldError;
use domain::contract::result::SignedLink;
use domain::contract::route::Route;
use domain::contract::view::{CreatedView, JobView};
use domain::flow::{Caller, FlowError};
use domain::people::control::AllowedAction;
use domain::people::review::ActionDenied;
use domain::port::Position;
use domain::value::failure::Class;
use domain::value::id::{IdempotencyKey, Issuer, Principal, WorkspaceId};
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde::Serialize;

use crate::lambda::diagnostic::chain;
use crate::lambda::sized;

/// An RFC 9457 problem.
#[derive(Debug, Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_actions: Option<Vec<AllowedAction>>,
    /// Where the thing can be had instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a SignedLink>,
}

/// The caller as the gateway's authorizer established it. A header or claim naming a workspace is not looked at.
pub fn caller(request: &Request, first_admin: Option<&Principal>) -> Result<Caller, FlowError> {
    // Whoever has no usable identity or names no workspace that could exist learns nothing.
    let workspace = request.path_parameters_ref().and_then(|path| path.first("workspace").map(WorkspaceId::parse));
    let Some(Ok(workspace)) = workspace else { return Err(FlowError::NotFound) };
    let (issuer, principal) = person(request)?;
    let is_first_admin = first_admin == Some(&principal);
    Ok(Caller { workspace, principal, issuer, is_first_admin })
}

/// Who calls, whatever workspace it is about.
pub fn person(request: &Request) -> Result<(Issuer, Principal), FlowError> {
    let (issuer, principal) = subject(request).ok_or(FlowError::NotFound)?;
    // The gateway's access log has the request's id, and no claim: it would write its text as it is.
    tracing::info!(request_id = request_id(request), principal = principal.as_str(), "called");
    Ok((issuer, principal))
}

fn context(request: &Request) -> Option<&ApiGatewayV2httpRequestContext> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => Some(context),
        _ => None,
    }
}

/// The token's issuer and its subject.
fn subject(request: &Request) -> Option<(Issuer, Principal)> {
    let claims = &context(request)?.authorizer.as_ref()?.jwt.as_ref()?.claims;
    Some((Issuer::of(claims.get("iss")?), Principal::parse(claims.get("sub")?).ok()?))
}

/// The route that the gateway matched; `None` when it is none of ours.
pub fn route(request: &Request) -> Option<Route> {
    Route::parse(route_key(request))
}

fn route_key(request: &Request) -> &str {
    context(request).and_then(|context| context.route_key.as_deref()).unwrap_or_default()
}

/// What a function answers to a route that it does not serve. The gateway leads none there unless the template and the code
/// are of two releases.
pub fn unserved(request: &Request) -> FlowError {
    let (request_id, route) = (request_id(request), route_key(request));
    tracing::warn!(request_id, route, "the function does not serve this route");
    FlowError::NotFound
}

/// The gateway's name for this request.
pub fn request_id(request: &Request) -> String {
    context(request).and_then(|context| context.request_id.clone()).unwrap_or_default()
}

/// A part of the route's path.
pub fn path(request: &Request, name: &str) -> String {
    request.path_parameters_ref().and_then(|path| path.first(name)).unwrap_or_default().to_owned()
}

/// The body as it was sent. One that is compressed is not unpacked: its size is not known before it is.
pub fn body(request: &Request) -> Result<&[u8], FlowError> {
    match request.headers().get(header::CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            Err(invalid("Content-Encoding", "must be left out: a body is taken as it is, and not compressed"))
        }
        _ => Ok(request.body()),
    }
}

/// The key that makes a repeat of this call known.
pub fn idempotency_key(request: &Request) -> Result<Option<IdempotencyKey>, FlowError> {
    let Some(key) = request.headers().get("idempotency-key") else { return Ok(None) };
    let key = IdempotencyKey::parse(key.to_str().unwrap_or_default());
    key.map(Some).map_err(|error| invalid("Idempotency-Key", &error.to_string()))
}

/// The version that the caller has read, as `If-Match` names it.
pub fn if_match(request: &Request) -> Result<Option<u32>, FlowError> {
    let Some(named) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let version = entity_tag::version(named.to_str().unwrap_or_default());
    version.map(Some).ok_or_else(|| invalid("If-Match", "must be one version in quotes, such as \"7\" or an etag"))
}

/// Where the next page starts. Opaque so that its form may change; it holds no secret.
pub fn cursor(position: &Position) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(position).unwrap_or_default())
}

/// Reads it back.
pub fn position(cursor: &str) -> Result<Position, FlowError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let position = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    position.ok_or_else(|| invalid("cursor", "is not a cursor of this list"))
}

/// What is wrong with one field.
pub fn invalid(field: &str, message: &str) -> FlowError {
    FlowError::Invalid(vec![FieldError { field: field.to_owned(), message: message.to_owned() }])
}

/// A job as it is seen now.
pub fn job(status: StatusCode, view: &JobView<'_>) -> Response<Body> {
    seen(json(status, view), view, &entity_tag::of(view))
}

/// The same as its create answers it. Its tag is that of the job alone, which every later answer is compared with.
pub fn created(status: StatusCode, created: &CreatedView<'_>) -> Response<Body> {
    seen(json(status, created), created.job, &entity_tag::of(created.job))
}

/// A job as it is seen now; nothing but that where the caller has it already, as `If-None-Match` says.
pub fn job_unless_known(request: &Request, view: &JobView<'_>) -> Response<Body> {
    let tag = entity_tag::of(view);
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known.is_some_and(|known| entity_tag::names(known, &tag)) {
        return not_modified(view);
    }
    seen(json(StatusCode::OK, view), view, &tag)
}

/// The caller has the job as it is.
pub fn not_modified(view: &JobView<'_>) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    seen(response, view, &entity_tag::of(view))
}

fn seen(response: Response<Body>, view: &JobView<'_>, tag: &str) -> Response<Body> {
    let response = with_header(response, "etag", tag);
    match view.poll_after_ms {
        Some(wait) => with_header(response, "poll-after-ms", &wait.to_string()),
        None => response,
    }
}

/// A JSON answer.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    sized::json(status, body).unwrap_or_else(too_large)
}

fn too_large() -> Response<Body> {
    let detail = "What was asked for is larger than an answer may be: 6 MB.";
    problem(StatusCode::INTERNAL_SERVER_ERROR, "answer_too_large", detail, "")
}

pub(super) fn answer(status: StatusCode, content_type: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Whatever a model wrote, no browser takes it for anything else or runs it.
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Adds a header; a value that no header can hold is left out.
pub fn with_header(mut response: Response<Body>, name: &'static str, value: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// The one answer to each refusal. Causes are logged here, once, and shown to nobody.
pub fn refusal(refused: &FlowError, request_id: &str) -> Response<Body> {
    let (status, code, title) = match refused {
        FlowError::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid_request", "The request is not valid"),
        FlowError::NotFound => (StatusCode::NOT_FOUND, "not_found", "Not found"),
        FlowError::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", "Not allowed"),
        FlowError::AwaitingReview => (StatusCode::FORBIDDEN, "awaiting_review", "The result waits for a review"),
        FlowError::Withheld => (StatusCode::FORBIDDEN, "result_withheld", "The result is withheld"),
        FlowError::Edited => (StatusCode::FORBIDDEN, "edited_result", "The result was edited"),
        FlowError::Denied(denial, _) => (denied(*denial), denial.words().0, "Not possible now"),
        FlowError::Altered => (StatusCode::CONFLICT, "trail_altered", "Nothing can be decided"),
        FlowError::Failed(failure) if failure.class == Class::Altered => {
            (StatusCode::CONFLICT, "trail_altered", "Nothing can rest on this")
        }
        FlowError::LastAdmin => (StatusCode::CONFLICT, "last_admin", "A workspace keeps an admin"),
        FlowError::VersionRequired(_) => {
            (StatusCode::PRECONDITION_REQUIRED, "version_required", "A version is missing")
        }
        FlowError::NoReviewerLeft => (StatusCode::UNPROCESSABLE_ENTITY, "no_reviewer_left", "Nobody could approve it"),
        FlowError::NotStructured => {
            (StatusCode::CONFLICT, "not_structured", "The result is not one JSON object that keeps its schema")
        }
        FlowError::NoResult => (StatusCode::CONFLICT, "no_result", "There is no result"),
        FlowError::InputPurged => (StatusCode::GONE, "input_purged", "The input is gone"),
        FlowError::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", "The key is in use"),
        FlowError::LaneContradiction(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "lane_contradiction", "The lane does not fit the work")
        }
        FlowError::LaneUnavailable => {
            (StatusCode::UNPROCESSABLE_ENTITY, "lane_unavailable", "The lane is not available")
        }
        FlowError::Failed(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Try again"),
    };
    let none: &[FieldError] = &[];
    let (detail, errors) = match refused {
        FlowError::Invalid(errors) => ("Every field at fault is listed under errors.".to_owned(), errors.as_slice()),
        FlowError::NotFound => ("There is nothing here under this name, or nothing that you may see.".to_owned(), none),
        FlowError::Forbidden(why) => ((*why).to_owned(), none),
        FlowError::AwaitingReview => ("A reviewer has to decide before you can read it.".to_owned(), none),
        FlowError::Withheld => {
            ("The job is over, and nobody who may allow it has let its result out.".to_owned(), none)
        }
        FlowError::Edited => {
            let detail =
                "A reviewer put another text in its place; what the provider said is for reviewers and auditors.";
            (detail.to_owned(), none)
        }
        FlowError::Denied(denial, _) => (denial.words().1.to_owned(), none),
        FlowError::Altered => ("A row and its trail tell different stories; an auditor has to look.".to_owned(), none),
        FlowError::LastAdmin => ("Make somebody else an admin first.".to_owned(), none),
        FlowError::VersionRequired(why) => ((*why).to_owned(), none),
        FlowError::NoReviewerLeft => {
            let detail = "Without whoever submits the job, and whoever it is for, fewer active reviewers are left than \
                          its type asks for.";
            (detail.to_owned(), none)
        }
        FlowError::NotStructured => {
            ("Its text and its other parts are under the same path without part.".to_owned(), none)
        }
        FlowError::NoResult => ("The job has none, or not yet; its status and reason say why.".to_owned(), none),
        FlowError::InputPurged => ("The job's retention is over, and its input was erased.".to_owned(), none),
        FlowError::KeyReused => ("This Idempotency-Key was used with another body.".to_owned(), none),
        FlowError::LaneContradiction(reasons) => {
            (format!("The lane of this work is decided by: {}.", words(reasons)), none)
        }
        FlowError::LaneUnavailable => ("The batch lane takes no jobs in this version.".to_owned(), none),
        FlowError::Failed(failure) if failure.class == Class::Altered => {
            tracing::error!(request_id, class = "Altered", "request {request_id} failed: {}", chain(failure));
            ("A row and its trail tell different stories; an auditor has to look.".to_owned(), none)
        }
        FlowError::Failed(failure) => {
            tracing::error!(request_id, class = ?failure.class, "request {request_id} failed: {}", chain(failure));
            ("Something this service rests on did not answer. The same call may be made again.".to_owned(), none)
        }
    };
    let allowed_actions = match refused {
        FlowError::Denied(_, allowed) => Some(allowed.clone()),
        _ => None,
    };
    let status_code = status.as_u16();
    let problem = Problem {
        kind: kind(code),
        title,
        status: status_code,
        detail,
        code,
        request_id,
        errors,
        allowed_actions,
        link: None,
    };
    let response = answer(status, "application/problem+json", serde_json::to_string(&problem).unwrap_or_default());
    if status == StatusCode::SERVICE_UNAVAILABLE { with_header(response, "retry-after", "5") } else { response }
}

fn denied(denial: ActionDenied) -> StatusCode {
    match denial {
        ActionDenied::NotReviewer | ActionDenied::Submitter | ActionDenied::Beneficiary | ActionDenied::Contributor => {
            StatusCode::FORBIDDEN
        }
        ActionDenied::Stale => StatusCode::PRECONDITION_FAILED,
        ActionDenied::NotWaiting
        | ActionDenied::Overdue
        | ActionDenied::OtherDigest
        | ActionDenied::NoAttemptsLeft
        | ActionDenied::Ended
        | ActionDenied::NotEnded
        | ActionDenied::NotRetryable
        | ActionDenied::InputGone
        | ActionDenied::NewerRelease => StatusCode::CONFLICT,
    }
}

fn words(reasons: &impl Serialize) -> String {
    serde_json::to_value(reasons)
        .ok()
        .and_then(|value| {
            let words: Option<Vec<String>> =
                value.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect();
            words
        })
        .unwrap_or_default()
        .join(", ")
}

/// The type of a problem, as RFC 9457 has it: one URN for each code.
fn kind(code: &str) -> String {
    format!("urn:lanekeeper:problem:{code}")
}

/// A refusal that belongs to HTTP alone.
pub fn problem(status: StatusCode, code: &'static str, detail: &str, request_id: &str) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    titled_problem(status, (code, title), detail, request_id, None)
}

/// The same with a title of its own, and a link to where the thing can be had instead.
pub(super) fn titled_problem(
    status: StatusCode,
    (code, title): (&'static str, &'static str),
    detail: &str,
    request_id: &str,
    link: Option<&SignedLink>,
) -> Response<Body> {
    let problem = Problem {
        kind: kind(code),
        title,
        status: status.as_u16(),
        detail: detail.to_owned(),
        code,
        request_id,
        errors: &[],
        allowed_actions: None,
        link,
    };
    answer(status, "application/problem+json", serde_json::to_string(&problem).unwrap_or_default())
}

/// An answer in the gateway's form, for a function that reads the gateway's event itself.
pub fn gateway_answer(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (parts, body) = response.into_parts();
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = i64::from(parts.status.as_u16());
    answer.headers = parts.headers;
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = Some(body);
    answer
}
