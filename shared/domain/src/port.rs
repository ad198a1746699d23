//! Ports: what the rules need from the outside. Each is implemented for AWS and for the local edition.

mod circuits;
mod due;
mod jobs;
mod links;
mod notices;
mod payloads;
mod provider;
mod queue;
mod responses;
mod workspaces;

use std::time::Duration;

use crate::event::published::{Published, PublishedChange};
use crate::value::failure::Failure;
use crate::value::id::Nonce;
use crate::value::time::Timestamp;

pub use self::circuits::{CircuitReader, Circuits};
pub use self::due::{DueIndex, DueRow};
pub use self::jobs::{Commit, Confirmation, Creation, JobReader, Jobs, Listing, Order, Page, Position, Span};
pub use self::links::{LINK_LIFETIME, Links};
pub use self::notices::{Claim, NoticeLedger, Notifier};
pub use self::payloads::{PayloadKind, Payloads};
pub use self::provider::{CreateFailure, Lookup, NewResponse, Provider};
pub use self::queue::{LONGEST_DELAY, Message, PollMessage, PollQueue, SubmitMessage, SubmitQueue};
pub use self::responses::{ResponseWrite, Responses};
pub use self::workspaces::{WorkspaceReader, Workspaces};

/// How a conditional write ended. Losing is normal: read again, then decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum WriteOutcome {
    Committed,
    Conflict,
}

/// All that an API function reads from the table to answer a GET.
pub trait StoreReader: JobReader + WorkspaceReader + CircuitReader {}

impl<R: JobReader + WorkspaceReader + CircuitReader> StoreReader for R {}

/// The whole table, for flows that move jobs.
pub trait Store: Jobs + Responses + Circuits + Workspaces + DueIndex {}

impl<S: Jobs + Responses + Circuits + Workspaces + DueIndex> Store for S {}

/// Where everyone else hears of jobs.
pub trait EventBus {
    /// One result for each event, in order.
    async fn publish(&self, events: &[Published]) -> Vec<Result<(), Failure>>;
    /// The same of what changed in a workspace.
    async fn publish_changes(&self, changes: &[PublishedChange]) -> Vec<Result<(), Failure>>;
}

/// The only clock and the only source of randomness.
pub trait Clock {
    fn now(&self) -> Timestamp;
    fn nonce(&self) -> Nonce;
    async fn sleep(&self, duration: Duration);
}
