//! Where a job can stand.

use crate::value::word::words;

words! {
    /// Where a job stands: the status that users see together with its phase. One that is not known is none of those
    /// below: it is not over, nothing is due in it, and nothing that it holds is delivered.
    pub enum State {
        /// Queued; to be submitted now.
        Waiting "waiting" "wait",
        /// Queued; to be submitted when `due`.
        RetryScheduled "retry_scheduled" "retry",
        /// Queued; its lane is parked or paused, or a quota or budget is used up.
        Held "held",
        /// Running at the provider.
        InProgress "in_progress" "run",
        /// Needs review: a result waits for a decision.
        AwaitingDecision "awaiting_decision" "decide",
        /// Needs review: the run ended in a function call or an approval request.
        AwaitingAction "awaiting_action" "action",
        Completed "completed" "done",
        Failed "failed" "fail",
        Canceled "canceled" "cancel",
        Expired "expired" "expire",
    }
}

words! {
    /// What users and operators see.
    pub enum Status {
        Queued "queued",
        Running "running",
        NeedsReview "needs_review",
        Completed "completed",
        Failed "failed",
        Canceled "canceled",
        Expired "expired",
    }
}

impl State {
    pub const fn status(self) -> Status {
        match self {
            Self::Waiting | Self::RetryScheduled | Self::Held => Status::Queued,
            Self::InProgress => Status::Running,
            Self::AwaitingDecision | Self::AwaitingAction => Status::NeedsReview,
            Self::Completed => Status::Completed,
            Self::Failed => Status::Failed,
            Self::Canceled => Status::Canceled,
            Self::Expired => Status::Expired,
            Self::Other(word) => Status::Other(word),
        }
    }

    /// The phase inside the status; a terminal status has none.
    pub const fn phase(self) -> Option<&'static str> {
        if self.is_terminal() { None } else { self.known() }
    }

    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled | Self::Expired)
    }

    /// Nothing happens here until a person or a deadline moves it, except that its event must get out.
    pub const fn is_resting(self) -> bool {
        self.is_terminal() || matches!(self, Self::AwaitingDecision | Self::AwaitingAction)
    }
}
