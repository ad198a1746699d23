//! What has gone wrong with batches in the wild, each as a plan.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::batch::{line, request};
use super::{HOUR_MS, OpenAi, refused};
use crate::Mode;

fn two() -> String {
    line("a", json!({})) + &line("b", json!({}))
}

impl OpenAi {
    /// A batch of two lines by this plan, at its end.
    async fn trapped(&self, plan: &str) -> Value {
        let made = self.batch(plan, &two()).await;
        self.simulator.drain();
        self.look(&made).await
    }
}

fn counts(completed: u64, failed: u64) -> Value {
    json!({"total": 2, "completed": completed, "failed": failed})
}

#[tokio::test]
async fn a_batch_completes_with_every_line_failed_and_no_output_file() {
    let openai = OpenAi::start(Mode::Step).await;
    let batch = openai.trapped("batch-all-lines-fail").await;
    assert_eq!((&batch["status"], &batch["output_file_id"]), (&json!("completed"), &Value::Null));
    assert_eq!(batch["request_counts"], counts(0, 2));
    assert_eq!(openai.made(&batch["error_file_id"]).await.len(), 2);
}

#[tokio::test]
async fn an_error_stands_in_the_body_or_beside_it_or_among_the_successes() {
    let openai = OpenAi::start(Mode::Step).await;
    let batch = openai.trapped("batch-some-lines-fail").await;
    assert_eq!(batch["request_counts"], counts(1, 1));
    let [line] = openai.made(&batch["error_file_id"]).await.try_into().unwrap();
    assert_eq!((&line["response"]["status_code"], &line["error"]), (&json!(400), &Value::Null));
    assert_eq!(line["response"]["body"]["error"]["code"], json!("invalid_value"));

    let batch = openai.trapped("batch-lines-lost").await;
    let [line] = openai.made(&batch["error_file_id"]).await.try_into().unwrap();
    assert_eq!((&line["response"], &line["error"]["code"]), (&Value::Null, &json!("server_error")));

    let batch = openai.trapped("batch-errors-in-output").await;
    assert_eq!(batch["error_file_id"], Value::Null);
    let lines = openai.made(&batch["output_file_id"]).await;
    let codes: Vec<_> = lines.iter().map(|line| line["response"]["status_code"].clone()).collect();
    assert_eq!(codes, [json!(400), json!(200)]);
}

#[tokio::test]
async fn the_id_of_a_file_that_there_is_not_is_null_or_empty() {
    let openai = OpenAi::start(Mode::Step).await;
    assert_eq!(openai.trapped("").await["error_file_id"], Value::Null);
    let batch = openai.trapped("batch-empty-file-ids").await;
    assert_eq!((&batch["status"], &batch["error_file_id"]), (&json!("completed"), &json!("")));
}

#[tokio::test]
async fn a_batch_that_was_made_fails_at_validation() {
    let openai = OpenAi::start(Mode::Step).await;
    for (plan, code) in [
        ("batch-fails-validation", "invalid_json_line"),
        ("batch-cannot-find-file", "invalid_file"),
        ("batch-token-limit", "token_limit_exceeded"),
    ] {
        let batch = openai.trapped(plan).await;
        assert_eq!((&batch["status"], &batch["errors"]["data"][0]["code"]), (&json!("failed"), &json!(code)));
        assert_eq!((&batch["output_file_id"], &batch["error_file_id"]), (&Value::Null, &Value::Null));
    }
    openai.simulator.tick().await;
    assert!(openai.events().iter().all(|event| event["type"] == json!("batch.failed")));

    let doubled = openai.batch("", &(line("a", json!({})) + &line("a", json!({})))).await;
    let lost = openai.post("batches", request("file-unknown", "")).await;
    openai.simulator.drain();
    let error = openai.look(&doubled).await["errors"]["data"][0].clone();
    assert_eq!((&error["code"], &error["line"]), (&json!("duplicate_custom_id"), &json!(2)));
    assert_eq!(openai.look(&lost).await["status"], json!("failed"));
    let body = request(&openai.batch_file(&two()).await, "batch-duplicates-refused");
    let (status, error) = refused(openai.call(Method::POST, "batches").json(&body)).await;
    assert_eq!((status, &error["code"]), (400, &json!("duplicate_custom_id")));
}

#[tokio::test]
async fn a_batch_runs_for_23_hours_and_expires_with_a_part() {
    let openai = OpenAi::start(Mode::Auto { queued_ms: 1_000, run_ms: 1_000 }).await;
    let made = openai.batch("batch-expires", &two()).await;
    let empty = openai.batch("batch-expires-empty", &two()).await;
    openai.wait_ms(23 * HOUR_MS);
    openai.simulator.tick().await;
    assert_eq!(openai.look(&made).await["status"], json!("in_progress"));
    openai.wait_ms(HOUR_MS);
    openai.simulator.tick().await;
    let batch = openai.look(&made).await;
    assert_eq!((&batch["status"], &batch["request_counts"]), (&json!("expired"), &counts(1, 1)));
    assert_eq!(openai.made(&batch["output_file_id"]).await.len(), 1);
    let [line] = openai.made(&batch["error_file_id"]).await.try_into().unwrap();
    assert_eq!((&line["response"], &line["error"]["code"]), (&Value::Null, &json!("batch_expired")));
    let batch = openai.look(&empty).await;
    assert_eq!((&batch["output_file_id"], &batch["request_counts"]), (&Value::Null, &counts(0, 2)));
    assert_eq!(openai.events()[0]["type"], json!("batch.expired"));
}

#[tokio::test]
async fn a_batch_ends_without_anybody_s_doing_or_never() {
    let openai = OpenAi::start(Mode::Step).await;
    let batch = openai.trapped("batch-fails-half-way").await;
    assert_eq!((&batch["status"], &batch["output_file_id"]), (&json!("failed"), &Value::Null));
    let batch = openai.trapped("batch-cancelled").await;
    assert_eq!((&batch["status"], &batch["request_counts"]), (&json!("cancelled"), &counts(1, 0)));
    assert_eq!(openai.trapped("batch-never-starts").await["status"], json!("validating"));
    let batch = openai.trapped("batch-never-ends").await;
    assert_eq!((&batch["status"], &batch["request_counts"]), (&json!("in_progress"), &counts(1, 0)));
}

#[tokio::test]
async fn a_batch_disappears_while_it_runs() {
    let openai = OpenAi::start(Mode::Step).await;
    let made = openai.batch("batch-disappears", &two()).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(openai.get("batches").await["data"][0]["id"], made["id"]);
    openai.simulator.drain();
    assert_eq!(refused(openai.call(Method::GET, &format!("batches/{id}"))).await.0, 404);
    assert_eq!(refused(openai.call(Method::POST, &format!("batches/{id}/cancel"))).await.0, 404);
    assert_eq!(openai.get("batches").await["data"], json!([]));
    openai.simulator.tick().await;
    assert_eq!(openai.events(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_batch_whose_create_answer_was_lost_is_found_in_the_list() {
    let openai = OpenAi::start(Mode::Step).await;
    for plan in ["accepts-and-never-answers", "server-error-created", "reset-before-body"] {
        let file = openai.batch_file(&two()).await;
        let call = openai.call(Method::POST, "batches").json(&request(&file, plan));
        let answer = call.timeout(Duration::from_millis(300)).send().await;
        assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status() == 500), "{plan}");
        let newest = openai.get("batches").await["data"][0].clone();
        assert_eq!(newest["input_file_id"], json!(file), "{plan}");
        assert_eq!(newest["metadata"]["plan"], json!(plan));
    }
    assert!(openai.simulator.ledger().batches.iter().all(|batch| !batch.told));
}

#[tokio::test]
async fn looks_at_a_batch_fail_as_looks_at_a_response_do() {
    let openai = OpenAi::start(Mode::Step).await;
    let made = openai.batch("missing-for-a-while", &two()).await;
    let call = || openai.call(Method::GET, &format!("batches/{}", made["id"].as_str().unwrap()));
    for status in [404, 404, 200] {
        assert_eq!(call().send().await.unwrap().status(), status);
    }
}
