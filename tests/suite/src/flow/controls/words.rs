//! What people say with a control: kept beside the job, named by a hash in its trail, and nowhere else.

use adapters::aws::dynamodb::Item;
use local::embedded::TABLE;
use serde_json::json;

use super::super::secrecy::{listen, logged};
use super::Scene;

const CANARY: &str = "canary-5d1b";

fn said(control: &str) -> serde_json::Value {
    json!({"reason": format!("{control} {CANARY}"), "note": format!("The customer called. {CANARY}")})
}

/// The rows in which the canary stands.
async fn rows(scene: &Scene) -> Vec<String> {
    let client = scene.world.embedded().client();
    let rows = client.scan().table_name(TABLE).send().await.unwrap();
    let holds = |row: &&Item| {
        row.values().any(|value| {
            let bytes = value.as_b().map(|bytes| String::from_utf8_lossy(bytes.as_ref()).into_owned());
            bytes.unwrap_or_else(|_| format!("{value:?}")).contains(CANARY)
        })
    };
    let mut found: Vec<_> = rows.items().iter().filter(holds).map(|row| row["SK"].as_s().unwrap().clone()).collect();
    found.sort();
    found
}

#[tokio::test]
async fn words_said_with_a_control_stand_in_its_row_and_are_shown_in_the_trail_alone() {
    listen();
    let scene = Scene::new().await;
    scene.plans(json!(["in-progress-forever", "default"]));
    let id = scene.create().await;
    scene.pass(60).await;
    let key = format!("key {CANARY}");
    for (who, control) in [("alice", "escalate"), ("otto", "cancel"), ("alice", "retry"), ("otto", "archive")] {
        if control == "archive" {
            scene.pass(60).await;
        }
        let answer = scene.order(who, &id, control, &[("idempotency-key", &key)], said(control)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!answer.text.contains(CANARY), "{}", answer.text);
    }
    scene.pass(300).await;
    let records = scene.records(&id).await;
    let spoken: Vec<_> = records.iter().filter(|record| record.note.is_some()).collect();
    let names: Vec<_> = spoken.iter().map(|record| record.event.word()).collect();
    assert_eq!(names, ["escalated", "canceled", "retried", "archived"]);
    assert!(spoken.iter().all(|record| record.key.is_some()), "the keys are known by their hashes");
    let expected: Vec<_> = spoken.iter().map(|record| format!("NOTE#{:010}", record.version)).collect();
    assert_eq!(rows(&scene).await, expected);

    let events = serde_json::to_string(&scene.world.bus().events()).unwrap();
    let trail: String = scene.trail(&id).await.into_iter().map(|sealed| sealed.body).collect();
    let mut places = vec![("log", logged()), ("events", events), ("trail", trail)];
    for (what, rest) in [("the job", ""), ("its result", "/result")] {
        let answer = scene.world.read("acme", "alice", &id, rest).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        places.push((what, answer.text));
    }
    for (place, text) in places {
        assert!(!text.contains(CANARY), "in {place}: {text}");
    }
    assert!(logged().contains(&id), "the log was listened to");
    for (who, count) in [("alice", 2), ("otto", 4)] {
        let shown = scene.world.read("acme", who, &id, "/events").await.unwrap().body;
        assert_eq!(shown["chain_intact"], true);
        let notes = shown["events"].as_array().unwrap().iter().filter(|event| !event["note"].is_null());
        assert_eq!(notes.count(), count, "a submitter reads their own: {shown}");
    }
}

#[tokio::test]
async fn words_that_are_too_long_are_refused_by_name_and_change_nothing() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    let version = scene.row(&id).await.version;
    for (body, field) in [
        (json!({"reason": "x".repeat(121)}), "reason"),
        (json!({"note": "x".repeat(4_001)}), "note"),
        (json!({"note": 7}), "note"),
        (json!({"why": "because"}), "why"),
    ] {
        let answer = scene.order("alice", &id, "cancel", &[], body).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!(field)), "{}", answer.text);
    }
    assert_eq!(scene.row(&id).await.version, version);
    let said = json!({"reason": "x".repeat(120), "note": "x".repeat(4_000)});
    assert_eq!(scene.order("alice", &id, "cancel", &[], said).await.status, 200);
}
