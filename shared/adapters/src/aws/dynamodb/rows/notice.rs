//! Notice rows: one for each event that people are notified of. They have no words in them, only `held_until` and
//! `told_at`, which `notify` moves one by one.

use domain::value::id::{JobId, WorkspaceId};

use super::job;
use crate::aws::dynamodb::keys::Key;

pub(in super::super) const ENTITY: &str = "notice";

pub fn key(workspace: &WorkspaceId, id: &JobId, version: u32) -> Key {
    Key { sk: format!("NOTICE#{version:010}"), ..job::key(workspace, id) }
}
