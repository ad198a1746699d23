//! What the simulated provider refuses, and in which words.

use openai_simulator::Mode;
use reqwest::Client;
use serde_json::{Value, json};

use super::OpenAi;

#[tokio::test]
async fn the_first_post_of_a_job_is_rate_limited_and_the_second_is_accepted() {
    let openai = OpenAi::start(Mode::Step).await;
    let request = json!({"metadata": {"job_id": "job_1", "plan": "rate-limited-then-ok"}});
    let refused = openai.post(request.clone()).send().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(refused.headers()["x-request-id"].to_str().unwrap().starts_with("req_"));
    let error: Value = refused.json().await.unwrap();
    assert_eq!(error["error"]["code"], json!("rate_limit_exceeded"));
    assert_eq!(openai.create(request).await["status"], json!("queued"));
    assert_eq!(openai.simulator.ledger().responses.len(), 1);
}

#[tokio::test]
async fn requests_that_openai_would_refuse_are_refused_by_the_name_of_the_parameter() {
    let openai = OpenAi::start(Mode::Step).await;
    let seventeen: serde_json::Map<_, _> = (0..17).map(|n| (n.to_string(), json!("x"))).collect();
    let table = [
        (json!({"model": null}), "model"),
        (json!({"input": null}), "input"),
        (json!({"store": false}), "store"),
        (json!({"metadata": seventeen}), "metadata"),
        (json!({"metadata": {"k".repeat(65): "x"}}), "metadata"),
        (json!({"metadata": {"key": "v".repeat(513)}}), "metadata.key"),
        (json!({"idempotency_key": "x"}), "idempotency_key"),
    ];
    for (change, param) in table {
        let refused = openai.post(change).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{param}");
        let error: Value = refused.json().await.unwrap();
        assert_eq!(error["error"]["type"], json!("invalid_request_error"));
        assert_eq!(error["error"]["param"], json!(param), "{error}");
    }
    assert_eq!(openai.simulator.ledger().responses, []);
}

#[tokio::test]
async fn without_the_right_key_nothing_is_made() {
    let openai = OpenAi::start(Mode::Step).await;
    let stranger = Client::new();
    let call = || stranger.post(openai.at("/v1/responses")).json(&json!({}));
    assert_eq!(call().send().await.unwrap().status(), 401);
    assert_eq!(call().bearer_auth("sk-wrong").send().await.unwrap().status(), 401);
}
