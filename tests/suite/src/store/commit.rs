//! A commit whose answer decides nothing is decided by the row.

use domain::job::{Job, State, Transition};
use domain::port::{Commit, Jobs as _, WriteOutcome};
use domain::value::failure::{Class, Failure};

use super::canned::{Answer, Canned, busy, canceled, error, found, lost, ok, twice};
use crate::contract::make::{bare, change_to, next};

fn change() -> Transition {
    next(&change_to(bare("1")).job, |job| job.state = State::InProgress)
}

fn theirs() -> Job {
    next(&change_to(bare("1")).job, |job| job.state = State::Canceled).job
}

fn before() -> Job {
    change_to(bare("1")).job
}

/// A commit with these answers, its outcome and the operations that it took.
async fn commit(answers: impl IntoIterator<Item = Answer>) -> (Result<WriteOutcome, Failure>, Vec<String>) {
    let canned = Canned::new(answers);
    let outcome = canned.table().commit(Commit::of(&change(), None)).await;
    (outcome, canned.operations())
}

#[tokio::test]
async fn a_conflict_is_decided_by_the_row() {
    let conflict = canceled(&["None", "TransactionConflict"]);
    for (row, expected) in [(change().job, WriteOutcome::Committed), (theirs(), WriteOutcome::Conflict)] {
        let (outcome, operations) = commit([conflict.clone(), found(Some(&row))]).await;
        assert_eq!(outcome.unwrap(), expected);
        assert_eq!(operations, ["TransactWriteItems", "GetItem"]);
    }
    let much_later = Job { version: 7, ..theirs() };
    assert_eq!(commit([conflict.clone(), found(Some(&much_later))]).await.0.unwrap(), WriteOutcome::Conflict);
    for row in [Some(&before()), None] {
        let (outcome, _) = commit([conflict.clone(), found(row)]).await;
        let failure = outcome.unwrap_err();
        assert_eq!((failure.what, failure.class), ("commit the transition", Class::Transient));
    }
}

#[tokio::test]
async fn a_condition_among_other_reasons_is_stale_without_a_second_look() {
    for reasons in [
        &["None", "ConditionalCheckFailed", "TransactionConflict"][..],
        &["ConditionalCheckFailed", "ConditionalCheckFailed", "None"],
        &["ConditionalCheckFailed", "None"],
        &["ThrottlingError", "ConditionalCheckFailed"],
    ] {
        let (outcome, operations) = commit([canceled(reasons)]).await;
        assert_eq!(outcome.unwrap(), WriteOutcome::Conflict, "{reasons:?}");
        assert_eq!(operations, ["TransactWriteItems"]);
    }
}

#[tokio::test]
async fn a_cancellation_for_another_reason_may_work_another_time() {
    for reason in ["ThrottlingError", "ProvisionedThroughputExceeded", "TransactionConflict"] {
        let (outcome, _) = commit([canceled(&["None", reason]), found(Some(&before()))]).await;
        assert_eq!(outcome.unwrap_err().class, Class::Transient, "{reason}");
    }
}

#[tokio::test]
async fn a_busy_table_is_asked_twice_and_then_another_time() {
    for answer in busy() {
        let answers = twice(&answer).into_iter().chain([found(Some(&before()))]);
        let (outcome, operations) = commit(answers).await;
        assert_eq!(outcome.unwrap_err().class, Class::Transient, "{answer:?}");
        assert_eq!(operations, ["TransactWriteItems", "TransactWriteItems", "GetItem"]);
    }
}

#[tokio::test]
async fn a_busy_table_that_takes_the_second_try_has_taken_it() {
    for answer in busy() {
        let (outcome, operations) = commit([answer, ok(serde_json::json!({}))]).await;
        assert_eq!(outcome.unwrap(), WriteOutcome::Committed);
        assert_eq!(operations, ["TransactWriteItems"; 2]);
    }
}

#[tokio::test]
async fn a_lost_answer_is_decided_by_the_row() {
    for (row, expected) in [(change().job, WriteOutcome::Committed), (theirs(), WriteOutcome::Conflict)] {
        let answers = twice(&lost()).into_iter().chain([found(Some(&row))]);
        assert_eq!(commit(answers).await.0.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_either_decides_nothing() {
    let answers = twice(&lost()).into_iter().chain(twice(&lost()));
    let failure = commit(answers).await.0.unwrap_err();
    assert_eq!(failure.class, Class::Transient);
}

#[tokio::test]
async fn a_call_that_is_wrong_or_not_allowed_is_wrong_the_next_time_too() {
    for code in ["AccessDeniedException", "ValidationException", "ResourceNotFoundException"] {
        let (outcome, _) = commit([error(400, code, "no"), found(Some(&before()))]).await;
        assert_eq!(outcome.unwrap_err().class, Class::Permanent, "{code}");
    }
}

#[tokio::test]
async fn a_transaction_with_an_item_that_is_wrong_is_wrong_the_next_time_too() {
    let canceled = canceled(&["None", "ValidationError"]);
    let (outcome, _) = commit([canceled, found(Some(&before()))]).await;
    assert_eq!(outcome.unwrap_err().class, Class::Permanent);
}
