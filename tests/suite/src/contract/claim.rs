//! A claim is held by one, and moves nothing but the clock.

use domain::job::duty::Duty;
use domain::job::{Attempt, Job, State};
use domain::port::{Commit, Confirmation, Store, WriteOutcome};
use domain::value::id::Nonce;

use super::make::{MINUTE, NOW, bare, change_to, next, nonce};
use super::{all, put, row, trail};

fn claimed(seen: &Job, start: Nonce) -> Job {
    Job {
        due: NOW + 2 * MINUTE,
        claim_count: seen.claim_count + 1,
        due_index_at: Some(NOW + MINUTE),
        attempt: Attempt {
            submit_token: Some(start),
            asked: Some("flex".to_owned()),
            last_webhook_at: Some(NOW),
            ..seen.attempt.clone()
        },
        ..seen.clone()
    }
}

fn confirmation(job: &Job) -> Confirmation {
    Confirmation { workspace: job.workspace.clone(), job: job.id.clone(), from: job.published + 1, to: job.version }
}

pub(super) async fn of_many_claims_of_one_row_exactly_one_is_done(store: &impl Store) {
    let seen = put(store, change_to(bare("1"))).await;
    let claims: Vec<_> = (0..16).map(|number| claimed(&seen, nonce(number))).collect();
    let outcomes = all(claims.iter().map(|claim| store.claim(&seen, claim))).await;
    let held: Vec<_> =
        claims.iter().zip(outcomes).filter(|(_, write)| *write.as_ref().unwrap() == WriteOutcome::Committed).collect();
    assert_eq!(held.len(), 1);
    assert_eq!(row(store, &seen).await, *held[0].0);
}

/// A check sets no start: two consumers that saw one row in one millisecond write the same.
pub(super) async fn of_many_claims_that_look_alike_exactly_one_is_done(store: &impl Store) {
    let seen = put(store, change_to(bare("1"))).await;
    let claim = Job { due: NOW + MINUTE, claim_count: 1, due_index_at: Some(NOW + MINUTE), ..seen.clone() };
    let outcomes = all((0..16).map(|_| store.claim(&seen, &claim))).await;
    let held = outcomes.into_iter().filter(|write| *write.as_ref().unwrap() == WriteOutcome::Committed).count();
    assert_eq!(held, 1);
    assert_eq!(row(store, &seen).await, claim);
}

pub(super) async fn a_claim_moves_the_clock_and_nothing_else(store: &impl Store) {
    let first = change_to(Job { published: 1, due_index_at: Some(NOW), ..bare("1") });
    let seen = put(store, first.clone()).await;
    // What a claim is not to write, in case somebody hands it in.
    let claim =
        Job { state: State::Failed, version: 1, published: 0, unpriced_responses: 3, ..claimed(&seen, nonce(1)) };
    assert_eq!(store.claim(&seen, &claim).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(row(store, &seen).await, claimed(&seen, nonce(1)));
    assert_eq!(trail(store, &seen).await, [first.sealed]);
}

pub(super) async fn a_claim_keeps_what_was_confirmed_meanwhile(store: &impl Store) {
    let seen = put(store, change_to(bare("1"))).await;
    assert_eq!(store.confirm(&confirmation(&seen)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(store.claim(&seen, &claimed(&seen, nonce(1))).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(row(store, &seen).await, Job { published: 1, ..claimed(&seen, nonce(1)) });
}

pub(super) async fn a_claim_of_a_row_that_moved_on_is_stale(store: &impl Store) {
    let seen = put(store, change_to(bare("1"))).await;
    let once = claimed(&seen, nonce(1));
    assert_eq!(store.claim(&seen, &once).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(
        store.claim(&seen, &claimed(&seen, nonce(2))).await.unwrap(),
        WriteOutcome::Conflict,
        "claimed by another"
    );
    assert_eq!(row(store, &seen).await, once);

    let moved = next(&once, |job| job.claim_count = 0);
    assert_eq!(store.commit(Commit::of(&moved, None)).await.unwrap(), WriteOutcome::Committed);
    for old in [&seen, &once] {
        assert_eq!(store.claim(old, &claimed(old, nonce(3))).await.unwrap(), WriteOutcome::Conflict, "another version");
    }
    assert_eq!(row(store, &seen).await, moved.job);
}

pub(super) async fn a_claim_of_a_job_that_is_not_there_is_stale_or_fails(store: &impl Store) {
    let seen = bare("1");
    let outcome = store.claim(&seen, &claimed(&seen, nonce(1))).await;
    assert!(!matches!(outcome, Ok(WriteOutcome::Committed)), "{outcome:?}");
    assert_eq!(store.job(&seen.workspace, &seen.id).await.unwrap(), None);
}

/// Else a published job that waits for a person would be due, and expire, days before its deadline.
pub(super) async fn a_claim_that_saw_a_resting_job_before_its_confirmation_leaves_it_its_deadline(store: &impl Store) {
    let waits = Job { state: State::AwaitingDecision, deadline: NOW + 7 * 24 * 60 * MINUTE, ..bare("1") };
    let seen = put(store, change_to(waits)).await;
    assert_eq!(store.confirm(&confirmation(&seen)).await.unwrap(), WriteOutcome::Committed);
    let claim = Job { due: NOW + MINUTE, claim_count: 1, due_index_at: Some(NOW + MINUTE), ..seen.clone() };
    let _ = store.claim(&seen, &claim).await.unwrap();
    assert_eq!(row(store, &seen).await.next_duty(), (seen.deadline, Duty::Expire));
}
