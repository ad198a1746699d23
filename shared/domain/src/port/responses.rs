//! Responses of the provider: one row for each, whichever job it belongs to.

use super::WriteOutcome;
use crate::job::response::ResponseRow;
use crate::value::failure::Failure;
use crate::value::id::{Nonce, ResponseId};

/// A response row that goes into the same transaction as a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseWrite {
    /// The first time we hear of it; an existing row makes the transaction stale.
    Put(ResponseRow),
    /// Only while it is not settled.
    Settle(ResponseRow),
    /// To a later attempt of its job, only while nobody has looked after it outside its job.
    Move(ResponseRow),
}

/// Reads and changes response rows outside the transitions of their jobs.
pub trait Responses {
    async fn response(&self, id: &ResponseId) -> Result<Option<ResponseRow>, Failure>;
    /// A response row on its own: an orphan, or a duty outside its job. `None` for `seen` means it must be new.
    async fn put_response(&self, seen: Option<&ResponseRow>, row: &ResponseRow) -> Result<WriteOutcome, Failure>;
    /// The series of looks at a response that the provider denied and that nobody here knows.
    async fn watcher(&self, id: &ResponseId) -> Result<Option<Nonce>, Failure>;
    /// Begins such a series, if there has been none. It is for good: what is told again of this id begins no other.
    async fn put_watcher(&self, id: &ResponseId, watcher: Nonce) -> Result<WriteOutcome, Failure>;
}
