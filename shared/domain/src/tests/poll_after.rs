//! When a caller is told to ask again.

use std::time::Duration;

use super::make::*;
use crate::job::State;

fn wait_after(state: State, age: Duration) -> Option<Duration> {
    let made = a_job().created().in_state(state);
    made.job.poll_after(None, made.job.since + age)
}

#[test]
fn a_job_is_asked_for_often_while_it_is_young_and_seldom_while_it_lasts() {
    let after = |millis| wait_after(State::InProgress, Duration::from_millis(millis)).unwrap().as_millis();
    assert_eq!([0, 3_000, 4_000, 20_000].map(after), [1_000, 1_000, 1_000, 5_000]);
    assert_eq!(after(29_000), 2_000, "the first check is due in a second");
    assert_eq!([40_000, 100_000, 600_000, 86_400_000].map(after), [10_000, 25_000, 30_000, 30_000]);
}

#[test]
fn nobody_asks_for_a_job_before_its_next_try() {
    let made = a_job().created().in_state(State::RetryScheduled);
    let gap = made.job.due.since(made.now);
    let wait = made.job.poll_after(None, made.now);
    assert_eq!(wait, Some(gap.clamp(Duration::from_secs(1), Duration::from_secs(30))), "{gap:?}");
}

#[test]
fn every_job_that_is_not_over_is_asked_for_again_within_bounds_and_no_other() {
    for state in State::ALL {
        for age in [0, 1, 10, 1_000, 100_000].map(Duration::from_secs) {
            let wait = wait_after(state, age);
            assert_eq!(wait.is_none(), state.is_terminal(), "{state:?}");
            let bounds = Duration::from_secs(1)..=Duration::from_secs(30);
            assert!(wait.is_none_or(|wait| bounds.contains(&wait)), "{state:?} after {age:?}: {wait:?}");
        }
    }
}
