//! Budgets: what a job may still begin, and how sure what it has cost is.

use super::make::{a_job, attached, costing, finish, nonce, response};
use crate::job::{Event, Finish, Job, PersonInput, State};
use crate::policy::cost::{Cost, CostState, Usd};
use crate::policy::reason::Reason;
use crate::provider::{ErrorWords, Outcome};

fn cents(cents: u64) -> Usd {
    Usd::from_pico(cents * 10_000_000_000)
}

/// A job that has booked so much, one attempt of which may come to so much, under a limit of a dollar.
fn job(booked: u64, open: u16, attempt: Option<u64>) -> Job {
    let job = a_job().created().job;
    Job {
        cost_usd: cents(booked),
        unpriced_responses: open,
        attempt_cost: attempt.map(cents),
        cost_limit: Some(cents(100)),
        ..job
    }
}

#[test]
fn another_attempt_is_begun_only_if_all_that_may_have_been_spent_leaves_room_for_it() {
    let affords = |booked, open, attempt, next: Option<u64>| job(booked, open, attempt).affords(next.map(cents));
    assert!(affords(0, 0, Some(100), Some(100)), "the limit itself is allowed");
    assert!(!affords(0, 0, Some(101), Some(101)));
    assert!(affords(60, 0, Some(40), Some(40)));
    assert!(!affords(61, 0, Some(40), Some(40)));
    // Of a lost start nobody knows whether it ran.
    assert!(affords(20, 1, Some(40), Some(40)));
    assert!(!affords(21, 1, Some(40), Some(40)));
    assert!(!affords(0, 3, Some(40), Some(10)));
    // What has no price keeps no limit.
    assert!(!affords(0, 0, None, None));
    assert!(!affords(0, 1, None, Some(1)));
    assert!(!Job { cost_state: CostState::Unknown, ..job(0, 0, Some(1)) }.affords(Some(cents(1))));
    assert!(Job { cost_limit: None, ..job(1_000_000, 9, None) }.affords(None), "without a limit");
    assert!(!affords(u64::MAX / 10_000_000_000, u16::MAX, Some(1), Some(1)), "no sum wraps");
}

#[test]
fn a_job_whose_run_has_no_price_is_over_every_limit() {
    let over = |cost_state, usd| Job { cost_state, ..job(usd, 0, Some(1)) }.is_over_budget();
    assert!(!over(CostState::Known, 100));
    assert!(over(CostState::Known, 101));
    assert!(!over(CostState::Estimated, 100));
    assert!(over(CostState::Unknown, 0));
    assert!(!Job { cost_limit: None, cost_state: CostState::Unknown, ..job(0, 0, None) }.is_over_budget());
}

#[test]
fn a_cost_is_as_sure_as_its_least_sure_part_over_all_attempts() {
    let of = |usd, state| Some(Cost { usd: cents(usd), state });
    let ends = |cost| Event::Finished(Finish { cost, ..finish(Outcome::Failed(Reason::ProviderFailed)) });
    let made = a_job().created().running().then(ends(of(1, CostState::Estimated)));
    assert_eq!((made.job.state, made.job.cost()), (State::RetryScheduled, of(1, CostState::Estimated).unwrap()));
    let made = made.starting(nonce(2)).then(attached(response(2)));
    assert_eq!(made.job.cost().state, CostState::Unknown, "while it runs");
    let known = made.clone().then(ends(of(2, CostState::Known)));
    assert_eq!(known.job.cost(), of(3, CostState::Estimated).unwrap());
    let unpriced = made.clone().then(ends(of(2, CostState::Unknown)));
    assert_eq!((unpriced.job.cost(), unpriced.job.unpriced_responses), (of(3, CostState::Unknown).unwrap(), 0));
    // Nothing told yet: it may come late.
    let untold = made.then(ends(None));
    assert_eq!((untold.job.cost().state, untold.job.unpriced_responses), (CostState::Unknown, 1));
    let late = untold.then(costing(response(2), of(4, CostState::Known).unwrap()));
    assert_eq!(late.job.cost(), of(5, CostState::Estimated).unwrap());
}

#[test]
fn what_is_left_behind_is_estimated_by_its_request_and_never_surer_than_what_is_booked() {
    let mut made = a_job().created().running();
    (made.job.attempt_cost, made.job.cost_state) = (Some(cents(7)), CostState::Unknown);
    let canceled = made.then(Event::Canceled(PersonInput::default()));
    assert_eq!(canceled.job.cost(), Cost { usd: cents(7), state: CostState::Unknown });
    let mut made = a_job().created().running();
    made.job.attempt_cost = None;
    let canceled = made.then(Event::Canceled(PersonInput::default()));
    assert_eq!(canceled.job.cost().state, CostState::Unknown, "without a price there is no estimate");
}

#[test]
fn a_job_that_cannot_afford_its_attempt_fails_and_is_not_tried_again_by_itself() {
    let made = a_job().created().starting(nonce(1));
    let made =
        made.then(Event::NotCreated { reason: Reason::OverBudget, retry_after: None, error: ErrorWords::default() });
    assert_eq!((made.job.state, made.job.reason), (State::Failed, Some(Reason::OverBudget)));
    assert_eq!(made.job.cost(), Cost::known(Usd::default()), "nothing was sent");
}
