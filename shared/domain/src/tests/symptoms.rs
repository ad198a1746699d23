//! One symptom, one test: what went wrong once, or would.

use std::time::Duration;

use super::make::{Made, a_job, attached, confirm, finished, nonce, response, settled, write_claim};
use crate::job::duty::{Duty, PollTrigger};
use crate::job::{Event, PersonInput, State};
use crate::policy::cost::{CostState, Usd};
use crate::policy::job_type::{Conditions, ReviewPolicy};
use crate::policy::lane::LaneReason;
use crate::policy::reason::Reason;
use crate::port::PollMessage;
use crate::provider::{ErrorWords, Outcome};

/// The duty that the job believes to have at some moment of its state's time.
fn ends_early(made: &Made) -> bool {
    let mut at = made.now;
    while at < made.job.deadline {
        if matches!(made.job.duty(at), Some(Duty::Expire | Duty::Purge)) {
            return true;
        }
        at = at + Duration::from_secs(60);
    }
    false
}

#[test]
fn a_publish_claim_that_lands_after_the_confirmation_does_not_end_the_review_early() {
    let mut made = a_job().created().in_state(State::AwaitingDecision).after(Duration::from_secs(300));
    let seen = made.job.clone();
    assert_eq!(seen.duty(made.now), Some(Duty::Publish));
    let claimed = seen.claim(PollTrigger::Due, &made.timing, made.now).unwrap();

    let upto = made.job.version;
    confirm(&mut made.job, upto);
    assert!(write_claim(&mut made.job, &seen, &claimed));
    assert!(!ends_early(&made), "the review ends at {}, not at {}", made.job.due, made.job.deadline);
}

#[test]
fn an_index_entry_that_is_moved_after_the_confirmation_does_not_end_the_review_early() {
    let mut made = a_job().created().in_state(State::AwaitingDecision).after(Duration::from_secs(60));
    let seen = made.job.clone();
    let mut aimed = seen.clone();
    aimed.update_due_index(made.now);

    let upto = made.job.version;
    confirm(&mut made.job, upto);
    assert!(write_claim(&mut made.job, &seen, &aimed));
    assert!(!ends_early(&made), "the review ends at {}, not at {}", made.job.due, made.job.deadline);
}

#[test]
fn a_claim_after_the_deadline_puts_the_duty_off_like_any_other() {
    for state in State::ALL {
        let mut made = a_job().created().in_state(state).published();
        made.now = made.job.deadline.max(made.job.due);
        let claimed = made.job.claim(PollTrigger::Due, &made.timing, made.now).unwrap();
        assert_eq!(claimed.duty(made.now), None, "{state:?} is due again at once");
    }
}

#[test]
fn an_archived_job_that_runs_again_is_not_archived() {
    for state in [State::Failed, State::Canceled, State::Expired] {
        let again = a_job()
            .created()
            .in_state(state)
            .then(Event::Archived(PersonInput::default()))
            .then(Event::Retried(PersonInput::default()));
        assert_eq!(again.job.archived_at, None, "{state:?}");
    }
}

#[test]
fn the_cost_of_a_canceled_attempt_is_booked_while_the_next_one_is_under_way() {
    let again = a_job()
        .created()
        .running()
        .then(Event::Canceled(PersonInput::default()))
        .then(Event::Retried(PersonInput::default()));
    let running = again.clone().starting(nonce(2)).then(attached(response(2)));
    for made in [again, running] {
        let settled = settled(response(9), Usd::from_pico(5));
        let change = made.job.apply(settled, &made.context()).ok().flatten();
        assert_eq!(change.map(|change| change.job.cost_usd), Some(Usd::from_pico(5)), "{:?}", made.job.state);
    }
}

#[test]
fn a_job_never_has_more_attempts_than_its_type_allows() {
    let mut recipe = a_job();
    recipe.policy.retry.attempts = 1;
    for state in [State::AwaitingDecision, State::AwaitingAction] {
        let made = recipe.clone().created().in_state(state);
        let change = made.job.apply(Event::ChangesRequested { note: None }, &made.context()).ok().flatten();
        assert_eq!(change.map(|change| change.job.attempt.number), None, "{state:?}");
    }
}

#[test]
fn a_cost_settled_late_makes_the_cost_of_a_canceled_job_known() {
    let made = a_job().created().running().then(Event::Canceled(PersonInput::default()));
    let guess = made.job.cost();
    assert_eq!(guess.state, CostState::Estimated);
    assert!(guess.usd > Usd::default(), "what runs on is not for nothing");
    let made = made.then(settled(response(9), Usd::from_pico(5)));
    assert_eq!((made.job.cost().state, made.job.cost_usd), (CostState::Known, Usd::from_pico(5)));
    assert_eq!(made.job.state, State::Canceled);
}

#[test]
fn a_finish_that_loses_to_a_cancel_books_nothing_on_the_job() {
    let made = a_job().created().running().then(Event::Canceled(PersonInput::default()));
    for outcome in [Outcome::Completed, Outcome::Failed(Reason::ProviderFailed)] {
        assert_eq!(made.job.apply(finished(outcome), &made.context()), Ok(None));
    }
}

#[test]
fn a_failure_of_another_kind_has_the_whole_list_of_its_own_class() {
    let busy = || Event::NotCreated { reason: Reason::ProviderBusy, retry_after: None, error: ErrorWords::default() };
    let made = a_job().created().starting(nonce(1)).then(busy()).starting(nonce(2)).then(busy());
    let failed =
        made.starting(nonce(3)).then(attached(response(1))).then(finished(Outcome::Failed(Reason::ProviderFailed)));
    assert_eq!((failed.job.state, failed.job.attempt.number), (State::RetryScheduled, 4));
    assert_eq!(failed.job.due.since(failed.now), Duration::from_secs(10));
}

#[test]
fn a_parked_attempt_is_not_posted_again_under_its_number() {
    let held = a_job().created().in_state(State::Held);
    assert_eq!(held.job.attempt.number, 2);
}

#[test]
fn a_pre_approved_effect_waits_for_a_person_where_the_type_says_so() {
    let conditions = Conditions { effects: true, ..Conditions::default() };
    for (effects, state) in [(true, State::AwaitingDecision), (false, State::Completed)] {
        let mut made = a_job().reviewed(ReviewPolicy::When(conditions)).created().running();
        made.job.lane_reasons = vec![LaneReason::JobType];
        made.job.lane_reasons.extend(effects.then_some(LaneReason::PreApprovedEffect));
        assert_eq!(made.then(finished(Outcome::Completed)).job.state, state);
    }
}

#[test]
fn a_run_that_nobody_can_see_or_a_job_that_failed_looks_the_same_after_somebody_was_called_in() {
    let hidden = Event::Noted { reason: Some(Reason::ProviderUnreachable), provider_status: None };
    let unseen = a_job().created().running().then(hidden);
    for made in [unseen, a_job().created().in_state(State::Failed), a_job().created().in_state(State::Held)] {
        let made = made.after(Duration::from_secs(1_000));
        let before = made.job.attention(&made.timing, None, made.now);
        assert!(before.is_some());
        let called = made.then(Event::Escalated(PersonInput::default()));
        let booked = called.clone().then(settled(response(9), Usd::from_pico(5)));
        for made in [called, booked] {
            assert_eq!(made.job.attention(&made.timing, None, made.now), before, "{:?}", made.job.state);
        }
    }
}

#[test]
fn a_retry_that_comes_while_the_input_is_being_erased_opens_no_attempt_that_nobody_can_start() {
    for state in [State::Failed, State::Canceled, State::Expired] {
        let mut made = a_job().created().in_state(state).published();
        made.now = made.job.deadline;
        // The duty erases first, and is written afterwards.
        assert_eq!(made.job.duty(made.now), Some(Duty::Purge));
        let retried = made.job.apply(Event::Retried(PersonInput::default()), &made.context());
        assert_eq!(retried.ok().flatten().map(|change| change.job.attempt.number), None, "{state:?}");
    }
}

#[test]
fn a_message_with_a_count_in_it_is_read_back() {
    for denials in [0, 1, u16::MAX] {
        let work = PollMessage::ResponseV1 { response_id: response(1), denials, watcher: None };
        let text = serde_json::to_string(&work).unwrap();
        assert_eq!(serde_json::from_str::<PollMessage>(&text).unwrap(), work);
    }
    let old = r#"{"kind":"response_v1","response_id":"resp_1"}"#;
    assert!(matches!(serde_json::from_str(old), Ok(PollMessage::ResponseV1 { denials: 0, .. })));
    for odd in ["-1", "65536", "1.5", "\"1\"", "null"] {
        let text = format!(r#"{{"kind":"response_v1","response_id":"resp_1","denials":{odd}}}"#);
        assert!(serde_json::from_str::<PollMessage>(&text).is_err(), "{odd}");
    }
}

#[test]
fn calling_somebody_in_puts_off_no_event_that_nobody_has_heard_of() {
    let made = a_job().created().running().after(Duration::from_secs(301));
    assert!(made.job.is_publish_overdue(&made.timing, made.now));
    let called = made.clone().then(Event::Escalated(PersonInput::default()));
    assert!(called.job.is_publish_overdue(&called.timing, called.now));
    // One that everybody has heard of has a while for the call itself.
    let called = made.published().then(Event::Escalated(PersonInput::default()));
    assert!(!called.job.is_publish_overdue(&called.timing, called.now));
    let called = called.after(Duration::from_secs(300));
    assert!(called.job.is_publish_overdue(&called.timing, called.now));
}
