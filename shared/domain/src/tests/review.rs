//! Decisions: every combination of action, person, state, digest, version and time against a second statement of the
//! rules, and what must hold of several decisions together.

mod case;
mod laws;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use case::{Case, Read, Seen, Situation, Stands, Who};

use crate::people::review::{Action, ActionDenied, ReviewOutcome};

/// The answer to a case, short enough for a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    No(ActionDenied),
    Repeat,
    /// So many have approved by then.
    Approvals(usize),
    Decided,
}

impl Answer {
    fn of(verdict: &Result<ReviewOutcome, ActionDenied>) -> Self {
        match verdict {
            Err(denial) => Self::No(*denial),
            Ok(ReviewOutcome::Repeat) => Self::Repeat,
            Ok(ReviewOutcome::Counted(by)) => Self::Approvals(by.len()),
            Ok(ReviewOutcome::Decided) => Self::Decided,
        }
    }

    fn words(self) -> String {
        match self {
            Self::No(ActionDenied::Submitter) => "no: four_eyes (submitter)".into(),
            Self::No(ActionDenied::Beneficiary) => "no: four_eyes (for them)".into(),
            Self::No(ActionDenied::Contributor) => "no: four_eyes (contributor)".into(),
            Self::No(denial) => format!("no: {}", denial.words().0),
            Self::Repeat => "repeat".into(),
            Self::Approvals(by) => format!("approval {by} of 2"),
            Self::Decided => "decided".into(),
        }
    }
}

/// The rules once more, said about the case and not about rows and records: all that is wrong with it, of which the
/// worst is told.
fn expected(case: &Case) -> Answer {
    let Case { action, who, state, read, seen, overdue } = *case;
    let approves = action == Action::Approve;
    let waits_for = match state {
        Stands::AwaitingDecision => Action::ALL.as_slice(),
        Stands::AwaitingAction => &[Action::Reject, Action::RequestChanges],
        _ => &[],
    };
    let knows_it = matches!(state, Stands::AwaitingDecision | Stands::Completed) && read == Read::Right;
    if approves && who == Who::Approver && knows_it {
        return Answer::Repeat;
    }
    let wrong = [
        (!who.reviews(), ActionDenied::NotReviewer),
        (!waits_for.contains(&action), ActionDenied::NotWaiting),
        (matches!(seen, Seen::Before | Seen::Future), ActionDenied::Stale),
        (overdue, ActionDenied::Overdue),
        (read != Read::Right, ActionDenied::OtherDigest),
        (approves && who == Who::SubmittingReviewer, ActionDenied::Submitter),
        (approves && who == Who::Beneficiary, ActionDenied::Beneficiary),
        (approves && matches!(who, Who::Editor | Who::Retrier | Who::EarlierEditor), ActionDenied::Contributor),
    ];
    match wrong.into_iter().filter(|(applies, _)| *applies).map(|(_, denial)| denial).min() {
        Some(denial) => Answer::No(denial),
        None if approves => Answer::Approvals(2),
        None => Answer::Decided,
    }
}

#[test]
fn every_decision_is_answered_as_the_second_statement_of_the_rules_says() {
    let situations = Situation::all();
    for case in Case::all() {
        let verdict = case.ask(&situations);
        assert_eq!(Answer::of(&verdict), expected(&case), "{case:?}");
    }
}

#[test]
fn nothing_is_completed_but_by_another_reviewer_of_what_waits_in_its_time() {
    let situations = Situation::all();
    let mut completions = BTreeSet::new();
    for case in Case::all() {
        let Ok(ReviewOutcome::Counted(by)) = case.ask(&situations) else { continue };
        let situation = &situations[&case.state];
        assert_eq!(by.last(), Some(&case.who.principal()));
        assert!(situation.completes_after(&case, &by), "{case:?}");
        completions.insert((case.who, case.state, case.read, case.seen, case.overdue));
    }
    let with = |who, seen| (who, Stands::AwaitingDecision, Read::Right, seen, false);
    let allowed = [Who::Reviewer, Who::AskedForChanges];
    let allowed = allowed.into_iter().flat_map(|who| [with(who, Seen::Current), with(who, Seen::First)]);
    assert_eq!(completions, allowed.collect());
}

#[test]
fn every_decision_is_answered_as_the_table_says() {
    let situations = Situation::all();
    let cases = Case::all();
    let (mut rows, mut told) = (Vec::new(), 0);
    for action in Action::ALL {
        for who in Who::ALL.iter().copied() {
            let mut blocks: BTreeMap<Vec<(String, Answer)>, Vec<Stands>> = BTreeMap::new();
            for state in Stands::ALL.iter().copied() {
                let of = cases.iter().filter(|case| (case.action, case.who, case.state) == (action, who, state));
                let answers: Vec<_> = of.map(|case| (*case, Answer::of(&case.ask(&situations)))).collect();
                told += answers.len();
                blocks.entry(lines(&answers)).or_default().push(state);
            }
            let mut blocks: Vec<_> = blocks.into_iter().map(|(lines, states)| (states, lines)).collect();
            blocks.sort();
            for (states, lines) in blocks {
                let everywhere = states.len() == Stands::ALL.len();
                let states = states.iter().map(|state| state.name()).collect::<Vec<_>>().join(" ");
                let states = if everywhere { "any" } else { &states };
                for (what, answer) in lines {
                    let (action, who, answer) = (action.name(), who.name(), answer.words());
                    rows.push(format!("{action:<15} {who:<24} {states:<68} {what} -> {answer}"));
                }
            }
        }
    }
    assert_eq!(told, cases.len());
    assert!(rows.len() >= 200, "{}", rows.len());
    let mut table = format!("{} cases in {} rows\n", cases.len(), rows.len());
    rows.iter().for_each(|row| writeln!(table, "{row}").unwrap());
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("decisions", table);
    });
}

/// One line for everything if it is all the same; else for each version what digests and times have in common.
fn lines(answers: &[(Case, Answer)]) -> Vec<(String, Answer)> {
    let line = |seen: &str, time: &str, reads: &str, answer| (format!("{seen:<7} {time:<4} {reads:<24}"), answer);
    let distinct: BTreeSet<_> = answers.iter().map(|(_, answer)| *answer).collect();
    if let (1, Some(answer)) = (distinct.len(), distinct.first()) {
        return vec![line("any", "any", "any", *answer)];
    }
    let mut lines = Vec::new();
    for seen in Seen::ALL.iter().copied() {
        let mut times: BTreeMap<(Read, Answer), BTreeSet<bool>> = BTreeMap::new();
        for (case, answer) in answers.iter().filter(|(case, _)| case.seen == seen) {
            times.entry((case.read, *answer)).or_default().insert(case.overdue);
        }
        let mut reads: BTreeMap<(Answer, BTreeSet<bool>), Vec<Read>> = BTreeMap::new();
        for ((read, answer), times) in times {
            reads.entry((answer, times)).or_default().push(read);
        }
        for ((answer, times), reads) in reads {
            let time = if times.len() == 2 {
                "any"
            } else if times.contains(&true) {
                "over"
            } else {
                "left"
            };
            let names = reads.iter().map(|read| read.name()).collect::<Vec<_>>().join(" ");
            let names = if reads.len() == Read::ALL.len() { "any" } else { &names };
            lines.push(line(seen.name(), time, names, answer));
        }
    }
    lines
}
