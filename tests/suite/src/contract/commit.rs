//! A commit writes row, record and response together or not at all.

use domain::job::record::chain_intact;
use domain::job::response::ResponseRow;
use domain::job::{Attempt, Job, State};
use domain::policy::cost::{CostState, Usd};
use domain::port::{Commit, Confirmation, ResponseWrite, Store, WriteOutcome};

use super::make::{NOW, bare, change_to, filled, next, nonce, response_row};
use super::{all, put, row, trail};

pub(super) async fn a_commit_moves_the_row_and_adds_its_record(store: &impl Store) {
    let first = change_to(bare("1"));
    put(store, first.clone()).await;
    let second = next(&first.job, |job| job.state = State::Held);
    assert_eq!(store.commit(Commit::of(&second, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(row(store, &first.job).await, second.job);
    let trail = trail(store, &first.job).await;
    assert_eq!(trail, [first.sealed, second.sealed]);
    assert!(chain_intact(&second.job, &trail));
}

/// Everything of `to` but what a transition leaves alone.
async fn check_becomes(store: &impl Store, from: Job, to: Job) {
    let from = put(store, change_to(from)).await;
    let change = next(&from, |job| *job = Job { version: job.version, published: job.published, head: job.head, ..to });
    assert_eq!(store.commit(Commit::of(&change, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(row(store, &from).await, change.job);
}

pub(super) async fn a_commit_drops_what_the_job_no_longer_has(store: &impl Store) {
    check_becomes(store, filled("1"), bare("1")).await;
}

pub(super) async fn a_commit_adds_what_the_job_did_not_have(store: &impl Store) {
    check_becomes(store, bare("1"), filled("1")).await;
}

/// A row that was read before somebody claimed the attempt must not wipe out its start: a second POST would follow.
pub(super) async fn a_commit_from_before_a_claim_of_the_start_writes_nothing(store: &impl Store) {
    let seen = put(store, change_to(bare("1"))).await;
    let claimed = Job {
        claim_count: 1,
        attempt: Attempt { submit_token: Some(nonce(7)), ..seen.attempt.clone() },
        ..seen.clone()
    };
    assert_eq!(store.claim(&seen, &claimed).await.unwrap(), WriteOutcome::Committed);
    check_writes_nothing(store, &next(&seen, |job| job.unpriced_responses = 0), None).await;
    let after = next(&claimed, |job| job.unpriced_responses = 0);
    assert_eq!(store.commit(Commit::of(&after, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(row(store, &seen).await.attempt.submit_token, Some(nonce(7)));
}

/// Tries a commit that must not go through, and looks whether anything was written.
async fn check_writes_nothing(store: &impl Store, stale: &domain::job::Transition, response: Option<ResponseWrite>) {
    let id = response.as_ref().map(|write| match write {
        ResponseWrite::Put(row) | ResponseWrite::Settle(row) | ResponseWrite::Move(row) => row.id.clone(),
    });
    let look = async || {
        let responses = match &id {
            Some(id) => store.response(id).await.unwrap(),
            None => None,
        };
        let job = store.job(&stale.job.workspace, &stale.job.id).await.unwrap();
        (job, trail(store, &stale.job).await, responses)
    };
    let before = look().await;
    assert_eq!(store.commit(Commit::of(stale, response.as_ref())).await.unwrap(), WriteOutcome::Conflict);
    assert_eq!(look().await, before);
}

pub(super) async fn a_commit_from_a_stale_row_writes_nothing(store: &impl Store) {
    let seen = put(store, change_to(bare("1"))).await;
    let winner = next(&seen, |job| job.state = State::Held);
    assert_eq!(store.commit(Commit::of(&winner, None)).await.unwrap(), WriteOutcome::Committed);
    let loser = next(&seen, |job| job.state = State::Canceled);
    check_writes_nothing(store, &loser, None).await;
    check_writes_nothing(store, &loser, Some(ResponseWrite::Put(response_row(1)))).await;
    // The same commit again is as stale as anybody's.
    check_writes_nothing(store, &winner, None).await;
    let ahead = next(&next(&winner.job, |_| ()).job, |_| ());
    check_writes_nothing(store, &ahead, Some(ResponseWrite::Put(response_row(1)))).await;
    assert_eq!(store.put_response(None, &response_row(2)).await.unwrap(), WriteOutcome::Committed);
    let settled = ResponseRow { settled: true, ..response_row(2) };
    check_writes_nothing(store, &loser, Some(ResponseWrite::Settle(settled))).await;
}

pub(super) async fn a_commit_of_a_job_that_is_not_there_writes_nothing(store: &impl Store) {
    let change = next(&change_to(bare("1")).job, |_| ());
    check_writes_nothing(store, &change, Some(ResponseWrite::Put(response_row(1)))).await;
}

pub(super) async fn a_commit_takes_a_new_response_along(store: &impl Store) {
    let job = put(store, change_to(bare("1"))).await;
    let change = next(&job, |job| job.state = State::InProgress);
    let response = response_row(1);
    assert_eq!(
        store.commit(Commit::of(&change, Some(&ResponseWrite::Put(response.clone())))).await.unwrap(),
        WriteOutcome::Committed
    );
    assert_eq!(store.response(&response.id).await.unwrap(), Some(response));
    assert_eq!(row(store, &job).await, change.job);
}

pub(super) async fn a_commit_that_puts_a_known_response_writes_nothing(store: &impl Store) {
    let job = put(store, change_to(bare("1"))).await;
    assert_eq!(store.put_response(None, &response_row(1)).await.unwrap(), WriteOutcome::Committed);
    let change = next(&job, |job| job.state = State::InProgress);
    let other = ResponseRow { orphan: true, ..response_row(1) };
    check_writes_nothing(store, &change, Some(ResponseWrite::Put(other))).await;
}

pub(super) async fn a_response_is_settled_once_however_sure_its_cost_is(store: &impl Store) {
    let mut job = put(store, change_to(bare("1"))).await;
    assert_eq!(store.put_response(None, &response_row(1)).await.unwrap(), WriteOutcome::Committed);
    for (number, cost_state) in CostState::ALL.into_iter().enumerate() {
        let id = u32::try_from(number).unwrap() + 1;
        if number > 0 {
            assert_eq!(store.put_response(None, &response_row(id)).await.unwrap(), WriteOutcome::Committed);
        }
        let usd = Usd::from_pico(job.version.into());
        let response = ResponseRow { cost_state, usd, settled: true, ..response_row(id) };
        let change = next(&job, |job| job.unpriced_responses = 1);
        let settle = ResponseWrite::Settle(response.clone());
        assert_eq!(
            store.commit(Commit::of(&change, Some(&settle))).await.unwrap(),
            WriteOutcome::Committed,
            "to {cost_state:?}"
        );
        assert_eq!(store.response(&response.id).await.unwrap(), Some(response));
        job = change.job;
        let twice = ResponseRow { cost_state: CostState::Known, usd: Usd::from_pico(99), ..response_row(id) };
        check_writes_nothing(store, &next(&job, |_| ()), Some(ResponseWrite::Settle(twice))).await;
    }
}

pub(super) async fn a_response_that_is_not_there_cannot_be_settled(store: &impl Store) {
    let job = put(store, change_to(bare("1"))).await;
    check_writes_nothing(store, &next(&job, |_| ()), Some(ResponseWrite::Settle(response_row(1)))).await;
}

pub(super) async fn of_many_commits_from_one_version_exactly_one_is_done(store: &impl Store) {
    let job = put(store, change_to(bare("1"))).await;
    let changes: Vec<_> = (0..16).map(|number| next(&job, |job| job.summary = format!("caller {number}"))).collect();
    let writes: Vec<_> = (0..16).map(|number| ResponseWrite::Put(response_row(number))).collect();
    let calls = changes.iter().zip(&writes).map(|(change, write)| store.commit(Commit::of(change, Some(write))));
    let outcomes: Vec<WriteOutcome> = all(calls).await.into_iter().map(Result::unwrap).collect();
    let done: Vec<usize> = (0..16).filter(|place| outcomes[*place] == WriteOutcome::Committed).collect();
    let [winner] = done.as_slice() else { panic!("{} of 16 were done", done.len()) };
    assert_eq!(row(store, &job).await, changes[*winner].job);
    assert_eq!(trail(store, &job).await.len(), 2);
    for (place, number) in (0..16).enumerate() {
        let response = store.response(&response_row(number).id).await.unwrap();
        assert_eq!(response.is_some(), place == *winner, "response {number}");
    }
}

pub(super) async fn a_commit_keeps_what_was_confirmed_meanwhile(store: &impl Store) {
    let seen = put(store, change_to(bare("1"))).await;
    let confirmed = Confirmation { workspace: seen.workspace.clone(), job: seen.id.clone(), from: 1, to: 1 };
    assert_eq!(store.confirm(&confirmed).await.unwrap(), WriteOutcome::Committed);
    let change = next(&seen, |job| {
        job.attempt = Attempt { number: 2, ..Attempt::default() };
        job.due_index_at = Some(NOW);
    });
    assert_eq!(change.job.published, 0);
    assert_eq!(store.commit(Commit::of(&change, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(row(store, &seen).await, Job { published: 1, ..change.job });
}
