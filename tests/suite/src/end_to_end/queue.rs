//! Messages that are poison, batches of which one is bad, and a webhook about something that nobody knows.

use std::time::Duration;

use adapters::system::System;
use adapters::webhook_signature::{WebhookSecret, sign};
use domain::port::{Clock as _, PollMessage, SubmitMessage};
use reqwest::Method;
use serde_json::{Value, json};

use super::stage::{Need, Stage, pause};
use crate::flow::SECRET;

#[tokio::test]
async fn a_poison_message_ends_in_the_dead_letter_queue_and_holds_up_nobody() {
    let Some(stage) = Stage::open(&[Need::Inside, Need::Simulator, Need::Solitude]).await else { return };
    for queue in ["submit", "observe"] {
        // In life it comes again every six minutes, five times.
        stage.inside().set_visibility(queue, Duration::from_secs(1)).await;
        let poison = format!("{{\"kind\":\"poison of {}\"}}", stage.workspace);
        stage.inside().send(queue, &poison).await;
        let id = stage.create(json!({})).await;
        stage.ended(&id, "completed").await;
        let mut dead = Vec::new();
        for _ in 0..300 {
            dead.extend(stage.inside().dead(queue).await);
            if !dead.is_empty() {
                break;
            }
            pause().await;
        }
        stage.inside().set_visibility(queue, Duration::from_secs(360)).await;
        assert_eq!(dead, [poison], "{queue}");
    }
}

#[tokio::test]
async fn of_a_batch_only_the_bad_message_comes_back() {
    let Some(stage) = Stage::open(&[Need::Inside]).await else { return };
    for function in ["submit-job", "observe-job"] {
        let event = std::fs::read_to_string(format!("../../events/{function}/one-poisoned.json")).unwrap();
        let records: Value = serde_json::from_str(&event).unwrap();
        let is_bad = |record: &&Value| {
            let body = record["body"].as_str().unwrap();
            match function {
                "submit-job" => serde_json::from_str::<SubmitMessage>(body).is_err(),
                _ => serde_json::from_str::<PollMessage>(body).is_err(),
            }
        };
        let bad: Vec<_> = records["Records"].as_array().unwrap().iter().filter(is_bad).collect();
        assert_eq!(bad.len(), 1);
        let answer = stage.inside().invoke(function, &event).await;
        assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": bad[0]["messageId"]}]}), "{function}");
    }
}

#[tokio::test]
async fn a_webhook_about_a_response_that_nobody_knows_is_looked_at_again_later() {
    let Some(stage) = Stage::open(&[Need::Inside, Need::Simulator, Need::Solitude]).await else { return };
    let before = stage.inside().delayed("observe").await;
    let id = format!("resp_{}", System.nonce());
    let body = json!({"id": "evt_1", "type": "response.completed", "data": {"id": id}}).to_string();
    let now = System.now().seconds();
    let signature = sign(&WebhookSecret::parse(SECRET).unwrap(), "wh_1", now, body.as_bytes());
    let due_index_at = stage.request(Method::POST, "/v1/webhooks/openai").header("webhook-id", "wh_1");
    let due_index_at = due_index_at.header("webhook-timestamp", now).header("webhook-signature", signature).body(body);
    assert_eq!(Stage::send(due_index_at).await.status, 200);
    for _ in 0..300 {
        if stage.inside().delayed("observe").await > before {
            return;
        }
        pause().await;
    }
    panic!("nobody looks again");
}
