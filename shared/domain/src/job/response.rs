//! The row of a provider response: whose it is, what it cost, and when to look after it.

use super::Job;
use crate::policy::cost::{Cost, CostState, Usage, Usd};
use crate::provider::ResponseMetadata;
use crate::value::id::{JobId, ResponseId, WorkspaceId};
use crate::value::time::Timestamp;
use crate::value::word::Closed as _;

/// The row of one provider response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseRow {
    pub id: ResponseId,
    pub workspace: WorkspaceId,
    pub job: JobId,
    pub attempt: u16,
    pub orphan: bool,
    /// The tier or the completion window that its own POST asked for, whichever attempt it serves by now.
    pub asked: Option<String>,
    /// When to look after it outside its job: stop it, or learn its usage.
    pub due: Option<Timestamp>,
    pub claim_count: u16,
    /// As the provider told it; kept so that another price list can price it again.
    pub usage: Option<Usage>,
    pub usd: Usd,
    pub cost_state: CostState,
    /// The provider's answer was final and has been taken in; nothing more can be learned.
    pub settled: bool,
}

impl ResponseRow {
    /// Of the job's own attempt.
    pub fn attached(id: ResponseId, job: &Job) -> Self {
        let (workspace, attempt) = (job.workspace.clone(), job.attempt.number);
        Self { asked: job.attempt.asked.clone(), ..Self::new(id, workspace, job.id.clone(), attempt, false) }
    }

    /// Ours by its tag, and no attempt's; to be looked after at once.
    pub fn orphan(id: ResponseId, tag: &ResponseMetadata, now: Timestamp) -> Self {
        let row = Self::new(id, tag.workspace.clone(), tag.job.clone(), tag.attempt, true);
        Self { due: Some(now), ..row }
    }

    /// Whether its words are known here; else it is left to the release that wrote it.
    pub fn is_understood(&self) -> bool {
        self.cost_state.is_known()
    }

    /// The same, with what its run cost, as far as that has been told.
    #[must_use]
    pub fn costing(self, cost: Option<Cost>) -> Self {
        let Cost { usd, state } = cost.unwrap_or_default();
        Self { usd, cost_state: state, ..self }
    }

    /// Nobody has looked after it outside its job, or has to by now.
    pub fn is_untouched(&self, now: Timestamp) -> bool {
        self.is_understood() && !self.settled && self.claim_count == 0 && self.due.is_some_and(|due| now < due)
    }

    fn new(id: ResponseId, workspace: WorkspaceId, job: JobId, attempt: u16, orphan: bool) -> Self {
        Self {
            id,
            workspace,
            job,
            attempt,
            orphan,
            asked: None,
            due: None,
            claim_count: 0,
            usage: None,
            usd: Usd::default(),
            cost_state: CostState::Unknown,
            settled: false,
        }
    }
}
