//! Confirmations go up one by one, and move nothing else.

use domain::job::{Job, State};
use domain::port::{Commit, Confirmation, Store, WriteOutcome};

use super::make::{NOW, bare, change_to, next};
use super::{put, row, trail};

async fn confirm(store: &impl Store, job: &Job, from: u32, to: u32) -> WriteOutcome {
    let (workspace, job) = (job.workspace.clone(), job.id.clone());
    store.confirm(&Confirmation { workspace, job, from, to }).await.unwrap()
}

/// A job of three versions, none of them confirmed.
async fn three_versions(store: &impl Store, state: State) -> Job {
    let mut job = put(store, change_to(Job { due_index_at: Some(NOW), ..bare("1") })).await;
    for _ in 0..2 {
        let change = next(&job, |job| job.state = state);
        assert_eq!(store.commit(Commit::of(&change, None)).await.unwrap(), WriteOutcome::Committed);
        job = change.job;
    }
    job
}

pub(super) async fn versions_are_confirmed_without_a_gap(store: &impl Store) {
    let job = three_versions(store, State::InProgress).await;
    for (from, to) in [(2, 2), (3, 3), (2, 3)] {
        assert_eq!(confirm(store, &job, from, to).await, WriteOutcome::Conflict, "{from} to {to}");
    }
    assert_eq!(row(store, &job).await, job);
    assert_eq!(confirm(store, &job, 1, 1).await, WriteOutcome::Committed);
    assert_eq!(confirm(store, &job, 3, 3).await, WriteOutcome::Conflict);
    assert_eq!(confirm(store, &job, 2, 3).await, WriteOutcome::Committed);
    assert_eq!(row(store, &job).await, Job { published: 3, ..job.clone() });
    assert_eq!(trail(store, &job).await.len(), 3);
}

pub(super) async fn a_version_is_confirmed_once(store: &impl Store) {
    let job = three_versions(store, State::InProgress).await;
    assert_eq!(confirm(store, &job, 1, 2).await, WriteOutcome::Committed);
    for (from, to) in [(1, 1), (2, 2), (1, 2), (1, 3)] {
        assert_eq!(confirm(store, &job, from, to).await, WriteOutcome::Conflict, "{from} to {to}");
    }
    assert_eq!(row(store, &job).await.published, 2);
}

pub(super) async fn a_version_that_does_not_exist_is_not_confirmed(store: &impl Store) {
    let job = three_versions(store, State::InProgress).await;
    assert_eq!(confirm(store, &job, 1, 4).await, WriteOutcome::Conflict);
    assert_eq!(row(store, &job).await, job);
    let absent = bare("2");
    assert_eq!(confirm(store, &absent, 1, 1).await, WriteOutcome::Conflict);
    assert_eq!(store.job(&absent.workspace, &absent.id).await.unwrap(), None);
}

pub(super) async fn a_confirmation_moves_nothing_but_what_is_published(store: &impl Store) {
    let job = three_versions(store, State::Completed).await;
    for (from, to) in [(1, 2), (3, 3)] {
        assert_eq!(confirm(store, &job, from, to).await, WriteOutcome::Committed);
        assert_eq!(row(store, &job).await, Job { published: to, ..job.clone() });
    }
    assert_eq!(trail(store, &job).await.len(), 3);
}
