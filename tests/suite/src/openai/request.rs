//! What a create call sends.

use adapters::openai::wire::request_body;
use domain::policy::cost::Window;
use domain::port::NewResponse;
use serde_json::{Value, json};

use super::a_start;

#[test]
fn a_request_says_background_and_store_out_loud_and_carries_the_tag() {
    let expected = json!({
        "model": "gpt-6.1-terra",
        "instructions": "Be brief.",
        "input": "a very private prompt",
        "reasoning": {"effort": "low"},
        "max_output_tokens": 1000,
        "background": true,
        "store": true,
        "metadata": {
            "deployment": "prod",
            "workspace": "acme",
            "job_id": "job_1",
            "attempt": "2",
            "job_type": "document-analysis",
            "submit_token": "07070707070707070707070707070707",
        },
    });
    assert_eq!(request_body(&a_start()), expected);
}

#[test]
fn tier_and_tools_are_sent_when_there_are_any() {
    let tools = vec![json!({"type": "web_search"}), json!({"type": "function", "name": "f"})];
    let body = request_body(&NewResponse { service_tier: Some("flex".into()), tools: tools.clone(), ..a_start() });
    assert_eq!(body["service_tier"], "flex");
    assert_eq!((&body["tools"], &body["max_tool_calls"]), (&Value::Array(tools), &json!(64)));
    // An answer need not say which tier was asked for.
    assert_eq!(body["metadata"]["service_tier"], "flex");
}

#[test]
fn what_a_model_does_not_take_is_left_out() {
    let body = request_body(&NewResponse { model: "gpt-4.1".into(), reasoning_effort: None, ..a_start() });
    assert_eq!(body.get("reasoning"), None);
    assert_eq!(["max_tool_calls", "tools", "service_tier", "background_options"].map(|name| body.get(name)), [None; 4]);
}

#[test]
fn a_window_is_asked_for_on_the_standard_tier_and_noted_for_the_answer() {
    let start = NewResponse { model: "gpt-6.2-sol".into(), window: Some(Window::EightHours), ..a_start() };
    let body = request_body(&start);
    let job = start.tag.job.as_str();
    assert_eq!(body["background_options"], json!({"completion_window": "8h", "continuation_id": job}));
    assert_eq!((&body["background"], &body["metadata"]["completion_window"]), (&json!(true), &json!("8h")));
    assert_eq!([body.get("service_tier"), body.get("stream")], [None; 2]);
}

#[test]
fn a_model_that_reads_instructions_last_is_told_them_first_in_a_message() {
    let of = |model: &str, input: Value| {
        let body = request_body(&NewResponse { model: model.into(), input, ..a_start() });
        (body.get("instructions").cloned(), body["input"].clone())
    };
    let developer = json!({"role": "developer", "content": "Be brief."});
    let items = json!([{"role": "user", "content": [{"type": "input_text", "text": "x"}]}]);
    assert_eq!(of("gpt-6.2-sol", json!("x")), (None, json!([developer, {"role": "user", "content": "x"}])));
    assert_eq!(of("gpt-6.2-astra-2026-11-17", items.clone()), (None, json!([developer, items[0]])));
    for model in ["gpt-6.1-terra", "gpt-4.1", "llama", "gpt-6.20"] {
        assert_eq!(of(model, items.clone()), (Some(json!("Be brief.")), items.clone()), "{model}");
    }
}

#[test]
fn findings_are_asked_for_only_of_tools_in_use() {
    let include = |tools: Value| {
        let tools = tools.as_array().unwrap().clone();
        request_body(&NewResponse { tools, ..a_start() }).get("include").cloned()
    };
    assert_eq!(include(json!([])), None);
    assert_eq!(include(json!([{"type": "function"}, {"type": 3}, {}, "web_search"])), None);
    assert_eq!(include(json!([{"type": "web_search"}])), Some(json!(["web_search_call.action.sources"])));
    assert_eq!(include(json!([{"type": "web_search_preview"}])), Some(json!(["web_search_call.action.sources"])));
    let rest = json!([{"type": "code_interpreter"}, {"type": "file_search"}]);
    assert_eq!(include(rest), Some(json!(["file_search_call.results", "code_interpreter_call.outputs"])));
}

#[test]
fn a_schema_is_asked_for_under_the_name_of_its_type_and_strictly_where_the_type_is() {
    let schema = json!({"type": "object", "properties": {}});
    let body = request_body(&NewResponse { output_schema: Some(schema.clone()), output_strict: true, ..a_start() });
    let format = json!({"type": "json_schema", "name": "document-analysis", "schema": schema, "strict": true});
    assert_eq!(body["text"], json!({"format": format}));
}
