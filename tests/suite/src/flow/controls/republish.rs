//! Republish: an operator has everything sent again, under the ids that it had.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::event::published::{Published, detail_type};
use domain::port::Clock as _;
use domain::value::time::Timestamp;
use local::world::{Answer, Call};
use serde_json::{Value, json};

use super::super::review::refused;
use super::{Scene, distinct};

impl Scene {
    async fn republish(&self, who: &str, workspace: &str, body: Value) -> Answer {
        let (route, path) = ("POST /v1/workspaces/{workspace}/republish", [("workspace", workspace)]);
        let body = body.to_string();
        let call = Call { route, principal: who, path: &path, body: Some(&body), ..Call::default() };
        self.world.call(call).await.unwrap()
    }

    fn sent(&self) -> Vec<Published> {
        self.world.bus().events()
    }

    fn now_is(&self) -> Timestamp {
        self.world.clock().now()
    }
}

#[tokio::test]
async fn what_is_sent_again_is_what_the_trails_say_and_nothing_beside_it() {
    let scene = Scene::new().await;
    scene.plans(json!(["fails-by-policy", "default", "in-progress-forever"]));
    let from = scene.now_is();
    let (failed, completed, canceled) = (scene.create().await, scene.create().await, scene.create().await);
    let draft = scene.draft().await;
    scene.does("alice", &canceled, "cancel").await;
    scene.does("alice", &failed, "archive").await;
    scene.does("rita", &draft, "escalate").await;
    scene.pass(60).await;
    let before = scene.sent();
    let versions: Vec<_> = [&failed, &completed, &canceled, &draft].into_iter().map(|id| scene.row(id)).collect();
    let mut rows = Vec::new();
    for row in versions {
        rows.push(row.await);
    }

    let answer = scene.republish("otto", "acme", json!({"from": from, "to": scene.now_is()})).await;
    let expected = json!({"jobs": 4, "events": before.len(), "next_cursor": null});
    assert_eq!((answer.status, &answer.body), (200, &expected), "{}", answer.text);
    let again = scene.sent().split_off(before.len());
    let by_id = |events: &[Published]| -> BTreeMap<String, Published> {
        events.iter().map(|event| (event.id.clone(), event.clone())).collect()
    };
    assert_eq!((again.len(), by_id(&again)), (before.len(), by_id(&before)), "the same to the last field");
    let mut owed = Vec::new();
    for row in &rows {
        let records = scene.records(row.id.as_str()).await;
        let told = records.iter().filter(|record| detail_type(record).is_some());
        owed.extend(told.map(|record| format!("{}-{}", row.id, record.version)));
        assert_eq!(scene.row(row.id.as_str()).await, *row, "nothing is written");
    }
    assert_eq!(by_id(&scene.sent()).into_keys().collect::<Vec<_>>(), distinct(owed).into_iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn only_jobs_of_the_range_are_sent_again_page_by_page() {
    let scene = Scene::new().await;
    let mut made = Vec::new();
    for _ in 0..60 {
        made.push((scene.now_is(), scene.create().await));
        scene.world.clock().advance(Duration::from_secs(1));
    }
    scene.pass(120).await;
    let sent = scene.sent().len();
    // From the sixth, which is in it, to the fiftieth, which is not.
    let (from, to) = (made[5].0, made[49].0);
    let (mut cursor, mut pages, mut jobs) = (Value::Null, 0, 0);
    for _ in 0..10 {
        let mut body = json!({"from": from, "to": to});
        if !cursor.is_null() {
            body["cursor"] = cursor.take();
        }
        let answer = scene.republish("otto", "acme", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        (pages, jobs) = (pages + 1, jobs + answer.body["jobs"].as_u64().unwrap());
        cursor = answer.body["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!((jobs, cursor), (44, Value::Null));
    assert!(pages > 1, "a call has no time for all of them");
    let again = distinct(scene.sent().split_off(sent).into_iter().map(|event| event.job_id.to_string()));
    assert_eq!(again, distinct(made[5..49].iter().map(|(_, id)| id.clone())));
    let none = scene.republish("otto", "acme", json!({"from": to, "to": from})).await;
    assert_eq!(none.body["jobs"], 0, "{}", none.text);
}

#[tokio::test]
async fn only_an_operator_of_the_workspace_has_it_sent_again() {
    let scene = Scene::new().await;
    scene.create().await;
    scene.pass(60).await;
    let sent = scene.sent().len();
    let range = || json!({"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"});
    for who in ["alice", "rita", "audrey", "ada"] {
        refused(&scene.republish(who, "acme", range()).await, 403, "forbidden");
    }
    for (who, workspace) in [("mallory", "acme"), ("otto", "rival"), ("nobody", "acme")] {
        refused(&scene.republish(who, workspace, range()).await, 404, "not_found");
    }
    for body in [json!({}), json!({"from": "yesterday", "to": "2030-01-01T00:00:00Z"}), json!({"from": 0, "to": 1})] {
        refused(&scene.republish("otto", "acme", body).await, 400, "invalid_request");
    }
    let mut altered = range();
    altered["cursor"] = json!("nowhere");
    refused(&scene.republish("otto", "acme", altered).await, 400, "invalid_request");
    assert_eq!(scene.sent().len(), sent);

    scene.world.bus().fail_next(1);
    refused(&scene.republish("otto", "acme", range()).await, 503, "unavailable");
    let others = scene.republish("mallory", "rival", range()).await;
    assert_eq!(others.body, json!({"jobs": 0, "events": 0, "next_cursor": null}), "acme's jobs are not rival's");
}
