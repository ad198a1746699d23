//! The bus keeps what it accepts, tells its subscribers, and fails when a test says so.

use std::sync::{Arc, Mutex};

use domain::event::published::Published;
use domain::port::EventBus as _;
use domain::value::failure::Class;
use local::bus::{KEPT_EVENTS, MemoryBus, Pattern};
use serde_json::{Value, json};

fn event(version: usize) -> Published {
    let value = json!({
        "id": format!("job_1-{version}"),
        "schema": 1,
        "version": version,
        "at": "2026-11-18T12:26:40Z",
        "type": if version == 1 { "job.created" } else { "job.running" },
        "workspace": "acme",
        "job_id": "job_1",
        "job_type": "quick-answer",
        "lane": "background",
        "attempt": 1,
        "from": null,
        "to": "queued",
        "reason": null,
        "digest": null,
        "cost": {"usd": "0.000000", "state": "known"},
        "attention": false,
        "escalation_level": 0,
        "head_hash": format!("sha256:{}", "0".repeat(64)),
        "link": "/v1/workspaces/acme/jobs/job_1",
    });
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn subscribers_hear_each_accepted_event_once() {
    let bus = MemoryBus::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (kept, asked) = (heard.clone(), bus.clone());
    bus.subscribe(Arc::new(move |envelope: &Value| {
        kept.lock().unwrap().push((envelope["detail"]["version"].as_u64().unwrap(), asked.events().len()));
    }));
    let results = bus.publish(&[event(1), event(2), event(3)]).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(*heard.lock().unwrap(), [(1, 1), (2, 2), (3, 3)]);
    assert_eq!(bus.events(), [event(1), event(2), event(3)]);
    assert_eq!(bus.counts(), [("job.created".to_owned(), 1), ("job.running".to_owned(), 2)].into());
}

#[tokio::test]
async fn entries_fail_one_by_one() {
    let bus = MemoryBus::new();
    bus.fail_next(2);
    let results = bus.publish(&[event(1), event(2), event(3)]).await;
    let classes: Vec<_> = results.iter().map(|result| result.as_ref().err().map(|failure| failure.class)).collect();
    assert_eq!(classes, [Some(Class::Transient), Some(Class::Transient), None]);
    assert_eq!(bus.events(), [event(3)]);
}

#[tokio::test]
async fn old_events_are_only_counted() {
    let bus = MemoryBus::new();
    let events: Vec<_> = (1..=KEPT_EVENTS + 1).map(event).collect();
    assert!(bus.publish(&events).await.iter().all(Result::is_ok));
    assert_eq!(bus.events().len(), KEPT_EVENTS);
    assert_eq!(bus.events().first().unwrap().version, 2);
    assert_eq!(bus.counts()["job.created"], 1);
}

#[test]
fn a_pattern_picks_by_values_and_says_what_it_does_not_know() {
    let event =
        json!({"source": "lanekeeper", "detail": {"workspace": "acme", "escalation_level": 2, "tags": ["a", "b"]}});
    let picks = |pattern| Pattern::parse(&pattern).map(|pattern| pattern.matches(&event));
    assert_eq!(picks(json!({})), Ok(true));
    assert_eq!(picks(json!({"source": ["other", "lanekeeper"]})), Ok(true));
    assert_eq!(picks(json!({"source": ["lanekeeper"], "detail": {"workspace": ["rival"]}})), Ok(false));
    assert_eq!(picks(json!({"detail": {"escalation_level": [2], "tags": ["b"]}})), Ok(true));
    assert_eq!(picks(json!({"detail": {"missing": [null]}})), Ok(false));
    assert_eq!(picks(json!({"source": {"deeper": ["lanekeeper"]}})), Ok(false));
    for unknown in [json!({"source": [{"prefix": "lane"}]}), json!({"source": "lanekeeper"}), json!([["a"]])] {
        assert!(Pattern::parse(&unknown).is_err(), "{unknown}");
    }
}
