//! The due index: what has something to be done about it, across all workspaces.

use crate::job::Job;
use crate::job::response::ResponseRow;
use crate::people::workspace::Workspace;
use crate::value::failure::Failure;
use crate::value::time::Timestamp;

/// A row that the due index named.
#[derive(Debug, Clone)]
pub enum DueRow {
    Job(Box<Job>),
    Response(Box<ResponseRow>),
    Workspace(Box<Workspace>),
}

/// Reads what is due.
pub trait DueIndex {
    /// Rows whose index entry is at or before `now`, at most `limit` for each shard.
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<DueRow>, Failure>;
}
