//! Payloads by content, in one thread's memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::job::PayloadRef;
use domain::port::{PayloadKind, Payloads};
use domain::value::failure::Failure;
use domain::value::id::{Digest, JobId, WorkspaceId};

/// Whether it is an edit, and the attempt of a result; the input has none.
type Name = (bool, Option<u16>, Digest);

/// All payloads of a job together, because they are erased together.
type OfJob = Vec<(Name, Vec<u8>)>;

#[derive(Debug, Default)]
pub struct MemoryPayloads(RefCell<BTreeMap<(WorkspaceId, JobId), OfJob>>);

fn name(kind: PayloadKind, stored: &PayloadRef) -> Name {
    match kind {
        PayloadKind::Input => (false, None, stored.digest),
        PayloadKind::Result { attempt } => (false, Some(attempt), stored.digest),
        PayloadKind::Edit { attempt } => (true, Some(attempt), stored.digest),
    }
}

impl MemoryPayloads {
    /// Whether the bytes are there and are the ones named.
    pub fn holds(&self, (workspace, id): (&WorkspaceId, &JobId), kind: PayloadKind, stored: &PayloadRef) -> bool {
        self.find((workspace, id), kind, stored).is_some()
    }

    /// The bytes, if they are the ones named.
    pub fn find(
        &self,
        (workspace, id): (&WorkspaceId, &JobId),
        kind: PayloadKind,
        stored: &PayloadRef,
    ) -> Option<Vec<u8>> {
        let all = self.0.borrow();
        let wanted = name(kind, stored);
        let (_, bytes) = all.get(&(workspace.clone(), id.clone()))?.iter().find(|(name, _)| *name == wanted)?;
        (PayloadRef::of(bytes) == *stored).then(|| bytes.clone())
    }
}

impl Payloads for MemoryPayloads {
    async fn put(
        &self,
        (workspace, id): (&WorkspaceId, &JobId),
        kind: PayloadKind,
        bytes: &[u8],
    ) -> Result<PayloadRef, Failure> {
        let stored = PayloadRef::of(bytes);
        let wanted = name(kind, &stored);
        let mut all = self.0.borrow_mut();
        let of_job = all.entry((workspace.clone(), id.clone())).or_default();
        match of_job.iter_mut().find(|(name, _)| *name == wanted) {
            Some((_, held)) => *held = bytes.to_vec(),
            None => of_job.push((wanted, bytes.to_vec())),
        }
        Ok(stored)
    }

    async fn get(
        &self,
        job: (&WorkspaceId, &JobId),
        kind: PayloadKind,
        stored: &PayloadRef,
    ) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.find(job, kind, stored))
    }

    async fn erase(&self, (workspace, id): (&WorkspaceId, &JobId)) -> Result<(), Failure> {
        self.0.borrow_mut().remove(&(workspace.clone(), id.clone()));
        Ok(())
    }
}
