//! Twenty answers that are easy to misread, each through the whole product, and what has to come of them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Scene;
use super::server::{Asked, queued, server};

const TERRA: &str = "gpt-6.1-terra";

/// A message of one text; without a phase where that is empty.
fn message(phase: &str, text: &str) -> Value {
    let mut message = json!({"type": "message", "content": [{"type": "output_text", "text": text}]});
    if !phase.is_empty() {
        message["phase"] = json!(phase);
    }
    message
}

/// A thousand tokens in and out: at the price of terra $0.006.
fn usage() -> Value {
    json!({"input_tokens": 1_000, "output_tokens": 1_000, "total_tokens": 2_000})
}

/// A completed response with this output.
fn completed(output: &Value) -> Value {
    json!({"status": "completed", "model": TERRA, "service_tier": "default", "output": output, "usage": usage()})
}

/// The same with other fields beside it.
fn with(output: &Value, fields: &Value) -> Value {
    let mut response = completed(output);
    response.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    response
}

fn failed(code: &str, kind: &str) -> Value {
    json!({"status": "failed", "model": TERRA, "output": [], "usage": null,
           "error": {"code": code, "type": kind, "message": "It did not work."}})
}

/// A job whose first run comes to this, and what its submitter and a reviewer see of it.
struct Seen {
    job: Value,
    result: Value,
    asked: Asked,
}

impl Seen {
    async fn of(response: Value) -> Self {
        let look = move |number, id: String| {
            let mut answer = if number == 1 { response.clone() } else { completed(&json!([message("", "Later.")])) };
            answer["id"] = json!(id);
            (StatusCode::OK, answer)
        };
        let (provider, asked) = server(|number, _| queued(number), look).await;
        let scene = Scene::with(provider).await;
        let id = scene.create().await;
        scene.pass(90).await;
        let result = scene.world.read("acme", "rita", &id, "/result").await.unwrap().body;
        Self { job: scene.see(&id).await, result, asked }
    }

    #[track_caller]
    fn is(&self, status: &str, reason: Option<&str>) -> &Self {
        let seen = (self.job["status"].as_str(), self.job["reason"]["code"].as_str());
        assert_eq!(seen, (Some(status), reason), "{} {}", self.job, self.result);
        self
    }

    #[track_caller]
    fn costs(&self, usd: &str, state: &str) -> &Self {
        assert_eq!(
            (&self.job["cost"]["usd"], &self.job["cost"]["state"]),
            (&json!(usd), &json!(state)),
            "{}",
            self.job
        );
        self
    }

    #[track_caller]
    fn says(&self, pointer: &str, value: Value) -> &Self {
        assert_eq!(self.result.pointer(pointer), Some(&value), "{pointer}: {}", self.result);
        self
    }

    /// No second run was paid for.
    #[track_caller]
    fn is_not_tried_again(&self) -> &Self {
        assert_eq!(
            (self.asked.starts(), &self.job["attention"]["next_step"]),
            (1, &json!("change_request")),
            "{}",
            self.job
        );
        self
    }
}

#[tokio::test]
async fn what_is_said_on_the_way_is_no_part_of_the_answer() {
    let seen = Seen::of(completed(&json!([message("commentary", "4."), message("final_answer", "4.")]))).await;
    seen.is("completed", None).says("/text", json!("4.")).says("/commentary/0/text", json!("4."));
    let label = "{\"label\":\"a\"}";
    let seen =
        Seen::of(completed(&json!([message("commentary", "I will classify."), message("final_answer", label)]))).await;
    seen.is("completed", None).says("/structured", json!({"label": "a"})).says("/text", json!(label));
    let seen = Seen::of(completed(&json!([message("commentary", "Let me look.")]))).await;
    seen.is("failed", Some("no_output"));
    let mut refusal = message("final_answer", "");
    refusal["content"] = json!([{"type": "refusal", "refusal": "I cannot."}]);
    Seen::of(completed(&json!([message("commentary", "Checking."), refusal]))).await.is("failed", Some("refusal"));
}

#[tokio::test]
async fn only_what_waits_for_us_is_pending() {
    let search = |execution: &str| json!({"type": "tool_search_call", "execution": execution, "call_id": "call_1", "arguments": {"query": "refunds"}, "status": "completed"});
    Seen::of(completed(&json!([search("client")]))).await.is("needs_review", Some("action_required"));
    let found = json!({"type": "tool_search_output", "execution": "server", "tools": [], "status": "completed"});
    let seen = Seen::of(completed(&json!([search("server"), found, message("", "None.")]))).await;
    seen.is("completed", None).says("/text", json!("None."));
    let shell = json!({"type": "shell_call", "call_id": "call_1", "status": "completed", "action": {"commands": ["ls"]},
                       "environment": {"type": "container_reference", "container_id": "cntr_1"}});
    let seen = Seen::of(completed(&json!([shell, message("", "Empty.")]))).await;
    seen.is("completed", None).says("/tool_calls/0/kind", json!("shell_call"));
    assert_ne!(seen.result["tool_calls"][0]["outcome"], "pending");
    let list = json!({"type": "mcp_list_tools", "server_label": "shop", "tools": [], "error": "No answer."});
    let seen = Seen::of(completed(&json!([list, message("", "Without the shop.")]))).await;
    seen.is("completed", None).says("/text", json!("Without the shop."));
    assert!(seen.result["tool_calls"].to_string().contains("No answer."), "{}", seen.result);
}

#[tokio::test]
async fn an_image_is_output() {
    let image = json!({"type": "image_generation_call", "id": "ig_1", "status": "completed", "output_format": "png",
                       "result": "iVBORw0KGgo="});
    let seen = Seen::of(completed(&json!([image]))).await;
    seen.is("completed", None).says("/files/0/media_type", json!("image/png")).says("/files/0/bytes", json!(8));
}

#[tokio::test]
async fn what_is_not_counted_is_estimated_and_what_has_no_price_is_not_known() {
    let text = || message("", "Done.");
    let search = json!({"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "x"}});
    let seen = Seen::of(with(&json!([search, text()]), &json!({"tools": [{"type": "web_search"}]}))).await;
    seen.is("completed", None).costs("0.016000", "estimated");
    let search = json!({"type": "file_search_call", "status": "completed", "queries": ["x"], "results": null});
    Seen::of(completed(&json!([search, text()]))).await.is("completed", None).costs("0.008500", "estimated");
    let code = json!({"type": "code_interpreter_call", "status": "completed", "container_id": "cntr_1", "code": "1", "outputs": []});
    let tools = json!([{"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "64g"}}]);
    let seen = Seen::of(with(&json!([code, text()]), &json!({"tools": tools}))).await;
    seen.is("completed", None).costs("1.926000", "estimated");
    let seen = Seen::of(with(&json!([text()]), &json!({"model": "gpt-6-astra", "service_tier": "ultrafast"}))).await;
    seen.is("completed", None).costs("0.360000", "known");
    let seen = Seen::of(with(&json!([text()]), &json!({"service_tier": "hyperfast"}))).await;
    assert_ne!(seen.is("completed", None).job["cost"]["state"], "known");
    let written = json!({"input_tokens": 120_000, "output_tokens": 200, "total_tokens": 120_200, "input_tokens_details":
        {"cached_tokens": 0, "cache_write_tokens": 100_000, "cache_write_tokens_details": {"ttl_12h_tokens": 100_000, "ttl_30m_tokens": 0}}});
    // Twice the input price of the model, for which no page states another: 100,000 at $2, 20,000 at $1, 200 at $5.
    let seen = Seen::of(with(&json!([text()]), &json!({"usage": written}))).await;
    assert_eq!(seen.is("completed", None).job["cost"]["usd"], "0.221000", "{}", seen.job);
}

#[tokio::test]
async fn why_a_run_failed_decides_what_comes_next() {
    Seen::of(failed("billing_hard_limit_reached", "insufficient_quota")).await.is("queued", Some("provider_quota"));
    let seen = Seen::of(failed("context_length_exceeded", "invalid_request_error")).await;
    seen.is("failed", Some("invalid_request")).is_not_tried_again();
    let seen = Seen::of(failed("cyber_policy", "invalid_request_error")).await;
    seen.is("failed", Some("content_policy")).is_not_tried_again();
    // As if it had been busy: it waits, and goes on by itself.
    let seen = Seen::of(failed("rate_limit_exceeded", "rate_limit_error")).await;
    assert!(matches!(seen.job["status"].as_str(), Some("queued" | "running" | "completed")), "{}", seen.job);
    assert!(seen.job["attempt"].as_u64() == Some(2), "{}", seen.job);
}

#[tokio::test]
async fn why_a_create_call_was_refused_stands_on_the_job_and_in_its_trail() {
    let refused = |_, _| {
        let error = json!({"error": {"code": "model_not_found", "type": "invalid_request_error", "message": "No."}});
        (StatusCode::NOT_FOUND, error)
    };
    let (provider, _) = server(refused, |_, id| (StatusCode::OK, json!({"id": id}))).await;
    let scene = Scene::with(provider).await;
    let id = scene.create().await;
    scene.pass(90).await;
    let words = json!({"type": "invalid_request_error", "code": "model_not_found"});
    assert_eq!(scene.see(&id).await["provider"]["error"], words);
    let trail = scene.world.read("acme", "audrey", &id, "/events").await.unwrap().body;
    assert_eq!(trail["events"][1]["provider_error"], words, "{trail}");
}

#[tokio::test]
async fn an_account_that_cannot_pay_is_waited_for() {
    let refused = |_, _| {
        let error = json!({"error": {"code": "billing_not_active", "type": "billing_not_active", "message": "No."}});
        (StatusCode::TOO_MANY_REQUESTS, error)
    };
    let (provider, asked) = server(refused, |_, id| (StatusCode::OK, json!({"id": id}))).await;
    let scene = Scene::with(provider).await;
    let id = scene.create().await;
    scene.pass(90).await;
    let job = scene.see(&id).await;
    let seen = (&job["status"], &job["phase"], &job["reason"]["code"], asked.starts());
    assert_eq!(seen, (&json!("queued"), &json!("held"), &json!("provider_quota"), 1), "{job}");
}
