//! What needs a person: each code with since when and what to do, and that a job that runs is never shown like one that
//! nobody looks after.

use std::time::Duration;

use super::make::{Made, a_job, finished, nonce};
use super::table::word;
use crate::contract::view::JobView;
use crate::job::attention::{Attention, AttentionCode};
use crate::job::duty::PollTrigger;
use crate::job::{Event, PersonInput, State};
use crate::policy::cost::Usd;
use crate::policy::job_type::ReviewPolicy;
use crate::policy::reason::{ErrorClass, Reason, Remedy};
use crate::provider::breaker::{Breaker, Circuit};
use crate::provider::{ErrorWords, Outcome};
use crate::value::time::Timestamp;

/// How late a duty may be.
const LATE: Duration = Duration::from_secs(300);
const TICK: Duration = Duration::from_millis(1);

fn of(made: &Made) -> Option<Attention> {
    made.job.attention(&made.timing, None, made.now)
}

fn at(mut made: Made, now: Timestamp) -> Made {
    made.now = now;
    made
}

#[track_caller]
fn needs(made: &Made, code: AttentionCode, since: Timestamp, next_step: Remedy) {
    assert_eq!(of(made), Some(Attention { code, since, next_step }), "{:?} at {}", made.job.state, made.now);
}

#[track_caller]
fn calm(made: &Made) {
    assert_eq!(of(made), None, "{:?} at {}", made.job.state, made.now);
}

/// Stuck from the first moment after five minutes over its time, and calm until then.
#[track_caller]
fn sticks(made: &Made, since: Timestamp) {
    calm(&at(made.clone(), since + LATE));
    needs(&at(made.clone(), since + LATE + TICK), AttentionCode::Stuck, since, Remedy::Escalate);
    needs(&at(made.clone(), since + 10 * LATE), AttentionCode::Stuck, since, Remedy::Escalate);
}

fn noted(made: Made, reason: Reason) -> Made {
    let provider_status = made.job.attempt.provider_status.clone();
    made.then(Event::Noted { reason: Some(reason), provider_status })
}

#[test]
fn a_duty_that_is_five_minutes_late_is_stuck_since_its_time() {
    for state in [State::Waiting, State::RetryScheduled, State::InProgress] {
        let made = a_job().created().in_state(state);
        sticks(&made, made.job.due);
    }
    let starting = a_job().created().starting(nonce(1));
    let Made { timing, now, .. } = &starting;
    sticks(&starting, *now + timing.lease + timing.unknown_wait);
    for state in [State::AwaitingDecision, State::AwaitingAction] {
        let made = a_job().created().in_state(state).published();
        let (over, overdue) = (made.job.deadline, made.job.review.unwrap().overdue_at);
        needs(&at(made.clone(), over + LATE), AttentionCode::ReviewOverdue, overdue, Remedy::Decide);
        needs(&at(made, over + LATE + TICK), AttentionCode::Stuck, over, Remedy::Escalate);
    }
}

#[test]
fn news_that_nobody_confirmed_are_stuck_even_while_they_are_tried() {
    for state in [State::Completed, State::Canceled, State::Expired, State::AwaitingDecision] {
        let made = a_job().created().in_state(state);
        let since = made.job.updated_at + made.timing.publish_grace;
        let mut tried = at(made.clone(), since);
        for _ in 0..3 {
            tried.job = tried.job.claim(PollTrigger::Due, &tried.timing, tried.now).unwrap();
            tried.now = tried.job.due;
        }
        needs(&tried, AttentionCode::Stuck, since, Remedy::Escalate);
        calm(&at(made.published(), tried.now));
    }
}

#[test]
fn a_run_that_nobody_can_see_is_stuck_however_often_it_is_tried_and_one_that_is_seen_is_not() {
    for reason in Reason::ALL {
        let mut made = noted(a_job().created().running(), reason);
        let since = made.now;
        // Each look moves the time of the next, so that no duty is ever late.
        while made.now <= since + LATE {
            made.now = made.job.next_duty().0;
            made.job = made.job.claim(PollTrigger::Due, &made.timing, made.now).unwrap();
        }
        let hidden = [Reason::ProviderUnreachable, Reason::ProviderUnauthorized].contains(&reason);
        if hidden {
            needs(&made, AttentionCode::Stuck, since, Remedy::Escalate)
        } else {
            calm(&made)
        }
        // Seen again.
        calm(&made.then(Event::Noted { reason: None, provider_status: Some("in_progress".into()) }));
    }
}

#[test]
fn a_failed_job_needs_a_person_by_its_reason_from_its_end_on() {
    let reasons =
        Reason::ALL.iter().filter(|reason| matches!(reason.class(), ErrorClass::Account | ErrorClass::Permanent));
    let mut told = 0;
    for reason in reasons {
        let mut recipe = a_job();
        recipe.policy.retry.attempts = 1;
        let made = recipe.created().running().then(finished(Outcome::Failed(*reason)));
        assert_eq!(made.job.state, State::Failed);
        let end = made.job.updated_at;
        needs(&made, AttentionCode::Because(*reason), end, reason.remedy());
        needs(&at(made.clone().published(), end + 100 * LATE), AttentionCode::Because(*reason), end, reason.remedy());
        needs(&at(made, end + 100 * LATE), AttentionCode::Because(*reason), end, reason.remedy());
        told += 1;
    }
    assert!(told > 10, "{told}");
}

#[test]
fn an_account_that_takes_no_work_is_to_be_mended_and_its_job_is_not_stuck() {
    let held = a_job().created().in_state(State::Held);
    let since = held.job.updated_at;
    needs(&held, AttentionCode::Because(Reason::ProviderQuota), since, Remedy::MendAccount);
    needs(
        &at(held.clone(), held.job.due + 10 * LATE),
        AttentionCode::Because(Reason::ProviderQuota),
        since,
        Remedy::MendAccount,
    );
    let until = held.now + 10 * LATE;
    let misled = a_job().created().starting(nonce(1)).then(Event::Parked {
        reason: Reason::ProviderAddress,
        until,
        error: ErrorWords::default(),
    });
    needs(&misled, AttentionCode::Because(Reason::ProviderAddress), misled.job.updated_at, Remedy::MendAddress);
    // What waits behind it is shown once for all of it.
    let waiting = a_job().created();
    let now = waiting.job.due + 2 * LATE;
    let parked = Breaker { parked_until: Some(now), ..Breaker::untouched(Circuit::Starts(waiting.job.lane)) };
    assert_eq!(waiting.job.attention(&waiting.timing, Some(&parked), now), None);
    needs(&at(waiting, now), AttentionCode::Stuck, held.job.created_at + held.timing.push_grace, Remedy::Escalate);
}

#[test]
fn a_review_is_overdue_from_the_moment_that_its_type_says() {
    for state in [State::AwaitingDecision, State::AwaitingAction] {
        let made = a_job().created().in_state(state).published();
        let overdue = made.job.review.unwrap().overdue_at;
        assert_eq!(overdue.since(made.now), made.policy.sla);
        calm(&at(made.clone(), overdue - TICK));
        needs(&at(made.clone(), overdue), AttentionCode::ReviewOverdue, overdue, Remedy::Decide);
        // Whoever was called in, it is overdue until somebody decides.
        let called = at(made, overdue).then(Event::Escalated(PersonInput::default())).published();
        needs(&called, AttentionCode::ReviewOverdue, overdue, Remedy::Decide);
        calm(&called.then(Event::Rejected { note: None }).published());
    }
}

#[test]
fn what_costs_more_than_its_type_says_is_over_budget_while_it_runs_and_afterwards() {
    let limited = |pico: u64| {
        let mut recipe = a_job().reviewed(ReviewPolicy::Never);
        recipe.policy.cost_limit = Some(Usd::from_pico(pico));
        recipe.created()
    };
    // The made run costs 123,456,789,000 pico-dollars.
    let costs = 123_456_789_000;
    let done = |limit| limited(limit).running().then(finished(Outcome::Completed)).published();
    calm(&done(costs));
    let over = done(costs - 1);
    needs(&over, AttentionCode::Because(Reason::OverBudget), over.job.updated_at, Remedy::Archive);
    calm(&over.then(Event::Archived(PersonInput::default())).published());
    // What a canceled run may come to counts until it is known.
    let canceled = limited(1).running().then(Event::Canceled(PersonInput::default())).published();
    needs(&canceled, AttentionCode::Because(Reason::OverBudget), canceled.job.updated_at, Remedy::Archive);
    let again = canceled.then(Event::Retried(PersonInput::default())).starting(nonce(2));
    needs(&again, AttentionCode::Because(Reason::OverBudget), again.job.updated_at, Remedy::Cancel);
}

#[test]
fn nothing_that_was_put_away_needs_anybody() {
    for state in State::ALL.into_iter().filter(|state| state.is_terminal()) {
        let made = a_job().created().in_state(state).then(Event::Archived(PersonInput::default()));
        for wait in [Duration::ZERO, LATE, 10 * LATE, 100 * LATE] {
            calm(&made.clone().after(wait));
        }
    }
}

#[test]
fn running_and_stuck_never_look_alike() {
    let mut shown = (0, 0);
    for reason in [None, Some(Reason::ProviderUnreachable), Some(Reason::ProviderMissing)] {
        let running = a_job().created().running();
        let made = reason.map_or(running.clone(), |reason| noted(running, reason));
        for minutes in 0..240 {
            let made = made.clone().after(Duration::from_secs(60 * minutes));
            // Nobody has looked: the job's own time of the next look says so, whatever the provider does.
            let is_late = made.job.due.min(made.job.deadline) + LATE < made.now;
            let view = JobView::of(&made.job, &made.timing, None, made.now);
            assert_eq!(word(view.status), "running");
            assert_eq!(
                view.attention.map(|it| it.code),
                is_late.then_some(AttentionCode::Stuck),
                "{reason:?}, minute {minutes}"
            );
            if is_late { shown.1 += 1 } else { shown.0 += 1 }
        }
    }
    assert!(shown.0 > 10 && shown.1 > 100, "{shown:?}");
}
