//! Batches: their life, their files, their list, and who hears of their end.

use reqwest::Method;
use serde_json::{Value, json};

use super::{HOUR_MS, OpenAi, good, refused};
use crate::{BatchStatus, Mode, RequestCounts};

/// A line whose own metadata can name a plan.
pub(super) fn line(id: &str, more: Value) -> String {
    let mut body = json!({"model": "gpt-6.1-terra", "input": format!("Classify {id}.")});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"custom_id": id, "method": "POST", "url": "/v1/responses", "body": body}).to_string() + "\n"
}

pub(super) fn of_plan(plan: &str) -> Value {
    json!({"metadata": {"plan": plan}})
}

impl OpenAi {
    pub(super) async fn batch_file(&self, lines: &str) -> String {
        let file = good(self.upload("lines.jsonl", "batch", "", lines)).await;
        file["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn batch(&self, plan: &str, lines: &str) -> Value {
        self.post("batches", request(&self.batch_file(lines).await, plan)).await
    }

    pub(super) async fn look(&self, batch: &Value) -> Value {
        self.get(&format!("batches/{}", batch["id"].as_str().unwrap())).await
    }

    /// The lines of a file that a batch made.
    pub(super) async fn made(&self, file: &Value) -> Vec<Value> {
        let call = self.call(Method::GET, &format!("files/{}/content", file.as_str().unwrap()));
        let text = call.send().await.unwrap().text().await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(super) fn request(file: &str, plan: &str) -> Value {
    let metadata = if plan.is_empty() { json!({}) } else { json!({"plan": plan}) };
    json!({"input_file_id": file, "endpoint": "/v1/responses", "completion_window": "24h", "metadata": metadata})
}

#[tokio::test]
async fn a_batch_is_validated_run_finalized_and_completed() {
    let openai = OpenAi::start(Mode::Step).await;
    let lines = [line("a", json!({})), line("b", of_plan("refuses")), line("c", of_plan("bad-request"))];
    let made = openai.batch("", &(lines.concat() + &line("d", json!({"input": null})))).await;
    assert_eq!((&made["status"], &made["request_counts"]["total"]), (&json!("validating"), &json!(0)));
    assert_eq!(made["expires_at"].as_i64().unwrap() - made["created_at"].as_i64().unwrap(), 86_400);
    let id = made["id"].as_str().unwrap().to_owned();
    let mut seen = vec![];
    while let Some(status) = openai.simulator.step_batch(&id) {
        let counts = openai.look(&made).await["request_counts"].clone();
        seen.push((status, counts["completed"].as_u64().unwrap() + counts["failed"].as_u64().unwrap()));
    }
    use BatchStatus::{Completed, Finalizing, InProgress};
    assert_eq!(seen, [(InProgress, 0), (InProgress, 2), (InProgress, 4), (Finalizing, 4), (Completed, 4)]);

    let batch = openai.look(&made).await;
    assert_eq!(batch["request_counts"], json!({"total": 4, "completed": 2, "failed": 2}));
    assert_eq!((&batch["errors"], &batch["model"]), (&Value::Null, &json!("gpt-6.1-terra")));
    let output = openai.made(&batch["output_file_id"]).await;
    let ids: Vec<&str> = output.iter().map(|line| line["custom_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["b", "a"], "the order is not the input's");
    assert!(output.iter().all(|line| line["response"]["status_code"] == 200 && line["error"].is_null()));
    let body = &output[1]["response"]["body"];
    assert_eq!((&body["object"], &body["status"]), (&json!("response"), &json!("completed")));
    let tokens: u64 =
        output.iter().map(|line| line["response"]["body"]["usage"]["input_tokens"].as_u64().unwrap()).sum();
    assert_eq!(batch["usage"]["input_tokens"], json!(tokens));
    let errors = openai.made(&batch["error_file_id"]).await;
    for (line, param) in [(&errors[0], json!("input")), (&errors[1], Value::Null)] {
        assert_eq!((&line["response"]["status_code"], &line["error"]), (&json!(400), &Value::Null));
        assert_eq!(line["response"]["body"]["error"]["param"], param, "{line}");
    }
    openai.simulator.tick().await;
    let events = openai.events();
    assert_eq!(
        (events.len(), &events[0]["type"], &events[0]["data"]["id"]),
        (1, &json!("batch.completed"), &json!(id))
    );
    let entry = openai.simulator.ledger().batches.remove(0);
    assert_eq!(entry.counts, RequestCounts { total: 4, completed: 2, failed: 2 });
    assert_eq!((entry.service_tier, entry.input_tokens, entry.told), ("batch", tokens, true));
    assert_eq!(openai.simulator.ledger().responses, [], "lines are no responses that anybody can look at");
}

#[tokio::test]
async fn a_batch_moves_by_the_clock_and_shows_its_progress() {
    let openai = OpenAi::start(Mode::Auto { queued_ms: 1_000, run_ms: 10_000 }).await;
    let lines: String = (0..10).map(|number| line(&number.to_string(), json!({}))).collect();
    let made = openai.batch("", &lines).await;
    for (ms, status, done) in [
        (999, "validating", 0),
        (1, "in_progress", 0),
        (5_000, "in_progress", 5),
        (5_000, "finalizing", 10),
        (1_000, "completed", 10),
    ] {
        openai.wait_ms(ms);
        openai.simulator.tick().await;
        let batch = openai.look(&made).await;
        assert_eq!((&batch["status"], &batch["request_counts"]["completed"]), (&json!(status), &json!(done)));
    }
}

#[tokio::test]
async fn a_cancelled_batch_keeps_what_was_done() {
    let openai = OpenAi::start(Mode::Step).await;
    let made = openai.batch("", &(line("a", json!({})) + &line("b", json!({})))).await;
    let id = made["id"].as_str().unwrap();
    openai.simulator.step_batch(id);
    openai.simulator.step_batch(id);
    let cancel = || openai.call(Method::POST, &format!("batches/{id}/cancel"));
    assert_eq!(good(cancel()).await["status"], json!("cancelling"));
    assert_eq!(good(cancel()).await["status"], json!("cancelling"), "twice does no harm");
    openai.simulator.drain();
    let batch = openai.look(&made).await;
    assert_eq!(batch["status"], json!("cancelled"));
    assert_eq!(openai.made(&batch["output_file_id"]).await.len(), 1);
    assert_eq!(refused(cancel()).await.0, 409);
    openai.simulator.tick().await;
    assert_eq!(openai.events()[0]["type"], json!("batch.cancelled"));
}

#[tokio::test]
async fn batches_are_listed_newest_first_page_by_page() {
    let openai = OpenAi::start(Mode::Step).await;
    let mut ids = vec![];
    for name in ["a", "b", "c"] {
        ids.push(openai.batch("", &line(name, json!({}))).await["id"].clone());
    }
    let page = openai.get("batches?limit=2").await;
    assert_eq!((&page["data"][0]["id"], &page["data"][1]["id"], &page["has_more"]), (&ids[2], &ids[1], &json!(true)));
    let page = openai.get(&format!("batches?limit=2&after={}", page["last_id"].as_str().unwrap())).await;
    assert_eq!((&page["data"][0]["id"], &page["has_more"]), (&ids[0], &json!(false)));
    for query in ["limit=101", "after=batch_unknown"] {
        assert_eq!(refused(openai.call(Method::GET, &format!("batches?{query}"))).await.0, 400);
    }
}

#[tokio::test]
async fn create_calls_that_openai_would_refuse_are_refused() {
    let openai = OpenAi::start(Mode::Step).await;
    let good = request("file-1", "");
    for (name, value, param) in [
        ("input_file_id", Value::Null, "input_file_id"),
        ("endpoint", json!("/v1/nothing"), "endpoint"),
        ("completion_window", json!("2h"), "completion_window"),
        ("metadata", json!({"key": "v".repeat(513)}), "metadata.key"),
        ("metadata", json!({"plan": "flies"}), "metadata.plan"),
        ("output_expires_after", json!({"anchor": "created_at", "seconds": 60}), "output_expires_after"),
        ("priority", json!(1), "priority"),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let (status, error) = refused(openai.call(Method::POST, "batches").json(&body)).await;
        assert_eq!((status, &error["param"]), (400, &json!(param)), "{error}");
    }
    let mut body = good;
    body["endpoint"] = json!("/v1/embeddings");
    assert_eq!(refused(openai.call(Method::POST, "batches").json(&body)).await.0, 501);
    assert_eq!(openai.simulator.ledger().batches, []);
    assert_eq!(openai.simulator.ledger().counts.batches, 8);
}

#[tokio::test]
async fn files_that_a_batch_made_live_as_long_as_was_asked() {
    let openai = OpenAi::start(Mode::Step).await;
    let mut body = request(&openai.batch_file(&line("a", json!({}))).await, "");
    body["output_expires_after"] = json!({"anchor": "created_at", "seconds": 3_600});
    let made = openai.post("batches", body).await;
    openai.simulator.drain();
    let file = openai.look(&made).await["output_file_id"].as_str().unwrap().to_owned();
    assert_eq!(openai.get(&format!("files/{file}")).await["purpose"], json!("batch_output"));
    openai.wait_ms(HOUR_MS);
    assert_eq!(refused(openai.call(Method::GET, &format!("files/{file}"))).await.0, 404);
}

#[tokio::test]
async fn thousands_of_lines_are_run_in_steps() {
    let openai = OpenAi::start(Mode::Auto { queued_ms: 0, run_ms: 3_000 }).await;
    let lines: String = (0..5_000).map(|number| line(&number.to_string(), json!({}))).collect();
    let made = openai.batch("", &lines).await;
    openai.wait_ms(1_000);
    openai.simulator.tick().await;
    assert_eq!(openai.look(&made).await["request_counts"], json!({"total": 5_000, "completed": 2_000, "failed": 0}));
    openai.wait_ms(10_000);
    for _ in 0..5 {
        openai.simulator.tick().await;
    }
    let batch = openai.look(&made).await;
    assert_eq!((&batch["status"], &batch["request_counts"]["completed"]), (&json!("completed"), &json!(5_000)));
}
