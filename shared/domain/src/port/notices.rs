//! Ports of the flow that tells people of events.

use std::time::Duration;

use crate::event::notice::Notice;
use crate::value::failure::Failure;
use crate::value::id::{JobId, WorkspaceId};
use crate::value::time::Timestamp;

/// Whose it is to tell people of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Claim {
    /// The caller's, until its lease is over.
    Mine,
    /// They have been told.
    Done,
    /// Somebody else's, whose lease is not over.
    Busy,
}

/// Which events of a job people have been told of.
pub trait NoticeLedger {
    /// One conditional write: the event is the caller's unless people know of it, or somebody is telling them.
    async fn claim(
        &self,
        job: (&WorkspaceId, &JobId),
        version: u32,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Claim, Failure>;
    /// They have been told, and that stays so.
    async fn done(&self, job: (&WorkspaceId, &JobId), version: u32, now: Timestamp) -> Result<(), Failure>;
}

/// Where people are told: a channel, a mailbox, or the log.
pub trait Notifier {
    /// It may have arrived when this fails.
    async fn notify(&self, notice: &Notice) -> Result<(), Failure>;
}
