//! The queues keep SQS's promises and no others.

use std::sync::Arc;
use std::time::Duration;

use domain::port::{PollMessage, PollQueue as _, SubmitMessage, SubmitQueue as _};
use domain::value::failure::Class;
use domain::value::id::{JobId, ResponseId, WorkspaceId};
use local::queue::{Counters, MemoryQueue, MemoryQueues, Received, event};
use serde_json::{Value, json};

const VISIBILITY_MS: i64 = 30_000;
const ARN: &str = "arn:aws:sqs:eu-west-1:000000000000:lanekeeper-submit";

fn queue() -> MemoryQueue {
    MemoryQueue::new("lanekeeper-submit", Duration::from_millis(30_000), 3)
}

fn with(bodies: &[&str]) -> MemoryQueue {
    let queue = queue();
    for body in bodies {
        queue.send(body, Duration::ZERO, 0);
    }
    queue
}

fn bodies(received: &[Received]) -> Vec<&str> {
    received.iter().map(|message| message.body.as_str()).collect()
}

#[test]
fn a_received_message_is_hidden_until_the_timeout_and_then_comes_again() {
    let queue = with(&["a"]);
    let first = queue.receive(10, 0);
    assert_eq!(bodies(&first), ["a"]);
    assert!(queue.receive(10, VISIBILITY_MS - 1).is_empty());
    assert_eq!(queue.next_visible_ms(), Some(VISIBILITY_MS));

    let again = queue.receive(10, VISIBILITY_MS);
    assert_eq!((again[0].id.as_str(), again[0].receive_count), (first[0].id.as_str(), 2));
    assert_eq!((again[0].sent_ms, again[0].first_received_ms), (0, 0));
    assert_ne!(again[0].receipt, first[0].receipt);
}

#[test]
fn only_the_latest_receipt_deletes() {
    let queue = with(&["a"]);
    let first = queue.receive(1, 0);
    let second = queue.receive(1, VISIBILITY_MS);
    assert!(!queue.delete(&first[0].receipt));
    assert!(!queue.is_empty());
    assert!(queue.delete(&second[0].receipt));
    assert!(!queue.delete(&second[0].receipt));
    assert!(!queue.delete("nonsense"));
    assert!(queue.is_empty());
    assert_eq!(queue.next_visible_ms(), None);
    assert_eq!(queue.counters(), Counters { sent: 1, received: 2, deleted: 1, dead: 0 });
}

#[test]
fn a_message_that_was_received_too_often_becomes_a_dead_letter() {
    let queue = with(&["poison", "fine"]);
    for receive in 0..3 {
        let received = queue.receive(10, receive * VISIBILITY_MS);
        for message in received.iter().filter(|message| message.body == "fine") {
            queue.delete(&message.receipt);
        }
    }
    assert!(queue.dead().is_empty());
    assert!(queue.receive(10, 3 * VISIBILITY_MS).is_empty());
    assert_eq!(bodies(&queue.dead()), ["poison"]);
    assert_eq!(queue.dead()[0].receive_count, 3);
    assert!(queue.is_empty());
    assert_eq!(queue.counters(), Counters { sent: 2, received: 4, deleted: 1, dead: 1 });
}

#[test]
fn a_delayed_message_waits_and_a_batch_has_a_limit() {
    let queue = with(&["a", "b", "c"]);
    queue.send("late", Duration::from_secs(5), 0);
    assert_eq!(queue.receive(2, 0).len(), 2);
    assert_eq!(bodies(&queue.receive(10, 4_999)), ["c"]);
    assert_eq!(queue.next_visible_ms(), Some(5_000));
    assert_eq!(bodies(&queue.receive(10, 5_000)), ["late"]);
}

#[test]
fn what_a_batch_names_as_failed_comes_again_and_the_rest_does_not() {
    let queue = with(&["a", "b", "c"]);
    let batch = queue.receive(10, 0);
    let response = json!({"batchItemFailures": [{"itemIdentifier": batch[1].id}]}).to_string();
    assert_eq!(queue.apply(&response, &batch), 2);
    assert_eq!(bodies(&queue.receive(10, VISIBILITY_MS)), ["b"]);
}

#[test]
fn a_batch_without_failures_is_deleted_however_that_is_said() {
    for response in [r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#, "{}", "null", ""] {
        let queue = with(&["a", "b"]);
        assert_eq!(queue.apply(response, &queue.receive(10, 0)), 2, "{response}");
        assert!(queue.is_empty());
    }
}

#[test]
fn a_batch_answer_that_makes_no_sense_deletes_nothing() {
    for response in [
        "nonsense",
        r#"{"batchItemFailures":[{"itemIdentifier":"unknown"}]}"#,
        r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
        r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
        r#"{"batchItemFailures":[{"anotherName":"x"}]}"#,
    ] {
        let queue = with(&["a", "b"]);
        assert_eq!(queue.apply(response, &queue.receive(10, 0)), 0, "{response}");
        assert_eq!(queue.receive(10, VISIBILITY_MS).len(), 2);
    }
}

#[test]
fn a_batch_event_has_the_fields_of_a_recorded_one() {
    let queue = with(&["a"]);
    let made: Value = serde_json::from_str(&event(&queue.receive(1, 7), ARN)).unwrap();
    let recorded = include_str!("../../../../events/submit-job/one-message.json");
    let mut recorded: Value = serde_json::from_str(recorded).unwrap();
    recorded["Records"][0].as_object_mut().unwrap().remove("md5OfBody");
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
    for place in ["/Records/0", "/Records/0/attributes"] {
        assert_eq!(names(made.pointer(place).unwrap()), names(recorded.pointer(place).unwrap()), "{place}");
    }
    let record = &made["Records"][0];
    assert_eq!((&record["body"], &record["awsRegion"]), (&json!("a"), &json!("eu-west-1")));
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(record["attributes"]["ApproximateFirstReceiveTimestamp"], "7");
}

#[tokio::test]
async fn a_waiting_consumer_wakes_for_a_send_that_came_before_it_waited() {
    let queue = with(&["a"]);
    queue.wait_for_send().await;
    assert_eq!(queue.receive(1, 0).len(), 1);
}

#[tokio::test]
async fn a_message_goes_to_the_queue_of_the_function_that_takes_it() {
    let queues = MemoryQueues::new(queue(), queue(), Arc::new(|| 1_000));
    let (workspace, job_id) = (WorkspaceId::parse("acme").unwrap(), JobId::parse("job_1").unwrap());
    let submit = SubmitMessage::SubmitV1 { workspace: workspace.clone(), job_id: job_id.clone() };
    let observe = PollMessage::ObserveV1 { workspace, job_id };
    let response = PollMessage::response(ResponseId::parse("resp_1").unwrap());
    let second = Duration::from_secs(1);
    let sent = queues.send_submits(&[(submit.clone(), Duration::ZERO)]).await;
    assert!(sent.iter().all(Result::is_ok));
    let sent = queues.send_polls(&[(observe, second), (response, Duration::ZERO)]).await;
    assert!(sent.iter().all(Result::is_ok));
    let received = queues.submit.receive(10, 1_000);
    assert_eq!(serde_json::from_str::<SubmitMessage>(&received[0].body).unwrap(), submit);
    assert_eq!(queues.observe.receive(10, 1_000).len(), 1);
    assert_eq!(queues.observe.receive(10, 2_000).len(), 1);

    for bad in [Duration::from_secs(901), Duration::from_millis(1_500)] {
        let refused = queues.send_submits(&[(submit.clone(), bad)]).await.remove(0).unwrap_err();
        assert_eq!(refused.class, Class::Permanent);
    }
    queues.fail_next(1);
    let sent = queues.send_submits(&[(submit.clone(), Duration::ZERO), (submit, Duration::ZERO)]).await;
    assert_eq!(sent[0].as_ref().unwrap_err().class, Class::Transient);
    assert!(sent[1].is_ok());
    assert_eq!(queues.submit.counters().sent, 2);
}
