//! A workspace's trail as callers see it.

use serde::Serialize;

use crate::id::{Digest, Principal, TypeName};
use crate::port::Role;
use crate::record::{Actor, Sealed};
use crate::time::Timestamp;
use crate::workspace::WorkspaceRecord;

/// Each change, and whether the chain holds.
#[derive(Debug, Serialize)]
pub struct WorkspaceTrailView {
    pub events: Vec<WorkspaceEventView>,
    pub chain_intact: bool,
}

#[derive(Debug, Serialize)]
pub struct WorkspaceEventView {
    pub version: u32,
    pub event: String,
    pub at: Timestamp,
    pub actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
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
    /// A record that cannot be read is left out; the chain then does not hold.
    pub fn of(trail: &[Sealed], chain_intact: bool) -> Self {
        let events = trail
            .iter()
            .filter_map(|sealed| WorkspaceRecord::open(sealed).ok().map(|record| (sealed, record)))
            .map(|(sealed, record)| WorkspaceEventView {
                version: record.version,
                event: record.event,
                at: record.at,
                actor: record.actor,
                principal: record.principal,
                roles: record.roles,
                active: record.active,
                job_type: record.job_type,
                type_version: record.type_version,
                digest: record.digest,
                previous_hash: sealed.previous,
                hash: sealed.hash,
            })
            .collect();
        Self { events, chain_intact }
    }
}
