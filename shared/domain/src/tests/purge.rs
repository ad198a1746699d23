//! What is left of a job once its retention is over.

use std::collections::BTreeMap;

use super::make::{a_job, finished};
use crate::job::record::{chain_intact, matches_row};
use crate::job::{Event, State};
use crate::provider::Outcome;

#[test]
fn a_purged_job_has_no_words_of_its_caller_and_its_trail_is_whole() {
    let mut recipe = a_job();
    recipe.summary = "canary".to_owned();
    recipe.tags = BTreeMap::from([("team".to_owned(), "canary".to_owned())]);
    for state in [State::Completed, State::Failed, State::Canceled, State::Expired] {
        let mut made = recipe.clone().created().in_state(state);
        made.now = made.job.deadline;
        let made = made.then(Event::Purged);
        assert_eq!((made.job.summary.as_str(), made.job.tags.len()), ("", 0), "{state:?}");
        assert!(made.job.is_purged() && !made.job.has_input(made.now));
        assert!(!format!("{:?}", (&made.job, &made.trail)).contains("canary"));
        let records: Vec<_> = made.trail.iter().map(|sealed| sealed.decode().unwrap()).collect();
        assert!(chain_intact(&made.job, &made.trail) && matches_row(&records, &made.job), "{state:?}");
    }
}

#[test]
fn a_job_keeps_its_words_until_its_retention_is_over() {
    let made = a_job().created().in_state(State::InProgress).then(finished(Outcome::Completed));
    assert_eq!(made.job.summary, "a contract");
    assert!(made.job.apply(Event::Purged, &made.context()).is_err(), "too early");
}
