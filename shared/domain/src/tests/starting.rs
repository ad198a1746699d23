//! While the answer to a start is out: the job says so, and what an answer named before it broke off is not forgotten.

use std::time::Duration;

use super::make::{Made, START, a_job, attached, nonce, response};
use crate::contract::view::{JobView, NextAction};
use crate::job::duty::{Duty, PollTrigger};
use crate::job::{Event, State};
use crate::policy::reason::Reason;

const CHECK: Duration = Duration::from_secs(30);

fn starting(state: State) -> Made {
    a_job().created().in_state(state).starting(nonce(3))
}

fn shown(made: &Made) -> (Option<&str>, Option<&'static str>, Option<(NextAction, u64)>) {
    let view = JobView::of(&made.job, &made.timing, None, made.now);
    let next = view.next_step.map(|next| (next.action, next.at.since(made.now).as_secs()));
    (view.phase, view.reason.and_then(|reason| reason.code.known()), next)
}

#[test]
fn a_job_whose_start_has_no_answer_yet_says_so_and_until_when_it_waits() {
    for state in [State::Waiting, State::RetryScheduled, State::Held] {
        let made = starting(state);
        let wait = made.timing.lease + made.timing.unknown_wait;
        assert_eq!(
            shown(&made),
            (Some("starting"), Some("start_unknown"), Some((NextAction::WaitForWebhook, wait.as_secs())))
        );
        let attached = made.then(attached(response(9)));
        assert_eq!(shown(&attached), (Some("in_progress"), None, Some((NextAction::Check, 30))));
    }
    let waiting = a_job().created();
    assert_eq!(shown(&waiting), (Some("waiting"), None, Some((NextAction::Submit, 30))), "nothing has left");
    let mut recipe = a_job();
    recipe.complete_by = Some(START + Duration::from_secs(60));
    let hurried = recipe.created().starting(nonce(3));
    let left = hurried.job.deadline.since(hurried.now);
    assert!(left < hurried.timing.lease, "{left:?}");
    assert_eq!(
        shown(&hurried).2,
        Some((NextAction::WaitForWebhook, left.as_secs())),
        "no longer than the job may take"
    );
}

#[test]
fn an_answer_that_broke_off_leaves_the_name_it_gave_on_the_job_until_a_response_is_attached() {
    let made = starting(State::Waiting).then(Event::AnswerCut { response: response(6) });
    assert_eq!(made.job.named(), Some(&response(6)));
    assert_eq!(shown(&made), (Some("starting"), Some("start_unknown"), Some((NextAction::Check, 30))));
    assert_eq!(made.job.duty(made.now + CHECK), Some(Duty::CloseUnknownStart));
    assert_eq!(made.job.unpriced_responses, 0, "nothing is known to be paid");
    let mut again = starting(State::RetryScheduled);
    again.job.attempt.prior = Some(response(5));
    let again = again.then(Event::AnswerCut { response: response(6) });
    assert_eq!((again.job.named(), &again.job.attempt.prior), (Some(&response(6)), &None), "one name at a time");
    assert_eq!(made.records.last().unwrap().orphan, Some(response(6)), "the trail names it");
    let attached = made.clone().then(attached(response(6)));
    assert_eq!((attached.job.state, attached.job.named()), (State::InProgress, None));
    let lost = made.then(Event::StartLost);
    assert_eq!((lost.job.reason, &lost.job.attempt.named), (Some(Reason::StartLost), &None));
}

#[test]
fn looks_at_a_name_that_was_given_do_not_use_up_the_time_that_its_response_has() {
    let mut made = starting(State::Waiting).then(Event::AnswerCut { response: response(6) });
    let end = made.now + made.timing.lease + made.timing.unknown_wait;
    let mut looks = 0;
    while made.now < end {
        assert!(!made.job.has_waited(&made.timing, made.now));
        made.now = made.job.due;
        made.job = made.job.claim(PollTrigger::Due, &made.timing, made.now).unwrap();
        looks += 1;
    }
    assert!(made.job.has_waited(&made.timing, made.now));
    assert!((4..10).contains(&looks), "{looks}");
}
