//! Where a job can stand.

use serde::{Deserialize, Serialize};

/// Where a job stands: the status that users see together with its phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Queued; to be submitted now.
    Waiting,
    /// Queued; to be submitted when `due`.
    RetryScheduled,
    /// Queued; its lane is parked or paused, or a quota or budget is used up.
    Held,
    /// Running at the provider.
    InProgress,
    /// Needs review: a result waits for a decision.
    AwaitingDecision,
    /// Needs review: the run ended in a function call or an approval request.
    AwaitingAction,
    Completed,
    Failed,
    Canceled,
    Expired,
}

/// What users and operators see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    Running,
    NeedsReview,
    Completed,
    Failed,
    Canceled,
    Expired,
}

impl Status {
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Running, Self::NeedsReview, Self::Completed, Self::Failed, Self::Canceled, Self::Expired];
}

impl State {
    pub const ALL: [Self; 10] = [
        Self::Waiting,
        Self::RetryScheduled,
        Self::Held,
        Self::InProgress,
        Self::AwaitingDecision,
        Self::AwaitingAction,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
        Self::Expired,
    ];

    pub const fn status(self) -> Status {
        match self {
            Self::Waiting | Self::RetryScheduled | Self::Held => Status::Queued,
            Self::InProgress => Status::Running,
            Self::AwaitingDecision | Self::AwaitingAction => Status::NeedsReview,
            Self::Completed => Status::Completed,
            Self::Failed => Status::Failed,
            Self::Canceled => Status::Canceled,
            Self::Expired => Status::Expired,
        }
    }

    /// The phase inside the status; a terminal status has none.
    pub const fn phase(self) -> Option<&'static str> {
        match self {
            Self::Waiting => Some("waiting"),
            Self::RetryScheduled => Some("retry_scheduled"),
            Self::Held => Some("held"),
            Self::InProgress => Some("in_progress"),
            Self::AwaitingDecision => Some("awaiting_decision"),
            Self::AwaitingAction => Some("awaiting_action"),
            Self::Completed | Self::Failed | Self::Canceled | Self::Expired => None,
        }
    }

    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled | Self::Expired)
    }

    /// Nothing happens here until a person or a deadline moves it, except that its event must get out.
    pub const fn is_resting(self) -> bool {
        self.is_terminal() || matches!(self, Self::AwaitingDecision | Self::AwaitingAction)
    }
}
