//! One batch: what was asked, how far it is, and what a GET shows of it.

pub(super) mod check;
pub(super) mod script;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use axum::body::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use check::BatchError;
pub(super) use script::{BatchEnd, BatchScript};

use super::bill::Bill;
use super::error::ApiError;
use super::file::expires_after;
use super::request::rule::known;
use super::request::{metadata, required};
use super::script::Script;

const DAY_S: i64 = 86_400;
/// So many lines are run at once; a look in between shows the progress.
const LINES_OF_A_STEP: usize = 2_000;
const ENDPOINTS: [&str; 8] = [
    RESPONSES,
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
];
const RESPONSES: &str = "/v1/responses";

/// OpenAI's eight words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchStatus {
    Validating,
    Failed,
    InProgress,
    Finalizing,
    Completed,
    Expired,
    Cancelling,
    Cancelled,
}

impl BatchStatus {
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Failed | Self::Completed | Self::Expired | Self::Cancelled)
    }

    /// The field that says when.
    fn moment(self) -> Option<&'static str> {
        match self {
            Self::Validating => None,
            Self::Failed => Some("failed_at"),
            Self::InProgress => Some("in_progress_at"),
            Self::Finalizing => Some("finalizing_at"),
            Self::Completed => Some("completed_at"),
            Self::Expired => Some("expired_at"),
            Self::Cancelling => Some("cancelling_at"),
            Self::Cancelled => Some("cancelled_at"),
        }
    }
}

impl fmt::Display for BatchStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Validating => "validating",
            Self::Failed => "failed",
            Self::InProgress => "in_progress",
            Self::Finalizing => "finalizing",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        })
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RequestCounts {
    pub total: usize,
    pub completed: usize,
    pub failed: usize,
}

/// An accepted create call.
#[derive(Debug, Clone)]
pub(super) struct BatchRequest {
    pub(super) input_file_id: String,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) output_expires_after: Option<i64>,
}

impl BatchRequest {
    pub(super) fn parse(fields: &Map<String, Value>) -> Result<Self, ApiError> {
        const FIELDS: [&str; 5] =
            ["input_file_id", "endpoint", "completion_window", "metadata", "output_expires_after"];
        if let Some(unknown) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(ApiError::unknown_parameter(unknown));
        }
        let text = |name| required(fields, name)?.as_str().ok_or_else(|| ApiError::wrong_type(name, "a string"));
        let (input_file_id, endpoint) = (text("input_file_id")?.to_owned(), text("endpoint")?);
        known("endpoint", endpoint, &ENDPOINTS)?;
        known("completion_window", text("completion_window")?, &["24h"])?;
        if endpoint != RESPONSES {
            return Err(ApiError::not_there_yet("batches of other endpoints"));
        }
        let expires = fields.get("output_expires_after").filter(|value| !value.is_null());
        let anchor = expires.and_then(|expires| expires.get("anchor")?.as_str());
        let seconds = expires.map(|expires| expires.get("seconds").and_then(Value::as_i64).unwrap_or_default());
        let output_expires_after = expires_after(anchor, seconds, "output_expires_after")?;
        Ok(Self { input_file_id, metadata: metadata(fields.get("metadata"))?, output_expires_after })
    }
}

pub(super) struct Batch {
    pub(super) id: String,
    /// Its place in the order of creation, from 1.
    pub(super) number: u64,
    pub(super) request: BatchRequest,
    pub(super) script: Script,
    pub(super) created_at_ms: i64,
    pub(super) status: BatchStatus,
    moments: BTreeMap<&'static str, i64>,
    pub(super) input: Bytes,
    /// Where its lines lie in the input; known once it was validated.
    pub(super) lines: Vec<Range<usize>>,
    pub(super) model: Option<String>,
    pub(super) errors: Vec<BatchError>,
    /// How many lines have been run.
    pub(super) ran: usize,
    pub(super) counts: RequestCounts,
    pub(super) bill: Bill,
    pub(super) output: Vec<u8>,
    pub(super) error_output: Vec<u8>,
    pub(super) output_file_id: Option<String>,
    pub(super) error_file_id: Option<String>,
    pub(super) due_ms: Option<i64>,
    pub(super) ended_at_ms: Option<i64>,
    pub(super) told: bool,
    pub(super) looks: u32,
}

impl Batch {
    pub(super) fn new(id: String, number: u64, request: BatchRequest, script: Script, now_ms: i64) -> Self {
        Self {
            id,
            number,
            request,
            script,
            created_at_ms: now_ms,
            status: BatchStatus::Validating,
            moments: BTreeMap::new(),
            input: Bytes::new(),
            lines: vec![],
            model: None,
            errors: vec![],
            ran: 0,
            counts: RequestCounts::default(),
            bill: Bill::default(),
            output: vec![],
            error_output: vec![],
            output_file_id: None,
            error_file_id: None,
            due_ms: None,
            ended_at_ms: None,
            told: false,
            looks: 0,
        }
    }

    pub(super) fn become_(&mut self, status: BatchStatus, at_ms: i64) {
        self.status = status;
        self.moments.extend(status.moment().map(|name| (name, at_ms / 1000)));
        if status.is_terminal() {
            self.ended_at_ms = Some(at_ms);
            (self.input, self.lines) = (Bytes::new(), vec![]);
        }
    }

    pub(super) fn text_of(&self, place: usize) -> Bytes {
        self.lines.get(place).map(|range| self.input.slice(range.clone())).unwrap_or_default()
    }

    /// How many lines will be run in all.
    pub(super) fn to_run(&self) -> usize {
        self.script.batch.done.unwrap_or(usize::MAX).min(self.counts.total)
    }

    pub(super) fn lines_of_a_step(&self) -> usize {
        self.to_run().div_ceil(2).clamp(1, LINES_OF_A_STEP)
    }

    /// Whether nobody can see it any more.
    pub(super) fn is_gone(&self) -> bool {
        self.script.batch.disappears && self.status != BatchStatus::Validating
    }

    pub(super) fn shown(&self) -> Value {
        let at = |name| self.moments.get(name);
        let no_errors = (!self.error_output.is_empty() || !self.script.batch.empty_ids).then_some(Value::Null);
        let error_file_id = match (&self.error_file_id, self.status.is_terminal()) {
            (Some(id), _) => json!(id),
            (None, true) => no_errors.unwrap_or_else(|| json!("")),
            (None, false) => Value::Null,
        };
        let errors = json!({"object": "list", "data": self.errors});
        json!({
            "id": self.id,
            "object": "batch",
            "endpoint": RESPONSES,
            "model": self.model,
            "errors": if self.errors.is_empty() { Value::Null } else { errors },
            "input_file_id": self.request.input_file_id,
            "completion_window": "24h",
            "status": self.status,
            "output_file_id": self.output_file_id,
            "error_file_id": error_file_id,
            "created_at": self.created_at_ms / 1000,
            "in_progress_at": at("in_progress_at"),
            "expires_at": self.created_at_ms / 1000 + DAY_S,
            "finalizing_at": at("finalizing_at"),
            "completed_at": at("completed_at"),
            "failed_at": at("failed_at"),
            "expired_at": at("expired_at"),
            "cancelling_at": at("cancelling_at"),
            "cancelled_at": at("cancelled_at"),
            "request_counts": self.counts,
            "usage": self.bill.batch_usage(),
            "metadata": self.request.metadata,
        })
    }
}
