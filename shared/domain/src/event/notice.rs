//! Notices: what people are notified of, as facts: ids, codes and a link. What a job is about is behind the link.

use crate::event::published::{Published, PublishedKind};
use crate::job::Status;
use crate::policy::reason::Reason;
use crate::value::id::{TypeName, WorkspaceId};

/// One notice. Whoever delivers it puts it into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Of the event, and so the same when it comes again.
    pub id: String,
    pub occasion: Occasion,
    pub workspace: WorkspaceId,
    pub job_type: TypeName,
    pub attempt: u16,
    pub reason: Option<Reason>,
    pub link: String,
}

/// Why people are notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    NeedsReview,
    /// The review that an earlier notice asked for is still to be done.
    Reminder,
    /// Somebody is called in: for a job of this status, and how far. 0 is for what is not told by levels.
    Escalated {
        level: u8,
        status: Status,
    },
}

impl Notice {
    /// The notice of an event, or `None` for a kind that nobody is told of. Links are below `base`, which has no slash
    /// at its end.
    pub fn of(event: &Published, base: &str) -> Option<Self> {
        let occasion = match event.kind {
            PublishedKind::NeedsReview if event.from == Some(Status::NeedsReview) => Occasion::Reminder,
            PublishedKind::NeedsReview => Occasion::NeedsReview,
            PublishedKind::Escalated => Occasion::Escalated { level: event.escalation_level, status: event.to },
            PublishedKind::Created
            | PublishedKind::Running
            | PublishedKind::Completed
            | PublishedKind::Failed
            | PublishedKind::Canceled
            | PublishedKind::Expired
            | PublishedKind::Archived
            | PublishedKind::Other(_) => return None,
        };
        Some(Self {
            id: event.id.clone(),
            occasion,
            workspace: event.workspace.clone(),
            job_type: event.job_type.clone(),
            attempt: event.attempt,
            reason: event.reason,
            link: format!("{base}{}", event.link),
        })
    }
}
