//! The race table: which two things come at once, and where the job stands when they do.

use domain::people::control::Control::{self, Archive, Cancel, Escalate, Retry};

use self::Act::{Approve, Ask, Late, Look, Start};

/// Something that happens to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Ask(Order),
    /// By this reviewer, about what waits when the race begins.
    Approve(&'static str),
    /// `submit-job` has the job's message.
    Start,
    /// `observe-job` looks at the run that the job waits for, which is over.
    Look,
    /// `observe-job` looks at the job's first response.
    Late,
}

/// A control by its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) control: Control,
    pub(super) who: &'static str,
    /// With the version at which the race begins as `If-Match`.
    pub(super) seen: bool,
    pub(super) key: Option<&'static str>,
}

/// Where the job stands when the race begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Queued,
    /// Running as far as we know; the provider has the answer.
    Ended,
    /// The same in the approval lane.
    EndedDraft,
    Draft,
    /// One that two reviewers have to approve.
    DraftForTwo,
    /// Nobody decided in time.
    ExpiredDraft,
    Canceled,
    /// Canceled while it ran; the provider has finished it all the same.
    CanceledRun,
    /// Failed as `provider_lost`; the response is there again, and over.
    Lost,
}

/// Two sides of a race.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    /// As `shared/README.md` calls it.
    pub(super) name: &'static str,
    pub(super) from: From,
    pub(super) sides: [&'static [Act]; 2],
}

const fn by(control: Control, who: &'static str) -> Act {
    Ask(Order { control, who, seen: false, key: None })
}

/// By whoever submitted the job.
const fn ask(control: Control) -> Act {
    by(control, "alice")
}

const fn seen(control: Control, who: &'static str) -> Act {
    Ask(Order { control, who, seen: true, key: None })
}

const fn keyed(who: &'static str, key: &'static str) -> Act {
    Ask(Order { control: Retry, who, seen: false, key: Some(key) })
}

const fn case(name: &'static str, from: From, first: &'static [Act], second: &'static [Act]) -> Case {
    Case { name, from, sides: [first, second] }
}

pub(super) const CASES: [Case; 20] = [
    case("cancel, complete", From::Ended, &[ask(Cancel)], &[Look]),
    case("cancel with `If-Match`, complete", From::Ended, &[seen(Cancel, "alice")], &[Look]),
    case("cancel, a draft comes for review", From::EndedDraft, &[ask(Cancel)], &[Look]),
    case("approve, retry", From::Draft, &[Approve("rita")], &[keyed("otto", "r")]),
    case("approve, retry of an expired review", From::ExpiredDraft, &[Approve("rita")], &[keyed("otto", "r")]),
    case("approve, cancel and retry", From::Draft, &[Approve("rita")], &[ask(Cancel), keyed("otto", "r")]),
    case("approve, cancel", From::Draft, &[Approve("rita")], &[ask(Cancel)]),
    case("approve, approve by another", From::Draft, &[Approve("rita")], &[Approve("remy")]),
    case("approve twice by one", From::Draft, &[Approve("rita")], &[Approve("rita")]),
    case("approve, approve where two have to", From::DraftForTwo, &[Approve("rita")], &[Approve("remy")]),
    case("cancel, start", From::Queued, &[ask(Cancel)], &[Start]),
    case("retry, late result", From::CanceledRun, &[keyed("alice", "r")], &[Late]),
    case("retry and start, late result", From::CanceledRun, &[keyed("alice", "r"), Start], &[Late]),
    case("retry and start, a lost result is there again", From::Lost, &[keyed("alice", "r"), Start], &[Late]),
    case("retry, retry under one key", From::Canceled, &[keyed("alice", "r")], &[keyed("alice", "r")]),
    case("retry, retry under another key", From::Canceled, &[keyed("alice", "r")], &[keyed("otto", "r")]),
    case("retry, retry with one `If-Match`", From::Canceled, &[seen(Retry, "alice")], &[seen(Retry, "otto")]),
    case("archive, late result", From::CanceledRun, &[ask(Archive)], &[Late]),
    case("escalate, approve", From::Draft, &[ask(Escalate)], &[Approve("rita")]),
    case("escalate, escalate", From::Draft, &[ask(Escalate)], &[by(Escalate, "otto")]),
];
