//! How a run that came to nothing goes on, and what is kept of it.

use std::time::Duration;

use super::make::{Made, a_job, a_result, attached, finish, finished, nonce, response};
use crate::contract::view::{JobView, TrailView};
use crate::job::attention::AttentionCode;
use crate::job::record::{Replay, matches_row};
use crate::job::{Event, Finish, PayloadRef, PersonInput, State};
use crate::policy::cost::{Cost, Usd};
use crate::policy::job_type::{Conditions, ReviewPolicy};
use crate::policy::reason::{ErrorClass, Reason, Remedy};
use crate::provider::{ErrorWords, Outcome};

fn words(kind: &str, code: &str) -> ErrorWords {
    ErrorWords::checked(Some(kind.to_owned()), Some(code.to_owned()))
}

/// A run that the provider took and ended before it did anything.
fn turned_away(reason: Reason) -> Finish {
    let answer = Some(PayloadRef::of(b"turned away"));
    Finish { cost: Some(Cost::known(Usd::default())), usage: None, answer, ..finish(Outcome::Failed(reason)) }
}

fn spent(made: &Made) -> u16 {
    made.job.attempt.number - made.job.uncounted_attempts
}

/// Starts the next attempt and has it attached.
fn again(made: Made, number: u32) -> Made {
    made.starting(nonce(number.to_le_bytes()[0])).then(attached(response(number)))
}

#[test]
fn a_run_that_the_provider_had_no_room_for_waits_as_if_busy_and_spends_no_attempt() {
    let made = a_job().created().running().then(Event::Finished(turned_away(Reason::ProviderBusy)));
    assert_eq!((made.job.state, made.job.reason), (State::RetryScheduled, Some(Reason::ProviderBusy)));
    assert_eq!((spent(&made), made.job.due.since(made.now)), (1, Duration::from_secs(5)));
    let made = again(made, 2).then(Event::Finished(turned_away(Reason::ProviderBusy)));
    assert_eq!((spent(&made), made.job.due.since(made.now)), (1, Duration::from_secs(15)), "the next gap of that list");
    assert_eq!(made.job.unpriced_responses, 0, "nothing is left open for ever");
}

#[test]
fn a_run_that_did_something_before_it_was_turned_away_counts_as_an_attempt() {
    for cost in [None, Some(Cost::known(Usd::from_pico(1)))] {
        let mut recipe = a_job();
        recipe.policy.retry.attempts = 2;
        let cut = || Event::Finished(Finish { cost, ..turned_away(Reason::ProviderBusy) });
        let made = recipe.created().running().then(cut());
        assert_eq!((made.job.state, spent(&made)), (State::RetryScheduled, 2));
        let made = again(made, 2).then(cut());
        assert_eq!((made.job.state, made.job.reason), (State::Failed, Some(Reason::ProviderBusy)));
    }
}

#[test]
fn a_run_that_ran_into_an_empty_account_is_held_as_a_refused_start_is() {
    let mut recipe = a_job();
    recipe.policy.retry.attempts = 1;
    let made = recipe.created().running().then(Event::Finished(turned_away(Reason::ProviderQuota)));
    assert_eq!((made.job.state, made.job.reason), (State::Held, Some(Reason::ProviderQuota)));
    assert_eq!((spent(&made), made.job.due.since(made.now)), (1, made.timing.quota_wait));
    let shown = made.job.attention(&made.timing, None, made.now).map(|it| (it.code, it.next_step));
    assert_eq!(shown, Some((AttentionCode::Because(Reason::ProviderQuota), Remedy::MendAccount)));
    let ran = again(made, 2).then(finished(Outcome::Completed));
    assert_eq!((ran.job.state, ran.job.unpriced_responses), (State::Completed, 0));
}

#[test]
fn a_run_that_cost_something_before_the_money_ran_out_is_not_paid_for_again_and_again() {
    let mut made = a_job().created().running();
    for number in 2..10 {
        made = made.then(finished(Outcome::Failed(Reason::ProviderQuota)));
        if made.job.state == State::Failed {
            break;
        }
        assert_eq!(made.job.state, State::Held);
        made = again(made, number);
    }
    assert_eq!((made.job.state, made.job.attempt.number, spent(&made)), (State::Failed, 3, 3));
}

#[test]
fn of_many_runs_that_meet_the_same_empty_account_one_asks_for_a_person() {
    let known = Finish { is_shown: true, ..turned_away(Reason::ProviderQuota) };
    let made = a_job().created().running().then(Event::Finished(known));
    assert_eq!((made.job.state, made.job.due.since(made.now)), (State::RetryScheduled, made.timing.quota_wait));
    assert_eq!(made.job.attention(&made.timing, None, made.now), None);
}

#[test]
fn runs_that_are_turned_away_are_not_tried_for_longer_than_a_start_may_take() {
    for reason in [Reason::ProviderBusy, Reason::ProviderQuota] {
        let mut recipe = a_job();
        recipe.policy.start_deadline = Duration::from_secs(3_600);
        let mut made = recipe.created().running();
        let begun = made.now;
        for number in 2..200 {
            made = made.then(Event::Finished(turned_away(reason)));
            if made.job.state == State::Failed {
                break;
            }
            made = again(made, number);
        }
        assert_eq!((made.job.state, made.job.reason), (State::Failed, Some(reason)));
        let took = made.now.since(begun).as_secs();
        assert!((3_000..=4_800).contains(&took), "{took} s, {reason:?}");
    }
}

#[test]
fn what_would_fail_again_is_not_tried_again_and_nobody_is_told_to_retry_it() {
    for reason in [Reason::InvalidRequest, Reason::ContentPolicy, Reason::Refusal, Reason::OutputLimit] {
        let made = a_job().created().running().then(finished(Outcome::Failed(reason)));
        assert_eq!((made.job.state, made.job.attempt.number), (State::Failed, 1), "{reason:?}");
        let shown = made.job.attention(&made.timing, None, made.now).unwrap();
        assert_eq!(shown.next_step, Remedy::ChangeRequest, "{reason:?}");
    }
    let mended_by_a_try = |class| !matches!(class, ErrorClass::Account | ErrorClass::Permanent);
    for reason in Reason::ALL.iter().filter(|reason| mended_by_a_try(reason.class())) {
        assert_eq!(reason.remedy(), Remedy::Retry, "{reason:?}");
    }
}

#[test]
fn a_run_of_only_tool_calls_goes_to_review_where_partial_output_does_and_fails_otherwise() {
    let partial = ReviewPolicy::When(Conditions { partial: true, ..Conditions::default() });
    let cases = [
        (ReviewPolicy::Never, State::Failed),
        (partial, State::AwaitingDecision),
        (ReviewPolicy::Always, State::AwaitingDecision),
    ];
    for reason in [Reason::OnlyToolCalls, Reason::UnknownOutput] {
        for (review, state) in cases {
            let made = a_job().reviewed(review).created().running().then(finished(Outcome::Partial(reason)));
            assert_eq!((made.job.state, made.job.reason), (state, Some(reason)));
            assert!(made.job.result.is_some_and(|result| result.partial), "what came out is kept");
        }
    }
}

#[test]
fn the_words_of_the_provider_stand_on_the_job_and_in_the_trail_until_the_next_run() {
    let said = words("invalid_request_error", "context_length_exceeded");
    let failed = Finish { error: said.clone(), ..finish(Outcome::Failed(Reason::InvalidRequest)) };
    let made = a_job().created().running().then(Event::Finished(failed)).then(Event::Archived(PersonInput::default()));
    let view = JobView::of(&made.job, &made.timing, None, made.now);
    assert_eq!(view.provider.error, Some(&said));
    assert!(matches_row(&made.records, &made.job));
    let trail = TrailView::of(
        &made.job.id,
        &made.trail,
        true,
        std::collections::BTreeMap::new(),
        crate::job::durations::Durations::default(),
    );
    let told: Vec<_> = trail.events.iter().map(|event| event.provider_error.as_ref()).collect();
    assert_eq!(told, [None, None, Some(&said), Some(&said)]);
    let json = serde_json::to_value(view.provider.error).unwrap();
    assert_eq!(json, serde_json::json!({"type": "invalid_request_error", "code": "context_length_exceeded"}));

    let retried = made.then(Event::Retried(PersonInput::default()));
    assert_eq!(retried.job.attempt.error, ErrorWords::default(), "a person asked for something else");
    let busy = Finish { error: words("", "rate_limit_exceeded"), ..turned_away(Reason::ProviderBusy) };
    let waits = a_job().created().running().then(Event::Finished(busy));
    assert_eq!(waits.job.attempt.error, words("", "rate_limit_exceeded"), "it says why the job waits");
    let refused =
        Event::NotCreated { reason: Reason::ProviderUnreachable, retry_after: None, error: ErrorWords::default() };
    let refused = waits.clone().starting(nonce(2)).then(refused);
    for made in [again(waits, 2), refused] {
        assert_eq!(made.job.attempt.error, ErrorWords::default());
        assert!(matches_row(&made.records, &made.job));
    }
}

#[test]
fn a_word_that_is_a_sentence_is_kept_nowhere() {
    for sentence in ["The model crashed.", "a b", "", "käse", "a\nb", "\u{fffd}"] {
        assert!(words(sentence, sentence).is_empty(), "{sentence:?}");
    }
    let long = "x".repeat(70);
    assert_eq!(words("a.B-c_1", &long), words("a.B-c_1", &long[..64]));
}

#[test]
fn the_answer_of_a_run_without_a_result_is_kept_beside_the_job_and_is_no_result_of_it() {
    let answer = PayloadRef::of(b"failed");
    let failed = || Finish { answer: Some(answer), ..finish(Outcome::Failed(Reason::InvalidRequest)) };
    let made = a_job().created().running().then(Event::Finished(failed()));
    assert_eq!((made.job.result, made.job.attempt.answer), (None, Some(answer)));
    let record = made.records.last().unwrap();
    assert_eq!((record.digest, record.answer), (None, Some(answer.digest)));
    assert_eq!(Replay::of(&made.records), Some(Replay::from_row(&made.job)));
    let view = JobView::of(&made.job, &made.timing, None, made.now);
    assert!(view.result.is_none() && view.provider.answer == Some(answer.digest));

    let tried = Finish { answer: Some(answer), ..finish(Outcome::Failed(Reason::ProviderFailed)) };
    let made = a_job().created().running().then(Event::Finished(tried));
    assert_eq!((made.job.attempt.number, made.job.attempt.answer), (2, None));
    assert_eq!(made.records.last().unwrap().answer, Some(answer.digest), "the trail names what the first run said");
    assert_eq!(Replay::of(&made.records), Some(Replay::from_row(&made.job)));

    let done = a_job().created().running().then(finished(Outcome::Completed));
    assert_eq!(done.records.last().unwrap().answer, None, "a result is named once");
    assert_eq!(done.job.result, Some(a_result(false)));
}

#[test]
fn an_answer_that_comes_after_the_end_is_kept_once_and_costs_nothing_more() {
    let canceled = a_job().created().running().then(Event::Canceled(PersonInput::default()));
    let late = |bytes: &[u8]| Event::CostSettled {
        response: response(1),
        cost: None,
        usage: None,
        kept: None,
        answer: Some(PayloadRef::of(bytes)),
    };
    let made = canceled.then(late(b"first"));
    assert_eq!((made.job.result, made.job.attempt.answer), (None, Some(PayloadRef::of(b"first"))));
    assert_eq!(Replay::of(&made.records), Some(Replay::from_row(&made.job)));
    assert_eq!(made.job.apply(late(b"second"), &made.context()), Ok(None));
}
