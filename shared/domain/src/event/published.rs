//! Published events: what leaves the house. Ids, codes and numbers; changing a field means a new version.

mod change;

use serde::{Deserialize, Serialize};

use crate::job::record::{Record, SealedRecord};
use crate::job::{State, Status};
use crate::policy::cost::CostState;
use crate::policy::lane::Lane;
use crate::policy::reason::Reason;
use crate::value::id::{Digest, JobId, TypeName, WorkspaceId};
use crate::value::time::Timestamp;

pub use self::change::{CHANGE_KINDS, PublishedChange, published_change};

/// Version of [`Published`]'s fields.
pub const PUBLISHED_VERSION: u32 = 1;

/// Every name that an event can have on the bus.
pub const KINDS: [&str; 9] = [
    "job.created",
    "job.running",
    "job.needs_review",
    "job.completed",
    "job.failed",
    "job.canceled",
    "job.expired",
    "job.escalated",
    "job.archived",
];

/// One event on the bus. `id` repeats when delivery repeats; order is by `version`, not by arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub id: String,
    pub schema: u32,
    pub version: u32,
    pub at: Timestamp,
    /// Also the event's detail-type.
    #[serde(rename = "type")]
    pub kind: String,
    pub workspace: WorkspaceId,
    pub job_id: JobId,
    pub job_type: TypeName,
    pub lane: Lane,
    pub attempt: u16,
    pub from: Option<Status>,
    pub to: Status,
    pub reason: Option<Reason>,
    pub digest: Option<Digest>,
    pub cost: PublishedCost,
    /// A person has to act for the job to get on.
    pub attention: bool,
    /// How far somebody has been called in; 0 is not at all.
    pub escalation_level: u8,
    pub head_hash: Digest,
    /// Path of the job under the API's address.
    pub link: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedCost {
    pub usd: String,
    pub state: CostState,
}

impl Published {
    /// Whether its name is known, and its id and link are those of its job. Else it is none of ours.
    pub fn is_ours(&self) -> bool {
        KINDS.contains(&self.kind.as_str())
            && self.schema == PUBLISHED_VERSION
            && self.id == event_id(&self.job_id, self.version)
            && self.link == link(&self.workspace, &self.job_id)
    }
}

fn event_id(job: &JobId, version: u32) -> String {
    format!("{job}-{version}")
}

fn link(workspace: &WorkspaceId, job: &JobId) -> String {
    format!("/v1/workspaces/{workspace}/jobs/{job}")
}

/// The event's name on the bus, or `None` for a transition that stays in the house.
pub fn detail_type(record: &Record) -> Option<&'static str> {
    match record.event.as_str() {
        "escalated" => return Some("job.escalated"),
        "archived" => return Some("job.archived"),
        "created" => return Some("job.created"),
        // Once more, for whoever decides.
        "reminded" => return Some("job.needs_review"),
        _ if record.from.map(State::status) == Some(record.to.status()) => return None,
        _ => {}
    }
    match record.to.status() {
        Status::Queued => None,
        Status::Running => Some("job.running"),
        Status::NeedsReview => Some("job.needs_review"),
        Status::Completed => Some("job.completed"),
        Status::Failed => Some("job.failed"),
        Status::Canceled => Some("job.canceled"),
        Status::Expired => Some("job.expired"),
        Status::Other(_) => None,
    }
}

/// The event for a record, if it is one of those that are published.
pub fn published(workspace: &WorkspaceId, job: &JobId, record: &Record, sealed: &SealedRecord) -> Option<Published> {
    // Consumers are told what they have a schema for.
    let kind = detail_type(record).filter(|_| record.is_understood())?;
    let cost = record.cost();
    Some(Published {
        id: event_id(job, record.version),
        schema: PUBLISHED_VERSION,
        version: record.version,
        at: record.at,
        kind: kind.to_owned(),
        workspace: workspace.clone(),
        job_id: job.clone(),
        job_type: record.job_type.clone(),
        lane: record.lane,
        attempt: record.attempt,
        from: record.from.map(State::status),
        to: record.to.status(),
        reason: record.reason,
        digest: record.digest,
        cost: PublishedCost { usd: cost.usd.to_string(), state: cost.state },
        attention: matches!(record.to.status(), Status::NeedsReview | Status::Failed) || kind == "job.escalated",
        escalation_level: record.escalation_level,
        head_hash: sealed.hash,
        link: link(workspace, job),
    })
}
