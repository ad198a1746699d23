//! What can happen to a job.

use std::time::Duration;

use crate::job::{PayloadRef, ResultRef};
use crate::policy::cost::{Cost, Usage, Usd};
use crate::policy::reason::Reason;
use crate::provider::{ErrorWords, Outcome};
use crate::value::id::{Digest, ResponseId};
use crate::value::time::Timestamp;
use crate::value::word::words;

/// What happened to a job. Names are facts; the answer to each is the match in [`Job::apply`].
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The job was accepted; the first version of every trail.
    Created,
    /// The provider has our request: its answer or its webhook named the response.
    Attached {
        response: ResponseId,
        provider_status: Option<String>,
        model: Option<String>,
        service_tier: Option<String>,
        request_id: Option<String>,
    },
    /// The response that the attempt before lost sight of is alive, and is this attempt's from now on.
    Reattached {
        response: ResponseId,
        provider_status: Option<String>,
        model: Option<String>,
        service_tier: Option<String>,
        request_id: Option<String>,
    },
    /// The answer to the POST broke off behind the name of a response, which may be ours.
    AnswerCut { response: ResponseId },
    /// The provider has nothing of ours: the request never left, or was refused.
    NotCreated { reason: Reason, retry_after: Option<Duration>, error: ErrorWords },
    /// The provider's account cannot take work until somebody acts.
    Parked { reason: Reason, until: Timestamp, error: ErrorWords },
    /// A POST may have left, and no response turned up in time.
    StartLost,
    /// Something about the run that a person should see and that decides nothing.
    Noted { reason: Option<Reason>, provider_status: Option<String> },
    /// The provider's final answer.
    Finished(Finish),
    /// The deadline of the state, or the caller's own, has passed.
    DeadlinePassed,
    /// A reviewer allowed the result; so many more have to.
    Approved { approvals_missing: u8, note: Option<Digest> },
    /// A reviewer replaced the text.
    Edited { result: ResultRef, note: Option<Digest> },
    /// A reviewer refused the result.
    Rejected { note: Option<Digest> },
    /// A reviewer wants another attempt.
    ChangesRequested { note: Option<Digest> },
    /// Half of the time for a decision is over.
    Reminded,
    /// A person ended the job.
    Canceled(PersonInput),
    /// A person asked for another attempt.
    Retried(PersonInput),
    /// A person or an overdue duty asked for attention.
    Escalated(PersonInput),
    /// A person put an ended job away.
    Archived(PersonInput),
    /// A response that no attempt waits for is over: what it cost, and what is kept of it.
    CostSettled {
        response: ResponseId,
        cost: Option<Cost>,
        usage: Option<Usage>,
        kept: Option<ResultRef>,
        /// The provider's answer, where nothing of it is a result.
        answer: Option<PayloadRef>,
    },
    /// Retention ended and the payloads are gone.
    Purged,
}

/// What a person gave with a control, as hashes: their words, and the key that makes a repeat known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonInput {
    pub note: Option<Digest>,
    pub key: Option<Digest>,
}

/// The provider's final answer, as the job sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finish {
    pub outcome: Outcome,
    pub result: Option<ResultRef>,
    /// The provider's answer, where nothing of it is a result: evidence, never delivered.
    pub answer: Option<PayloadRef>,
    pub error: ErrorWords,
    /// Another job has met the same trouble with the account, and shows it.
    pub is_shown: bool,
    pub provider_status: Option<String>,
    pub model: Option<String>,
    pub service_tier: Option<String>,
    pub usage: Option<Usage>,
    /// `None` as long as the provider has not told what the run used.
    pub cost: Option<Cost>,
    /// When the run was over, by the provider's clock.
    pub finished_at: Option<Timestamp>,
    pub request_id: Option<String>,
}

impl Finish {
    /// The provider took the run and turned it away before it did anything.
    pub(super) fn was_turned_away(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(Reason::ProviderBusy | Reason::ProviderQuota))
            && self.cost == Some(Cost::known(Usd::default()))
    }
}

words! {
    /// What kind of event a record is of. One that is not known here is left to the release that wrote it.
    pub enum EventKind {
        Created "created",
        Attached "attached",
        Reattached "reattached",
        AnswerCut "answer_cut",
        NotCreated "not_created",
        Parked "parked",
        StartLost "start_lost",
        Noted "noted",
        Finished "finished",
        DeadlinePassed "deadline_passed",
        Approved "approved",
        Edited "edited",
        Rejected "rejected",
        ChangesRequested "changes_requested",
        Reminded "reminded",
        Canceled "canceled",
        Retried "retried",
        Escalated "escalated",
        Archived "archived",
        CostSettled "cost_settled",
        Purged "purged",
    }
}

impl EventKind {
    /// Whether it puts forward what a review is about, and so opens a round of it.
    pub const fn opens_round(self) -> bool {
        matches!(self.part(), ReviewPart::Result | ReviewPart::Edit)
    }

    /// Whether a reviewer made it happen, who may have written a note with it.
    pub const fn is_decision(self) -> bool {
        matches!(self.part(), ReviewPart::Edit | ReviewPart::Decision)
    }

    const fn part(self) -> ReviewPart {
        match self {
            Self::Finished => ReviewPart::Result,
            Self::Edited => ReviewPart::Edit,
            Self::Approved | Self::Rejected | Self::ChangesRequested => ReviewPart::Decision,
            Self::Created
            | Self::Attached
            | Self::Reattached
            | Self::AnswerCut
            | Self::NotCreated
            | Self::Parked
            | Self::StartLost
            | Self::Noted
            | Self::DeadlinePassed
            | Self::Reminded
            | Self::Canceled
            | Self::Retried
            | Self::Escalated
            | Self::Archived
            | Self::CostSettled
            | Self::Purged
            | Self::Other(_) => ReviewPart::Nothing,
        }
    }
}

/// What an event is to a review.
enum ReviewPart {
    /// A run's result.
    Result,
    /// A reviewer's text in its place.
    Edit,
    Decision,
    Nothing,
}

impl Event {
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Created => EventKind::Created,
            Self::Attached { .. } => EventKind::Attached,
            Self::Reattached { .. } => EventKind::Reattached,
            Self::AnswerCut { .. } => EventKind::AnswerCut,
            Self::NotCreated { .. } => EventKind::NotCreated,
            Self::Parked { .. } => EventKind::Parked,
            Self::StartLost => EventKind::StartLost,
            Self::Noted { .. } => EventKind::Noted,
            Self::Finished(_) => EventKind::Finished,
            Self::DeadlinePassed => EventKind::DeadlinePassed,
            Self::Approved { .. } => EventKind::Approved,
            Self::Edited { .. } => EventKind::Edited,
            Self::Rejected { .. } => EventKind::Rejected,
            Self::ChangesRequested { .. } => EventKind::ChangesRequested,
            Self::Reminded => EventKind::Reminded,
            Self::Canceled(_) => EventKind::Canceled,
            Self::Retried(_) => EventKind::Retried,
            Self::Escalated(_) => EventKind::Escalated,
            Self::Archived(_) => EventKind::Archived,
            Self::CostSettled { .. } => EventKind::CostSettled,
            Self::Purged => EventKind::Purged,
        }
    }

    pub(super) fn usage(&self) -> Option<Usage> {
        match self {
            Self::Finished(finish) => finish.usage,
            Self::CostSettled { usage, .. } => *usage,
            _ => None,
        }
    }

    /// The response that the event is about, when it need not be its attempt's.
    pub(super) fn orphan(&self) -> Option<ResponseId> {
        match self {
            Self::CostSettled { response, .. } | Self::AnswerCut { response } => Some(response.clone()),
            _ => None,
        }
    }

    /// What the event puts forward as the job's result.
    pub(super) fn result(&self) -> Option<ResultRef> {
        match self {
            Self::Finished(finish) => finish.result,
            Self::Edited { result, .. } => Some(*result),
            _ => None,
        }
    }

    /// The provider's own answer, whatever came of it.
    pub(super) fn answer(&self) -> Option<PayloadRef> {
        let (result, answer) = match self {
            Self::Finished(finish) => (finish.result, finish.answer),
            Self::CostSettled { kept, answer, .. } => (*kept, *answer),
            _ => (None, None),
        };
        result.map(|result| result.stored).or(answer)
    }

    /// Whether it ends an attempt that did nothing and counts for no limit.
    pub(super) fn spends_nothing(&self) -> bool {
        match self {
            Self::NotCreated { reason, .. } => reason.class().created_nothing(),
            Self::Parked { .. } => true,
            Self::Finished(finish) => finish.was_turned_away(),
            _ => false,
        }
    }

    const fn said(&self) -> Option<PersonInput> {
        match self {
            Self::Canceled(said) | Self::Retried(said) | Self::Escalated(said) | Self::Archived(said) => Some(*said),
            _ => None,
        }
    }

    /// The key under which a person asked for it, as a hash.
    pub(super) fn key(&self) -> Option<Digest> {
        self.said()?.key
    }

    /// What a person wrote, as a salted hash.
    pub(super) fn note(&self) -> Option<Digest> {
        match self {
            Self::Approved { note, .. }
            | Self::Edited { note, .. }
            | Self::Rejected { note }
            | Self::ChangesRequested { note } => *note,
            _ => self.said()?.note,
        }
    }

    pub(super) fn finished_at(&self) -> Option<Timestamp> {
        match self {
            Self::Finished(finish) => finish.finished_at,
            _ => None,
        }
    }

    pub(super) fn request_id(&self) -> Option<String> {
        match self {
            Self::Attached { request_id, .. } | Self::Reattached { request_id, .. } => request_id.clone(),
            Self::Finished(finish) => finish.request_id.clone(),
            _ => None,
        }
    }
}
