//! What the simulated provider refuses, and in which words.

use std::collections::BTreeSet;

use openai_simulator::Mode;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::OpenAi;

/// The answer's status and its error, which has all four fields.
async fn refusal(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    for name in ["x-request-id", "openai-version", "openai-processing-ms", "x-ratelimit-remaining-requests"] {
        assert!(answer.headers().contains_key(name), "{name}: {:?}", answer.headers());
    }
    let body: Value = answer.json().await.unwrap();
    let error = body["error"].as_object().unwrap();
    let fields: BTreeSet<_> = error.keys().map(String::as_str).collect();
    assert_eq!(fields, BTreeSet::from(["code", "message", "param", "type"]), "{body}");
    (status, body["error"].clone())
}

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
    let window = |window: &str| json!({"completion_window": window});
    const WINDOW: &str = "background_options.completion_window";
    let table = [
        (json!({"model": null}), "model"),
        (json!({"input": null}), "input"),
        (json!({"input": 7}), "input"),
        (json!({"store": false}), "store"),
        (json!({"store": "yes"}), "store"),
        (json!({"metadata": seventeen}), "metadata"),
        (json!({"metadata": {"k".repeat(65): "x"}}), "metadata"),
        (json!({"metadata": {"key": "v".repeat(513)}}), "metadata.key"),
        (json!({"metadata": {"plan": "flies"}}), "metadata.plan"),
        (json!({"idempotency_key": "x"}), "idempotency_key"),
        (json!({"stream": true}), "stream"),
        (json!({"service_tier": "hyperfast"}), "service_tier"),
        (json!({"service_tier": "flex", "model": "gpt-6.2-sol"}), "service_tier"),
        (json!({"service_tier": "flex", "model": "gpt-4.1"}), "service_tier"),
        (json!({"service_tier": "flex", "model": "gpt-4o-mini"}), "service_tier"),
        (json!({"service_tier": "ultrafast", "model": "gpt-6-luna"}), "service_tier"),
        (json!({"background_options": window("24h")}), WINDOW),
        (json!({"background_options": window("2h"), "background": false}), WINDOW),
        (json!({"background_options": window("8h"), "service_tier": "flex"}), WINDOW),
        (json!({"background_options": window("8h"), "service_tier": "priority"}), WINDOW),
        (json!({"background_options": window("2h"), "stream": true}), WINDOW),
        (json!({"background_options": {"window": "2h"}}), "background_options.window"),
        (json!({"background_options": {"continuation_id": 7}}), "background_options.continuation_id"),
        (json!({"include": ["reasoning.encrypted_content", "everything"]}), "include[1]"),
        (json!({"include": "everything"}), "include"),
        (json!({"reasoning": {"effort": "enormous"}}), "reasoning.effort"),
        (json!({"reasoning": {"effort": "none"}, "model": "gpt-6.2-astra"}), "reasoning.effort"),
        (json!({"reasoning": {"effort": "low"}, "model": "gpt-4.1"}), "reasoning.effort"),
        (json!({"reasoning": {"effort": "low"}, "model": "gpt-4o-mini"}), "reasoning.effort"),
        (json!({"previous_response_id": "resp_1", "conversation": "conv_1"}), "previous_response_id"),
        (json!({"previous_response_id": "resp_1"}), "previous_response_id"),
        (json!({"tools": [{"type": "web_search"}, {"type": "hammer"}]}), "tools[1].type"),
        (json!({"tools": [{"type": "file_search"}]}), "tools[0].vector_store_ids"),
        (json!({"text": {"format": {"type": "json_schema", "name": "x"}}}), "text.format.schema"),
        (json!({"max_output_tokens": 128_001}), "max_output_tokens"),
        (json!({"max_output_tokens": 0.5}), "max_output_tokens"),
        (json!({"safety_identifier": "x".repeat(129)}), "safety_identifier"),
        (json!({"input": "x".repeat(4 * 922_000 + 1)}), "input"),
    ];
    for (change, param) in table {
        let sent: String = change.to_string().chars().take(80).collect();
        let (status, error) = refusal(openai.post(change).send().await.unwrap()).await;
        assert_eq!((status, &error["type"]), (400, &json!("invalid_request_error")), "{sent}");
        assert_eq!(error["param"], json!(param), "{sent}: {error}");
    }
    assert_eq!(openai.simulator.ledger().responses, []);
}

#[tokio::test]
async fn what_openai_takes_is_taken() {
    let openai = OpenAi::start(Mode::Step).await;
    let first = openai.create(json!({})).await["id"].clone();
    for change in [
        json!({"background_options": {"completion_window": "8h", "continuation_id": "x"}, "service_tier": "default"}),
        json!({"background_options": {"completion_window": "soonest"}, "service_tier": "priority"}),
        json!({"model": "gpt-6.2-sol", "reasoning": {"effort": "low"}}),
        json!({"model": "gpt-6.1-terra", "service_tier": "flex", "reasoning": {"effort": "none"}}),
        json!({"model": "gpt-5.4-2026-03-05", "include": ["reasoning.encrypted_content"]}),
        json!({"model": "gpt-4.1", "tools": [{"type": "web_search"}], "temperature": 0}),
        json!({"previous_response_id": first}),
        json!({"conversation": "conv_1", "prompt_cache_options": {"ttl": "12h"}}),
    ] {
        let answer = openai.post(change.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{change}: {}", answer.text().await.unwrap());
    }
}

#[tokio::test]
async fn a_model_that_openai_does_not_have_is_not_found() {
    let openai = OpenAi::start(Mode::Step).await;
    for model in ["gpt-7", "gpt-6.1-tera", "llama", "o3-deep-research"] {
        let (status, error) = refusal(openai.post(json!({"model": model})).send().await.unwrap()).await;
        assert_eq!((status, &error["code"], &error["param"]), (404, &json!("model_not_found"), &json!("model")));
        let named = openai.client.get(openai.at(&format!("/v1/models/{model}"))).send().await.unwrap();
        assert_eq!(refusal(named).await.0, 404);
    }
    let all = openai.send(openai.client.get(openai.at("/v1/models"))).await;
    let shutdown = |name: &str| {
        let models = all["data"].as_array().unwrap();
        models.iter().find(|model| model["id"] == name).map(|model| model["shutdown_date"].clone())
    };
    assert_eq!(shutdown("gpt-4.1"), Some(json!("2027-01-14")));
    assert_eq!((shutdown("gpt-6.2-sol"), shutdown("o1")), (Some(Value::Null), None));
}

#[tokio::test]
async fn without_the_right_key_nothing_is_made_read_or_steered() {
    let openai = OpenAi::start(Mode::Step).await;
    openai.create(json!({})).await;
    let stranger = Client::new();
    for (method, path) in [
        (Method::POST, "/v1/responses"),
        (Method::GET, "/v1/responses/resp_1"),
        (Method::GET, "/v1/responses/resp_1/input_items"),
        (Method::POST, "/v1/responses/resp_1/cancel"),
        (Method::DELETE, "/v1/responses/resp_1"),
        (Method::POST, "/v1/responses/input_tokens"),
        (Method::GET, "/v1/models"),
        (Method::POST, "/v1/files"),
        (Method::GET, "/v1/files"),
        (Method::GET, "/v1/files/file_1"),
        (Method::GET, "/v1/files/file_1/content"),
        (Method::DELETE, "/v1/files/file_1"),
        (Method::POST, "/v1/batches"),
        (Method::GET, "/v1/batches"),
        (Method::GET, "/v1/batches/batch_1"),
        (Method::POST, "/v1/batches/batch_1/cancel"),
        (Method::GET, "/v1/containers/cntr_1"),
        (Method::GET, "/v1/containers/cntr_1/files"),
        (Method::GET, "/v1/containers/cntr_1/files/cfile_1"),
        (Method::GET, "/v1/containers/cntr_1/files/cfile_1/content"),
        (Method::GET, "/v1/organization/costs"),
        (Method::GET, "/v1/organization/usage/completions"),
        (Method::GET, "/simulator/ledger"),
        (Method::POST, "/simulator/step"),
        (Method::POST, "/simulator/drain"),
        (Method::PUT, "/simulator/plans"),
        (Method::PUT, "/simulator/plans/acme"),
    ] {
        let call = || stranger.request(method.clone(), openai.at(path)).json(&json!({}));
        assert_eq!(refusal(call().send().await.unwrap()).await.0, 401, "{method} {path}");
        assert_eq!(refusal(call().bearer_auth("sk-wrong").send().await.unwrap()).await.0, 401, "{method} {path}");
    }
    assert_eq!(openai.simulator.ledger().responses.len(), 1);
    assert_eq!(openai.simulator.drain(), 2, "nobody drained it before");
}

#[tokio::test]
async fn whatever_is_refused_is_refused_in_the_error_envelope() {
    let openai = OpenAi::start(Mode::Step).await;
    let id = openai.create(json!({})).await["id"].as_str().unwrap().to_owned();
    let of = |rest: &str| format!("/v1/responses/{id}{rest}");
    let table = [
        (Method::GET, "/v1/nothing".to_owned(), 404),
        (Method::GET, "/".to_owned(), 404),
        (Method::GET, "/v1/responses/resp_unknown".to_owned(), 404),
        (Method::GET, "/v1/responses/%ff".to_owned(), 400),
        (Method::GET, "/v1/responses".to_owned(), 405),
        (Method::POST, of(""), 405),
        (Method::GET, of("/cancel"), 405),
        (Method::POST, of("/input_items"), 405),
        (Method::POST, "/v1/models".to_owned(), 405),
        (Method::GET, of("?include=everything"), 400),
        (Method::GET, of("?include[]=everything"), 400),
        (Method::GET, of("/input_items?limit=101"), 400),
        (Method::GET, of("/input_items?order=sideways"), 400),
        (Method::GET, of("/input_items?after=msg_unknown"), 400),
        (Method::POST, "/v1/batches".to_owned(), 400),
        (Method::PUT, "/v1/batches".to_owned(), 405),
        (Method::GET, "/v1/files/file_1/content".to_owned(), 404),
        (Method::GET, "/v1/containers/cntr_1/files".to_owned(), 404),
        (Method::GET, "/v1/containers".to_owned(), 501),
        (Method::GET, "/v1/organization/costs".to_owned(), 401),
        (Method::POST, "/v1/responses/compact".to_owned(), 501),
        (Method::PUT, "/simulator/plans".to_owned(), 400),
        (Method::POST, "/simulator/step".to_owned(), 400),
    ];
    for (method, path, status) in table {
        let answer = openai.client.request(method.clone(), openai.at(&path)).send().await.unwrap();
        assert_eq!(refusal(answer).await.0, status, "{method} {path}");
    }
    for (body, status) in [("", 400), ("[1]", 400), (r#"{"model":"#, 400), ("\u{feff}{}", 400)] {
        let answer = openai.client.post(openai.at("/v1/responses")).body(body).send().await.unwrap();
        assert_eq!(refusal(answer).await.0, status, "{body:?}");
    }
    let large = vec![b' '; 73 * 1024 * 1024];
    let answer = openai.client.post(openai.at("/v1/responses")).body(large).send().await.unwrap();
    assert_eq!(refusal(answer).await.0, 413);
    let named = openai.post(json!({})).header("X-Client-Request-Id", "x".repeat(513)).send().await.unwrap();
    assert_eq!(refusal(named).await.0, 400);
    assert_eq!(openai.simulator.ledger().responses.len(), 1);
}

#[tokio::test]
async fn a_stream_of_a_response_is_refused_and_never_yields_nothing() {
    let openai = OpenAi::start(Mode::Step).await;
    let id = openai.create(json!({})).await["id"].as_str().unwrap().to_owned();
    let at = |query: &str| openai.client.get(openai.at(&format!("/v1/responses/{id}{query}")));
    let (status, error) = refusal(at("?stream=true&starting_after=0").send().await.unwrap()).await;
    assert_eq!((status, &error["param"]), (400, &json!("stream")));
    assert_eq!(openai.send(at("?stream=false")).await["status"], json!("queued"));
}

#[tokio::test]
async fn a_page_that_makes_its_own_name_mean_this_machine_is_refused() {
    let openai = OpenAi::start(Mode::Step).await;
    let from = |host: &str| openai.client.get(openai.at("/simulator/ledger")).header("host", host);
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example"] {
        assert_eq!(refusal(from(host).send().await.unwrap()).await.0, 403, "{host}");
    }
    for host in ["127.0.0.1:1", "localhost:8080", "[::1]:80", "host.docker.internal:4000", "simulator"] {
        assert_eq!(from(host).send().await.unwrap().status(), 200, "{host}");
    }
}
