//! Types as their records say: a row whose document is another one is not used.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::people::workspace::WorkspaceRecord;
use domain::policy::job_type::JobType;
use domain::value::failure::{Class, Failure};
use domain::value::id::{Digest, TypeName, WorkspaceId};

use super::rows::{Item, event, job_type};
use super::{Table, bad, keys};

/// One version of a type.
type Version = (WorkspaceId, TypeName, u32);

/// The digests that this process has read in records. A version never changes, so that each record is read once.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownDigests(Arc<Mutex<BTreeMap<Version, Digest>>>);

/// More than any process works with; then it forgets and asks again.
const MOST: usize = 10_000;

impl KnownDigests {
    fn get(&self, key: &Version) -> Option<Digest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    fn put(&self, key: Version, digest: Digest) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, digest);
    }
}

impl Table {
    /// The type in this row, if its record says that it is the one that was set.
    pub(super) async fn verified(
        &self,
        what: &'static str,
        workspace: &WorkspaceId,
        item: &Item,
    ) -> Result<JobType, Failure> {
        let job_type = job_type::decode(item).map_err(bad(what))?;
        let key = (workspace.clone(), job_type.name.clone(), job_type.version);
        let recorded = match self.types.get(&key) {
            Some(digest) => Some(digest),
            None => match job_type::decode_record(item).map_err(bad(what))? {
                Some(version) => self.recorded(what, &key, version).await?,
                None => None,
            },
        };
        let (_, _, digest) = job_type::decode_digest(item).map_err(bad(what))?;
        if recorded != Some(digest) {
            let message = format!("version {} of {} is not what its record says", job_type.version, job_type.name);
            return Err(Failure::of(Class::Altered, what, message));
        }
        Ok(job_type)
    }

    /// The digest of this version of a type, as the record of its workspace's change has it.
    async fn recorded(&self, what: &'static str, key: &Version, version: u32) -> Result<Option<Digest>, Failure> {
        let (workspace, name, type_version) = key;
        let Some(item) = self.read(what, &keys::workspace_event(workspace, version)).await? else { return Ok(None) };
        let sealed = event::decode_workspace(&item).map_err(bad(what))?;
        let is_whole =
            sealed == domain::job::record::SealedRecord::of_workspace(workspace, sealed.previous, sealed.body.clone());
        let record = WorkspaceRecord::decode(&sealed).ok().filter(|record| {
            is_whole
                && record.version == version
                && record.job_type.as_ref() == Some(name)
                && record.type_version == Some(*type_version)
        });
        let digest = record.and_then(|record| record.digest);
        if let Some(digest) = digest {
            self.types.put(key.clone(), digest);
        }
        Ok(digest)
    }
}
