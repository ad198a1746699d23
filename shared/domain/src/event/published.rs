//! Published events: ids, codes and numbers; changing a field means a new version.

mod change;

use serde::{Deserialize, Serialize};

use crate::job::record::{Record, SealedRecord};
use crate::job::{EventKind, State, Status};
use crate::policy::cost::CostState;
use crate::policy::lane::Lane;
use crate::policy::reason::Reason;
use crate::value::id::{Digest, JobId, TypeName, WorkspaceId};
use crate::value::time::Timestamp;
use crate::value::word::{Closed as _, words};

pub use self::change::{PublishedChange, PublishedChangeKind, published_change};

/// Version of [`Published`]'s fields.
pub const PUBLISHED_VERSION: u32 = 1;

words! {
    /// The name of an event on the bus.
    pub enum PublishedKind {
        Created "job.created",
        Running "job.running",
        NeedsReview "job.needs_review",
        Completed "job.completed",
        Failed "job.failed",
        Canceled "job.canceled",
        Expired "job.expired",
        Escalated "job.escalated",
        Archived "job.archived",
    }
}

/// One event on the bus. `id` repeats when delivery repeats; order is by `version`, not by arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub id: String,
    pub schema: u32,
    pub version: u32,
    pub at: Timestamp,
    /// Also the event's detail-type.
    #[serde(rename = "type")]
    pub kind: PublishedKind,
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
        self.kind.is_known()
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

/// The event's name on the bus, or `None` for a transition that is not published.
pub fn detail_type(record: &Record) -> Option<PublishedKind> {
    match record.event {
        EventKind::Escalated => Some(PublishedKind::Escalated),
        EventKind::Archived => Some(PublishedKind::Archived),
        EventKind::Created => Some(PublishedKind::Created),
        // Once more, for whoever decides.
        EventKind::Reminded => Some(PublishedKind::NeedsReview),
        EventKind::Attached
        | EventKind::Reattached
        | EventKind::AnswerCut
        | EventKind::NotCreated
        | EventKind::Parked
        | EventKind::StartLost
        | EventKind::Noted
        | EventKind::Finished
        | EventKind::DeadlinePassed
        | EventKind::Approved
        | EventKind::Edited
        | EventKind::Rejected
        | EventKind::ChangesRequested
        | EventKind::Canceled
        | EventKind::Retried
        | EventKind::CostSettled
        | EventKind::Purged
        | EventKind::Other(_) => news_of_status(record.from.map(State::status), record.to.status()),
    }
}

/// The name of a new status; the phases inside one are not published.
fn news_of_status(from: Option<Status>, to: Status) -> Option<PublishedKind> {
    if from == Some(to) {
        return None;
    }
    match to {
        Status::Queued | Status::Other(_) => None,
        Status::Running => Some(PublishedKind::Running),
        Status::NeedsReview => Some(PublishedKind::NeedsReview),
        Status::Completed => Some(PublishedKind::Completed),
        Status::Failed => Some(PublishedKind::Failed),
        Status::Canceled => Some(PublishedKind::Canceled),
        Status::Expired => Some(PublishedKind::Expired),
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
        kind,
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
        attention: matches!(record.to.status(), Status::NeedsReview | Status::Failed)
            || kind == PublishedKind::Escalated,
        escalation_level: record.escalation_level,
        head_hash: sealed.hash,
        link: link(workspace, job),
    })
}
