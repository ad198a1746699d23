//! The cases: everybody who could control a job, and a job in every state with whatever changes what may be done to it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::make::{Made, Recipe, a_job, nonce};
use crate::job::{Event, MAX_LEVEL, PersonInput, State};
use crate::value::id::Principal;
use crate::value::member::{Member, Role};

/// Who gives a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// Of this job.
    Submitter,
    /// Of other jobs.
    OtherSubmitter,
    Reviewer,
    Operator,
    Auditor,
    Admin,
    /// Submitted it, and was everything.
    Inactive,
}

impl Who {
    pub(super) const ALL: [Self; 7] = [
        Self::Submitter,
        Self::OtherSubmitter,
        Self::Reviewer,
        Self::Operator,
        Self::Auditor,
        Self::Admin,
        Self::Inactive,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Submitter => "its submitter",
            Self::OtherSubmitter => "another submitter",
            Self::Reviewer => "reviewer",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::Inactive => "its submitter, inactive",
        }
    }

    pub(super) fn principal(self) -> Principal {
        // One person, before and after.
        let who = if self == Self::Inactive { Self::Submitter } else { self };
        Principal::parse(&format!("{who:?}").to_lowercase()).unwrap()
    }

    pub(super) fn member(self) -> Member {
        let roles: &[Role] = match self {
            Self::Submitter | Self::OtherSubmitter => &[Role::Submitter],
            Self::Reviewer => &[Role::Reviewer],
            Self::Operator => &[Role::Operator],
            Self::Auditor => &[Role::Auditor],
            Self::Admin => &[Role::Admin],
            Self::Inactive => &[Role::Submitter, Role::Reviewer, Role::Operator, Role::Auditor, Role::Admin],
        };
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        Member { principal: self.principal(), roles, issuer: None, active: self != Self::Inactive, name: None }
    }
}

/// A job in one state, and what is special about it.
pub(super) struct Standing {
    pub(super) name: String,
    pub(super) made: Made,
    pub(super) archived: bool,
    pub(super) purged: bool,
    /// Its type allows no further attempt.
    pub(super) last: bool,
    /// Nobody higher can be called in.
    pub(super) top: bool,
}

impl Standing {
    pub(super) fn all() -> Vec<Self> {
        let mut all: Vec<_> = State::ALL.into_iter().map(Self::of).collect();
        for state in [State::Waiting, State::RetryScheduled, State::Held] {
            let plain = Self::of(state);
            let made = plain.made.starting(nonce(2));
            all.push(Self { name: format!("{}, starting", plain.name), made, ..Self::of(state) });
        }
        for state in State::ALL.into_iter().filter(|state| state.is_terminal()) {
            all.extend([Self::of(state).archived(), Self::of(state).purged(), Self::of(state).archived().purged()]);
            all.push(Self::of(state).leaving());
        }
        for state in [State::AwaitingDecision, State::AwaitingAction, State::Failed, State::Canceled, State::Expired] {
            all.push(Self::of(state).last());
        }
        for state in State::ALL.into_iter().filter(|state| !matches!(state, State::Completed | State::Canceled)) {
            all.push(Self::of(state).top());
        }
        all
    }

    fn recipe() -> Recipe {
        Recipe { principal: Who::Submitter.principal(), ..a_job() }
    }

    fn of(state: State) -> Self {
        let made = Self::recipe().created().in_state(state);
        let name = format!("{state:?}");
        Self { name, made, archived: false, purged: false, last: false, top: false }
    }

    /// The job after this person did this to it.
    pub(super) fn after(&self, who: Who, event: Event) -> Made {
        self.made.clone().by(&who.principal(), event)
    }

    fn archived(self) -> Self {
        let made = self.made.by(&Who::Operator.principal(), Event::Archived(PersonInput::default()));
        Self { name: format!("{}, archived", self.name), made, archived: true, ..self }
    }

    fn purged(mut self) -> Self {
        self.made.now = self.made.job.deadline;
        let made = self.made.then(Event::Purged);
        Self { name: format!("{}, purged", self.name), made, purged: true, ..self }
    }

    /// Its retention ends within a minute.
    fn leaving(mut self) -> Self {
        self.made.now = self.made.job.deadline - Duration::from_secs(60);
        Self { name: format!("{}, retention ending", self.name), ..self }
    }

    fn last(mut self) -> Self {
        self.made.policy.retry.attempts = 1;
        Self { name: format!("{}, last attempt", self.name), last: true, ..self }
    }

    fn top(mut self) -> Self {
        for _ in 0..MAX_LEVEL {
            self.made = self.made.by(&Who::Operator.principal(), Event::Escalated(PersonInput::default()));
        }
        Self { name: format!("{}, level {MAX_LEVEL}", self.name), top: true, ..self }
    }
}
