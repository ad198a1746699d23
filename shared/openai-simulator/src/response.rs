//! One response: what has been observed of it, and what is still to come.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::request::Request;
use super::script::{Observation, Output, Script};

pub(super) struct Response {
    pub(super) id: String,
    /// Its place in the order of creation, from 1.
    pub(super) number: u64,
    pub(super) request: Request,
    pub(super) script: Script,
    pub(super) created_at_ms: i64,
    pub(super) status: Status,
    pub(super) started: bool,
    /// What ended it, and when.
    pub(super) end: Option<(Observation, i64)>,
    /// Fields that the last observation put in the place of the response's own.
    pub(super) shown_instead: BTreeMap<String, Box<RawValue>>,
    pub(super) to_come: VecDeque<Observation>,
    /// When the next observation happens by itself; never in step mode.
    pub(super) due_ms: Option<i64>,
    /// How often it has been looked at.
    pub(super) looks: u32,
    pub(super) told: bool,
    pub(super) deleted: bool,
}

impl Response {
    pub(super) fn new(id: String, number: u64, request: Request, script: Script, now_ms: i64) -> Self {
        Self {
            id,
            number,
            request,
            created_at_ms: now_ms,
            status: Status::Queued,
            started: false,
            end: None,
            shown_instead: BTreeMap::new(),
            to_come: script.life.iter().cloned().collect(),
            due_ms: None,
            looks: 0,
            told: false,
            deleted: false,
            script,
        }
    }

    pub(super) fn observe(&mut self, observation: Observation, at_ms: i64) {
        self.status = observation.status;
        self.started |= !matches!(observation.status, Status::Queued | Status::Cancelled);
        self.shown_instead = observation.fields.clone();
        if observation.status.is_terminal() {
            self.end = Some((observation, at_ms));
        }
    }

    pub(super) fn output(&self) -> &Output {
        self.end.as_ref().map_or(&Output::Nothing, |(observation, _)| &observation.output)
    }

    /// Whether an end is still to come that will be announced.
    pub(super) fn will_announce(&self) -> bool {
        self.request.background && self.to_come.iter().any(|next| self.script.announces(next.status))
    }

    /// A response that was stopped before it started has cost nothing and reports nothing.
    pub(super) fn usage(&self) -> Option<Usage> {
        let ended = self.end.is_some() && self.started;
        ended.then(|| Usage::of(self.request.input_bytes, self.output().text(&self.request).len()))
    }
}

/// OpenAI's six words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    InProgress,
    Completed,
    Failed,
    Cancelled,
    Incomplete,
}

impl Status {
    pub fn is_terminal(self) -> bool {
        !matches!(self, Status::Queued | Status::InProgress)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Status::Queued => "queued",
            Status::InProgress => "in_progress",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Incomplete => "incomplete",
        })
    }
}

/// Tokens, counted as a quarter of the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Usage {
    pub input_tokens: usize,
    pub input_tokens_details: InputDetails,
    pub output_tokens: usize,
    pub output_tokens_details: OutputDetails,
    pub total_tokens: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct InputDetails {
    pub cached_tokens: usize,
    pub cache_write_tokens: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OutputDetails {
    pub reasoning_tokens: usize,
}

impl Usage {
    fn of(input_bytes: usize, output_bytes: usize) -> Self {
        let (input_tokens, output_tokens) = (input_bytes.div_ceil(4), output_bytes.div_ceil(4));
        Self {
            input_tokens,
            input_tokens_details: InputDetails::default(),
            output_tokens,
            output_tokens_details: OutputDetails::default(),
            total_tokens: input_tokens + output_tokens,
        }
    }
}
