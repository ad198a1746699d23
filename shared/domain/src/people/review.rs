//! Review: who may decide on a result, and what a decision comes to. Identity, roles and the trail are all it looks at.

use std::collections::BTreeSet;

use strum::IntoStaticStr;

use crate::job::delivery;
use crate::job::record::{ActorKind, Record};
use crate::job::{EventKind, Job, State};
use crate::policy::job_type::JobType;
use crate::policy::lane::Lane;
use crate::value::id::{Digest, Principal};
use crate::value::member::{Member, Role};
use crate::value::time::Timestamp;

/// What a reviewer can do with a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(const_into_str, serialize_all = "kebab-case")]
pub enum Action {
    Approve,
    Edit,
    Reject,
    RequestChanges,
}

impl Action {
    pub const ALL: [Self; 4] = [Self::Approve, Self::Edit, Self::Reject, Self::RequestChanges];

    /// The last part of its route.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// Whether a job in this state can be decided on so. A pending call is not a result: nobody can let it pass.
    const fn fits(self, state: State) -> bool {
        match self {
            Self::Approve | Self::Edit => matches!(state, State::AwaitingDecision),
            Self::Reject | Self::RequestChanges => matches!(state, State::AwaitingDecision | State::AwaitingAction),
        }
    }
}

/// A decision as a caller asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewCommand {
    pub action: Action,
    /// Of the result that the caller has read.
    pub digest: Digest,
    /// The version of the job that the caller has read.
    pub seen: u32,
}

/// Why a decision does not happen. The first that applies is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionDenied {
    NotReviewer,
    /// The job's state has no such decision.
    NotWaiting,
    /// The version read is of another round, or of none.
    Stale,
    /// The review's time is over, whether or not the job shows it yet.
    Overdue,
    OtherDigest,
    /// Whoever submitted the job may not approve it.
    Submitter,
    /// Nor may the one on whose behalf it was submitted.
    Beneficiary,
    /// Whoever wrote what this attempt rests on, or retried it, may not approve it.
    Contributor,
    NoAttemptsLeft,
    /// The job is over, and stays as it is.
    Ended,
    NotEnded,
    /// Only a job that ended without a result is.
    NotRetryable,
    InputGone,
    /// A newer release has moved the job on, or set its type.
    NewerRelease,
}

impl ActionDenied {
    /// The stable word for programs, and the sentence for people.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NotReviewer => ("not_reviewer", "Only a reviewer decides."),
            Self::NotWaiting => ("not_waiting", "The job does not wait for this decision."),
            Self::Stale => ("stale", "The job has moved on since the version in If-Match; read it again."),
            Self::Overdue => ("review_over", "The time for this review is over."),
            Self::OtherDigest => ("other_digest", "This digest is not of the result that waits; read it again."),
            Self::Submitter => ("four_eyes", "Whoever submitted the job may not approve it."),
            Self::Beneficiary => ("four_eyes", "Whoever the job was submitted on behalf of may not approve it."),
            Self::Contributor => ("four_eyes", "Whoever wrote or retried what waits may not approve it."),
            Self::NoAttemptsLeft => ("no_attempts_left", "The job has used up the attempts of its type."),
            Self::Ended => ("ended", "The job is over, and stays as it is."),
            Self::NotEnded => ("not_ended", "The job is not over yet."),
            Self::NotRetryable => ("not_retryable", "Only a job that failed, expired or was canceled is retried."),
            Self::InputGone => ("input_gone", "The job's retention is over, and its input gone."),
            Self::NewerRelease => {
                ("newer_release", "A newer release looks after this job; this one shows it and leaves it alone.")
            }
        }
    }
}

/// What a decision that may happen comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewOutcome {
    /// It was made before, by the same person about the same thing.
    Repeat,
    /// An approval: whoever has approved by now, this one included.
    Counted(Vec<Principal>),
    Decided,
}

/// One wait for a decision, named by attempt and digest: an edit or another attempt opens the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    pub attempt: u16,
    pub digest: Option<Digest>,
    /// The first version at which this waited.
    pub from: u32,
    /// In the order in which they came, each once.
    pub approved_by: Vec<Principal>,
    /// Who had a hand in it: who wrote text of this attempt or retried it, and of each attempt that was sent back to become
    /// this one. Whoever only asked for changes wrote nothing of it.
    pub contributors: BTreeSet<Principal>,
}

impl Round {
    /// The round of the job's attempt, as its trail tells it. Everything about a review is in the trail, so that nothing
    /// about it can be said of the row alone.
    pub fn of(job: &Job, trail: &[Record]) -> Self {
        let mut round = Self {
            attempt: job.attempt.number,
            digest: None,
            from: job.version,
            approved_by: Vec::new(),
            contributors: BTreeSet::new(),
        };
        // Whose hand is in what the provider is told, whoever retries it: a draft that was sent back goes along with it.
        let mut sent_back = BTreeSet::new();
        for record in trail {
            let actor = (record.actor.kind == ActorKind::Principal).then(|| Principal::parse(&record.actor.id).ok());
            let actor = actor.flatten();
            match record.event {
                EventKind::Edited => round.contributors.extend(actor.clone()),
                EventKind::ChangesRequested => sent_back.clone_from(&round.contributors),
                // From here on nothing counts that the attempt before had to itself.
                EventKind::Retried => round.contributors = sent_back.iter().cloned().chain(actor.clone()).collect(),
                EventKind::Created
                | EventKind::Attached
                | EventKind::Reattached
                | EventKind::AnswerCut
                | EventKind::NotCreated
                | EventKind::Parked
                | EventKind::StartLost
                | EventKind::Noted
                | EventKind::Finished
                | EventKind::DeadlinePassed
                | EventKind::Approved
                | EventKind::Rejected
                | EventKind::Reminded
                | EventKind::Canceled
                | EventKind::Escalated
                | EventKind::Archived
                | EventKind::CostSettled
                | EventKind::Purged
                | EventKind::Other(_) => {}
            }
            if record.attempt != job.attempt.number {
                continue;
            }
            if record.event.opens_round() {
                (round.digest, round.from) = (record.digest, record.version);
                round.approved_by.clear();
            } else if record.event == EventKind::Approved {
                round.approved_by.extend(actor.filter(|actor| !round.approved_by.contains(actor)));
            }
        }
        round
    }

    /// Why four eyes keep this person from letting the result out, if they do.
    fn bars(&self, job: &Job, policy: &JobType, person: &Principal) -> Option<ActionDenied> {
        let hand = self.contributors.contains(person).then_some(ActionDenied::Contributor);
        bars(job, policy, person).or(hand.filter(|_| has_four_eyes(job.lane, policy)))
    }
}

/// The same, as far as the row tells.
fn bars(job: &Job, policy: &JobType, person: &Principal) -> Option<ActionDenied> {
    match person {
        _ if !has_four_eyes(job.lane, policy) => None,
        person if job.created_by == *person => Some(ActionDenied::Submitter),
        person if job.on_behalf_of.as_ref() == Some(person) => Some(ActionDenied::Beneficiary),
        _ => None,
    }
}

/// Whether this member may decide so, now.
pub fn decide(
    job: &Job,
    round: &Round,
    policy: &JobType,
    member: &Member,
    ask: ReviewCommand,
    now: Timestamp,
) -> Result<ReviewOutcome, ActionDenied> {
    if !member.active || !member.roles.contains(&Role::Reviewer) {
        return Err(ActionDenied::NotReviewer);
    }
    if !job.is_understood() || !policy.is_understood() {
        return Err(ActionDenied::NewerRelease);
    }
    let approved = ask.action == Action::Approve && round.approved_by.contains(&member.principal);
    if approved && round.digest == Some(ask.digest) && matches!(job.state, State::AwaitingDecision | State::Completed) {
        return Ok(ReviewOutcome::Repeat);
    }
    if !ask.action.fits(job.state) {
        return Err(ActionDenied::NotWaiting);
    }
    if ask.seen < round.from || ask.seen > job.version {
        return Err(ActionDenied::Stale);
    }
    if job.deadline <= now {
        return Err(ActionDenied::Overdue);
    }
    if round.digest != Some(ask.digest) {
        return Err(ActionDenied::OtherDigest);
    }
    match ask.action {
        Action::Approve => match round.bars(job, policy, &member.principal) {
            Some(denial) => Err(denial),
            None => Ok(ReviewOutcome::Counted(
                round.approved_by.iter().cloned().chain([member.principal.clone()]).collect(),
            )),
        },
        Action::RequestChanges if !job.has_attempts_left(policy) => Err(ActionDenied::NoAttemptsLeft),
        Action::Edit | Action::Reject | Action::RequestChanges => Ok(ReviewOutcome::Decided),
    }
}

/// A result that is delivered with consequences is always seen by somebody who had no hand in it.
const fn has_four_eyes(lane: Lane, policy: &JobType) -> bool {
    policy.four_eyes || !delivery::goes_out_by_itself(lane)
}

/// Whether it waits for a decision that this member may have a part in.
pub fn is_asked(job: &Job, member: &Member) -> bool {
    let waits = matches!(job.state, State::AwaitingDecision | State::AwaitingAction);
    waits && member.active && member.roles.contains(&Role::Reviewer)
}

/// What this member could decide about the job. Without its round it is as far as the row tells: the trail may still say no
/// to an approval. What would change nothing is not among it.
pub fn allowed(job: &Job, member: &Member, policy: &JobType, round: Option<&Round>, now: Timestamp) -> Vec<Action> {
    let person = &member.principal;
    let is_understood = job.is_understood() && policy.is_understood();
    let may = is_understood && member.active && member.roles.contains(&Role::Reviewer) && now < job.deadline;
    let may_approve = match round {
        Some(round) => round.bars(job, policy, person).is_none() && !round.approved_by.contains(person),
        None => bars(job, policy, person).is_none(),
    };
    let fits = |action: &Action| match action {
        Action::Approve if !may_approve => false,
        Action::RequestChanges if !job.has_attempts_left(policy) => false,
        _ => action.fits(job.state),
    };
    Action::ALL.into_iter().filter(|action| may && fits(action)).collect()
}

/// Whether as many reviewers as the type asks for are left to let a new job's result out.
pub fn has_reviewers(lane: Lane, policy: &JobType, barred: [Option<&Principal>; 2], members: &[Member]) -> bool {
    let could = |member: &&Member| {
        let is_barred = has_four_eyes(lane, policy) && barred.contains(&Some(&member.principal));
        member.active && member.roles.contains(&Role::Reviewer) && !is_barred
    };
    usize::from(policy.approvals) <= members.iter().filter(could).count()
}
