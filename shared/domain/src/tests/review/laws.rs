//! What must hold of several decisions about one job.

use super::super::make::{Made, a_job, an_edit, answered, attached, nonce, response};
use crate::job::record::{chain_intact, matches_row};
use crate::job::{Event, PersonInput, State};
use crate::people::review::{
    Action, ActionDenied, ReviewCommand, ReviewOutcome, Round, allowed, decide, has_reviewers,
};
use crate::policy::job_type::{JobType, ReviewPolicy};
use crate::policy::lane::Lane;
use crate::provider::{ErrorWords, Outcome};
use crate::value::id::{Digest, Principal};
use crate::value::member::{Member, Role};

const ANSWER: &str = "Dear customer";

/// A reviewer.
fn who(name: &str) -> Member {
    Member {
        principal: Principal::parse(name).unwrap(),
        roles: [Role::Reviewer].into(),
        issuer: None,
        active: true,
        name: None,
    }
}

/// A draft that waits for so many approvals.
fn a_draft(approvals: u8) -> Made {
    let mut recipe = a_job().of_type("support-reply-draft");
    recipe.policy.approvals = approvals;
    recipe.created().running().then(answered(Outcome::Completed, ANSWER))
}

/// Asks from what waits now.
fn asked(made: &Made, member: &Member, action: Action) -> Result<ReviewOutcome, ActionDenied> {
    let digest = made.job.result.map_or(Digest::ZERO, |result| result.stored.digest);
    let ask = ReviewCommand { action, digest, seen: made.job.version };
    decide(&made.job, &Round::of(&made.job, &made.records), &made.policy, member, ask, made.now)
}

/// Approves as the flow does, which goes by who has approved.
fn approved(made: Made, name: &str) -> Made {
    let Ok(ReviewOutcome::Counted(by)) = asked(&made, &who(name), Action::Approve) else { panic!("{name} may not") };
    let missing = u8::try_from(usize::from(made.policy.approvals).saturating_sub(by.len())).unwrap();
    made.by(&who(name).principal, Event::Approved { approvals_missing: missing, note: None })
}

fn edited(made: Made, name: &str, text: &str) -> Made {
    assert_eq!(asked(&made, &who(name), Action::Edit), Ok(ReviewOutcome::Decided));
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
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Ok(ReviewOutcome::Repeat), "one person counts once");
    assert_eq!(Round::of(&made.job, &made.records).approved_by, [who("rita").principal]);
    let made = approved(made, "remy");
    assert_eq!(made.job.state, State::Completed);
    for name in ["rita", "remy"] {
        assert_eq!(asked(&made, &who(name), Action::Approve), Ok(ReviewOutcome::Repeat), "{name}");
    }
    assert_eq!(asked(&made, &who("rose"), Action::Approve), Err(ActionDenied::NotWaiting));
}

#[test]
fn a_decision_names_any_version_of_its_round() {
    let first = a_draft(2);
    let made = approved(first.clone(), "rita");
    let digest = Digest::of(ANSWER.as_bytes());
    let at = |seen| {
        let ask = ReviewCommand { action: Action::Approve, digest, seen };
        decide(&made.job, &Round::of(&made.job, &made.records), &made.policy, &who("remy"), ask, made.now)
    };
    let counted = Ok(ReviewOutcome::Counted(vec![who("rita").principal, who("remy").principal]));
    assert_eq!((at(first.job.version), at(made.job.version)), (counted.clone(), counted));
    assert_eq!(
        (at(first.job.version - 1), at(made.job.version + 1)),
        (Err(ActionDenied::Stale), Err(ActionDenied::Stale))
    );
}

#[test]
fn an_edit_voids_the_approvals_before_it_even_if_the_text_stays_the_same() {
    let first = approved(edited(a_draft(2), "eddy", "Hello"), "rita");
    for text in ["Hello", "Hello again"] {
        let made = edited(first.clone(), "eddy", text);
        let round = Round::of(&made.job, &made.records);
        assert_eq!((round.from, round.approved_by.as_slice()), (made.job.version, [].as_slice()), "{text}");
        let ask =
            ReviewCommand { action: Action::Approve, digest: an_edit(text).stored.digest, seen: first.job.version };
        let old = decide(&made.job, &round, &made.policy, &who("remy"), ask, made.now);
        assert_eq!(old, Err(ActionDenied::Stale), "what was read before the edit decides nothing after it");
        let made = approved(made, "remy");
        assert_eq!(made.job.state, State::AwaitingDecision, "rita approved another text");
        assert_eq!(approved(made, "rita").job.state, State::Completed);
    }
}

#[test]
fn whoever_approved_and_then_edited_has_a_hand_in_it() {
    let made = edited(approved(a_draft(2), "rita"), "rita", "Hello");
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Err(ActionDenied::Contributor));
    for action in [Action::Edit, Action::Reject, Action::RequestChanges] {
        assert_eq!(asked(&made, &who("rita"), action), Ok(ReviewOutcome::Decided), "{action:?}");
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
    // Eddy's text went along as the draft that was to be changed; rose only asked, and rita's approval was of another text.
    assert_eq!(asked(&made, &who("eddy"), Action::Approve), Err(ActionDenied::Contributor));
    let made = approved(approved(made, "rita"), "rose");
    assert_eq!(made.job.state, State::Completed);
}

/// The answer of the next attempt, however it was opened.
fn answered_again(made: Made, number: u8) -> Made {
    made.starting(nonce(number)).then(attached(response(number.into()))).then(answered(Outcome::Completed, ANSWER))
}

fn sent_back(made: Made, name: &str) -> Made {
    assert_eq!(asked(&made, &who(name), Action::RequestChanges), Ok(ReviewOutcome::Decided));
    made.by(&who(name).principal, Event::ChangesRequested { note: None })
}

fn retried_by(made: Made, name: &str) -> Made {
    made.then(Event::Canceled(PersonInput::default())).by(&who(name).principal, Event::Retried(PersonInput::default()))
}

/// Whom four eyes keep from approving what waits.
fn barred<'a>(made: &Made, names: &[&'a str]) -> Vec<&'a str> {
    let is_barred = |name: &&&str| asked(made, &who(name), Action::Approve) == Err(ActionDenied::Contributor);
    names.iter().filter(is_barred).copied().collect()
}

#[test]
fn an_editor_who_then_asks_for_changes_may_not_approve_the_next_attempt() {
    let made = answered_again(sent_back(edited(a_draft(1), "rita", "Hello"), "rita"), 2);
    assert_eq!(barred(&made, &["rita", "remy"]), ["rita"]);
    assert_eq!(approved(made, "remy").job.state, State::Completed);
}

#[test]
fn whoever_had_a_hand_in_it_stays_with_all_that_is_sent_back() {
    let everybody = ["eddy", "rita", "remy", "rose"];
    let made = answered_again(sent_back(edited(a_draft(1), "eddy", "Hello"), "rose"), 2);
    let made = answered_again(sent_back(edited(made, "rita", "Hello again"), "remy"), 3);
    assert_eq!(barred(&made, &everybody), ["eddy", "rita"]);
    // The draft that was sent back goes to the provider again, whoever has it tried again.
    let made = answered_again(retried_by(edited(made, "rose", "Mine"), "remy"), 4);
    assert_eq!(barred(&made, &everybody), ["eddy", "rita", "remy"], "and what rose wrote is gone");
}

#[test]
fn what_was_never_sent_back_is_gone_with_its_attempt() {
    let made = answered_again(retried_by(edited(a_draft(1), "eddy", "Hello"), "rita"), 2);
    assert_eq!(barred(&made, &["eddy", "rita"]), ["rita"]);
    let made = answered_again(retried_by(made, "remy"), 3);
    assert_eq!(barred(&made, &["eddy", "rita", "remy"]), ["remy"], "the last one chose this attempt");
    let made = answered_again(sent_back(made, "rose"), 4);
    assert_eq!(barred(&made, &["rita", "remy", "rose"]), ["remy"], "what remy chose was sent back");
}

#[test]
fn a_hand_in_it_does_not_go_away_with_a_role_that_is_given_back() {
    let made = edited(a_draft(1), "rita", "Hello");
    let without = Member { roles: [Role::Operator].into(), ..who("rita") };
    assert_eq!(asked(&made, &without, Action::Approve), Err(ActionDenied::NotReviewer));
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Err(ActionDenied::Contributor));
    let operator = Member { roles: [Role::Operator, Role::Reviewer].into(), ..who("otto") };
    let made = answered_again(retried_by(a_draft(1), "otto"), 2);
    assert_eq!(asked(&made, &operator, Action::Approve), Err(ActionDenied::Contributor), "who had it tried again");
}

#[test]
fn the_one_it_is_for_may_do_what_its_submitter_may() {
    let mut recipe = a_job().of_type("support-reply-draft");
    recipe.on_behalf_of = Some(who("rita").principal);
    let made = recipe.created().running().then(answered(Outcome::Completed, ANSWER));
    assert_eq!(made.records[0].on_behalf_of, Some(who("rita").principal), "it stands in the first record");
    assert!(made.records[1..].iter().all(|record| record.on_behalf_of.is_none()));
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Err(ActionDenied::Beneficiary));
    for action in [Action::Edit, Action::Reject, Action::RequestChanges] {
        assert_eq!(asked(&made, &who("rita"), action), Ok(ReviewOutcome::Decided), "{action:?}");
    }
    let mut other = made.job.clone();
    other.on_behalf_of = None;
    assert!(
        matches_row(&made.records, &made.job) && !matches_row(&made.records, &other),
        "the row says what the trail says"
    );
    assert_eq!(approved(made, "remy").job.state, State::Completed);
}

#[test]
fn a_job_has_reviewers_when_so_many_are_left_as_its_type_asks_for() {
    let members = |names: &[&str]| names.iter().map(|name| who(name)).collect::<Vec<_>>();
    let mut policy = a_draft(2).policy;
    let [alice, rita] = ["alice", "rita"].map(|name| who(name).principal);
    let left = |policy: &JobType, lane, names: &[&str], on_behalf_of: Option<&Principal>| {
        has_reviewers(lane, policy, [Some(&alice), on_behalf_of], &members(names))
    };
    assert!(left(&policy, Lane::Approval, &["rita", "remy"], None));
    assert!(!left(&policy, Lane::Approval, &["rita", "remy"], Some(&rita)));
    assert!(!left(&policy, Lane::Approval, &["rita", "alice"], None));
    assert!(left(&policy, Lane::Approval, &["rita", "alice", "remy"], Some(&alice)));
    let mut some = members(&["rita", "remy", "rose"]);
    (some[0].active, some[1].roles) = (false, [Role::Admin].into());
    assert!(!has_reviewers(Lane::Approval, &policy, [Some(&alice), None], &some));
    policy.four_eyes = false;
    assert!(!left(&policy, Lane::Approval, &["rita", "remy"], Some(&rita)), "there four eyes are always on");
    assert!(left(&policy, Lane::Background, &["rita", "alice"], Some(&rita)), "nobody is barred");
}

#[test]
fn a_persons_retry_counts_although_the_provider_was_busy_in_between() {
    use crate::policy::reason::Reason::{ContentPolicy, ProviderBusy};
    let made = a_job()
        .of_type("support-reply-draft")
        .created()
        .running()
        .then(super::super::make::finished(Outcome::Failed(ContentPolicy)))
        .by(&who("rita").principal, Event::Retried(PersonInput::default()))
        .starting(nonce(2))
        .then(Event::NotCreated { reason: ProviderBusy, retry_after: None, error: ErrorWords::default() })
        .starting(nonce(3))
        .then(attached(response(3)))
        .then(answered(Outcome::Completed, ANSWER));
    assert_eq!(made.job.attempt.number, 3);
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Err(ActionDenied::Contributor));
}

#[test]
fn four_eyes_are_on_wherever_a_review_is_unless_the_type_turns_them_off() {
    let mut made = a_job().reviewed(ReviewPolicy::Always).created().running();
    made = edited(made.then(answered(Outcome::Completed, ANSWER)), "rita", "Hello");
    let submitter = Member { principal: made.job.created_by.clone(), ..who("x") };
    assert_eq!(asked(&made, &submitter, Action::Approve), Err(ActionDenied::Submitter));
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Err(ActionDenied::Contributor));
    made.policy.four_eyes = false;
    for member in [&submitter, &who("rita")] {
        assert!(matches!(asked(&made, member, Action::Approve), Ok(ReviewOutcome::Counted(_))));
    }
    made.job.lane = Lane::Approval;
    assert_eq!(asked(&made, &submitter, Action::Approve), Err(ActionDenied::Submitter));
    assert_eq!(asked(&made, &who("rita"), Action::Approve), Err(ActionDenied::Contributor));
}

#[test]
fn changes_are_asked_for_as_long_as_the_type_has_attempts_left() {
    let mut made = a_draft(1);
    made.policy.retry.attempts = 1;
    assert_eq!(asked(&made, &who("rita"), Action::RequestChanges), Err(ActionDenied::NoAttemptsLeft));
    assert_eq!(asked(&made, &who("rita"), Action::Reject), Ok(ReviewOutcome::Decided));
    made.policy.retry.attempts = 2;
    assert_eq!(asked(&made, &who("rita"), Action::RequestChanges), Ok(ReviewOutcome::Decided));
}

#[test]
fn what_a_row_allows_is_what_could_be_decided() {
    let made = a_draft(1);
    let everything = Action::ALL.to_vec();
    assert_eq!(allowed(&made.job, &who("rita"), &made.policy, None, made.now), everything);
    let submitter = Member { principal: made.job.created_by.clone(), ..who("x") };
    assert_eq!(
        allowed(&made.job, &submitter, &made.policy, None, made.now),
        [Action::Edit, Action::Reject, Action::RequestChanges]
    );
    assert_eq!(allowed(&made.job, &who("rita"), &made.policy, None, made.job.deadline), []);
    assert_eq!(allowed(&made.job, &Member { active: false, ..who("rita") }, &made.policy, None, made.now), []);
    assert_eq!(
        allowed(&made.job, &Member { roles: [Role::Admin].into(), ..who("rita") }, &made.policy, None, made.now),
        []
    );
    let action = a_job().created().in_state(State::AwaitingAction);
    assert_eq!(
        allowed(&action.job, &who("rita"), &action.policy, None, action.now),
        [Action::Reject, Action::RequestChanges]
    );
    assert_eq!(allowed(&approved(made, "rita").job, &who("remy"), &action.policy, None, action.now), []);
}

#[test]
fn what_a_round_allows_is_exactly_what_would_not_be_refused() {
    let draft = || edited(approved(a_draft(2), "rita"), "eddy", "Hello");
    let back = answered_again(sent_back(draft(), "rose"), 2);
    for made in
        [draft(), approved(draft(), "remy"), back.clone(), retried_by(back, "rita"), approved(a_draft(2), "rita")]
    {
        let round = Round::of(&made.job, &made.records);
        let submitter = Member { principal: made.job.created_by.clone(), ..who("x") };
        for member in ["rita", "remy", "rose", "eddy"].map(who).iter().chain([&submitter]) {
            let shown = allowed(&made.job, member, &made.policy, Some(&round), made.now);
            let news = |action: &Action| {
                let digest = round.digest.unwrap_or(Digest::ZERO);
                let ask = ReviewCommand { action: *action, digest, seen: made.job.version };
                let verdict = decide(&made.job, &round, &made.policy, member, ask, made.now);
                matches!(verdict, Ok(ReviewOutcome::Counted(_) | ReviewOutcome::Decided))
            };
            let expected: Vec<Action> = Action::ALL.into_iter().filter(news).collect();
            assert_eq!(shown, expected, "{} at v{}", member.principal, made.job.version);
        }
    }
}
