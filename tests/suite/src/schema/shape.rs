//! The schema of each published event, made of the lists that the code itself has.

use domain::event::published::PUBLISHED_VERSION;
use domain::job::{State, Status};
use domain::policy::cost::CostState;
use domain::policy::lane::Lane;
use domain::policy::reason::Reason;
use domain::value::member::Role;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The words of a list, as they are written.
fn words<T: Serialize>(list: impl IntoIterator<Item = T>) -> Vec<Value> {
    list.into_iter().map(|word| serde_json::to_value(word).unwrap()).collect()
}

fn text(pattern: &str, description: &str) -> Value {
    json!({"type": "string", "pattern": pattern, "description": description})
}

fn number(least: u64, most: u64, description: &str) -> Value {
    json!({"type": "integer", "minimum": least, "maximum": most, "description": description})
}

/// Where the job was before the event, and where it is after it.
fn from_and_to(kind: &str) -> (Value, Value) {
    let any = words(Status::ALL);
    let to = match kind {
        "job.created" => return (json!({"type": "null"}), json!({"const": "queued"})),
        "job.escalated" => json!({"enum": any}),
        "job.archived" => {
            let over: Vec<Status> =
                State::ALL.into_iter().filter(|state| state.is_terminal()).map(State::status).collect();
            json!({"enum": words(over)})
        }
        status => json!({"const": status.trim_start_matches("job.")}),
    };
    (json!({"enum": any}), to)
}

/// Whether a person has to act, as far as the kind tells.
fn attention(kind: &str) -> Value {
    match kind {
        "job.needs_review" | "job.failed" | "job.escalated" => json!({"const": true}),
        "job.archived" => json!({"type": "boolean"}),
        _ => json!({"const": false}),
    }
}

const MEANINGS: [(&str, &str); 9] = [
    ("job.created", "A job was accepted."),
    ("job.running", "An attempt runs at the provider."),
    ("job.needs_review", "A result waits for a person; from needs_review, it is a reminder."),
    ("job.completed", "The job has a result that may be used."),
    ("job.failed", "The job ended without a result that may be used."),
    ("job.canceled", "A person ended the job."),
    ("job.expired", "A deadline of the job has passed."),
    ("job.escalated", "Somebody was called in."),
    ("job.archived", "A job that is over was put away."),
];

pub(super) fn schema(kind: &str) -> Value {
    let (from, to) = from_and_to(kind);
    let (_, meaning) = MEANINGS.iter().find(|(known, _)| *known == kind).unwrap();
    let reasons = words(Reason::ALL).into_iter().chain([Value::Null]);
    let digest = r"^sha256:[0-9a-f]{64}$";
    let job_id = "job_[a-z0-9_]{1,40}";
    let workspace = "([a-z0-9][a-z0-9-]{0,31}|-[a-z0-9-]{1,31})";
    let properties: Map<String, Value> = [
        ("id", text(&format!("^{job_id}-[1-9][0-9]{{0,9}}$"), "The same when the event comes again: drop repeats by it.")),
        ("schema", json!({"const": PUBLISHED_VERSION})),
        ("version", number(1, u32::MAX.into(), "Of the job; the order of its events.")),
        (
            "at",
            json!({
                "type": "string",
                "format": "date-time",
                "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
            }),
        ),
        ("type", json!({"const": kind})),
        ("workspace", text(&format!("^{workspace}$"), "Whose job it is.")),
        ("job_id", text(&format!("^{job_id}$"), "The job, for ever.")),
        ("job_type", text("^[a-z0-9-]{1,40}$", "Which kind of job.")),
        ("lane", json!({"enum": words(Lane::ALL)})),
        ("attempt", number(1, u16::MAX.into(), "Which try of the job.")),
        ("from", from),
        ("to", to),
        ("reason", json!({"enum": reasons.collect::<Vec<_>>(), "description": "Why the job stands where it stands."})),
        (
            "digest",
            json!({"type": ["string", "null"], "pattern": digest, "description": "Of the result, which is behind the link."}),
        ),
        (
            "cost",
            json!({
                "type": "object",
                "properties": {
                    "usd": text(r"^(0|[1-9][0-9]{0,7})\.[0-9]{6}([0-9]{0,5}[1-9])?$", "A decimal number of dollars, not rounded."),
                    "state": {"enum": words(CostState::ALL)},
                },
                "required": ["usd", "state"],
                "additionalProperties": false,
            }),
        ),
        ("attention", attention(kind)),
        ("escalation_level", number(0, u8::MAX.into(), "How far somebody has been called in; 0 is not at all.")),
        ("head_hash", text(digest, "Of the job's audit trail up to this event.")),
        ("link", text(&format!("^/v1/workspaces/{workspace}/jobs/{job_id}$"), "Path of the job under the API's address.")),
    ]
    .map(|(name, schema)| (name.to_owned(), schema))
    .into_iter()
    .collect();
    let mut required: Vec<&String> = properties.keys().collect();
    required.sort();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:lanekeeper:event:{kind}:v{PUBLISHED_VERSION}"),
        "title": kind,
        "description": meaning,
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// The schema of a change of a workspace's people or types.
pub(super) fn change_schema(kind: &str) -> Value {
    let workspace = "[a-z0-9-]{1,32}";
    let digest = r"^sha256:[0-9a-f]{64}$";
    let principal = r"^[!-~]{1,128}$";
    let (meaning, link, own): (_, _, Vec<(&str, Value)>) = match kind {
        "member.changed" => (
            "Somebody may do something else from now on, or nothing.",
            format!("^/v1/workspaces/{workspace}/members$"),
            vec![
                ("principal", text(principal, "Who.")),
                ("roles", json!({"type": "array", "items": {"enum": words(ROLES)}, "uniqueItems": true})),
                ("active", json!({"type": "boolean", "description": "Whether they are a member at all."})),
            ],
        ),
        _ => (
            "A job type has a new version.",
            format!("^/v1/workspaces/{workspace}/job-types/[a-z0-9-]{{1,40}}\\?version=[1-9][0-9]{{0,9}}$"),
            vec![
                ("job_type", text("^[a-z0-9-]{1,40}$", "Which type.")),
                ("type_version", number(1, u32::MAX.into(), "For the jobs that are created from now on.")),
                ("digest", text(digest, "Of the version's document.")),
            ],
        ),
    };
    let common = [
        (
            "id",
            text(
                &format!("^{workspace}-[1-9][0-9]{{0,9}}$"),
                "The same when the event comes again: drop repeats by it.",
            ),
        ),
        ("schema", json!({"const": PUBLISHED_VERSION})),
        ("version", number(1, u32::MAX.into(), "Of the workspace's people and types; the order of their changes.")),
        (
            "at",
            json!({
                "type": "string",
                "format": "date-time",
                "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
            }),
        ),
        ("type", json!({"const": kind})),
        ("workspace", text(&format!("^{workspace}$"), "Whose people and types.")),
        ("changed_by", text(principal, "The principal of the admin.")),
        ("head_hash", text(digest, "Of the workspace's audit trail up to this change.")),
        ("link", text(&link, "Path of what changed under the API's address.")),
    ];
    let properties: Map<String, Value> =
        common.into_iter().chain(own).map(|(name, schema)| (name.to_owned(), schema)).collect();
    let mut required: Vec<&String> = properties.keys().collect();
    required.sort();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:lanekeeper:event:{kind}:v{PUBLISHED_VERSION}"),
        "title": kind,
        "description": meaning,
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

const ROLES: [Role; 5] = [Role::Submitter, Role::Reviewer, Role::Operator, Role::Auditor, Role::Admin];
