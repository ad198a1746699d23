//! Controls: every one of them in every state by everybody, against a second statement of the rules, and what each comes
//! to; and that what a caller is told it may do is what it may do.

mod case;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use case::{Standing, Who};

use super::make::Made;
use super::table::word;
use crate::job::{Event, Job, MAX_LEVEL, PersonInput, State};
use crate::people::control::{AllowedAction, Control, allowed};
use crate::people::review::{Action, ActionDenied, ReviewCommand, Round, decide};
use crate::policy::reason::Reason;
use crate::value::id::Digest;
use crate::value::time::Timestamp;

/// What comes of a control, short enough for a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    NotTheirs,
    No(ActionDenied),
    Repeat,
    Done(String),
}

impl Answer {
    fn words(&self) -> String {
        match self {
            Self::NotTheirs => "not theirs".to_owned(),
            Self::No(denial) => format!("no: {}", denial.words().0),
            Self::Repeat => "repeat".to_owned(),
            Self::Done(what) => what.clone(),
        }
    }
}

fn event(control: Control) -> Event {
    let said = PersonInput::default();
    match control {
        Control::Cancel => Event::Canceled(said),
        Control::Retry => Event::Retried(said),
        Control::Escalate => Event::Escalated(said),
        Control::Archive => Event::Archived(said),
    }
}

/// What the flow does with it: roles, then state, then the event.
fn give(control: Control, standing: &Standing, who: Who) -> Answer {
    let Made { job, policy, .. } = &standing.made;
    if !control.is_for(&who.member(), job) {
        return Answer::NotTheirs;
    }
    let after = match control.fits(job, policy, standing.made.now) {
        Err(denial) => return Answer::No(denial),
        Ok(false) => return Answer::Repeat,
        Ok(true) => standing.after(who, event(control)).job,
    };
    Answer::Done(shown(&after))
}

fn shown(job: &Job) -> String {
    let state = if job.is_starting() { format!("{}, starting", word(job.state)) } else { word(job.state) };
    let archived = if job.archived_at.is_some() { ", archived" } else { "" };
    let cost = word(job.cost().state);
    format!("{state}{archived}, attempt {}, level {}, cost {cost}", job.attempt.number, job.escalation_level)
}

/// The same once more, said about the case and not about rows.
fn expected(control: Control, standing: &Standing, who: Who, now: Timestamp) -> Result<bool, Option<ActionDenied>> {
    use State::{Canceled, Completed, Expired, Failed};
    let hands: &[Who] = match control {
        Control::Escalate => &[Who::Submitter, Who::Operator, Who::Reviewer],
        Control::Cancel | Control::Retry | Control::Archive => &[Who::Submitter, Who::Operator],
    };
    if !hands.contains(&who) {
        return Err(None);
    }
    let state = standing.made.job.state;
    let (ended, without_result) =
        ([Completed, Failed, Canceled, Expired].contains(&state), [Failed, Canceled, Expired].contains(&state));
    // A minute before it is erased, nothing is begun with it.
    let leaving = ended && standing.made.job.deadline - Duration::from_secs(60) <= now;
    let wrong = [
        (Control::Cancel, ended && state != Canceled, ActionDenied::Ended),
        (Control::Escalate, state == Completed || state == Canceled, ActionDenied::Ended),
        (Control::Archive, !ended, ActionDenied::NotEnded),
        (Control::Retry, !without_result, ActionDenied::NotRetryable),
        (Control::Retry, standing.purged || leaving, ActionDenied::InputGone),
        (Control::Retry, standing.last, ActionDenied::NoAttemptsLeft),
    ];
    if let Some((_, _, denial)) = wrong.iter().find(|(of, applies, _)| *of == control && *applies) {
        return Err(Some(*denial));
    }
    Ok(match control {
        Control::Cancel => state != Canceled,
        Control::Retry => true,
        Control::Escalate => !standing.top,
        Control::Archive => !standing.archived,
    })
}

/// What of the row a control that happened has to have changed, and nothing beside it.
fn changes(control: Control, before: &Job, after: &Job) -> bool {
    let ran = before.is_starting() || before.state == State::InProgress;
    match control {
        Control::Cancel => {
            let guessed = after.cost_estimate > before.cost_estimate;
            (after.state, after.reason) == (State::Canceled, Some(Reason::CanceledByPerson))
                && (after.attempt.number, after.escalation_level, guessed) == (before.attempt.number, 0, ran)
        }
        Control::Retry => {
            (after.state, after.attempt.number) == (State::Waiting, before.attempt.number + 1)
                && (after.result, after.archived_at, after.escalation_level, after.claim_count) == (None, None, 0, 0)
                && after.cost() == before.cost()
        }
        Control::Escalate => {
            (after.state, after.attempt.number) == (before.state, before.attempt.number)
                && (after.escalation_level, after.cost()) == (before.escalation_level + 1, before.cost())
                && after.deadline == before.deadline
        }
        Control::Archive => {
            (after.state, after.attempt.number) == (before.state, before.attempt.number)
                && (after.archived_at, after.cost()) == (Some(after.updated_at), before.cost())
                && (after.result, after.deadline) == (before.result, before.deadline)
        }
    }
}

#[test]
fn every_control_is_answered_as_the_second_statement_of_the_rules_says() {
    let mut cells = 0;
    for standing in Standing::all() {
        let Made { job, policy, .. } = &standing.made;
        for control in Control::ALL {
            for who in Who::ALL {
                let case = format!("{control:?} of {} by {who:?}", standing.name);
                let fits = control.fits(job, policy, standing.made.now).map_err(Some);
                let found = if control.is_for(&who.member(), job) { fits } else { Err(None) };
                assert_eq!(found, expected(control, &standing, who, standing.made.now), "{case}");
                if found == Ok(true) {
                    let after = standing.after(who, event(control)).job;
                    assert!(changes(control, job, &after), "{case}: {}", shown(&after));
                } else if let Ok(Some(change)) = job.apply(event(control), &standing.made.context()) {
                    // The state machine itself has no roles; and what the flow refuses is no change there either.
                    assert!(found == Err(None), "{case}: {}", shown(&change.job));
                }
                cells += 1;
            }
        }
    }
    assert_eq!(cells, Standing::all().len() * Control::ALL.len() * Who::ALL.len());
}

#[test]
fn what_a_caller_is_told_to_be_allowed_is_what_a_call_would_do() {
    for standing in Standing::all() {
        let Made { job, policy, records, .. } = &standing.made;
        let round = Round::of(job, records);
        let end = job.deadline - Duration::from_millis(1);
        for (who, now) in Who::ALL.into_iter().flat_map(|who| [(who, end), (who, job.deadline)]) {
            let member = who.member();
            let told: BTreeSet<&str> =
                allowed(job, &member, policy, None, now).into_iter().map(AllowedAction::name).collect();
            let case = format!("{} by {who:?} at {now}: {told:?}", standing.name);
            let mut can = BTreeSet::new();
            for action in Action::ALL {
                let digest = round.digest.unwrap_or(Digest::ZERO);
                let ask = ReviewCommand { action, digest, seen: job.version };
                match decide(job, &round, policy, &member, ask, now) {
                    Ok(_) => assert!(can.insert(action.name())),
                    Err(ActionDenied::Contributor) => {
                        assert!(told.contains(action.name()), "only the trail knows: {case}")
                    }
                    Err(_) => assert!(!told.contains(action.name()), "{}: {case}", action.name()),
                }
            }
            let controls =
                Control::ALL.into_iter().filter(|control| expected(*control, &standing, who, now) == Ok(true));
            can.extend(controls.map(Control::name));
            assert!(told.is_superset(&can), "{case}, and can {can:?}");
            let decisions: Vec<_> = Action::ALL.into_iter().map(Action::name).collect();
            let beyond = told.difference(&can).filter(|name| !decisions.contains(name));
            assert_eq!(beyond.count(), 0, "{case}, and can only {can:?}");
        }
    }
}

#[test]
fn no_level_is_higher_than_the_highest_and_none_is_lost_in_a_state() {
    for standing in Standing::all().into_iter().filter(|it| !it.top) {
        let operator = Who::Operator;
        if Control::Escalate.fits(&standing.made.job, &standing.made.policy, standing.made.now) != Ok(true) {
            continue;
        }
        let mut made = standing.made.clone();
        for level in 1..=MAX_LEVEL {
            made = made.by(&operator.principal(), Event::Escalated(PersonInput::default()));
            assert_eq!(made.job.escalation_level, level, "{}", standing.name);
        }
        assert_eq!(Control::Escalate.fits(&made.job, &made.policy, made.now), Ok(false), "{}", standing.name);
        assert_eq!(
            made.job.apply(Event::Escalated(PersonInput::default()), &made.context()),
            Ok(None),
            "{}",
            standing.name
        );
    }
}

#[test]
fn every_control_is_answered_as_the_table_says() {
    let (mut table, mut cells) = (String::new(), 0);
    for control in Control::ALL {
        let mut row = |standing: &str, answer: &Answer, who: &[&str]| {
            let (control, answer, who) = (control.name(), answer.words(), who.join(", "));
            writeln!(table, "{control:<9} {standing:<32} {answer:<60} {who}").unwrap();
        };
        let mut strangers = BTreeSet::new();
        for standing in Standing::all() {
            let mut answers: BTreeMap<Answer, Vec<&str>> = BTreeMap::new();
            for who in Who::ALL {
                answers.entry(give(control, &standing, who)).or_default().push(who.name());
                cells += 1;
            }
            strangers.insert(answers.remove(&Answer::NotTheirs).unwrap());
            answers.iter().for_each(|(answer, who)| row(&standing.name, answer, who));
        }
        assert_eq!(strangers.len(), 1, "whose it is depends on no state");
        strangers.iter().for_each(|who| row("any", &Answer::NotTheirs, who));
    }
    let table = format!("{cells} cases in {} rows\n{table}", table.lines().count());
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("controls", table);
    });
}
