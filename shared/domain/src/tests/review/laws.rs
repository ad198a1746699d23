//! What must hold of several decisions about one job.

use super::super::make::{Made, a_job, an_edit, answered, attached, nonce, response};
use crate::id::{Digest, Principal};
use crate::job::{Event, Said, State};
use crate::job_type::ReviewPolicy;
use crate::port::{Member, Role};
use crate::provider::Outcome;
use crate::record::chain_intact;
use crate::review::{Action, Ask, Denial, Round, Verdict, allowed, decide};

const ANSWER: &str = "Dear customer";

/// A reviewer.
fn who(name: &str) -> Member {
    Member { principal: Principal::parse(name).unwrap(), roles: [Role::Reviewer].into(), active: true }
}

/// A draft that waits for so many approvals.
fn a_draft(approvals: u8) -> Made {
    let mut recipe = a_job().of_type("support-reply-draft");
    recipe.policy.approvals = approvals;
    recipe.created().running().then(answered(Outcome::Completed, ANSWER))
}

/// Asks from what waits now.
fn asked(made: &Made, member: &Member, action: Action) -> Result<Verdict, Denial> {
    let digest = made.job.result.map_or(Digest::ZERO, |result| result.stored.digest);
    let ask = Ask { action, digest, seen: made.job.version };
    decide(&made.job, &Round::of(&made.job, &made.records), &made.policy, member, ask, made.now)
}

/// Approves as the flow does, which goes by who has approved.
fn approved(made: Made, name: &str) -> Made {
    let Ok(Verdict::Counted(by)) = asked(&made, &who(name), Action::Approve) else { panic!("{name} may not") };
    let missing = u8::try_from(usize::from(made.policy.approvals).saturating_sub(by.len())).unwrap();
    made.by(&who(name).principal, Event::Approved { missing, note: None })
}

fn edited(made: Made, name: &str, text: &str) -> Made {
    assert_eq!(asked(&made, &who(name), Action::Edit), Ok(Verdict::Decided));
    made.by(&who(name).principal, Event::Edited { result: an_edit(text), note: None })
}

#[test]
fn one_approval_completes_where_one_is_enough() {
    let made = approved(a_draft(1), "rita");
    assert_eq!((made.job.state, made.job.reason), (State::Completed, None));
    assert!(chain_intact(&made.job, &made.trail));
}

#[test]
fn of_two_approvals_the_first_leaves_the_job_where_it_is_and_the_second_completes_it() {
    let made = approved(a_draft(2), "rita");
    assert_eq!(made.job.state, State::AwaitingDecision);
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Ok(Verdict::Repeat), "one person counts once");
    assert_eq!(Round::of(&made.job, &made.records).approved_by, [who("rita").principal]);
    let made = approved(made, "remy");
    assert_eq!(made.job.state, State::Completed);
    for name in ["rita", "remy"] {
        assert_eq!(asked(&made, &who(name), Action::Approve), Ok(Verdict::Repeat), "{name}");
    }
    assert_eq!(asked(&made, &who("rose"), Action::Approve), Err(Denial::NotWaiting));
}

#[test]
fn a_decision_names_any_version_of_its_round() {
    let first = a_draft(2);
    let made = approved(first.clone(), "rita");
    let digest = Digest::of(ANSWER.as_bytes());
    let at = |seen| {
        let ask = Ask { action: Action::Approve, digest, seen };
        decide(&made.job, &Round::of(&made.job, &made.records), &made.policy, &who("remy"), ask, made.now)
    };
    let counted = Ok(Verdict::Counted(vec![who("rita").principal, who("remy").principal]));
    assert_eq!((at(first.job.version), at(made.job.version)), (counted.clone(), counted));
    assert_eq!((at(first.job.version - 1), at(made.job.version + 1)), (Err(Denial::Stale), Err(Denial::Stale)));
}

#[test]
fn an_edit_voids_the_approvals_before_it_even_if_the_text_stays_the_same() {
    let first = approved(edited(a_draft(2), "eddy", "Hello"), "rita");
    for text in ["Hello", "Hello again"] {
        let made = edited(first.clone(), "eddy", text);
        let round = Round::of(&made.job, &made.records);
        assert_eq!((round.from, round.approved_by.as_slice()), (made.job.version, [].as_slice()), "{text}");
        let ask = Ask { action: Action::Approve, digest: an_edit(text).stored.digest, seen: first.job.version };
        let old = decide(&made.job, &round, &made.policy, &who("remy"), ask, made.now);
        assert_eq!(old, Err(Denial::Stale), "what was read before the edit decides nothing after it");
        let made = approved(made, "remy");
        assert_eq!(made.job.state, State::AwaitingDecision, "rita approved another text");
        assert_eq!(approved(made, "rita").job.state, State::Completed);
    }
}

#[test]
fn whoever_approved_and_then_edited_has_a_hand_in_it() {
    let made = edited(approved(a_draft(2), "rita"), "rita", "Hello");
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Err(Denial::Contributor));
    for action in [Action::Edit, Action::Reject, Action::RequestChanges] {
        assert_eq!(asked(&made, &who("rita"), action), Ok(Verdict::Decided), "{action:?}");
    }
}

#[test]
fn another_attempt_is_another_round_even_with_the_same_answer() {
    let made = edited(approved(a_draft(2), "rita"), "eddy", "Hello")
        .by(&who("rose").principal, Event::ChangesRequested { note: None })
        .starting(nonce(2))
        .then(attached(response(2)))
        .then(answered(Outcome::Completed, ANSWER));
    let round = Round::of(&made.job, &made.records);
    assert_eq!((round.attempt, round.from, round.approved_by.len()), (2, made.job.version, 0));
    // Eddy's text is gone, and rose only asked.
    let made = approved(approved(made, "eddy"), "rose");
    assert_eq!(made.job.state, State::Completed);
}

#[test]
fn a_persons_retry_counts_although_the_provider_was_busy_in_between() {
    use crate::reason::Reason::{ContentPolicy, ProviderBusy};
    let made = a_job()
        .of_type("support-reply-draft")
        .created()
        .running()
        .then(super::super::make::finished(Outcome::Failed(ContentPolicy)))
        .by(&who("rita").principal, Event::Retried(Said::default()))
        .starting(nonce(2))
        .then(Event::NotCreated { reason: ProviderBusy, retry_after: None })
        .starting(nonce(3))
        .then(attached(response(3)))
        .then(answered(Outcome::Completed, ANSWER));
    assert_eq!(made.job.attempt.number, 3);
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Err(Denial::Contributor));
}

#[test]
fn outside_the_approval_lane_four_eyes_are_the_types_to_ask_for() {
    let mut made = a_job().reviewed(ReviewPolicy::Always).created().running();
    made = edited(made.then(answered(Outcome::Completed, ANSWER)), "rita", "Hello");
    let submitter = Member { principal: made.job.created_by.clone(), ..who("x") };
    for member in [&submitter, &who("rita")] {
        assert!(matches!(asked(&made, member, Action::Approve), Ok(Verdict::Counted(_))));
    }
    made.policy.four_eyes = true;
    assert_eq!(asked(&made, &submitter, Action::Approve), Err(Denial::Submitter));
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Err(Denial::Contributor));
}

#[test]
fn changes_are_asked_for_as_long_as_the_type_has_attempts_left() {
    let mut made = a_draft(1);
    made.policy.retry.attempts = 1;
    assert_eq!(asked(&made, &who("rita"), Action::RequestChanges), Err(Denial::NoAttemptsLeft));
    assert_eq!(asked(&made, &who("rita"), Action::Reject), Ok(Verdict::Decided));
    made.policy.retry.attempts = 2;
    assert_eq!(asked(&made, &who("rita"), Action::RequestChanges), Ok(Verdict::Decided));
}

#[test]
fn what_a_row_allows_is_what_could_be_decided() {
    let made = a_draft(1);
    let everything = Action::ALL.to_vec();
    assert_eq!(allowed(&made.job, &who("rita"), &made.policy, made.now), everything);
    let submitter = Member { principal: made.job.created_by.clone(), ..who("x") };
    assert_eq!(
        allowed(&made.job, &submitter, &made.policy, made.now),
        [Action::Edit, Action::Reject, Action::RequestChanges]
    );
    assert_eq!(allowed(&made.job, &who("rita"), &made.policy, made.job.deadline), []);
    assert_eq!(allowed(&made.job, &Member { active: false, ..who("rita") }, &made.policy, made.now), []);
    assert_eq!(allowed(&made.job, &Member { roles: [Role::Admin].into(), ..who("rita") }, &made.policy, made.now), []);
    let action = a_job().created().in_state(State::AwaitingAction);
    assert_eq!(
        allowed(&action.job, &who("rita"), &action.policy, action.now),
        [Action::Reject, Action::RequestChanges]
    );
    assert_eq!(allowed(&approved(made, "rita").job, &who("remy"), &action.policy, action.now), []);
}
