//! Each message goes to its own queue with its group and delay, and each refusal comes back to its place.

use std::time::Duration;

use adapters::aws::sqs::{SqsPollQueue, SqsQueues};
use domain::port::{PollMessage, PollQueue as _, SubmitMessage, SubmitQueue as _};
use domain::value::failure::{Class, Failure};
use domain::value::id::{ResponseId, WorkspaceId};
use serde_json::{Value, json};

use super::canned::{Answer, Canned, error, ok, twice};
use crate::contract::make::job_id;

const SUBMIT: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/submit";
const OBSERVE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/observe";

fn submit(number: usize) -> (SubmitMessage, Duration) {
    let workspace = WorkspaceId::parse("acme").unwrap();
    (SubmitMessage::SubmitV1 { workspace, job_id: job_id(&number.to_string()) }, Duration::ZERO)
}

fn observe(number: usize) -> (PollMessage, Duration) {
    let workspace = WorkspaceId::parse("rival").unwrap();
    (PollMessage::ObserveV1 { workspace, job_id: job_id(&number.to_string()) }, Duration::from_secs(7))
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

fn queues(canned: &Canned) -> SqsQueues {
    SqsQueues::new(canned.sqs(), SUBMIT.to_owned(), OBSERVE.to_owned())
}

async fn send(
    messages: &[(SubmitMessage, Duration)],
    answers: impl IntoIterator<Item = Answer>,
) -> (Vec<Result<(), Failure>>, Canned) {
    let canned = Canned::new(answers);
    (queues(&canned).send_submits(messages).await, canned)
}

fn failed(outcomes: &[Result<(), Failure>]) -> Vec<usize> {
    (0..outcomes.len()).filter(|place| outcomes[*place].is_err()).collect()
}

#[tokio::test]
async fn a_message_goes_to_its_own_queue_with_its_group_and_delay() {
    let response_id = ResponseId::parse("resp_1").unwrap();
    let response = (PollMessage::response(response_id), Duration::from_secs(900));
    let canned = Canned::new([answer([0], []), answer([0, 1], []), answer([0], [])]);
    let queues = queues(&canned);
    assert!(failed(&queues.send_submits(&[submit(1)]).await).is_empty());
    assert!(failed(&queues.send_polls(&[observe(0), response]).await).is_empty());
    let polls = SqsPollQueue::new(canned.sqs(), OBSERVE.to_owned());
    assert!(failed(&polls.send_polls(&[observe(2)]).await).is_empty());
    let calls = canned.calls();
    let urls: Vec<_> = calls.iter().map(|call| call.body["QueueUrl"].as_str().unwrap()).collect();
    assert_eq!(urls, [SUBMIT, OBSERVE, OBSERVE]);
    let entry = |call: usize, place: usize| calls[call].body["Entries"][place].clone();
    assert_eq!(
        entry(0, 0),
        json!({
            "Id": "0",
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
            "Id": "1",
            "MessageBody": r#"{"kind":"response_v1","response_id":"resp_1","denials":0}"#,
            "DelaySeconds": 900,
        })
    );
}

#[tokio::test]
async fn one_entry_that_failed_is_one_failure() {
    let messages = [submit(0), submit(1), submit(2)];
    let (outcomes, _) = send(&messages, [answer([0, 2], [1])]).await;
    assert_eq!(failed(&outcomes), [1]);
    assert_eq!(outcomes[1].as_ref().unwrap_err().class, Class::Transient);
    let (outcomes, _) = send(&messages, [answer([0, 1], [])]).await;
    assert_eq!(failed(&outcomes), [2], "an entry without an answer");
}

#[tokio::test]
async fn eleven_messages_take_two_calls() {
    let messages: Vec<_> = (0..11).map(submit).collect();
    let (outcomes, canned) = send(&messages, [answer(0..10, []), answer([0], [])]).await;
    assert_eq!((outcomes.len(), failed(&outcomes)), (11, vec![]));
    let sent: Vec<usize> = canned.calls().iter().map(|call| call.body["Entries"].as_array().unwrap().len()).collect();
    assert_eq!(sent, [10, 1]);
}

#[tokio::test]
async fn a_call_that_failed_fails_all_its_messages_and_no_others() {
    let lost = error(500, "InternalFailure", "internal");
    let messages: Vec<_> = (0..11).map(submit).collect();
    let answers = twice(&lost).into_iter().chain([answer([0], [])]);
    let (outcomes, canned) = send(&messages, answers).await;
    assert_eq!(failed(&outcomes), (0..10).collect::<Vec<_>>());
    assert!(outcomes.iter().take(10).all(|outcome| outcome.as_ref().unwrap_err().class == Class::Transient));
    assert_eq!(canned.operations(), ["SendMessageBatch"; 3]);
}
