//! What the provider's tools were asked and answered, from the bytes of an answer.

use adapters::openai::wire::gathered;
use serde_json::{Value, json};

fn evidence(items: Value) -> Value {
    let body = json!({"id": "resp_1", "output": items}).to_string();
    serde_json::to_value(gathered(body.as_bytes()).evidence).unwrap()
}

/// The items that nobody knows, as they stand in ours.
fn other(items: &str) -> Vec<String> {
    let gathered = gathered(format!(r#"{{"id":"resp_1","output":{items}}}"#).as_bytes());
    gathered.other.iter().map(|raw| raw.get().to_owned()).collect()
}

#[test]
fn each_tool_shows_what_it_was_asked_and_what_it_answered() {
    let cases = [
        (
            json!({"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search",
                "query": "a", "queries": ["a", "b"], "sources": [{"type": "url", "url": "https://a.example"}, "https://b.example"]}}),
            json!({"id": "ws_1", "status": "completed", "error": null, "tool": "web_search", "action": "search",
                "queries": ["a", "b"], "page": null, "pattern": null,
                "sources": [{"url": "https://a.example", "title": null}, {"url": "https://b.example", "title": null}]}),
        ),
        (
            json!({"type": "web_search_call", "id": "ws_2", "status": "failed",
                "action": {"type": "find_in_page", "url": "https://a.example", "pattern": "lake"}}),
            json!({"id": "ws_2", "status": "failed", "error": null, "tool": "web_search", "action": "find_in_page",
                "queries": [], "page": "https://a.example", "pattern": "lake", "sources": []}),
        ),
        (
            json!({"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["lake"], "results": [
                {"file_id": "file_1", "filename": "a.pdf", "score": 0.923456789012345, "text": "It is deep."}]}),
            json!({"id": "fs_1", "status": "completed", "error": null, "tool": "file_search", "queries": ["lake"],
                "found": [{"file_id": "file_1", "name": "a.pdf", "score": "0.923456789012345", "text": "It is deep."}]}),
        ),
        (
            json!({"type": "code_interpreter_call", "id": "ci_1", "status": "completed", "code": "print(1)",
                "container_id": "cntr_1", "outputs": [{"type": "logs", "logs": "1\n"}, {"type": "image", "url": "https://x.example/1.png"}]}),
            json!({"id": "ci_1", "status": "completed", "error": null, "tool": "code", "code": "print(1)",
                "container_id": "cntr_1", "logs": ["1\n"], "images": 1}),
        ),
        (
            json!({"type": "mcp_call", "id": "mcp_1", "server_label": "shop", "name": "refund", "output": null,
                "arguments": "{\"order\": 9423588012367823456789, \"part\": 1.10}",
                "error": {"type": "mcp_tool_execution_error", "content": [{"type": "text", "text": "No such order"}]}}),
            json!({"id": "mcp_1", "status": null, "error": "mcp_tool_execution_error: No such order", "tool": "mcp",
                "server": "shop", "name": "refund", "output": null,
                "arguments": "{\"order\": 9423588012367823456789, \"part\": 1.10}"}),
        ),
        (
            json!({"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "iVBORw==",
                "revised_prompt": "A lake.", "size": "1024x1024", "quality": "high"}),
            json!({"id": "ig_1", "status": "completed", "error": null, "tool": "image", "prompt": "A lake.",
                "size": "1024x1024", "quality": "high",
                "sha256": "0f4636c78f65d3639ece5a064b5ae753e3408614a14fb18ab4d7540d2c248543"}),
        ),
    ];
    for (item, expect) in cases {
        assert_eq!(evidence(json!([item])), json!([expect]));
    }
}

#[test]
fn a_shell_shows_its_commands_with_what_each_came_to() {
    let shown = evidence(json!([
        {"type": "shell_call", "id": "sh_1", "call_id": "call_1", "status": "completed",
            "environment": {"type": "container_reference"}, "action": {"commands": ["ls", "false"]}},
        {"type": "shell_call_output", "call_id": "call_1", "output": [
            {"stdout": "a.csv\n", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}},
            {"stdout": "", "stderr": "no", "outcome": {"type": "timeout"}}]},
    ]));
    assert_eq!(shown[0]["commands"], json!(["ls", "false"]));
    let runs = json!([{"stdout": "a.csv\n", "stderr": "", "outcome": "0"}, {"stdout": "", "stderr": "no", "outcome": "timeout"}]);
    assert_eq!(shown[0]["runs"], runs);
}

#[test]
fn an_item_of_a_kind_that_nobody_knows_is_passed_on_to_the_letter() {
    let hologram = r#"{"type":"hologram","a":1,"a":9400000000000000000001,"b":{"c":[1e400]}}"#;
    let known = r#"{"type":"message","content":[{"type":"output_text","text":"x"}]},{"type":"reasoning","summary":[]}"#;
    assert_eq!(other(&format!("[{known},{hologram}]")), [hologram]);
    let part = r#"{"type":"message","content":[{"type":"output_text","text":"x"},{"type":"hologram"}]}"#;
    assert_eq!(other(&format!("[{part}]")), [part], "a message with a part that nobody knows");
    let deep = format!(r#"{{"type":"hologram","a":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
    assert_eq!(other(&format!("[{deep}]")), [json!(deep).to_string()], "as a text where parsers would fail over it");
}

#[test]
fn odd_evidence_is_shown_as_far_as_it_reads_and_breaks_nothing() {
    for item in [
        json!({"type": "web_search_call"}),
        json!({"type": "web_search_call", "action": "search"}),
        json!({"type": "web_search_call", "action": {"sources": {"url": 7}, "queries": "one"}}),
        json!({"type": "file_search_call", "results": [null, 1, "x", [], {"text": ["a", {"text": "b"}]}]}),
        json!({"type": "code_interpreter_call", "outputs": "logs", "code": ["x"]}),
        json!({"type": "mcp_call", "arguments": {"a": 1}, "output": {"b": [1]}, "error": []}),
        json!({"type": "image_generation_call", "result": "!!", "size": {}}),
        json!({"type": "shell_call", "environment": {"type": "container_auto"}, "action": []}),
    ] {
        assert_eq!(evidence(json!([item])).as_array().map(Vec::len), Some(1), "{item}");
    }
    for bytes in [&b""[..], b"null", b"[]", b"{", b"\xff", br#"{"output":7}"#] {
        assert!(gathered(bytes).evidence.is_empty());
    }
}
