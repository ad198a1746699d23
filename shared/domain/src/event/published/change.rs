//! Published changes of a workspace: who may do what, and which types there are. Ids and words; no text of anybody's.

use serde::{Deserialize, Serialize};

use super::PUBLISHED_VERSION;
use crate::job::record::SealedRecord;
use crate::people::workspace::WorkspaceRecord;
use crate::value::id::{Digest, Principal, TypeName, WorkspaceId};
use crate::value::member::Role;
use crate::value::time::Timestamp;
use crate::value::word::words;

words! {
    /// The name of such an event on the bus.
    pub enum PublishedChangeKind {
        JobType "job_type.changed",
        Member "member.changed",
    }
}

/// One change on the bus. `id` repeats when delivery repeats; order is by `version`, which counts a workspace's changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedChange {
    pub id: String,
    pub schema: u32,
    pub version: u32,
    pub at: Timestamp,
    /// Also the event's detail-type.
    #[serde(rename = "type")]
    pub kind: PublishedChangeKind,
    pub workspace: WorkspaceId,
    /// The principal of the admin.
    pub changed_by: String,
    /// Who may do something else from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
    /// Whether they are a member at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The type that has a new version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_type: Option<TypeName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_version: Option<u32>,
    /// Of the version's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    pub head_hash: Digest,
    /// Path of what changed under the API's address.
    pub link: String,
}

/// The event for a record of a workspace's own; `None` for one of a kind that nobody here knows.
pub fn published_change(
    workspace: &WorkspaceId,
    record: &WorkspaceRecord,
    sealed: &SealedRecord,
) -> Option<PublishedChange> {
    let (kind, link) = match (&record.principal, &record.job_type, record.type_version) {
        (Some(_), None, None) => (PublishedChangeKind::Member, format!("/v1/workspaces/{workspace}/members")),
        (None, Some(name), Some(version)) => {
            (PublishedChangeKind::JobType, format!("/v1/workspaces/{workspace}/job-types/{name}?version={version}"))
        }
        _ => return None,
    };
    Some(PublishedChange {
        id: format!("{workspace}-{}", record.version),
        schema: PUBLISHED_VERSION,
        version: record.version,
        at: record.at,
        kind,
        workspace: workspace.clone(),
        changed_by: record.actor.id.clone(),
        principal: record.principal.clone(),
        roles: record.roles.clone(),
        active: record.active,
        job_type: record.job_type.clone(),
        type_version: record.type_version,
        digest: record.digest,
        head_hash: sealed.hash,
        link,
    })
}
