//! The bus answers for each entry, and each entry is looked at.

use adapters::aws::eventbridge::Bus;
use domain::event::published::{Published, published};
use domain::job::EventKind;
use domain::port::EventBus as _;
use domain::value::failure::{Class, Failure};
use serde_json::{Value, json};

use super::canned::{Answer, Canned, error, ok, twice};
use crate::contract::make::{bare, change_to};

fn events(count: u32) -> Vec<Published> {
    (1..=count)
        .map(|version| {
            let mut change = change_to(domain::job::Job { version, ..bare("1") });
            change.record.event = EventKind::Created;
            published(&change.job.workspace, &change.job.id, &change.record, &change.sealed).unwrap()
        })
        .collect()
}

fn accepted() -> Value {
    json!({"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"})
}

fn answer(entries: &[Value]) -> Answer {
    let failed = entries.iter().filter(|entry| entry.get("ErrorCode").is_some()).count();
    ok(json!({"FailedEntryCount": failed, "Entries": entries}))
}

async fn publish(count: u32, answers: impl IntoIterator<Item = Answer>) -> (Vec<Result<(), Failure>>, Canned) {
    let canned = Canned::new(answers);
    let outcomes = Bus::new(canned.eventbridge(), "lanekeeper-bus").publish(&events(count)).await;
    (outcomes, canned)
}

fn failed(outcomes: &[Result<(), Failure>]) -> Vec<usize> {
    (0..outcomes.len()).filter(|place| outcomes[*place].is_err()).collect()
}

#[tokio::test]
async fn one_entry_that_failed_is_one_failure() {
    let refused = json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"});
    for place in 0..3 {
        let mut entries = vec![accepted(); 3];
        entries[place] = refused.clone();
        let (outcomes, canned) = publish(3, [answer(&entries)]).await;
        assert_eq!((outcomes.len(), failed(&outcomes)), (3, vec![place]));
        assert_eq!(outcomes[place].as_ref().unwrap_err().class, Class::Transient);
        assert_eq!(canned.operations(), ["PutEvents"]);
    }
}

#[tokio::test]
async fn an_entry_without_an_answer_has_failed() {
    let (outcomes, _) = publish(3, [answer(&[accepted(), json!({})])]).await;
    assert_eq!(failed(&outcomes), [1, 2]);
}

#[tokio::test]
async fn eleven_events_take_two_calls() {
    let (outcomes, canned) = publish(11, [answer(&vec![accepted(); 10]), answer(&[accepted()])]).await;
    assert_eq!((outcomes.len(), failed(&outcomes)), (11, vec![]));
    let calls = canned.calls();
    let sent: Vec<usize> = calls.iter().map(|call| call.body["Entries"].as_array().unwrap().len()).collect();
    assert_eq!(sent, [10, 1]);
    let last = &calls[1].body["Entries"][0];
    assert_eq!(last["EventBusName"], "lanekeeper-bus");
    assert_eq!((&last["Source"], &last["DetailType"]), (&json!("lanekeeper"), &json!("job.created")));
    let detail: Published = serde_json::from_str(last["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail, events(11)[10]);
}

#[tokio::test]
async fn a_call_that_failed_fails_all_its_events_and_no_others() {
    let lost = error(500, "InternalException", "internal");
    let (outcomes, canned) = publish(11, twice(&lost).into_iter().chain([answer(&[accepted()])])).await;
    assert_eq!(failed(&outcomes), (0..10).collect::<Vec<_>>());
    assert!(outcomes.iter().take(10).all(|outcome| outcome.as_ref().unwrap_err().class == Class::Transient));
    assert_eq!(canned.operations(), ["PutEvents"; 3]);
}

#[tokio::test]
async fn no_event_takes_no_call() {
    assert_eq!(publish(0, []).await.1.operations(), [""; 0]);
}
