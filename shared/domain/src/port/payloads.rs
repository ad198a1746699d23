//! Payloads: inputs and results, by content.

use crate::job::PayloadRef;
use crate::value::failure::Failure;
use crate::value::id::{JobId, WorkspaceId};

/// What a payload is to its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadKind {
    Input,
    Result {
        attempt: u16,
    },
    /// What a reviewer put in the place of a result.
    Edit {
        attempt: u16,
    },
}

/// Inputs and results, by content: written before the transition that names them, never changed.
pub trait Payloads {
    async fn put(&self, job: (&WorkspaceId, &JobId), kind: PayloadKind, bytes: &[u8]) -> Result<PayloadRef, Failure>;
    /// `None` when the bytes are gone or are not the ones named.
    async fn get(
        &self,
        job: (&WorkspaceId, &JobId),
        kind: PayloadKind,
        stored: &PayloadRef,
    ) -> Result<Option<Vec<u8>>, Failure>;
    /// Empties every payload of a job, those of earlier attempts included.
    async fn erase(&self, job: (&WorkspaceId, &JobId)) -> Result<(), Failure>;
}
