//! Delivery: every way in which a result can have come to be there, against a second statement of who may read what of it.

mod case;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use case::{Case, Costs, Review, Stands};

use super::make::{a_job, a_result, finish};
use crate::job::delivery::{Access, Output, Reader, asks};
use crate::job::note::Note;
use crate::job::{Event, Finish, State};
use crate::policy::job_type::ReviewPolicy;
use crate::policy::lane::Lane;
use crate::policy::reason::Reason;
use crate::provider::Outcome;
use crate::value::id::{Digest, Nonce};
use crate::value::word::Word;

/// The rule once more, said about the case: all that would make somebody ask.
fn is_asked(case: &Case) -> bool {
    let Case { lane, review, partial, pending, effects, costs, sent_back, .. } = *case;
    let is_less = partial || matches!(case.stands, Stands::Failed | Stands::FailedThenLate);
    [
        pending,
        sent_back,
        lane == Lane::Approval,
        review == Review::Always,
        review == Review::OverCost && costs != Costs::Little,
        review == Review::OfEffects && effects,
        review == Review::OfPartial && is_less,
    ]
    .contains(&true)
}

fn expected(case: &Case, reader: Reader) -> Access {
    let has_gone_out = match case.stands {
        Stands::Completed => true,
        Stands::Failed | Stands::FailedThenLate | Stands::CanceledThenLate | Stands::ExpiredThenLate => !is_asked(case),
        Stands::AwaitsDecision
        | Stands::AwaitsAction
        | Stands::CanceledInReview
        | Stands::Rejected
        | Stands::ReviewExpired => false,
    };
    match (reader, has_gone_out, case.edited) {
        (Reader::Reviewer, _, _) | (Reader::Auditor, true, _) | (Reader::Recipient, true, false) => Access::Everything,
        (Reader::Recipient, true, true) => Access::Edit,
        (Reader::Auditor | Reader::Recipient, false, _) => Access::Nothing,
    }
}

#[test]
fn every_result_is_read_as_the_second_statement_of_the_rule_says() {
    let cases = Case::all();
    for case in &cases {
        for reader in [Reader::Reviewer, Reader::Auditor, Reader::Recipient] {
            assert_eq!(case.access(reader), expected(case, reader), "{reader:?} of {case:?}");
        }
    }
    assert!(cases.len() > 10_000, "{}", cases.len());
}

#[test]
fn a_run_ends_in_review_exactly_where_somebody_is_asked() {
    let mut ends = BTreeSet::new();
    for case in Case::all().iter().filter(|case| case.stands == Stands::Completed && !case.edited && !case.pending) {
        let (running, policy) = (case.running(), case.policy());
        let context = crate::job::TransitionContext { policy: &policy, ..running.context() };
        let outcome = if case.partial { Outcome::Partial(Reason::OutputLimit) } else { Outcome::Completed };
        let result = Some(a_result(case.partial));
        // It adds nothing to what the job has cost before, and leaves open what was open.
        let event = Event::Finished(Finish { result, cost: None, ..finish(outcome) });
        let ended = running.job.apply(event, &context).unwrap().unwrap().job;
        let expected = match (is_asked(case), case.partial) {
            (true, _) => State::AwaitingDecision,
            (false, true) => State::Failed,
            (false, false) => State::Completed,
        };
        assert_eq!(ended.state, expected, "{case:?}");
        ends.insert(ended.state);
    }
    assert_eq!(ends.len(), 3);
}

#[test]
fn a_type_that_is_gone_lets_nothing_out_that_might_have_been_asked_about() {
    for case in Case::all() {
        let without = case.access_without_policy(Reader::Recipient);
        let expected =
            if case.stands == Stands::Completed { expected(&case, Reader::Recipient) } else { Access::Nothing };
        assert_eq!(without, expected, "{case:?}");
        assert_eq!(case.access_without_policy(Reader::Reviewer), Access::Everything);
    }
}

#[test]
fn every_result_is_read_as_the_table_says() {
    let cases = Case::all();
    let mut table = format!("What a submitter may read of a result, {} cases\n", cases.len());
    writeln!(table, "{:<26} {:<36} {:<15} {:<6} {:<5} {:<5} when", "", "lane", "review", "all", "text", "raw").unwrap();
    for (stands, edited) in Stands::ALL.iter().flat_map(|stands| [(*stands, false), (*stands, true)]) {
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        for review in Review::ALL.iter().copied() {
            for lane in Lane::ALL {
                let of =
                    |case: &&Case| (case.stands, case.edited, case.review, case.lane) == (stands, edited, review, lane);
                let of: Vec<&Case> = cases.iter().filter(of).collect();
                if of.is_empty() {
                    continue;
                }
                let lane = super::table::word(lane);
                let row = format!("{:<15} {}", review.name(), line(&of));
                match rows.iter_mut().find(|(known, _)| *known == row) {
                    Some((_, lanes)) => lanes.push(lane),
                    None => rows.push((row, vec![lane])),
                }
            }
        }
        let name = if edited { format!("{}, edited", stands.name()) } else { stands.name().to_owned() };
        let is_one = rows.iter().map(|(row, _)| row.split_at(15).1).collect::<BTreeSet<_>>().len() == 1;
        if let (true, Some((row, _))) = (is_one, rows.first()) {
            writeln!(table, "{name:<26} {:<36} {:<15}{}", "any", "any", row.split_at(15).1).unwrap();
            continue;
        }
        for (row, lanes) in rows {
            writeln!(table, "{name:<26} {:<36} {row}", lanes.join(" ")).unwrap();
        }
    }
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("delivery", table);
    });
}

/// What these cases have in common: what can be read, and on which values of everything else it rests. These have to be
/// independent of each other.
fn line(cases: &[&Case]) -> String {
    let read: Vec<&&Case> = cases.iter().filter(|case| case.access(Reader::Recipient) != Access::Nothing).collect();
    let Some(first) = read.first() else { return format!("{:<6} {:<5} {:<5}", "no", "no", "no").trim_end().to_owned() };
    let parts = match first.access(Reader::Recipient) {
        Access::Everything => ["yes", "yes", "yes"],
        Access::Edit => ["edit", "edit", "no"],
        Access::Nothing => unreachable!(),
    };
    let values = |of: &[&&Case], name: usize| of.iter().map(|case| case.others()[name]).collect::<BTreeSet<_>>();
    let every: Vec<&&Case> = cases.iter().collect();
    let (mut when, mut product) = (Vec::new(), 1);
    for name in 0..Case::OTHERS {
        let (some, all) = (values(&read, name), values(&every, name));
        product *= some.len();
        if some != all {
            when.push(some.into_iter().collect::<Vec<_>>().join(" or "));
        }
    }
    assert_eq!(product, read.len(), "{first:?}");
    let when = if when.is_empty() { "always".to_owned() } else { when.join(", ") };
    format!("{:<6} {:<5} {:<5} {when}", parts[0], parts[1], parts[2])
}

#[test]
fn whatever_a_lane_or_an_effect_is_called_that_is_not_known_to_be_harmless_somebody_is_asked() {
    let made = a_job().in_lane(Lane::Approval).created();
    assert!(asks(&made.job, &made.policy, Output::WHOLE, made.job.cost()));
    assert!(!crate::job::delivery::may_ask(Lane::Background, &made.policy));
    assert!(crate::job::delivery::may_ask(Lane::Approval, &made.policy));
}

#[test]
fn what_a_newer_release_has_made_of_a_job_is_not_guessed_at() {
    let known = || a_job().created().in_state(State::Completed);
    let other = Word::parse("by_committee").unwrap();
    let access = |made: &super::make::Made, reader| {
        crate::job::delivery::access(reader, &made.job, &a_result(false), Some(&made.policy), false)
    };
    assert_eq!(access(&known(), Reader::Recipient), Access::Everything);
    let (mut job, mut policy) = (known(), known());
    job.job.reason = Some(Reason::Other(other));
    policy.policy.review = ReviewPolicy::Other(other);
    for made in [job, policy] {
        assert_eq!(access(&made, Reader::Recipient), Access::Nothing);
        assert_eq!(access(&made, Reader::Reviewer), Access::Everything);
    }
    let mut unknown = known();
    unknown.policy.review = ReviewPolicy::Other(other);
    assert!(asks(&unknown.job, &unknown.policy, Output::WHOLE, unknown.job.cost()));
}

#[test]
fn what_a_failed_run_left_is_partial_whatever_its_row_says() {
    let mut made = a_job().created().in_state(State::Failed);
    made.job.result = Some(a_result(false));
    assert!(crate::job::delivery::is_partial(&made.job, &a_result(false)));
    let shown = crate::contract::view::JobView::of(&made.job, &made.timing, None, made.now);
    assert!(shown.result.unwrap().partial);
}

#[test]
fn of_what_reviewers_wrote_a_submitter_reads_what_let_the_result_out() {
    let edit = || Event::Edited { result: super::make::an_edit("Hello"), note: Some(Digest::ZERO) };
    let approved = |missing| Event::Approved { approvals_missing: missing, note: Some(Digest::ZERO) };
    let mut recipe = a_job().of_type("support-reply-draft");
    recipe.policy.approvals = 2;
    let made = recipe.created().running().then(super::make::finished(Outcome::Completed));
    let made = made.then(approved(1)).then(edit()).then(approved(1)).then(approved(0));
    let note = |version| Note { version, salt: Nonce([0; 16]), text: format!("note {version}") };
    let notes: Vec<Note> = (4..=made.job.version).map(note).collect();
    let left = |reader| {
        let left = crate::job::delivery::words_for(reader, notes.clone(), &made.records);
        left.into_iter().map(|note| note.version).collect::<Vec<_>>()
    };
    assert_eq!(left(Reader::Recipient), [6, 7], "not those of what is replaced by now");
    assert_eq!((left(Reader::Reviewer), left(Reader::Auditor)), (vec![4, 5, 6, 7], vec![4, 5, 6, 7]));
}
