//! A review as callers see it: what waits, and how each of them stands to it.

use serde::Serialize;

use super::JobView;
use crate::job::Job;
use crate::people::control::AllowedAction;
use crate::value::id::{Digest, Principal};
use crate::value::time::Timestamp;

/// A round of a review: what would be delivered, and how long there is to decide about it.
#[derive(Debug, Serialize)]
pub struct ReviewView<'a> {
    pub attempt: u16,
    pub digest: Option<Digest>,
    pub on_behalf_of: Option<&'a Principal>,
    /// Who has allowed it so far, for a reviewer of this one job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Vec<Principal>>,
    /// How many reviewers have yet to allow it.
    pub approvals_missing: u8,
    pub overdue_at: Timestamp,
    /// The review ends here, and the job with it.
    pub decide_by: Timestamp,
}

impl<'a> ReviewView<'a> {
    pub(super) fn of(job: &'a Job) -> Option<Self> {
        let review = job.review?;
        Some(Self {
            attempt: job.attempt.number,
            digest: job.result.map(|result| result.stored.digest),
            on_behalf_of: job.on_behalf_of.as_ref(),
            approved_by: None,
            approvals_missing: review.approvals_missing,
            overdue_at: review.overdue_at,
            decide_by: job.deadline,
        })
    }
}

/// How a caller stands to one job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    pub allowed: Vec<AllowedAction>,
    /// For a reviewer, while it waits.
    pub approved_by: Option<Vec<Principal>>,
}

impl JobView<'_> {
    /// What the caller may do with it now, and who has approved, where the trail was read for this caller.
    pub(crate) fn standing(self, standing: Standing) -> Self {
        let Standing { allowed, approved_by } = standing;
        let review = self.review.map(|review| ReviewView { approved_by, ..review });
        Self { allowed_actions: allowed, review, ..self }
    }
}
