//! A claim whose answer is lost is held when the row shows exactly this claim.

use adapters::aws::dynamodb::job_item;
use domain::job::{Attempt, Job};
use domain::port::{Confirmation, Jobs as _, Responses as _, WriteOutcome};
use domain::value::failure::{Class, Failure};
use serde_json::json;

use super::canned::{Answer, Canned, busy, error, found, lost, ok, twice, wire};
use crate::contract::make::{MINUTE, NOW, bare, change_to, nonce, response_row};

fn seen() -> Job {
    change_to(bare("1")).job
}

/// The row after the claim of the consumer with this nonce.
fn claimed(by: u8) -> Job {
    let attempt = Attempt { submit_token: Some(nonce(by)), ..seen().attempt };
    Job { due: NOW + MINUTE, claim_count: 1, due_index_at: Some(NOW + MINUTE), attempt, ..seen() }
}

async fn claim(answers: impl IntoIterator<Item = Answer>) -> (Result<WriteOutcome, Failure>, Vec<String>) {
    let canned = Canned::new(answers);
    let outcome = canned.table().claim(&seen(), &claimed(1)).await;
    (outcome, canned.operations())
}

/// A refusal by this row, which it shows to whoever asks for it.
fn refused_by(row: &Job) -> Answer {
    let Answer(status, mut body) = error(400, "ConditionalCheckFailedException", "The conditional request failed");
    body["Item"] = wire(&job_item(row));
    Answer(status, body)
}

/// What came of a claim that this row refused at first or second sight.
async fn refused(tries: &[Answer], row: &Job) -> WriteOutcome {
    let canned = Canned::new(tries.iter().cloned().chain([refused_by(row), found(Some(row))]));
    canned.table().claim(&seen(), &claimed(1)).await.unwrap()
}

#[tokio::test]
async fn a_refused_claim_is_stale() {
    for row in [claimed(2), Job { version: 2, claim_count: 0, ..seen() }] {
        assert_eq!(refused(&[], &row).await, WriteOutcome::Conflict);
        assert_eq!(refused(&[lost()], &row).await, WriteOutcome::Conflict);
    }
}

#[tokio::test]
async fn a_claim_whose_answers_are_lost_is_decided_by_the_row() {
    let moved = Job { version: 2, claim_count: 0, ..claimed(1) };
    let other_time = Job { due: NOW + 2 * MINUTE, ..claimed(1) };
    for (row, expected) in [
        (claimed(1), WriteOutcome::Committed),
        (claimed(2), WriteOutcome::Conflict),
        (moved, WriteOutcome::Conflict),
        (other_time, WriteOutcome::Conflict),
        (Job { claim_count: 2, ..claimed(1) }, WriteOutcome::Conflict),
    ] {
        let (outcome, operations) = claim(twice(&lost()).into_iter().chain([found(Some(&row))])).await;
        assert_eq!(outcome.unwrap(), expected, "{row:?}");
        assert_eq!(operations, ["UpdateItem", "UpdateItem", "GetItem"]);
    }
}

/// The first try was written and its answer lost; the second one meets what the first one wrote.
#[tokio::test]
async fn a_claim_that_is_refused_because_it_was_already_written_is_held() {
    assert_eq!(refused(&[lost()], &claimed(1)).await, WriteOutcome::Committed);
}

#[tokio::test]
async fn a_claim_that_nobody_took_may_work_another_time() {
    for answer in busy() {
        let (outcome, _) = claim(twice(&answer).into_iter().chain([found(Some(&seen()))])).await;
        assert_eq!(outcome.unwrap_err().class, Class::Transient, "{answer:?}");
    }
    let (outcome, _) =
        claim([error(400, "TransactionConflictException", "Transaction is ongoing"), found(Some(&seen()))]).await;
    assert_eq!(outcome.unwrap_err().class, Class::Transient);
    for code in ["AccessDeniedException", "ValidationException"] {
        let (outcome, _) = claim([error(400, code, "no"), found(Some(&seen()))]).await;
        assert_eq!(outcome.unwrap_err().class, Class::Permanent, "{code}");
    }
}

#[tokio::test]
async fn a_busy_table_fails_a_confirmation_and_a_response_for_now() {
    let confirmation = Confirmation { workspace: seen().workspace, job: seen().id, from: 1, to: 1 };
    for answer in busy() {
        let canned = Canned::new(twice(&answer).into_iter().chain(twice(&answer)).chain(twice(&answer)));
        let table = canned.table();
        let outcomes = [
            table.confirm(&confirmation).await.map(|_| ()),
            table.put_response(None, &response_row(1)).await.map(|_| ()),
            table.response(&response_row(1).id).await.map(|_| ()),
        ];
        assert_eq!(canned.operations(), ["UpdateItem", "UpdateItem", "PutItem", "PutItem", "GetItem", "GetItem"]);
        for outcome in outcomes {
            assert_eq!(outcome.unwrap_err().class, Class::Transient);
        }
    }
}

#[tokio::test]
async fn a_busy_table_that_takes_the_second_try_of_a_claim_has_taken_it() {
    let (outcome, operations) = claim([busy()[0].clone(), ok(json!({}))]).await;
    assert_eq!(outcome.unwrap(), WriteOutcome::Committed);
    assert_eq!(operations, ["UpdateItem"; 2]);
}
