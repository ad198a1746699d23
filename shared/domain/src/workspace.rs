//! A workspace's people: each change is a version, with a record chained to the one before, as a job's transitions are.

use serde::{Deserialize, Serialize};

use crate::id::{Digest, Principal, WorkspaceId};
use crate::port::{Member, Role};
use crate::record::{Actor, Sealed, millis};
use crate::time::Timestamp;

/// How often a workspace's people have changed. One without a row has never been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub version: u32,
    /// Hash of the last record.
    pub head: Digest,
}

/// The record of one change: who did it, and what the member row says since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRecord {
    pub version: u32,
    pub event: String,
    #[serde(with = "millis")]
    pub at: Timestamp,
    pub actor: Actor,
    pub principal: Principal,
    pub roles: Vec<Role>,
    pub active: bool,
}

/// A change to commit.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberChange {
    pub workspace: Workspace,
    pub member: Member,
    pub record: MemberRecord,
    pub sealed: Sealed,
}

impl Workspace {
    pub fn untouched(id: WorkspaceId) -> Self {
        Self { id, version: 0, head: Digest::ZERO }
    }

    /// The member as it is to be from now on.
    pub fn set(&self, member: Member, actor: &Principal, now: Timestamp) -> MemberChange {
        let record = MemberRecord {
            version: self.version.saturating_add(1),
            event: if member.active { "member_set" } else { "member_removed" }.to_owned(),
            at: now,
            actor: Actor::principal(actor),
            principal: member.principal.clone(),
            roles: member.roles.iter().copied().collect(),
            active: member.active,
        };
        let body = serde_json::to_string(&record).unwrap_or_default();
        let sealed = Sealed::of_workspace(&self.id, self.head, body);
        let workspace = Self { id: self.id.clone(), version: record.version, head: sealed.hash };
        MemberChange { workspace, member, record, sealed }
    }
}
