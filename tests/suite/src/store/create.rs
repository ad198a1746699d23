//! A create whose answer decides nothing is decided by the row.

use domain::job::{Job, PayloadRef, Transition};
use domain::port::{Creation, Jobs as _};
use domain::value::failure::{Class, Failure};

use super::canned::{Answer, Canned, busy, canceled, error, found, lost, twice};
use crate::contract::make::{bare, change_to};

fn change() -> Transition {
    change_to(bare("1"))
}

fn theirs() -> Job {
    change_to(Job { summary: "theirs".to_owned(), unpriced_responses: 1, ..bare("1") }).job
}

async fn create(answers: impl IntoIterator<Item = Answer>) -> Result<Creation, Failure> {
    let canned = Canned::new(answers);
    let outcome = canned.table().create(&change()).await;
    canned.calls();
    outcome
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_has_created_when_the_row_is_ours() {
    let answers = twice(&lost()).into_iter().chain([found(Some(&change().job))]);
    assert!(matches!(create(answers).await.unwrap(), Creation::Created));
    let answers = [canceled(&["TransactionConflict", "None"]), found(Some(&change().job))];
    assert!(matches!(create(answers).await.unwrap(), Creation::Created));
}

#[tokio::test]
async fn a_create_finds_the_row_of_another() {
    for answers in [
        vec![lost(), lost()],
        vec![canceled(&["TransactionConflict", "None"])],
        vec![canceled(&["ConditionalCheckFailed", "None"])],
    ] {
        let outcome = create(answers.into_iter().chain([found(Some(&theirs()))])).await.unwrap();
        assert!(matches!(outcome, Creation::Existing(job) if *job == theirs()));
    }
}

#[tokio::test]
async fn a_create_that_left_no_row_may_work_another_time() {
    for answer in busy() {
        let outcome = create(twice(&answer).into_iter().chain([found(None)])).await;
        assert_eq!(outcome.unwrap_err().class, Class::Transient, "{answer:?}");
    }
    for reason in ["TransactionConflict", "ThrottlingError", "ConditionalCheckFailed"] {
        let outcome = create([canceled(&[reason, "None"]), found(None)]).await;
        assert_eq!(outcome.unwrap_err().class, Class::Transient, "{reason}");
    }
}

#[tokio::test]
async fn a_create_that_is_not_allowed_is_not_allowed_the_next_time_either() {
    for code in ["AccessDeniedException", "ValidationException"] {
        let outcome = create([error(400, code, "no"), found(None)]).await;
        assert_eq!(outcome.unwrap_err().class, Class::Permanent, "{code}");
    }
}

/// Records of two creates of one caller in one millisecond are alike; what they were asked for need not be.
#[tokio::test]
async fn another_request_under_the_same_key_in_the_same_millisecond_is_not_ours() {
    let other = change_to(Job { input: PayloadRef::of(b"another request"), ..bare("1") }).job;
    for answers in [vec![canceled(&["TransactionConflict", "None"])], vec![lost(), lost()]] {
        let outcome = create(answers.into_iter().chain([found(Some(&other))])).await.unwrap();
        assert!(matches!(outcome, Creation::Existing(job) if *job == other));
    }
}
