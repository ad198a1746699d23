//! Who may, in a few lines for each route, written from the design and not from the code.

use domain::value::member::Role::{Admin, Auditor, Operator, Reviewer, Submitter};

use super::caller::Caller;
use super::stage::{State, Target};

/// The status and the code of the answer.
pub(super) type Expected = (u16, &'static str);

pub(super) fn rule(route: &str, caller: &Caller, target: &Target) -> Expected {
    // The console's page is where people log in.
    if ["GET /v1/health", "GET /console", "GET /console/{proxy+}"].contains(&route) {
        return (200, "");
    }
    if route == "POST /v1/webhooks/openai" {
        return (401, "bad_signature");
    }
    if caller.flaw.is_some() {
        return (401, "");
    }
    // Whoever has a token learns what is theirs.
    if route == "GET /v1/me" || route == "POST /v1/lanes/classify" {
        return (200, "");
    }
    let roles = caller.roles(target.workspace);
    if roles.is_empty() {
        return (404, "not_found");
    }
    match route.split_once("{workspace}").unwrap_or_else(|| panic!("no rule for {route}")).1 {
        "/jobs" if route.starts_with("GET ") => (200, ""),
        // An empty request: whoever may create learns what is missing.
        "/jobs" if roles.contains(&Submitter) => (400, "invalid_request"),
        "/members" | "/job-types" => (200, ""),
        "/job-types/{name}" if route.starts_with("GET ") => (200, ""),
        "/members/{principal}" | "/job-types/{name}" if roles.contains(&Admin) => (200, ""),
        "/events" if roles.contains(&Admin) || roles.contains(&Auditor) => (200, ""),
        // Without a range: whoever may learns what is missing.
        "/republish" if roles.contains(&Operator) => (400, "invalid_request"),
        "/jobs" | "/members/{principal}" | "/job-types/{name}" | "/events" | "/republish" => (403, "forbidden"),
        rest => {
            let rest = rest.strip_prefix("/jobs/{id}");
            job(rest.unwrap_or_else(|| panic!("no rule for {route}")), caller, target)
        }
    }
}

fn job(rest: &str, caller: &Caller, target: &Target) -> Expected {
    let roles = caller.roles(target.workspace);
    let Some((state, is_own)) = target.job else { return (404, "not_found") };
    let sees = roles.iter().any(|role| *role != Submitter) || (is_own && roles.contains(&Submitter));
    match (rest, state) {
        _ if !sees => (404, "not_found"),
        ("" | "/wait" | "/events" | "/input", _) | ("/result", State::Completed) => (200, ""),
        ("/result", State::Running) => (409, "no_result"),
        ("/result", State::Review | State::Rejected) if roles.contains(&Reviewer) => (200, ""),
        ("/result", State::Review) => (403, "awaiting_review"),
        ("/result", State::Rejected) => (403, "result_withheld"),
        ("/approve" | "/edit" | "/reject" | "/request-changes", _) if !roles.contains(&Reviewer) => {
            (403, "not_reviewer")
        }
        ("/cancel" | "/retry" | "/archive" | "/escalate", _) => {
            let own = is_own && roles.contains(&Submitter);
            let may = own || roles.contains(&Operator) || (rest == "/escalate" && roles.contains(&Reviewer));
            // Whoever may names a version of the past, so that nothing changes.
            if may { (412, "stale") } else { (403, "forbidden") }
        }
        ("/approve", State::Review) if is_own || (caller.name == "editor" && target.is_edited) => (403, "four_eyes"),
        // Whoever may decide names another digest, so that nothing changes.
        ("/approve" | "/edit" | "/reject" | "/request-changes", State::Review) => (409, "other_digest"),
        ("/approve" | "/edit" | "/reject" | "/request-changes", _) => (409, "not_waiting"),
        _ => panic!("no rule for {rest}"),
    }
}

/// Whether the caller may: the request must then be one that changes nothing.
pub(super) fn lets_through(expected: Expected) -> bool {
    matches!(expected, (200 | 400, _) | (409, "other_digest") | (412, "stale"))
}
