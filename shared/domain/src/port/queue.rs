//! Queues: what is to be done, in front of the function that does it. Each of the two has messages of its own.

use std::time::Duration;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

use crate::value::failure::Failure;
use crate::value::id::{JobId, Nonce, ResponseId, WorkspaceId};

/// A message of one of the queues. It carries ids only. A kind of a newer release stays in its queue.
pub trait Message: Serialize + DeserializeOwned {
    /// The kinds that are known here. No kind is of two queues.
    const KINDS: &'static [&'static str];

    /// The id of the job, the response or the workspace that it is about.
    fn subject(&self) -> &str;

    /// Whose it is, where that is known: one workspace's flood must not hold up the others.
    fn workspace(&self) -> Option<&WorkspaceId>;
}

/// Asks for a job to be submitted to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SubmitMessage {
    SubmitV1 { workspace: WorkspaceId, job_id: JobId },
}

/// Asks for a look at something that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PollMessage {
    ObserveV1 {
        workspace: WorkspaceId,
        job_id: JobId,
    },
    /// Changes of a workspace that nobody confirmed.
    WorkspaceV1 {
        workspace: WorkspaceId,
    },
    /// `denials` counts the looks at a response that nobody here knows and the provider denied, and `watcher` names the
    /// series that they belong to.
    ResponseV1 {
        response_id: ResponseId,
        #[serde(default, deserialize_with = "count")]
        denials: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        watcher: Option<Nonce>,
    },
}

/// Beside a tag, a number comes in the decoder's own form for one of any length.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    number.as_u64().and_then(|count| u16::try_from(count).ok()).ok_or_else(|| D::Error::custom("no count"))
}

impl PollMessage {
    /// The first look at a response, or one that its row asks for.
    pub const fn response(response_id: ResponseId) -> Self {
        Self::ResponseV1 { response_id, denials: 0, watcher: None }
    }
}

impl Message for SubmitMessage {
    const KINDS: &'static [&'static str] = &["submit_v1"];

    fn subject(&self) -> &str {
        let Self::SubmitV1 { job_id, .. } = self;
        job_id.as_str()
    }

    fn workspace(&self) -> Option<&WorkspaceId> {
        let Self::SubmitV1 { workspace, .. } = self;
        Some(workspace)
    }
}

impl Message for PollMessage {
    const KINDS: &'static [&'static str] = &["observe_v1", "workspace_v1", "response_v1"];

    fn subject(&self) -> &str {
        match self {
            Self::ObserveV1 { job_id, .. } => job_id.as_str(),
            Self::WorkspaceV1 { workspace } => workspace.as_str(),
            Self::ResponseV1 { response_id, .. } => response_id.as_str(),
        }
    }

    fn workspace(&self) -> Option<&WorkspaceId> {
        match self {
            Self::ObserveV1 { workspace, .. } | Self::WorkspaceV1 { workspace } => Some(workspace),
            Self::ResponseV1 { .. } => None,
        }
    }
}

/// The longest that a queue can hold a message back.
pub const LONGEST_DELAY: Duration = Duration::from_secs(900);

/// The queue in front of `submit-job`.
pub trait SubmitQueue {
    /// One result for each message, in order. The delay is whole seconds, at most [`LONGEST_DELAY`].
    async fn send_submits(&self, messages: &[(SubmitMessage, Duration)]) -> Vec<Result<(), Failure>>;
    /// About how many messages could be taken from it now.
    async fn submits_waiting(&self) -> Result<usize, Failure>;
}

/// The queue in front of `observe-job`.
pub trait PollQueue {
    /// One result for each message, in order. The delay is whole seconds, at most [`LONGEST_DELAY`].
    async fn send_polls(&self, messages: &[(PollMessage, Duration)]) -> Vec<Result<(), Failure>>;
    /// About how many messages could be taken from it now.
    async fn polls_waiting(&self) -> Result<usize, Failure>;
}
