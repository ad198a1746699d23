//! The fields and the forms in which the simulated provider answers, as the real one does today.

use openai_simulator::{Mode, Plan};
use serde_json::{Value, json};

use super::trouble::{bytes, length};
use super::{NOON_MS, OpenAi};

/// What a look shows of a response that has ended.
async fn ended(openai: &OpenAi, change: Value) -> Value {
    let id = openai.create(change).await["id"].as_str().unwrap().to_owned();
    openai.simulator.drain();
    openai.get(&id).await
}

#[tokio::test]
async fn messages_of_gpt_6_say_that_they_are_the_answer_and_reasoning_is_encrypted() {
    let openai = OpenAi::start(Mode::Step).await;
    let newest = ended(&openai, json!({"model": "gpt-6.1-terra"})).await;
    assert_eq!(newest["output"][0]["type"], "reasoning");
    assert!(newest["output"][0]["encrypted_content"].as_str().is_some_and(|text| text.len() > 40));
    assert_eq!(newest["output"][1]["phase"], "final_answer");
    assert_eq!(newest["usage"]["input_tokens_details"], json!({"cached_tokens": 0, "cache_write_tokens": 0}));
    assert_eq!(ended(&openai, json!({})).await["output"][1].get("phase"), None);
    let plain = ended(&openai, json!({"model": "gpt-4.1"})).await;
    assert_eq!((plain["output"].as_array().unwrap().len(), &plain["reasoning"]["effort"]), (1, &Value::Null));
}

#[tokio::test]
async fn searches_are_counted_where_tools_are_used_and_only_there() {
    let openai = OpenAi::start(Mode::Step).await;
    assert_eq!(ended(&openai, json!({})).await.get("tool_usage"), None);
    let unused = ended(&openai, json!({"tools": [{"type": "web_search"}]})).await;
    assert_eq!(unused["tool_usage"]["web_search"]["num_requests"], 0);
    openai.simulator.plan_next(Plan::WebSearch);
    assert_eq!(ended(&openai, json!({})).await["tool_usage"]["web_search"]["num_requests"], 1);
    openai.simulator.plan_next(Plan::WebSearchNoToolUsage);
    assert_eq!(ended(&openai, json!({"tools": [{"type": "web_search"}]})).await.get("tool_usage"), None);
}

#[tokio::test]
async fn the_tier_that_was_used_and_what_applies_are_shown_and_not_what_was_asked_for() {
    let openai = OpenAi::start(Mode::Step).await;
    for (model, asked, shown) in [
        ("gpt-6.1-terra", "fast", "fast"),
        ("gpt-6.1-terra", "priority", "fast"),
        ("gpt-5.6", "fast", "priority"),
        ("gpt-6-astra", "ultrafast", "ultrafast"),
        ("gpt-5.6", "auto", "default"),
        ("gpt-5.6", "flex", "flex"),
    ] {
        let made = openai.create(json!({"model": model, "service_tier": asked})).await;
        assert_eq!(made["service_tier"], shown, "{model} {asked}");
    }
    let asked = json!({"conversation": "conv_1", "prompt_cache_options": {"ttl": "12h", "prewarm": true}});
    let made = openai.create(asked).await;
    assert_eq!(made["conversation"], json!({"id": "conv_1"}));
    assert_eq!(made["prompt_cache_options"], json!({"mode": "implicit", "ttl": "12h"}));
}

#[tokio::test]
async fn a_failed_run_shows_code_type_and_param_of_its_error() {
    let openai = OpenAi::start(Mode::Step).await;
    openai.simulator.plan_next(Plan::BillingHardLimit);
    let error = ended(&openai, json!({})).await["error"].clone();
    assert_eq!(error["code"], "billing_hard_limit_reached");
    assert_eq!((&error["type"], error.get("param")), (&json!("insufficient_quota"), Some(&Value::Null)));
}

#[tokio::test]
async fn the_input_is_listed_by_pages_in_either_order_and_its_tokens_are_counted() {
    let openai = OpenAi::start(Mode::Step).await;
    let input = json!([
        {"role": "user", "content": "One."},
        {"role": "assistant", "content": "Two."},
        {"type": "function_call_output", "id": "fco_1", "call_id": "call_1", "output": "3"},
    ]);
    let id = openai.create(json!({"input": input})).await["id"].as_str().unwrap().to_owned();
    let page = async |query: &str| {
        openai.send(openai.client.get(openai.at(&format!("/v1/responses/{id}/input_items{query}")))).await
    };
    let all = page("").await;
    assert_eq!((&all["object"], &all["has_more"], &all["first_id"]), (&json!("list"), &json!(false), &json!("fco_1")));
    assert_eq!(all["data"][2]["content"], json!([{"type": "input_text", "text": "One."}]));
    assert_eq!(all["data"][1]["content"][0]["type"], "output_text");
    let first = page("?order=asc&limit=1").await;
    assert_eq!((&first["data"][0], &first["has_more"]), (&all["data"][2], &json!(true)));
    let rest = page(&format!("?order=asc&after={}", first["last_id"].as_str().unwrap())).await;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["last_id"]), (2, &json!("fco_1")));

    let count = openai.client.post(openai.at("/v1/responses/input_tokens"));
    let count = openai.send(count.json(&json!({"model": "gpt-5.6", "input": "Hello world"}))).await;
    assert_eq!(count, json!({"object": "response.input_tokens", "input_tokens": 3}));
}

#[tokio::test]
async fn a_create_call_is_answered_in_whatever_form_its_plan_says() {
    let openai = OpenAi::start(Mode::Step).await;
    let answer = async |plan| {
        openai.simulator.plan_next(plan);
        openai.post(json!({"metadata": {"job_id": plan.name()}})).send().await.unwrap()
    };
    assert_eq!(answer(Plan::Accepted).await.status(), 202);
    let long: Value = answer(Plan::LongId).await.json().await.unwrap();
    assert_eq!(long["id"].as_str().unwrap().len(), 300);
    let marked = answer(Plan::ByteOrderMark).await.bytes().await.unwrap();
    assert!(marked.starts_with(b"\xef\xbb\xbf{\"id\":\"resp_"), "{marked:?}");

    for (plan, status) in [(Plan::UnauthorizedHtml, 401), (Plan::ForbiddenHtml, 403), (Plan::NotFoundHtml, 404)] {
        let page = answer(plan).await;
        assert_eq!(page.status(), status);
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    }
    let only_error: Value = answer(Plan::ErrorOnly).await.json().await.unwrap();
    assert_eq!((only_error.get("id"), &only_error["error"]["code"]), (None, &json!("insufficient_quota")));
    let dated = answer(Plan::RetryAfterDate).await.headers()["retry-after"].clone();
    assert_eq!(dated, "Wed, 18 Nov 2026 11:09:40 GMT", "180 s behind {NOON_MS} ms");
    let precise = answer(Plan::RetryAfterMs).await.headers().clone();
    assert_eq!(
        (&precise["retry-after"], &precise["retry-after-ms"]),
        (&"1".parse().unwrap(), &"1500".parse().unwrap())
    );
}

#[tokio::test]
async fn compressed_chunked_and_cut_answers_are_so_on_the_wire() {
    let openai = OpenAi::start(Mode::Step).await;
    let (read, _) = bytes(&openai, Plan::Gzip, usize::MAX).await;
    let (head, body) = split(&read);
    assert!(head.contains("content-encoding: gzip") && body.starts_with(&[0x1f, 0x8b]), "{head}");
    assert_eq!(length(&head), body.len());

    let (read, _) = bytes(&openai, Plan::ChunkCut, usize::MAX).await;
    let (head, body) = split(&read);
    let (size, json) = std::str::from_utf8(body).unwrap().split_once("\r\n").unwrap();
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert_eq!(usize::from_str_radix(size, 16).unwrap() + 2, json.len());
    assert!(serde_json::from_str::<Value>(json).unwrap()["id"].is_string(), "no last chunk behind it");

    let (read, _) = bytes(&openai, Plan::CutWithId, usize::MAX).await;
    let (head, body) = split(&read);
    let responses = openai.simulator.ledger().responses;
    let id = &responses.last().unwrap().id;
    assert!(std::str::from_utf8(body).unwrap().starts_with(&format!("{{\"id\":\"{id}\",")), "{body:?}");
    assert!(body.len() < length(&head) && responses.iter().all(|response| response.told));
}

#[tokio::test]
async fn what_a_plan_says_of_the_output_is_shown_to_the_letter() {
    let openai = OpenAi::start(Mode::Step).await;
    for (plan, letters) in [
        (Plan::LoneSurrogate, r"Half a smile \ud83d and"),
        (Plan::BigNumbers, r#"{\"account\":9400000000000000000001,"#),
        (Plan::DoubledNames, r#"{\"euros\":5,\"euros\":5000}"#),
    ] {
        openai.simulator.plan_next(plan);
        let id = openai.create(json!({})).await["id"].as_str().unwrap().to_owned();
        openai.simulator.drain();
        let look = openai.client.get(openai.at(&format!("/v1/responses/{id}"))).send().await.unwrap();
        let text = look.text().await.unwrap();
        assert!(text.contains(letters), "{text}");
    }
    let script =
        r#"{"*": {"end": {"output": [{"n": 1e400, "n": 12345678901234567890123}], "fields": {"model": null}}}}"#;
    openai.send(openai.client.put(openai.at("/simulator/plans")).body(script)).await;
    let id = openai.create(json!({})).await["id"].as_str().unwrap().to_owned();
    openai.simulator.drain();
    let text = openai.client.get(openai.at(&format!("/v1/responses/{id}"))).send().await.unwrap().text().await.unwrap();
    assert!(text.contains(r#""output":[{"n": 1e400, "n": 12345678901234567890123}]"#), "{text}");
    assert!(!text.contains(r#""model""#), "{text}");
}

fn split(read: &[u8]) -> (String, &[u8]) {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(read[..end].to_vec()).unwrap(), &read[end + 4..])
}
