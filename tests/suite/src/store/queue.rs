//! Each piece of work goes to the queue of the function that does it, and each refusal comes back to its place.

use std::time::Duration;

use adapters::aws::sqs::SqsQueues;
use domain::port::{Work, WorkQueue as _};
use domain::value::failure::{Class, Failure};
use domain::value::id::{ResponseId, WorkspaceId};
use serde_json::{Value, json};

use super::canned::{Answer, Canned, error, ok, twice};
use crate::contract::make::job_id;

const SUBMIT: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/submit";
const OBSERVE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/observe";

fn submit(number: usize) -> (Work, Duration) {
    let workspace = WorkspaceId::parse("acme").unwrap();
    (Work::SubmitV1 { workspace, job_id: job_id(&number.to_string()) }, Duration::ZERO)
}

fn observe(number: usize) -> (Work, Duration) {
    let workspace = WorkspaceId::parse("rival").unwrap();
    (Work::ObserveV1 { workspace, job_id: job_id(&number.to_string()) }, Duration::from_secs(7))
}

/// What SQS says of a batch: these places it took, those it did not.
fn answer(taken: impl IntoIterator<Item = usize>, refused: impl IntoIterator<Item = usize>) -> Answer {
    let taken: Vec<Value> = taken
        .into_iter()
        .map(|place| json!({"Id": place.to_string(), "MessageId": "m", "MD5OfMessageBody": "0"}))
        .collect();
    let refused: Vec<Value> = refused
        .into_iter()
        .map(|place| json!({"Id": place.to_string(), "SenderFault": false, "Code": "InternalError"}))
        .collect();
    ok(json!({"Successful": taken, "Failed": refused}))
}

async fn send(
    work: &[(Work, Duration)],
    answers: impl IntoIterator<Item = Answer>,
) -> (Vec<Result<(), Failure>>, Canned) {
    let canned = Canned::new(answers);
    let queues = SqsQueues::new(canned.sqs(), Some(SUBMIT.to_owned()), Some(OBSERVE.to_owned()));
    (queues.send(work).await, canned)
}

fn failed(outcomes: &[Result<(), Failure>]) -> Vec<usize> {
    (0..outcomes.len()).filter(|place| outcomes[*place].is_err()).collect()
}

#[tokio::test]
async fn work_goes_to_its_own_queue_with_its_group_and_delay() {
    let response_id = ResponseId::parse("resp_1").unwrap();
    let response = (Work::response(response_id), Duration::from_secs(900));
    let work = [observe(0), submit(1), response, submit(3)];
    let (outcomes, canned) = send(&work, [answer([1, 3], []), answer([0, 2], [])]).await;
    assert_eq!((outcomes.len(), failed(&outcomes)), (4, vec![]));
    let calls = canned.calls();
    assert_eq!((&calls[0].body["QueueUrl"], &calls[1].body["QueueUrl"]), (&json!(SUBMIT), &json!(OBSERVE)));
    let entry = |call: usize, place: usize| calls[call].body["Entries"][place].clone();
    assert_eq!(
        entry(0, 0),
        json!({
            "Id": "1",
            "MessageBody": r#"{"kind":"submit_v1","workspace":"acme","job_id":"job_1"}"#,
            "DelaySeconds": 0,
            "MessageGroupId": "acme",
        })
    );
    assert_eq!(
        entry(1, 0),
        json!({
            "Id": "0",
            "MessageBody": r#"{"kind":"observe_v1","workspace":"rival","job_id":"job_0"}"#,
            "DelaySeconds": 7,
            "MessageGroupId": "rival",
        })
    );
    assert_eq!(
        entry(1, 1),
        json!({
            "Id": "2",
            "MessageBody": r#"{"kind":"response_v1","response_id":"resp_1","tries":0}"#,
            "DelaySeconds": 900,
        })
    );
}

#[tokio::test]
async fn one_entry_that_failed_is_one_failure() {
    let work = [submit(0), observe(1), submit(2), submit(3)];
    let (outcomes, _) = send(&work, [answer([0, 3], [2]), answer([1], [])]).await;
    assert_eq!(failed(&outcomes), [2]);
    assert_eq!(outcomes[2].as_ref().unwrap_err().class, Class::Transient);
    let (outcomes, _) = send(&work, [answer([0, 2], []), answer([1], [])]).await;
    assert_eq!(failed(&outcomes), [3], "an entry without an answer");
}

#[tokio::test]
async fn eleven_messages_take_two_calls() {
    let work: Vec<_> = (0..11).map(submit).collect();
    let (outcomes, canned) = send(&work, [answer(0..10, []), answer([10], [])]).await;
    assert_eq!((outcomes.len(), failed(&outcomes)), (11, vec![]));
    let sent: Vec<usize> = canned.calls().iter().map(|call| call.body["Entries"].as_array().unwrap().len()).collect();
    assert_eq!(sent, [10, 1]);
}

#[tokio::test]
async fn a_call_that_failed_fails_all_its_messages_and_no_others() {
    let lost = error(500, "InternalFailure", "internal");
    let work: Vec<_> = (0..11).map(submit).chain([observe(11)]).collect();
    let answers = twice(&lost).into_iter().chain([answer([10], []), answer([11], [])]);
    let (outcomes, canned) = send(&work, answers).await;
    assert_eq!(failed(&outcomes), (0..10).collect::<Vec<_>>());
    assert!(outcomes.iter().take(10).all(|outcome| outcome.as_ref().unwrap_err().class == Class::Transient));
    assert_eq!(canned.operations(), ["SendMessageBatch"; 4]);
}

#[tokio::test]
async fn a_function_without_the_submit_queue_cannot_send_to_it() {
    let canned = Canned::new([answer([1], [])]);
    let queues = SqsQueues::new(canned.sqs(), None, Some(OBSERVE.to_owned()));
    let outcomes = queues.send(&[submit(0), observe(1)]).await;
    assert_eq!(failed(&outcomes), [0]);
    assert_eq!(outcomes[0].as_ref().unwrap_err().class, Class::Permanent);
    assert_eq!(canned.calls()[0].body["QueueUrl"], OBSERVE);
}
