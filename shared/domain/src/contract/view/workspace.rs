//! A workspace's trail as callers see it.

use serde::Serialize;

use crate::job::record::{Actor, SealedRecord};
use crate::people::workspace::{ChangeKind, WorkspaceRecord};
use crate::value::id::{Digest, Principal, TypeName};
use crate::value::member::{MemberName, Role};
use crate::value::time::Timestamp;

/// Each change, and whether the chain holds.
#[derive(Debug, Serialize)]
pub struct WorkspaceTrailView {
    pub events: Vec<WorkspaceEventView>,
    /// Of the records, and of the rows that they speak of.
    pub chain_intact: bool,
    /// Rows that are not what the last record about them says: `member:<principal>`, `type:<name>#<version>`.
    pub altered: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct WorkspaceEventView {
    pub version: u32,
    pub event: ChangeKind,
    pub at: Timestamp,
    pub actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<MemberName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_type: Option<TypeName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    pub previous_hash: Digest,
    pub hash: Digest,
}

impl WorkspaceTrailView {
    /// A record that cannot be read is left out; the chain then does not hold, and there is nothing to say of the rows.
    pub fn of(trail: &[SealedRecord], altered: Option<Vec<String>>) -> Self {
        let events = trail
            .iter()
            .filter_map(|sealed| WorkspaceRecord::decode(sealed).ok().map(|record| (sealed, record)))
            .map(|(sealed, record)| WorkspaceEventView {
                version: record.version,
                event: record.event,
                at: record.at,
                actor: record.actor,
                principal: record.principal,
                roles: record.roles,
                active: record.active,
                name: record.name,
                job_type: record.job_type,
                type_version: record.type_version,
                digest: record.digest,
                previous_hash: sealed.previous,
                hash: sealed.hash,
            })
            .collect();
        let chain_intact = altered.as_ref().is_some_and(Vec::is_empty);
        Self { events, chain_intact, altered: altered.unwrap_or_default() }
    }
}
