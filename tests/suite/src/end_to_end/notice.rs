//! A job that needs a person reaches people, once, with a link that leads to it and not a word of what it is about.

use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use local::bus::envelope;
use reqwest::Method;
use serde_json::{Value, json};

use super::bus::heard;
use super::stage::{Need, Stage, pause};

impl Stage {
    /// Waits until people were told of this job.
    async fn notified(&self, id: &str) -> Vec<Value> {
        for _ in 0..1_500 {
            let notices = self.notices(id).await;
            if !notices.is_empty() {
                return notices;
            }
            pause().await;
        }
        panic!("nobody was told of {id}");
    }
}

#[tokio::test]
async fn people_are_told_once_of_a_draft_that_waits_however_often_its_event_comes() {
    let needs = [Need::Anybody, Need::Simulator, Need::Inside, Need::Notices];
    let Some(stage) = Stage::open(&needs).await else { return };
    stage.inside().subscribe(&stage.workspace).await;
    let draft = stage.draft().await;
    let id = draft["id"].as_str().unwrap().to_owned();
    let notices = stage.notified(&id).await;
    let text = notices[0]["text"].as_str().unwrap();
    let said = format!("Needs review: support-reply-draft in {}, attempt 1", stage.workspace);
    assert!(text.starts_with(&said) && !text.contains("parcel") && !text.contains("canned"), "{text}");

    // As if the process had died between the bus and its confirmation, and then the queue repeats it, too.
    let mut row = stage.told(&id).await;
    let past = System.now() - Duration::from_secs(1);
    row.published -= 1;
    (row.due, row.due_index_at) = (past, Some(past));
    stage.inside().overwrite(&row).await;
    let asks = |event: &&Value| event["type"] == "job.needs_review";
    let events = heard(&stage, &id, |events| events.iter().filter(asks).count() >= 2).await;
    let event = serde_json::from_value(events.iter().find(asks).unwrap().clone()).unwrap();
    for _ in 0..3 {
        stage.inside().send("review", &envelope(&event).to_string()).await;
    }

    // Once people know of a later one, the repeats are through.
    let later = stage.draft().await;
    assert_eq!(stage.notified(later["id"].as_str().unwrap()).await.len(), 1);
    assert_eq!(stage.notices(&id).await, notices);
    let (_, link) = text.split_once("/v1/workspaces/").unwrap();
    let path = format!("/v1/workspaces/{}", link.split_once('|').unwrap().0);
    let request = stage.request(Method::GET, &path).bearer_auth(stage.token("rita"));
    let linked = Stage::send(request).await;
    assert_eq!((linked.status, &linked.body["id"]), (200, &json!(id)), "the link leads to the job");
}
