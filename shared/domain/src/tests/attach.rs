//! Whose response is it: what `claimant` answers to a response that carries our metadata.

use std::time::Duration;

use super::make::{Made, a_job, attached, finished, nonce, response};
use crate::job::duty::Ownership;
use crate::job::{Event, PersonInput, State};
use crate::policy::reason::Reason;
use crate::provider::{ErrorWords, Outcome};

/// What response `number`, tagged with that attempt and start, is to the job.
#[track_caller]
fn check(made: &Made, number: u32, attempt: u16, start: u8, expect: Ownership) {
    assert_eq!(made.job.claimant(&response(number), attempt, nonce(start)), expect);
}

fn starting() -> Made {
    a_job().created().starting(nonce(1))
}

#[test]
fn the_response_of_the_start_under_way_is_told_by_attempt_and_start_together() {
    check(&starting(), 1, 1, 1, Ownership::Starting);
    check(&starting(), 1, 2, 1, Ownership::Orphan);
    check(&starting(), 1, 0, 1, Ownership::Orphan);
    check(&starting(), 1, 1, 2, Ownership::Orphan);
    check(&starting(), 1, 2, 2, Ownership::Orphan);
}

#[test]
fn a_job_that_started_nothing_adopts_nothing() {
    check(&a_job().created(), 1, 1, 1, Ownership::Orphan);
    check(&a_job().created(), 1, 1, 0, Ownership::Orphan);
}

#[test]
fn the_attached_response_is_known_by_its_id_whatever_its_metadata_says() {
    let running = a_job().created().running();
    check(&running, 1, 1, 1, Ownership::Attached);
    check(&running, 1, 7, 1, Ownership::Attached);
    check(&running, 1, 1, 7, Ownership::Attached);
    let ended = running.then(finished(Outcome::Completed));
    check(&ended, 1, 1, 1, Ownership::Attached);
}

#[test]
fn a_second_response_with_the_tag_of_an_attached_one_is_an_orphan() {
    check(&a_job().created().running(), 2, 1, 1, Ownership::Orphan);
}

#[test]
fn a_response_that_comes_after_its_start_was_given_up_is_an_orphan() {
    let given_up = starting().then(Event::StartLost);
    assert_eq!(given_up.job.attempt.number, 2);
    check(&given_up, 1, 1, 1, Ownership::Orphan);
    check(&given_up, 1, 2, 1, Ownership::Orphan);

    let again = given_up.starting(nonce(2));
    check(&again, 1, 1, 1, Ownership::Orphan);
    check(&again, 1, 2, 1, Ownership::Orphan);
    check(&again, 1, 2, 2, Ownership::Starting);
}

#[test]
fn a_response_that_comes_after_a_refused_start_is_an_orphan() {
    let refused = starting().then(Event::NotCreated {
        reason: Reason::ProviderBusy,
        retry_after: None,
        error: ErrorWords::default(),
    });
    check(&refused, 1, 1, 1, Ownership::Orphan);
    check(&refused, 1, 2, 1, Ownership::Orphan);
}

#[test]
fn a_response_that_comes_after_a_cancel_or_an_expiry_is_an_orphan() {
    for end in [Event::Canceled(PersonInput::default()), Event::DeadlinePassed] {
        let ended = starting().then(end);
        check(&ended, 1, 1, 1, Ownership::Orphan);
        assert!(ended.job.apply(attached(response(1)), &ended.context()).is_err());
    }
}

#[test]
fn a_held_job_adopts_only_the_response_of_a_start_of_its_own() {
    let held = a_job().created().in_state(State::Held);
    // The start that met the quota.
    check(&held, 1, 1, 1, Ownership::Orphan);

    let again = held.starting(nonce(2));
    check(&again, 1, 1, 1, Ownership::Orphan);
    check(&again, 1, 2, 2, Ownership::Starting);
}

#[test]
fn a_response_of_an_earlier_attempt_is_an_orphan_once_the_next_one_runs() {
    let first = a_job().created().running().then(Event::Canceled(PersonInput::default()));
    check(&first, 1, 1, 1, Ownership::Attached);

    let second = first.after(Duration::from_secs(1)).then(Event::Retried(PersonInput::default()));
    check(&second, 1, 1, 1, Ownership::Orphan);
    let second = second.starting(nonce(2)).then(attached(response(2)));
    check(&second, 1, 1, 1, Ownership::Orphan);
    check(&second, 2, 2, 2, Ownership::Attached);
}

#[test]
fn what_is_said_to_be_starting_can_be_attached() {
    for state in [State::Waiting, State::RetryScheduled, State::Held] {
        let made = a_job().created().in_state(state).starting(nonce(3));
        let attempt = made.job.attempt.number;
        check(&made, 9, attempt, 3, Ownership::Starting);
        let made = made.then(attached(response(9)));
        assert_eq!((made.job.state, made.job.attempt.number), (State::InProgress, attempt));
        check(&made, 9, attempt, 3, Ownership::Attached);
    }
}
