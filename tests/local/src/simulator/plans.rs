//! What each plan makes of a response: what the create call answers, what is observed in order, how the webhook behaves.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::response::Status;

/// A way in which one response can go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// Queued, in progress, completed, one webhook.
    #[default]
    Default,
    WebhookNever,
    /// The same delivery, with the same webhook-id, comes twice.
    WebhookTwice,
    /// The first POST with a given `job_id` in its metadata is refused.
    RateLimitedThenOk,
    Fails,
    /// Runs five times as long.
    Slow,
    /// The webhook is delivered before the create call answers.
    WebhookBeforeAnswer,
    /// Runs and sends its webhook, but the create call never answers.
    AcceptsAndNeverAnswers,
    /// Runs, and nobody is ever told its id.
    AcceptsAndVanishes,
    Refuses,
    Incomplete,
    EmptyOutput,
}

impl Plan {
    pub(super) fn script(self) -> Script {
        match self {
            Plan::Default => DEFAULT,
            Plan::WebhookNever => Script { webhooks: Webhooks { copies: 0 }, ..DEFAULT },
            Plan::WebhookTwice => Script { webhooks: Webhooks { copies: 2 }, ..DEFAULT },
            Plan::RateLimitedThenOk => Script { refused: Some(Refused { error: RATE_LIMITED, times: 1 }), ..DEFAULT },
            Plan::Fails => Script { life: &[STARTS, FAILS], ..DEFAULT },
            Plan::Slow => {
                Script { life: &[STARTS, Observation { wait: Wait::Run { times: 5 }, ..COMPLETES }], ..DEFAULT }
            }
            Plan::WebhookBeforeAnswer => Script { create: Create::AnswerAfterTheEnd, ..DEFAULT },
            Plan::AcceptsAndNeverAnswers => Script { create: Create::Hold, ..DEFAULT },
            Plan::AcceptsAndVanishes => Script { create: Create::Hold, webhooks: Webhooks { copies: 0 }, ..DEFAULT },
            Plan::Refuses => {
                Script { life: &[STARTS, Observation { output: Output::Refusal, ..COMPLETES }], ..DEFAULT }
            }
            Plan::Incomplete => Script { life: &[STARTS, RUNS_OUT_OF_TOKENS], ..DEFAULT },
            Plan::EmptyOutput => {
                Script { life: &[STARTS, Observation { output: Output::Nothing, ..COMPLETES }], ..DEFAULT }
            }
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) refused: Option<Refused>,
    pub(super) create: Create,
    pub(super) life: &'static [Observation],
    pub(super) webhooks: Webhooks,
}

/// The first so many POSTs of a job make nothing.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) error: ApiError,
    pub(super) times: u32,
}

/// How the create call answers once its response is made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Create {
    Answer,
    AnswerAfterTheEnd,
    /// The connection stays open until the client gives up.
    Hold,
}

/// One thing that a later GET will show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observation {
    /// How long after the observation before it, in auto mode.
    pub(super) wait: Wait,
    pub(super) status: Status,
    pub(super) output: Output,
    /// Code and message.
    pub(super) error: Option<(&'static str, &'static str)>,
    pub(super) incomplete_reason: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Wait {
    Queue,
    Run { times: i64 },
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Output {
    Nothing,
    Text,
    HalfText,
    Refusal,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Webhooks {
    pub(super) copies: usize,
}

const DEFAULT: Script =
    Script { refused: None, create: Create::Answer, life: &[STARTS, COMPLETES], webhooks: Webhooks { copies: 1 } };

const STARTS: Observation = Observation {
    wait: Wait::Queue,
    status: Status::InProgress,
    output: Output::Nothing,
    error: None,
    incomplete_reason: None,
};

const COMPLETES: Observation =
    Observation { wait: Wait::Run { times: 1 }, status: Status::Completed, output: Output::Text, ..STARTS };

const FAILS: Observation = Observation {
    status: Status::Failed,
    output: Output::Nothing,
    error: Some(("server_error", "The simulator was asked to fail this response.")),
    ..COMPLETES
};

const RUNS_OUT_OF_TOKENS: Observation = Observation {
    status: Status::Incomplete,
    output: Output::HalfText,
    incomplete_reason: Some("max_output_tokens"),
    ..COMPLETES
};

/// What a cancel call puts in the place of everything that was still to come.
pub(super) const CANCELLED: Observation =
    Observation { status: Status::Cancelled, output: Output::Nothing, ..COMPLETES };

const RATE_LIMITED: ApiError = ApiError {
    status: 429,
    kind: "rate_limit_error",
    code: Some("rate_limit_exceeded"),
    param: None,
    message: Cow::Borrowed("Rate limit reached: the simulator was asked to refuse this request."),
    retry_after_seconds: Some(1),
};
