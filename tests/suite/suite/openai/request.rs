//! What a create call sends.

use adapters::openai::wire::request_body;
use domain::port::Start;
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
            "start": "07070707070707070707070707070707",
        },
    });
    assert_eq!(request_body(&a_start()), expected);
}

#[test]
fn tier_and_tools_are_sent_when_there_are_any() {
    let tools = vec![json!({"type": "web_search"}), json!({"type": "function", "name": "f"})];
    let body = request_body(&Start { service_tier: Some("flex".into()), tools: tools.clone(), ..a_start() });
    assert_eq!(body["service_tier"], "flex");
    assert_eq!(body["tools"], Value::Array(tools));
}

#[test]
fn findings_are_asked_for_only_of_tools_in_use() {
    let include = |tools: Value| {
        let tools = tools.as_array().unwrap().clone();
        request_body(&Start { tools, ..a_start() }).get("include").cloned()
    };
    assert_eq!(include(json!([])), None);
    assert_eq!(include(json!([{"type": "function"}, {"type": 3}, {}, "web_search"])), None);
    assert_eq!(include(json!([{"type": "web_search"}])), Some(json!(["web_search_call.action.sources"])));
    assert_eq!(include(json!([{"type": "web_search_preview"}])), Some(json!(["web_search_call.action.sources"])));
    let rest = json!([{"type": "code_interpreter"}, {"type": "file_search"}]);
    assert_eq!(include(rest), Some(json!(["file_search_call.results", "code_interpreter_call.outputs"])));
}
