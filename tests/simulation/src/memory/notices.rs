//! Which events people have been told of, in one thread's memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use domain::port::{Claim, NoticeLedger};
use domain::value::failure::Failure;
use domain::value::id::{JobId, WorkspaceId};
use domain::value::time::Timestamp;

/// Until when an event is somebody's; `None` when people know.
#[derive(Debug, Default)]
pub struct MemoryNotices(RefCell<BTreeMap<(WorkspaceId, JobId, u32), Option<Timestamp>>>);

impl NoticeLedger for MemoryNotices {
    async fn claim(
        &self,
        (workspace, id): (&WorkspaceId, &JobId),
        version: u32,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Claim, Failure> {
        let mut rows = self.0.borrow_mut();
        let key = (workspace.clone(), id.clone(), version);
        Ok(match rows.get(&key) {
            Some(None) => Claim::Done,
            Some(Some(until)) if *until > now => Claim::Busy,
            Some(Some(_)) | None => {
                rows.insert(key, Some(now + lease));
                Claim::Mine
            }
        })
    }

    async fn done(
        &self,
        (workspace, id): (&WorkspaceId, &JobId),
        version: u32,
        _now: Timestamp,
    ) -> Result<(), Failure> {
        self.0.borrow_mut().insert((workspace.clone(), id.clone(), version), None);
        Ok(())
    }
}
