//! The cases: a job with a past in every state, and everybody who could decide about it with whatever they have read.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::make::{Made, a_job, an_edit, answered, attached, finished, nonce, response};
use crate::job::{Event, PersonInput, State};
use crate::people::review::{Action, ActionDenied, ReviewCommand, ReviewOutcome, Round, decide};
use crate::policy::reason::Reason;
use crate::provider::Outcome;
use crate::value::id::{Digest, Principal};
use crate::value::member::{Member, Role};

/// Declares a kind with its values and their names in the table.
macro_rules! kind {
    ($(#[doc = $doc:literal])* $kind:ident { $($value:ident $name:literal)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $kind { $($value),* }

        impl $kind {
            pub(super) const ALL: &[Self] = &[$(Self::$value),*];

            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$value => $name),* }
            }
        }
    };
}

kind! {
    /// Who decides.
    Who {
        Reviewer "reviewer"
        Editor "wrote the text"
        Retrier "retried the attempt"
        EarlierEditor "wrote what was sent back"
        AskedForChanges "asked for changes"
        SubmittingReviewer "submitted it"
        Beneficiary "it is for them"
        Approver "approved it"
        Submitter "only submitter"
        Operator "only operator"
        Auditor "only auditor"
        Admin "only admin"
        Inactive "inactive reviewer"
    }
}

kind! {
    /// Where the job stands.
    Stands {
        AwaitingDecision "awaiting_decision"
        AwaitingAction "awaiting_action"
        Running "running"
        Queued "queued"
        Completed "completed"
        Failed "failed"
        Canceled "canceled"
        Expired "expired"
    }
}

kind! {
    /// Whose digest the decision names.
    Read { Right "right" BeforeTheEdit "unedited" OtherAttempt "other_attempt" Zero "zero" }
}

kind! {
    /// Which version the decision was made from.
    Seen { Current "current" First "first" Before "before" Future "future" }
}

impl Who {
    /// Whether they are reviewers, whatever else they have done.
    pub(super) const fn reviews(self) -> bool {
        !matches!(self, Self::Submitter | Self::Operator | Self::Auditor | Self::Admin | Self::Inactive)
    }

    pub(super) fn principal(self) -> Principal {
        // The submitter is one person, with the one role or the other.
        let name = if self == Self::Submitter { Self::SubmittingReviewer } else { self };
        Principal::parse(&format!("{name:?}").to_lowercase()).unwrap()
    }

    pub(super) fn member(self) -> Member {
        let role = match self {
            Self::Submitter => Role::Submitter,
            Self::Operator => Role::Operator,
            Self::Auditor => Role::Auditor,
            Self::Admin => Role::Admin,
            _ => Role::Reviewer,
        };
        let roles = if self == Self::SubmittingReviewer { vec![role, Role::Submitter] } else { vec![role] };
        Member {
            principal: self.principal(),
            roles: roles.into_iter().collect(),
            issuer: None,
            active: self != Self::Inactive,
            name: None,
        }
    }
}

/// A job in one state, and what its cases are told of it. Nothing here is read from a round.
pub(super) struct Situation {
    pub(super) made: Made,
    round: Round,
    first: u32,
    right: &'static str,
    unedited: &'static str,
}

const OTHER: &str = "what the first attempt said, edited";
const ANSWER: &str = "what the third attempt said";
const EDIT: &str = "what the third attempt said, edited";

impl Situation {
    pub(super) fn all() -> BTreeMap<Stands, Self> {
        Stands::ALL.iter().map(|state| (*state, Self::of(*state))).collect()
    }

    /// The third attempt, opened by a retry of the second, opened because somebody wanted changes of the first, which
    /// another had edited. Its text is edited, and one of two reviewers has approved that.
    fn of(state: Stands) -> Self {
        let mut recipe = a_job().of_type("support-reply-draft");
        recipe.principal = Who::SubmittingReviewer.principal();
        recipe.policy.approvals = 2;
        recipe.on_behalf_of = Some(Who::Beneficiary.principal());
        let queued = recipe
            .created()
            .running()
            .then(answered(Outcome::Completed, "what the first attempt said"))
            .by(&Who::EarlierEditor.principal(), Event::Edited { result: an_edit(OTHER), note: None })
            .by(&Who::AskedForChanges.principal(), Event::ChangesRequested { note: None })
            .starting(nonce(2))
            .then(attached(response(2)))
            .then(finished(Outcome::Failed(Reason::ContentPolicy)))
            .by(&Who::Retrier.principal(), Event::Retried(PersonInput::default()));
        let running = || queued.clone().starting(nonce(3)).then(attached(response(3)));
        let answered_at = running().job.version + 1;
        let somebody = Principal::parse("somebody").unwrap();
        let waiting = || {
            running()
                .then(answered(Outcome::Completed, ANSWER))
                .by(&Who::Editor.principal(), Event::Edited { result: an_edit(EDIT), note: None })
                .by(&Who::Approver.principal(), Event::Approved { approvals_missing: 1, note: None })
        };
        let (made, first) = match state {
            Stands::AwaitingDecision => (waiting(), answered_at + 1),
            Stands::AwaitingAction => (
                running()
                    .then(answered(Outcome::ActionRequired, ANSWER))
                    .then(Event::Escalated(PersonInput::default())),
                answered_at,
            ),
            Stands::Running => (running(), answered_at - 1),
            Stands::Queued => (queued.clone(), queued.job.version),
            Stands::Completed => {
                (waiting().by(&somebody, Event::Approved { approvals_missing: 0, note: None }), answered_at + 1)
            }
            Stands::Failed => (running().then(finished(Outcome::Failed(Reason::ContentPolicy))), answered_at),
            Stands::Canceled => (waiting().by(&somebody, Event::Rejected { note: None }), answered_at + 1),
            Stands::Expired => (waiting().then(Event::DeadlinePassed), answered_at + 1),
        };
        let is_edited = made.job.result.is_some_and(|result| result.edited);
        let (right, unedited) = if is_edited { (EDIT, ANSWER) } else { (ANSWER, "what the first attempt said") };
        assert_eq!(made.job.attempt.number, 3);
        Self { round: Round::of(&made.job, &made.records), made, first, right, unedited }
    }

    /// Whether this approval, as the last of those that count, ends the job as completed with the text that it named.
    pub(super) fn completes_after(&self, case: &Case, by: &[Principal]) -> bool {
        let missing = u8::try_from(usize::from(self.made.policy.approvals).saturating_sub(by.len())).unwrap();
        let after =
            self.made.clone().by(&case.who.principal(), Event::Approved { approvals_missing: missing, note: None }).job;
        let delivered = after.result.map(|result| result.stored.digest);
        after.state == State::Completed && delivered == Some(case.ask_of(self).digest)
    }
}

/// One combination.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) action: Action,
    pub(super) who: Who,
    pub(super) state: Stands,
    pub(super) read: Read,
    pub(super) seen: Seen,
    /// The review's time is over, to the millisecond; else it ends in the next.
    pub(super) overdue: bool,
}

impl Case {
    pub(super) fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for action in Action::ALL {
            for who in Who::ALL.iter().copied() {
                for state in Stands::ALL.iter().copied() {
                    for read in Read::ALL.iter().copied() {
                        for seen in Seen::ALL.iter().copied() {
                            let case = |overdue| Self { action, who, state, read, seen, overdue };
                            cases.extend([case(false), case(true)]);
                        }
                    }
                }
            }
        }
        cases
    }

    fn ask_of(&self, situation: &Situation) -> ReviewCommand {
        let Situation { made, first, right, unedited, .. } = situation;
        let digest = match self.read {
            Read::Right => Digest::of(right.as_bytes()),
            Read::BeforeTheEdit => Digest::of(unedited.as_bytes()),
            Read::OtherAttempt => Digest::of(OTHER.as_bytes()),
            Read::Zero => Digest::ZERO,
        };
        let seen = match self.seen {
            Seen::Current => made.job.version,
            Seen::First => *first,
            Seen::Before => first - 1,
            Seen::Future => made.job.version + 1,
        };
        ReviewCommand { action: self.action, digest, seen }
    }

    pub(super) fn ask(&self, situations: &BTreeMap<Stands, Situation>) -> Result<ReviewOutcome, ActionDenied> {
        let situation = &situations[&self.state];
        let Made { job, policy, .. } = &situation.made;
        let now = if self.overdue { job.deadline } else { job.deadline - Duration::from_millis(1) };
        decide(job, &situation.round, policy, &self.who.member(), self.ask_of(situation), now)
    }
}
