//! A row that is not what it should be is never guessed at, and never delivered.

use std::fs;

use adapters::aws::dynamodb::{event_item, job_item};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::Job;
use domain::port::{
    Commit, DueIndex as _, DueRow, JobReader as _, Jobs as _, PayloadKind, Payloads as _, WriteOutcome,
};
use domain::value::failure::Class;

use super::make::{NOW, bare, change_to, filled, job_id, next, workspace};
use super::{Bench, put, row, trail};

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_be_no_word_is_an_error_that_names_its_attribute() {
    let bench = Bench::open();
    for (name, value) in [("st", "pau sed"), ("ln", ""), ("lr", "ce z\u{fc}"), ("rs", "bad\nluck"), ("ty", "No Type")] {
        let mut item = job_item(&filled("1"));
        item.insert(name.to_owned(), text(value));
        bench.write(item).await;
        let failure = bench.table.job(&workspace(), &job_id("1")).await.unwrap_err();
        assert_eq!((failure.what, failure.class), ("read the job", Class::Permanent));
        let cause = std::error::Error::source(&failure).unwrap().to_string();
        assert_eq!(cause, format!("the job row has no readable attribute {name}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attribute_that_is_missing_or_of_another_type_is_an_error() {
    let bench = Bench::open();
    let required = ["ty", "tv", "ln", "lr", "up", "vn", "st", "an", "du", "tn", "dl", "sm", "id", "ib", "rb"];
    for name in required.iter().chain(&["co", "cn", "pb", "hd"]) {
        for damaged in [None, Some(AttributeValue::Bool(true))] {
            let mut item = job_item(&filled("1"));
            item.remove(*name);
            item.extend(damaged.map(|value| ((*name).to_owned(), value)));
            bench.write(item).await;
            let failure = bench.table.job(&workspace(), &job_id("1")).await.unwrap_err();
            let cause = std::error::Error::source(&failure).unwrap().to_string();
            assert_eq!(cause, format!("the job row has no readable attribute {name}"));
        }
    }
}

/// Else one damaged row stops every duty of every job.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_due_row_that_does_not_read_holds_up_no_other() {
    let bench = Bench::open();
    put(&bench.table, change_to(Job { due_index_at: Some(NOW), ..bare("1") })).await;
    let mut item = job_item(&Job { due_index_at: Some(NOW), ..bare("2") });
    item.insert("st".to_owned(), text("pau sed"));
    bench.write(item).await;
    let due = bench.table.due(NOW, 200).await.unwrap();
    assert!(matches!(due.as_slice(), [DueRow::Job(job)] if job.id == job_id("1")), "{due:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_there_is_never_overwritten() {
    let bench = Bench::open();
    let job = put(&bench.table, change_to(bare("1"))).await;
    let (theirs, ours) = (next(&job, |job| job.summary = "theirs".to_owned()), next(&job, |job| job.claim_count = 9));
    bench.write(event_item(&theirs)).await;
    assert_eq!(bench.table.commit(Commit::of(&ours, None)).await.unwrap(), WriteOutcome::Conflict);
    assert_eq!(row(&bench.table, &job).await, job);
    assert_eq!(trail(&bench.table, &job).await[1], theirs.sealed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn altered_bytes_of_a_payload_are_not_delivered() {
    let bench = Bench::open();
    let (workspace, id) = (workspace(), job_id("1"));
    let (job, kind) = ((&workspace, &id), PayloadKind::Result { attempt: 1 });

    let small = bench.payloads.put(job, kind, b"the answer is 42").await.unwrap();
    let sk = format!("RESULT#1#{}", &small.digest.hex()[..16]);
    let written = bench.raw("WS#acme#JOB#job_1", &sk).await.unwrap();
    for bytes in [b"the answer is 43".as_slice(), b"the answer is 42 ", b""] {
        let mut item = written.clone();
        item.insert("bytes".to_owned(), AttributeValue::B(Blob::new(bytes)));
        bench.write(item).await;
        assert_eq!(bench.payloads.get(job, kind, &small).await.unwrap(), None);
    }
    let mut item = written.clone();
    item.insert("bytes".to_owned(), text("the answer is 42"));
    bench.write(item).await;
    assert_eq!(bench.payloads.get(job, kind, &small).await.unwrap(), None);
    bench.write(written).await;
    assert_eq!(bench.payloads.get(job, kind, &small).await.unwrap().unwrap(), b"the answer is 42");

    let large = bench.payloads.put(job, kind, &[7; 5_000]).await.unwrap();
    let object = format!("acme/job_1/RESULT-1-{}", &large.digest.hex()[..16]);
    for bytes in [vec![8; 5_000], vec![7; 4_999], vec![7; 5_001]] {
        fs::write(bench.folder.path().join(&object), bytes).unwrap();
        assert_eq!(bench.payloads.get(job, kind, &large).await.unwrap(), None);
    }
    fs::remove_file(bench.folder.path().join(&object)).unwrap();
    assert_eq!(bench.payloads.get(job, kind, &large).await.unwrap(), None);
}
