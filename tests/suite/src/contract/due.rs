//! The due index holds what has a time, and shows it from that time on.

use std::time::Duration;

use domain::job::Job;
use domain::job::response::ResponseRow;
use domain::port::{Commit, DueRow, Store, WriteOutcome};
use domain::value::time::Timestamp;

use super::make::{MINUTE, NOW, bare, change_to, next, response_row};
use super::{put, row};

const ONE_MS: Duration = Duration::from_millis(1);

async fn put_hint(store: &impl Store, name: &str, due_index_at: Option<Timestamp>) -> Job {
    put(store, change_to(Job { due_index_at, ..bare(name) })).await
}

/// The names of the rows that are due, in alphabetical order.
async fn names(store: &impl Store, limit: u16) -> Vec<String> {
    let rows = store.due(NOW, limit).await.unwrap();
    let mut names: Vec<String> = rows
        .into_iter()
        .map(|row| match row {
            DueRow::Job(job) => job.id.to_string(),
            DueRow::Response(row) => row.id.to_string(),
            DueRow::Workspace(row) => row.id.to_string(),
        })
        .collect();
    names.sort();
    names
}

pub(super) async fn what_is_due_is_found_and_nothing_else(store: &impl Store) {
    let hints = [
        ("a_past", Some(NOW - 60 * MINUTE)),
        ("b_now", Some(NOW)),
        ("c_next", Some(NOW + ONE_MS)),
        ("d_later", Some(NOW + 60 * MINUTE)),
        ("e_never", None),
    ];
    let mut expected = vec![];
    for (number, (name, due_index_at)) in (0..).zip(hints) {
        let job = put_hint(store, name, due_index_at).await;
        let response = ResponseRow { due: due_index_at, ..response_row(number) };
        assert_eq!(store.put_response(None, &response).await.unwrap(), WriteOutcome::Committed);
        if due_index_at.is_some_and(|due_index_at| due_index_at <= NOW) {
            expected.extend([job.id.to_string(), response.id.to_string()]);
        }
    }
    expected.sort();
    assert_eq!(names(store, 200).await, expected);
    for found in store.due(NOW, 200).await.unwrap() {
        match found {
            DueRow::Job(job) => assert_eq!(row(store, &job).await, *job),
            DueRow::Workspace(found) => assert_eq!(store.workspace(&found.id).await.unwrap(), *found),
            DueRow::Response(found) => assert_eq!(store.response(&found.id).await.unwrap(), Some(*found)),
        }
    }
}

pub(super) async fn a_claim_takes_its_job_out_of_what_is_due(store: &impl Store) {
    let seen = put_hint(store, "1", Some(NOW)).await;
    assert_eq!(names(store, 200).await, ["job_1"]);
    let later = NOW + MINUTE;
    let claimed = Job { due: later, due_index_at: Some(later), claim_count: 1, ..seen.clone() };
    assert_eq!(store.claim(&seen, &claimed).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(names(store, 200).await, [""; 0]);
    assert_eq!(store.due(later, 200).await.unwrap().len(), 1);
}

/// Of a purged job, say.
pub(super) async fn what_owes_nothing_any_more_leaves_what_is_due(store: &impl Store) {
    let seen = put_hint(store, "1", Some(NOW)).await;
    let aimed = Job { due_index_at: None, ..seen.clone() };
    assert_eq!(store.claim(&seen, &aimed).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(store.due(Timestamp::NEVER, 200).await.unwrap().len(), 0);
}

pub(super) async fn a_transition_without_a_hint_takes_its_job_out_of_what_is_due(store: &impl Store) {
    let seen = put_hint(store, "1", Some(NOW)).await;
    let change = next(&seen, |job| job.due_index_at = None);
    assert_eq!(store.commit(Commit::of(&change, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(store.due(Timestamp::NEVER, 200).await.unwrap().len(), 0);
}

pub(super) async fn a_small_limit_finds_the_earliest(store: &impl Store) {
    for number in 0..40 {
        put_hint(store, &number.to_string(), Some(NOW - number * MINUTE)).await;
    }
    let found = names(store, 1).await;
    assert!(found.contains(&"job_39".to_owned()), "{found:?}");
    assert!(found.len() < 40);
    assert_eq!(names(store, 40).await.len(), 40);
}

pub(super) async fn every_one_of_two_hundred_jobs_is_found(store: &impl Store) {
    let mut expected = vec![];
    for number in 0..200 {
        expected.push(put_hint(store, &number.to_string(), Some(NOW)).await.id.to_string());
    }
    expected.sort();
    assert_eq!(names(store, 200).await, expected);
}
