//! Queues: what is to be looked at, and in front of which function it waits.

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::value::failure::Failure;
use crate::value::id::{JobId, Nonce, ResponseId, WorkspaceId};

/// A reason to look at something. Carries ids only. A kind of a newer release stays in its queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    SubmitV1 {
        workspace: WorkspaceId,
        job_id: JobId,
    },
    ObserveV1 {
        workspace: WorkspaceId,
        job_id: JobId,
    },
    /// Changes of a workspace that nobody confirmed.
    WorkspaceV1 {
        workspace: WorkspaceId,
    },
    /// `tries` counts the looks at a response that nobody here knows and the provider denied, and `watcher` names the
    /// series that they belong to.
    ResponseV1 {
        response_id: ResponseId,
        #[serde(default, deserialize_with = "count")]
        tries: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        watcher: Option<Nonce>,
    },
}

/// Beside a tag, a number comes in the decoder's own form for one of any length.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    number.as_u64().and_then(|count| u16::try_from(count).ok()).ok_or_else(|| D::Error::custom("no count"))
}

impl Work {
    /// The kinds that are known here.
    pub const KINDS: [&str; 4] = ["submit_v1", "observe_v1", "workspace_v1", "response_v1"];

    /// The first look at a response, or one that its row asks for.
    pub const fn response(response_id: ResponseId) -> Self {
        Self::ResponseV1 { response_id, tries: 0, watcher: None }
    }

    pub const fn queue(&self) -> Queue {
        match self {
            Self::SubmitV1 { .. } => Queue::Submit,
            Self::ObserveV1 { .. } | Self::WorkspaceV1 { .. } | Self::ResponseV1 { .. } => Queue::Observe,
        }
    }
}

/// In front of which function a piece of work waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    Submit,
    Observe,
}

/// The longest that a queue can hold a message back.
pub const LONGEST_DELAY: Duration = Duration::from_secs(900);

/// The queues in front of the two functions that call the provider.
pub trait WorkQueue {
    /// One result for each piece of work, in order. The delay is whole seconds, at most [`LONGEST_DELAY`].
    async fn send(&self, work: &[(Work, Duration)]) -> Vec<Result<(), Failure>>;
    /// About how many messages could be taken from a queue now.
    async fn waiting(&self, queue: Queue) -> Result<usize, Failure>;
}
