//! Every published event reaches the bus and whoever has a rule there, and comes again if nobody confirmed it.

use std::collections::BTreeSet;
use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use serde_json::{Value, json};

use super::stage::{Need, Stage, pause};

pub(super) async fn heard(stage: &Stage, id: &str, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let mut events = Vec::new();
    for _ in 0..1_500 {
        events = stage.inside().events(&stage.workspace).await;
        events.retain(|event| event["job_id"] == id);
        if enough(&events) {
            return events;
        }
        pause().await;
    }
    panic!("these events are not all: {events:?}");
}

pub(super) fn kinds(events: &[Value]) -> BTreeSet<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn events_reach_a_consumers_queue_and_come_again_when_nobody_confirmed_them() {
    let Some(stage) = Stage::open(&[Need::Inside]).await else { return };
    stage.inside().subscribe(&stage.workspace).await;
    let id = stage.create(json!({})).await;
    let job = stage.ended(&id, "completed").await;
    let all = BTreeSet::from(["job.created", "job.running", "job.completed"]);
    let events = heard(&stage, &id, |events| kinds(events) == all).await;
    let last = events.iter().find(|event| event["type"] == "job.completed").unwrap();
    assert_eq!(last["id"], format!("{id}-{}", job["version"]));
    assert_eq!((&last["digest"], &last["cost"]), (&job["result"]["digest"], &job["cost"]));

    // As if the process had died between the bus and its confirmation.
    let mut row = stage.told(&id).await;
    let past = System.now() - Duration::from_secs(1);
    row.published -= 1;
    (row.due, row.due_index_at) = (past, Some(past));
    stage.inside().overwrite(&row).await;
    let again = |events: &[Value]| events.iter().filter(|event| event["type"] == "job.completed").count() >= 2;
    let events = heard(&stage, &id, again).await;
    let ids: BTreeSet<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 3, "a repeat has the id of the first: {ids:?}");
    stage.told(&id).await;
}
