//! The flex tier refuses a run while it is full: the run waits for it, and then is asked for at the usual price.

use serde_json::Map;

use super::make::{Made, a_job, nonce};
use crate::contract::request::asked::Asked;
use crate::job::Event;
use crate::policy::job_type::{JobType, shipped};
use crate::policy::reason::Reason;
use crate::provider::ErrorWords;

fn refused(code: &str) -> Event {
    let error = ErrorWords { kind: None, code: Some(code.to_owned()) };
    Event::NotCreated { reason: Reason::ProviderBusy, retry_after: None, error }
}

fn policy(flex_refusals: Option<u16>) -> JobType {
    let mut policy = shipped("document-analysis").unwrap();
    policy.retry.flex_refusals = flex_refusals;
    policy
}

/// What a flexible job asks for next.
fn next(made: &Made, policy: &JobType) -> Option<String> {
    Asked::of(policy, &Map::new(), true, None).fall_back(policy, &made.job).way()
}

/// One try that is refused.
fn try_once(made: Made, code: &str) -> Made {
    made.starting(nonce(3)).then(refused(code))
}

#[test]
fn a_run_that_flex_refuses_as_often_as_its_type_lets_it_is_asked_for_at_the_usual_price() {
    let policy = policy(Some(3));
    let mut made = a_job().created();
    for _ in 0..3 {
        assert_eq!(next(&made, &policy).as_deref(), Some("flex"));
        made = try_once(made, "resource_unavailable");
    }
    assert_eq!(next(&made, &policy), None);
    made = try_once(made, "rate_limit_exceeded");
    assert_eq!(
        next(&made, &policy).as_deref(),
        Some("flex"),
        "who is told to slow down has lost nothing by asking for less"
    );
}

#[test]
fn a_type_can_wait_for_flex_as_long_as_a_start_may_take() {
    let policy = policy(None);
    let made = (0..20).fold(a_job().created(), |made, _| try_once(made, "flex_unavailable"));
    assert_eq!(next(&made, &policy).as_deref(), Some("flex"));
}

#[test]
fn an_account_that_is_told_to_slow_down_is_no_reason_to_pay_more() {
    let policy = policy(Some(3));
    let made = (0..20).fold(a_job().created(), |made, _| try_once(made, "slow_down"));
    assert_eq!(next(&made, &policy).as_deref(), Some("flex"));
}
