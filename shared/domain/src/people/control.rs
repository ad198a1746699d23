//! Controls: what people do with a job besides deciding about its result; who may, from which states.

use serde::{Serialize, Serializer};
use strum::IntoStaticStr;

use crate::job::{Job, MAX_LEVEL, State};
use crate::people::review::{self, Action, ActionDenied, Round};
use crate::policy::job_type::JobType;
use crate::value::member::{Member, Role};
use crate::value::time::Timestamp;

/// What a person can do with a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(const_into_str, serialize_all = "kebab-case")]
pub enum Control {
    /// Ends the job. What runs is stopped afterwards, and what comes of it is kept and booked.
    Cancel,
    /// Opens another attempt of a job that ended without a result.
    Retry,
    /// Calls somebody in, a level higher each time.
    Escalate,
    /// Puts an ended job out of sight.
    Archive,
}

impl Control {
    pub const ALL: [Self; 4] = [Self::Cancel, Self::Retry, Self::Escalate, Self::Archive];

    /// The last part of its route.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// Whether this member's roles allow it. Submitters control their own jobs, operators all.
    pub fn is_for(self, member: &Member, job: &Job) -> bool {
        let has = |role| member.roles.contains(&role);
        let own = has(Role::Submitter) && job.is_by(member);
        member.active && (own || has(Role::Operator) || (self == Self::Escalate && has(Role::Reviewer)))
    }

    /// Why the job's state does not allow it. `Ok(false)` is a repeat: it is so already.
    pub fn fits(self, job: &Job, policy: &JobType, now: Timestamp) -> Result<bool, ActionDenied> {
        let is_over = job.state.is_terminal();
        match self {
            _ if !job.is_understood() || !policy.is_understood() => Err(ActionDenied::NewerRelease),
            Self::Cancel if job.state == State::Canceled => Ok(false),
            Self::Cancel if is_over => Err(ActionDenied::Ended),
            Self::Cancel => Ok(true),
            Self::Retry if !is_over || job.state == State::Completed => Err(ActionDenied::NotRetryable),
            Self::Retry if !job.has_input(now) => Err(ActionDenied::InputGone),
            Self::Retry if !job.has_attempts_left(policy) => Err(ActionDenied::NoAttemptsLeft),
            Self::Retry => Ok(true),
            Self::Escalate if matches!(job.state, State::Completed | State::Canceled) => Err(ActionDenied::Ended),
            Self::Escalate => Ok(job.escalation_level < MAX_LEVEL),
            Self::Archive if !is_over => Err(ActionDenied::NotEnded),
            Self::Archive => Ok(job.archived_at.is_none()),
        }
    }
}

/// Something that a person may do with a job, by the name of its route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AllowedAction {
    Decide(Action),
    Control(Control),
}

impl AllowedAction {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decide(action) => action.name(),
            Self::Control(control) => control.name(),
        }
    }
}

impl Serialize for AllowedAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Everything that this member could do with the job now. Of an approval the trail may still say
/// that this person had a hand in the result, where its round is not given.
pub fn allowed(
    job: &Job,
    member: &Member,
    policy: &JobType,
    round: Option<&Round>,
    now: Timestamp,
) -> Vec<AllowedAction> {
    let decisions = review::allowed(job, member, policy, round, now).into_iter().map(AllowedAction::Decide);
    let controls = Control::ALL.into_iter().filter(|control| control.is_for(member, job));
    decisions.chain(controls.filter(|it| it.fits(job, policy, now) == Ok(true)).map(AllowedAction::Control)).collect()
}
