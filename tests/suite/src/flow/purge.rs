//! The end of retention: what people and models wrote is gone from everywhere, and what happened can still be told.

use std::time::Duration;

use adapters::aws::dynamodb::Item;
use axum::http::StatusCode;
use domain::job::EventKind;
use local::embedded::TABLE;
use serde_json::{Value, json};

use super::Scene;
use super::secrecy::{listen, logged};
use super::server::{queued, server};

const CANARY: &str = "canary-3b9d";

/// An answer with a text, a call that has acted and a thought, all of which say the word.
fn answer(id: &str, padding: usize) -> Value {
    let text = format!("{CANARY} {}", "x".repeat(padding));
    json!({"id": id, "status": "completed", "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": CANARY}]},
        {"type": "mcp_call", "id": "mcp_1", "server_label": "crm", "name": "find", "status": "completed",
         "arguments": format!("{{\"name\":\"{CANARY}\"}}"), "output": CANARY},
        {"type": "message", "content": [{"type": "output_text", "text": text}]},
    ]})
}

/// Every row and every object.
pub(super) async fn everything_as_text(scene: &Scene) -> String {
    scene.table_as_text().await + &scene.objects_as_text()
}

impl Scene {
    /// Every row, with bytes as text.
    async fn table_as_text(&self) -> String {
        let client = self.world.embedded().client();
        let rows = client.scan().table_name(TABLE).send().await.unwrap();
        assert!(rows.last_evaluated_key.is_none());
        rows.items().iter().map(as_text).collect()
    }

    /// Every object that lies in the data folder.
    fn objects_as_text(&self) -> String {
        let mut folders = vec![self._folder.path().to_owned()];
        let mut text = String::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
                }
            }
        }
        text
    }

    /// A draft that was edited, approved and put away, each with a note.
    async fn noted(&self, padding: usize) -> String {
        let input = format!("{CANARY} {}", "x".repeat(padding));
        let body = json!({"type": "support-reply-draft", "input": input, "summary": CANARY, "tags": {"team": CANARY}});
        let made = self.world.create("acme", "alice", None, &body.to_string()).await.unwrap();
        let id = made.body["id"].as_str().unwrap().to_owned();
        self.waits(&id).await;
        let edit = json!({"text": format!("{CANARY} {}", "x".repeat(padding)), "note": CANARY});
        assert_eq!(self.now("rita", &id, "edit", edit).await.status, 200);
        assert_eq!(self.now("remy", &id, "approve", json!({"note": CANARY})).await.status, 200);
        let said = json!({"reason": CANARY, "note": CANARY});
        let archived = self.order("alice", &id, "archive", &[], said).await;
        assert_eq!(archived.status, 200, "{}", archived.text);
        id
    }
}

fn as_text(row: &Item) -> String {
    let bytes = row.values().filter_map(|value| value.as_b().ok());
    let bytes: String = bytes.map(|bytes| String::from_utf8_lossy(bytes.as_ref()).into_owned()).collect();
    format!("{row:?} {bytes}\n")
}

#[tokio::test]
async fn nothing_that_anybody_wrote_is_left_anywhere_when_retention_ends() {
    listen();
    for padding in [0, 10_000] {
        let (provider, _) =
            server(|number, _| queued(number), move |_, id| (StatusCode::OK, answer(&id, padding))).await;
        let scene = Scene::with(provider).await;
        let id = scene.noted(padding).await;
        scene.pass(60).await;
        let everywhere = everything_as_text(&scene).await;
        // Input, summary, tags, answer, edit and three notes, one of them of two words.
        assert!(everywhere.matches(CANARY).count() >= 11, "{}", everywhere.matches(CANARY).count());

        scene.world.skip(Duration::from_secs(31 * 86_400)).await.unwrap();
        scene.pass(120).await;
        let records = scene.records(&id).await;
        assert_eq!(records.last().unwrap().event, EventKind::Purged);
        let queues = scene.world.queues();
        let waiting: Vec<_> = [&queues.submit, &queues.observe].map(|queue| queue.receive(10, i64::MAX)).concat();
        for (place, text) in [
            ("the table", scene.table_as_text().await),
            ("the objects", scene.objects_as_text()),
            ("the events", serde_json::to_string(&scene.world.bus().events()).unwrap()),
            ("the queues", waiting.into_iter().map(|message| message.body).collect()),
            ("the log", logged()),
        ] {
            assert!(!text.contains(CANARY), "{place}: {text}");
        }
        // A salt that stays would let anybody test what a note may have said.
        assert!(!scene.table_as_text().await.contains("\"salt\""));

        let job = scene.see(&id).await;
        assert_eq!(
            (&job["status"], &job["input_summary"], &job["tags"]),
            (&json!("completed"), &json!(""), &json!({}))
        );
        let trail = scene.world.read("acme", "audrey", &id, "/events").await.unwrap();
        assert_eq!(trail.body["chain_intact"], true, "{}", trail.text);
        assert_eq!(
            records.iter().filter(|record| record.note.is_some()).count(),
            3,
            "that something was written stays"
        );
        for who in ["alice", "rita"] {
            let input = scene.world.read("acme", who, &id, "/input").await.unwrap();
            assert_eq!((input.status, &input.body["code"]), (410, &json!("input_purged")), "{}", input.text);
            let result = scene.world.read("acme", who, &id, "/result").await.unwrap();
            assert_eq!((result.status, &result.body["code"]), (409, &json!("no_result")));
        }
    }
}

#[tokio::test]
async fn nothing_is_written_with_a_job_whose_retention_is_over() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(60).await;
    scene.world.skip(Duration::from_secs(31 * 86_400)).await.unwrap();
    scene.pass(120).await;
    let refused = scene.order("alice", &id, "archive", &[], json!({"note": CANARY})).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!("note")), "{}", refused.text);
    assert!(!scene.table_as_text().await.contains(CANARY));
    assert_eq!(scene.order("alice", &id, "archive", &[], json!({})).await.status, 200);
}
