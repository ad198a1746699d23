//! What a busy table leaves over in a batch is asked for again.

use adapters::aws::dynamodb::job_item;
use domain::job::Job;
use domain::port::{DueIndex as _, JobReader as _, Listing, Span};
use domain::value::failure::Class;
use serde_json::{Value, json};

use super::canned::{Answer, Canned, busy, ok, twice, wire};
use crate::contract::make::{NOW, bare, change_to, workspace};

fn job(number: usize) -> Job {
    change_to(Job { due_index_at: Some(NOW), ..bare(&format!("{number:03}")) }).job
}

fn key(number: usize) -> Value {
    json!({"PK": {"S": format!("WS#acme#JOB#job_{number:03}")}, "SK": {"S": "JOB"}})
}

/// A page of an index that names these jobs.
fn page(numbers: impl IntoIterator<Item = usize>) -> Answer {
    let items: Vec<Value> = numbers.into_iter().map(key).collect();
    ok(json!({"Count": items.len(), "Items": items}))
}

/// What a batch found and what it left over.
fn batch(found: impl IntoIterator<Item = usize>, left: impl IntoIterator<Item = usize>) -> Answer {
    let rows: Vec<Value> = found.into_iter().map(|number| wire(&job_item(&job(number)))).collect();
    let left: Vec<Value> = left.into_iter().map(key).collect();
    let unprocessed = if left.is_empty() { json!({}) } else { json!({"jobs": {"Keys": left, "ConsistentRead": true}}) };
    ok(json!({"Responses": {"jobs": rows}, "UnprocessedKeys": unprocessed}))
}

fn asked(body: &Value) -> usize {
    body["RequestItems"]["jobs"]["Keys"].as_array().unwrap().len()
}

#[tokio::test]
async fn keys_that_were_left_over_are_asked_for_again() {
    let canned = Canned::new([page((0..3).rev()), batch([1], [0, 2]), batch([], [0, 2]), batch([0, 2], [])]);
    let page = canned.table().list(&workspace(), Listing::All, &Span::default(), None, 10).await.unwrap();
    assert_eq!(page.jobs, [job(2), job(1), job(0)]);
    let calls = canned.calls();
    assert_eq!(calls.iter().skip(1).map(|call| asked(&call.body)).collect::<Vec<_>>(), [3, 2, 2]);
    for call in calls.iter().skip(1) {
        assert_eq!(call.operation, "BatchGetItem");
        assert_eq!(call.body["RequestItems"]["jobs"]["ConsistentRead"], true);
    }
}

#[tokio::test]
async fn more_rows_than_a_batch_takes_are_read_in_several() {
    // The first shard names 130 jobs, the fifteen others none.
    let pages = [page(0..130)].into_iter().chain((0..15).map(|_| page([])));
    let canned = Canned::new(pages.chain([batch(0..90, 90..100), batch(90..130, [])]));
    assert_eq!(canned.table().due(NOW, 200).await.unwrap().len(), 130);
    let calls = canned.calls();
    assert_eq!(calls.iter().skip(16).map(|call| asked(&call.body)).collect::<Vec<_>>(), [100, 40]);
    let shards: Vec<String> =
        calls.iter().take(16).map(|call| call.body["ExpressionAttributeValues"][":shard"]["S"].to_string()).collect();
    assert_eq!(shards, (0..16).map(|shard| format!("\"{shard:02}\"")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_row_that_went_between_index_and_read_is_left_out() {
    let canned = Canned::new([page((0..3).rev()), batch([0, 2], [])]);
    assert_eq!(
        canned.table().list(&workspace(), Listing::Open, &Span::default(), None, 10).await.unwrap().jobs,
        [job(2), job(0)]
    );
}

#[tokio::test]
async fn a_busy_table_fails_a_list_for_now() {
    for answer in busy() {
        let canned = Canned::new([page(0..3)].into_iter().chain(twice(&answer)));
        let failure = canned.table().list(&workspace(), Listing::All, &Span::default(), None, 10).await.unwrap_err();
        assert_eq!(failure.class, Class::Transient);
        assert_eq!(canned.operations(), ["Query", "BatchGetItem", "BatchGetItem"]);
    }
}
