//! Whose time a job took: each moment is counted once, whatever the provider's clock says.

use std::time::Duration;

use super::make::*;
use crate::job::State;
use crate::job::durations::Durations;
use crate::job::record::Record;
use crate::value::time::Timestamp;

/// Records of these states, each so many seconds after the first.
fn records(states: &[(u64, State)]) -> Vec<Record> {
    let first = a_job().created().records.remove(0);
    let at = |seconds| Timestamp::from_millis(0) + Duration::from_secs(seconds);
    states.iter().map(|(seconds, to)| Record { at: at(*seconds), to: *to, ..first.clone() }).collect()
}

fn spent(records: &[Record], now: u64) -> [u64; 4] {
    let Durations { queue, provider, ours, review } =
        Durations::of(records, Timestamp::from_millis(0) + Duration::from_secs(now));
    [queue, provider, ours, review].map(|part| part.as_secs())
}

#[test]
fn each_moment_of_a_job_is_somebodys_and_nobody_elses() {
    let mut all = records(&[
        (0, State::Waiting),
        (5, State::InProgress),
        (20, State::InProgress),
        (65, State::AwaitingDecision),
        (100, State::RetryScheduled),
        (110, State::InProgress),
        (150, State::Completed),
    ]);
    assert_eq!(spent(&all, 9_000), [15, 100, 0, 35], "without word of the provider's end, all of the run is its");
    for record in [3, 6] {
        all[record].finished_at = Some(all[record].at - Duration::from_secs(10));
    }
    assert_eq!(spent(&all, 9_000), [15, 80, 20, 35]);
    for (cut, now, expected) in [(1, 3, [3, 0, 0, 0]), (3, 30, [5, 25, 0, 0]), (4, 70, [5, 50, 10, 5])] {
        assert_eq!(spent(&all[..cut], now), expected, "the last state lasts until now");
    }
}

#[test]
fn a_provider_whose_clock_is_wrong_takes_no_more_than_its_run() {
    for (claimed, expected) in [(0, [5, 0, 60, 0]), (4, [5, 0, 60, 0]), (65, [5, 60, 0, 0]), (90_000, [5, 60, 0, 0])] {
        let mut all = records(&[(0, State::Waiting), (5, State::InProgress), (65, State::Failed)]);
        all[2].finished_at = Some(Timestamp::from_millis(claimed * 1_000));
        assert_eq!(spent(&all, 70), expected, "it says {claimed}");
    }
}

#[test]
fn a_clock_that_goes_back_takes_no_time() {
    let all = records(&[(50, State::Waiting), (5, State::InProgress), (3, State::Completed)]);
    assert_eq!(spent(&all, 0), [0, 0, 0, 0]);
}
