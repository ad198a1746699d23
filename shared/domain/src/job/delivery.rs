//! Delivery: whether somebody has to be asked before a result goes out, and who may read what of it until then.
//!
//! It is one rule for every result, be it whole, partial, late or of a run that failed. The state machine goes by it when a
//! run ends, and every read of a result does. Whoever sees a job sees the digests of its result in any case, and no more.

use std::collections::BTreeMap;

use crate::job::note::Note;
use crate::job::record::{Actor, Record};
use crate::job::{EventKind, Job, ResultRef, State};
use crate::policy::cost::{Cost, CostState};
use crate::policy::job_type::{Conditions, JobType, ReviewPolicy};
use crate::policy::lane::{Lane, LaneReason};
use crate::value::member::{Member, Role};
use crate::value::word::Closed as _;

/// What came out of a run, as far as it decides who has to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output {
    /// Less than was asked for: the run was cut short, was stopped, or failed.
    pub partial: bool,
    /// It holds a call that waits for somebody's leave.
    pub pending: bool,
}

impl Output {
    pub(crate) const WHOLE: Self = Self { partial: false, pending: false };
    pub(crate) const PARTIAL: Self = Self { partial: true, pending: false };
}

/// Whether this policy asks a person about such an output, once the job has cost so much. A cost that is not known is over
/// every limit, and a lane or a reason that is not known here asks.
pub fn asks(job: &Job, policy: &JobType, output: Output, cost: Cost) -> bool {
    // A reviewer asked for this attempt, and has not seen what came of it.
    let was_sent_back = job.attempt.note.is_some();
    let by_policy = match policy.review {
        ReviewPolicy::Never => false,
        ReviewPolicy::When(Conditions { effects, partial, cost_over }) => {
            let is_dear = |limit| cost.usd > limit || cost.state != CostState::Known;
            (effects && has_effects(job)) || (partial && output.partial) || cost_over.is_some_and(is_dear)
        }
        // Always, and whatever else there will be.
        _ => true,
    };
    output.pending || !goes_out_by_itself(job.lane) || was_sent_back || by_policy
}

/// Whether the result of a job of this type, in this lane, may have to wait for a reviewer's decision.
pub fn may_ask(lane: Lane, policy: &JobType) -> bool {
    !goes_out_by_itself(lane) || policy.review != ReviewPolicy::Never
}

/// Whether a result in this lane goes out as soon as its policy lets it.
pub(crate) const fn goes_out_by_itself(lane: Lane) -> bool {
    matches!(lane, Lane::Interactive | Lane::Background | Lane::Batch)
}

/// Whether its type or its request declares any; the lane was decided by it.
fn has_effects(job: &Job) -> bool {
    let says_nothing_of_effects = |reason: &LaneReason| {
        matches!(
            reason,
            LaneReason::ManyIndependentRecords
                | LaneReason::ValueAfterSession
                | LaneReason::SeveralStepsOrSlowTools
                | LaneReason::StatusCanBeShown
                | LaneReason::UserSteers
                | LaneReason::ShortWithFastTools
                | LaneReason::JobType
                | LaneReason::NothingLost
                | LaneReason::FewRecords
                | LaneReason::WantedSooner
        )
    };
    !job.lane_reasons.iter().all(says_nothing_of_effects)
}

/// Whether the result is less than was asked for. What a failed run left is, whatever it looks like.
pub fn is_partial(job: &Job, result: &ResultRef) -> bool {
    result.partial || job.state == State::Failed
}

/// Who reads a result, by the most that their roles give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// Decides about it, and so reads all of it at any time.
    Reviewer,
    /// Reads what has gone out, and what that was made from.
    Auditor,
    /// Reads what has gone out: its submitter, operators, admins.
    Recipient,
}

impl Reader {
    pub fn of(member: &Member) -> Self {
        if member.roles.contains(&Role::Reviewer) {
            Self::Reviewer
        } else if member.roles.contains(&Role::Auditor) {
            Self::Auditor
        } else {
            Self::Recipient
        }
    }
}

/// How much of a result somebody may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    Nothing,
    /// What a reviewer put in its place, and nothing of what the provider said.
    Edit,
    Everything,
}

/// How much of its result this reader may read as the job stands. `policy` is the job's own; without it nobody can tell that
/// it does not ask. `pending` is whether the result's bytes hold a call that waits for somebody's leave.
pub fn access(reader: Reader, job: &Job, result: &ResultRef, policy: Option<&JobType>, pending: bool) -> Access {
    if reader == Reader::Reviewer {
        Access::Everything
    } else if !is_out(job, result, policy, pending) {
        Access::Nothing
    } else if result.edited && reader == Reader::Recipient {
        Access::Edit
    } else {
        Access::Everything
    }
}

/// Whether the result has gone out, or would have without anybody being asked.
fn is_out(job: &Job, result: &ResultRef, policy: Option<&JobType>, pending: bool) -> bool {
    let nobody_is_asked = || {
        let output = Output { partial: is_partial(job, result), pending };
        policy.is_some_and(|policy| !asks(job, policy, output, job.cost()))
    };
    // What a newer release has made of it is not guessed at.
    if !job.is_understood() || policy.is_some_and(|policy| !policy.is_understood()) {
        return false;
    }
    match job.state {
        // Somebody allowed it, or nobody had to.
        State::Completed => true,
        State::Failed => nobody_is_asked(),
        // What was there before the end waited for a decision that was not made, or was a no.
        State::Canceled | State::Expired => result.late && nobody_is_asked(),
        // It waits, or is nobody's yet.
        _ => false,
    }
}

/// What goes out of the reviewers' words: those of the approvals that let the result out. Others may quote what did not.
pub(crate) fn words_for(reader: Reader, notes: Vec<Note>, records: &[Record]) -> Vec<Note> {
    if reader != Reader::Recipient {
        return notes;
    }
    let approvals = last_approvals(records);
    notes.into_iter().filter(|note| approvals.contains(&note.version)).collect()
}

/// The versions of the approvals of the last round.
fn last_approvals(records: &[Record]) -> Vec<u32> {
    let round = records.iter().rev().take_while(|record| !record.event.opens_round());
    let approvals = round.filter(|record| record.event == EventKind::Approved);
    approvals.map(|record| record.version).collect()
}

/// What people wrote, by version, as far as this member may read it in the job's trail. A submitter reads their own notes,
/// why a result was rejected, and the approvals that let it out. A request for changes may quote what they may not read.
pub(crate) fn notes_for(member: &Member, job: &Job, notes: Vec<Note>, records: &[Record]) -> BTreeMap<u32, String> {
    let reads_all = member.roles.iter().any(|role| role.is_known() && *role != Role::Submitter);
    let approvals = if job.state == State::Completed { last_approvals(records) } else { Vec::new() };
    let reads = |record: &Record| {
        let is_own = record.actor == Actor::principal(&member.principal);
        reads_all || is_own || record.event == EventKind::Rejected || approvals.contains(&record.version)
    };
    let seen = notes.into_iter().filter(|note| note.record(records).is_some_and(reads));
    seen.map(|note| (note.version, note.text)).collect()
}
