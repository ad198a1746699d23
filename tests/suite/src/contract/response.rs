//! A response row is put when it is new, replaced as it was seen, and left alone once settled.

use domain::job::response::ResponseRow;
use domain::policy::cost::{CostState, Usd};
use domain::port::{Store, WriteOutcome};

use super::all;
use super::make::{NOW, nonce, response_id, response_row};

async fn check_reads_back(store: &impl Store, row: ResponseRow) {
    assert_eq!(store.put_response(None, &row).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(store.response(&row.id).await.unwrap(), Some(row));
}

pub(super) async fn a_response_row_reads_back_as_it_was(store: &impl Store) {
    assert_eq!(store.response(&response_id(1)).await.unwrap(), None);
    check_reads_back(store, response_row(1)).await;
    let full = ResponseRow {
        attempt: 7,
        orphan: true,
        asked: Some("8h".to_owned()),
        due: Some(NOW),
        claim_count: 12,
        usd: Usd::from_pico(u64::MAX),
        cost_state: CostState::Estimated,
        settled: true,
        ..response_row(2)
    };
    check_reads_back(store, full).await;
    check_reads_back(store, ResponseRow { cost_state: CostState::Known, ..response_row(3) }).await;
}

pub(super) async fn a_new_response_row_is_written_once(store: &impl Store) {
    let first = response_row(1);
    assert_eq!(store.put_response(None, &first).await.unwrap(), WriteOutcome::Committed);
    let second = ResponseRow { orphan: true, ..response_row(1) };
    assert_eq!(store.put_response(None, &second).await.unwrap(), WriteOutcome::Conflict);
    assert_eq!(store.response(&first.id).await.unwrap(), Some(first));
}

pub(super) async fn of_many_puts_of_one_new_response_exactly_one_is_done(store: &impl Store) {
    let rows: Vec<_> = (0..16).map(|attempt| ResponseRow { attempt, ..response_row(1) }).collect();
    let outcomes = all(rows.iter().map(|row| store.put_response(None, row))).await;
    let done: Vec<_> =
        rows.iter().zip(outcomes).filter(|(_, write)| *write.as_ref().unwrap() == WriteOutcome::Committed).collect();
    assert_eq!(done.len(), 1);
    assert_eq!(store.response(&response_id(1)).await.unwrap().as_ref(), Some(done[0].0));
}

pub(super) async fn a_response_row_is_replaced_only_as_it_was_seen(store: &impl Store) {
    let first = response_row(1);
    assert_eq!(store.put_response(Some(&first), &first).await.unwrap(), WriteOutcome::Conflict, "there is none yet");
    assert_eq!(store.response(&first.id).await.unwrap(), None);
    assert_eq!(store.put_response(None, &first).await.unwrap(), WriteOutcome::Committed);
    let second = ResponseRow { claim_count: 1, due: Some(NOW), ..response_row(1) };
    assert_eq!(store.put_response(Some(&first), &second).await.unwrap(), WriteOutcome::Committed);
    let rival = ResponseRow { claim_count: 1, orphan: true, ..response_row(1) };
    assert_eq!(store.put_response(Some(&first), &rival).await.unwrap(), WriteOutcome::Conflict);
    assert_eq!(store.response(&first.id).await.unwrap(), Some(second));
}

pub(super) async fn a_settled_response_row_stays_as_it_is(store: &impl Store) {
    let settled = ResponseRow { settled: true, cost_state: CostState::Known, ..response_row(1) };
    assert_eq!(store.put_response(None, &settled).await.unwrap(), WriteOutcome::Committed);
    let late = ResponseRow { claim_count: 1, due: Some(NOW), ..response_row(1) };
    assert_eq!(store.put_response(Some(&settled), &late).await.unwrap(), WriteOutcome::Conflict);
    assert_eq!(store.put_response(Some(&response_row(1)), &late).await.unwrap(), WriteOutcome::Conflict);
    assert_eq!(store.response(&settled.id).await.unwrap(), Some(settled));
}

pub(super) async fn a_series_of_looks_is_begun_once(store: &impl Store) {
    let id = response_id(1);
    assert_eq!(store.watcher(&id).await.unwrap(), None);
    let watchers: Vec<_> = (1..=16).map(nonce).collect();
    let outcomes = all(watchers.iter().map(|watcher| store.put_watcher(&id, *watcher))).await;
    let done: Vec<_> = watchers
        .iter()
        .zip(outcomes)
        .filter(|(_, write)| *write.as_ref().unwrap() == WriteOutcome::Committed)
        .collect();
    assert_eq!(done.len(), 1);
    assert_eq!(store.watcher(&id).await.unwrap().as_ref(), Some(done[0].0));
    assert_eq!(store.watcher(&response_id(2)).await.unwrap(), None);
    // It is no response row, and stands in the way of none.
    assert_eq!(store.response(&id).await.unwrap(), None);
    assert_eq!(store.put_response(None, &response_row(1)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(store.watcher(&id).await.unwrap().as_ref(), Some(done[0].0));
}
