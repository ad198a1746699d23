//! Ids travel, payloads stay: what a person or a model wrote is in no log, event, message or error.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use serde_json::{Value, json};

use super::{SECRET, Scene};

thread_local! {
    /// What this test's thread has logged. The subscriber is the process's, because the first test to pass a log line
    /// decides for all whether anybody listens.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(super) fn listen() {
    static LISTEN: Once = Once::new();
    LISTEN.call_once(|| {
        let log = tracing_subscriber::fmt().json().with_max_level(tracing::Level::DEBUG).with_writer(|| Log).finish();
        tracing::subscriber::set_global_default(log).unwrap();
    });
}

/// What our own code has logged in this test since [`listen`].
pub(super) fn logged() -> String {
    let logged = LOG.with_borrow(|log| String::from_utf8(log.clone()).unwrap());
    logged.lines().filter(|line| !is_wire_trace(line)).collect()
}

const CANARY: &str = "canary-7f3a";

#[tokio::test]
async fn canaries_in_input_summary_tags_and_secrets_are_found_nowhere_but_in_the_payload() {
    listen();
    let scene = Scene::new().await;
    let body = json!({"type": "document-analysis", "input": format!("secret {CANARY}"), "summary": CANARY, "tags": {"team": CANARY}});
    let answer = scene.world.create("acme", "alice", Some(&format!("key {CANARY}")), &body.to_string()).await.unwrap();
    let id = answer.body["id"].as_str().unwrap().to_owned();
    scene.world.settle().await;
    let in_queue: Vec<_> = scene.world.queues().submit.receive(10, i64::MAX).into_iter().map(|m| m.body).collect();
    scene.pass(30).await;
    scene.ended(&id, "completed").await;
    let bad = json!({"type": "document-analysis", "input": {}, "summary": CANARY}).to_string();
    let refused = scene.world.create("acme", "alice", None, &bad).await.unwrap().text;
    let missing = scene.world.read("acme", "alice", &format!("job_{CANARY}"), "").await.unwrap().text;
    let poison = json!({"Records": [{"messageId": "m", "body": format!("{{\"kind\":\"{CANARY}\"}}"), "eventSource": "aws:sqs"}]});
    scene.world.invoke("observe-job", &poison.to_string()).await.unwrap();

    let logged = LOG.with_borrow(|log| String::from_utf8(log.clone()).unwrap());
    let events = serde_json::to_string(&scene.world.bus().events()).unwrap();
    let trail = scene.trail(&id).await.into_iter().map(|sealed| sealed.body).collect::<String>();
    let dead = format!("{:?}", scene.world.queues().observe.dead());
    let ours = self::logged();
    for (place, text) in [
        ("log", &ours),
        ("events", &events),
        ("trail", &trail),
        ("queue", &in_queue.join("")),
        ("refusal", &refused),
        ("missing", &missing),
        ("dead letters", &dead),
    ] {
        for canary in [CANARY, SECRET, "sk-simulated", "canned"] {
            assert!(!text.contains(canary), "{canary} in {place}: {text}");
        }
    }

    let transitions: Vec<Value> = logged
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["fields"]["job_id"] == id.as_str() && line["fields"]["version"].is_number())
        .collect();
    let versions: Vec<_> = transitions.iter().map(|line| line["fields"]["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, [1, 2, 3], "one line for each transition");
}

/// Libraries trace what they send at debug level, which no deployed function turns on.
fn is_wire_trace(line: &str) -> bool {
    let target = serde_json::from_str::<Value>(line).unwrap()["target"].as_str().unwrap_or_default().to_owned();
    ![
        "adapters",
        "domain",
        "control_job",
        "create_job",
        "read_jobs",
        "ingest_webhook",
        "submit_job",
        "notify",
        "observe_job",
        "reconcile",
        "publish_events",
        "local",
        "lambda",
    ]
    .iter()
    .any(|ours| target.starts_with(ours))
}
