//! A create writes a job once, and everyone after the first is shown it.

use domain::job::Job;
use domain::port::{Creation, Store};
use domain::value::id::WorkspaceId;

use super::make::{bare, change_to, filled};
use super::{all, put, row, trail};

async fn check_reads_back(store: &impl Store, job: Job) {
    let change = change_to(job);
    let job = put(store, change.clone()).await;
    assert_eq!(row(store, &job).await, change.job);
    assert_eq!(trail(store, &job).await, [change.sealed]);
}

pub(super) async fn a_filled_job_reads_back_as_it_was(store: &impl Store) {
    check_reads_back(store, filled("1")).await;
}

pub(super) async fn a_bare_job_reads_back_as_it_was(store: &impl Store) {
    check_reads_back(store, bare("1")).await;
}

pub(super) async fn a_second_create_finds_the_first_job_and_writes_nothing(store: &impl Store) {
    let first = change_to(bare("1"));
    put(store, first.clone()).await;
    let second = change_to(Job { summary: "another".to_owned(), ..bare("1") });
    for change in [&second, &first] {
        let Creation::Existing(existing) = store.create(change).await.unwrap() else { panic!("created twice") };
        assert_eq!(*existing, first.job);
    }
    assert_eq!(row(store, &first.job).await, first.job);
    assert_eq!(trail(store, &first.job).await, [first.sealed]);
}

pub(super) async fn of_many_creates_of_one_id_exactly_one_creates(store: &impl Store) {
    let changes: Vec<_> =
        (0..16).map(|number| change_to(Job { summary: format!("caller {number}"), ..bare("1") })).collect();
    let outcomes = all(changes.iter().map(|change| store.create(change))).await;
    let mut created = vec![];
    let mut existing = vec![];
    for (outcome, change) in outcomes.into_iter().zip(&changes) {
        match outcome.unwrap() {
            Creation::Created => created.push(change),
            Creation::Existing(job) => existing.push(*job),
        }
    }
    assert_eq!((created.len(), existing.len()), (1, 15));
    assert!(existing.iter().all(|job| *job == created[0].job));
    assert_eq!(row(store, &created[0].job).await, created[0].job);
    assert_eq!(trail(store, &created[0].job).await, [created[0].sealed.clone()]);
}

pub(super) async fn another_workspace_sees_nothing_of_a_job(store: &impl Store) {
    let job = put(store, change_to(bare("1"))).await;
    let rival = WorkspaceId::parse("rival").unwrap();
    assert_eq!(store.job(&rival, &job.id).await.unwrap(), None);
    assert_eq!(store.trail(&rival, &job.id, 0).await.unwrap(), []);
    let theirs = Job { workspace: rival, ..bare("1") };
    let theirs = put(store, change_to(theirs)).await;
    assert_eq!(row(store, &theirs).await, theirs);
    assert_eq!(row(store, &job).await, job);
}
