//! What becomes of a response's bytes, however odd they are.

use std::collections::BTreeMap;

use adapters::openai::wire::parse;
use domain::cost::Usage;
use domain::provider::{Answer, Citation, Item};
use serde_json::{Value, json};

fn read(body: Value) -> Answer {
    parse(body.to_string().as_bytes(), None).unwrap()
}

/// A response whose `field` is this raw JSON text.
fn with(field: &str, text: &str) -> Answer {
    parse(format!(r#"{{"id":"resp_1","status":"completed","{field}":{text}}}"#).as_bytes(), None).unwrap()
}

fn output(items: Value) -> Vec<Item> {
    read(json!({"id": "resp_1", "output": items})).output
}

fn text(text: &str) -> Item {
    Item::Text { text: text.into(), citations: vec![] }
}

fn other(kind: &str) -> Item {
    Item::Other { kind: kind.into() }
}

#[test]
fn a_whole_response_is_read_and_its_bytes_are_kept() {
    let body = r#" {"id": "resp_1", "object": "response", "status": "completed", "background": true,
        "model": "gpt-6.1-terra-2026-09-01", "service_tier": "flex", "error": null, "incomplete_details": null,
        "metadata": {"job_id": "job_1"}, "tools": [{"type": "web_search"}],
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Grüße"}]}],
        "usage": {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 5},
            "output_tokens": 30, "output_tokens_details": {"reasoning_tokens": 20}, "total_tokens": 130},
        "tool_usage": {"web_search": {"num_requests": 3}}} "#;
    let answer = parse(body.as_bytes(), Some("req_1".into())).unwrap();
    assert_eq!(answer.id.as_str(), "resp_1");
    assert_eq!(answer.status.as_deref(), Some("completed"));
    assert_eq!(answer.model.as_deref(), Some("gpt-6.1-terra-2026-09-01"));
    assert_eq!(answer.service_tier.as_deref(), Some("flex"));
    assert_eq!(answer.metadata, BTreeMap::from([("job_id".into(), "job_1".into())]));
    assert_eq!(answer.output, [other("reasoning"), text("Grüße")]);
    assert_eq!((answer.error_code, answer.incomplete_reason), (None, None));
    let usage = Usage {
        input_tokens: 100,
        cached_tokens: 40,
        cache_write_tokens: 5,
        output_tokens: 30,
        reasoning_tokens: 20,
        web_searches: 3,
    };
    assert_eq!(answer.usage, Some(usage));
    assert_eq!(answer.request_id.as_deref(), Some("req_1"));
    assert_eq!(answer.raw, body.as_bytes());
}

#[test]
fn an_id_is_enough_and_any_other_field_may_be_of_any_type() {
    let bare = Answer { raw: vec![], ..read(json!({"id": "resp_1"})) };
    assert_eq!(bare.status, None);
    let fields = [
        "status",
        "model",
        "service_tier",
        "metadata",
        "output",
        "error",
        "incomplete_details",
        "usage",
        "tool_usage",
        "object",
        "created_at",
    ];
    for field in fields {
        for odd in [json!(null), json!(7), json!(-1.5), json!(true), json!([]), json!([1, [2]]), json!({})] {
            let answer = read(json!({"id": "resp_1", field: odd}));
            let answer = Answer { raw: vec![], output: vec![], ..answer };
            assert_eq!(answer, bare, "{field}: {odd}");
        }
    }
}

#[test]
fn the_status_is_kept_as_it_was_said() {
    let said = ["queued", "in_progress", "completed", "failed", "cancelled", "incomplete", "requires_action", ""];
    for word in said {
        assert_eq!(read(json!({"id": "resp_1", "status": word})).status.as_deref(), Some(word));
    }
    let tier = read(json!({"id": "resp_1", "service_tier": "hyperfast"})).service_tier;
    assert_eq!(tier.as_deref(), Some("hyperfast"));
}

#[test]
fn only_a_whole_object_with_a_usable_id_is_a_response() {
    let long = format!(r#"{{"id":"{}"}}"#, "a".repeat(257));
    let bodies = [
        "",
        "null",
        "[]",
        r#"["resp_1"]"#,
        "resp_1",
        "{}",
        r#"{"id":null}"#,
        r#"{"id":1}"#,
        r#"{"id":""}"#,
        r#"{"id":"resp 1"}"#,
        r#"{"id":"résp"}"#,
        r#"{"id":"resp_1""#,
        r#"{"id":"resp_1"} {"#,
        "<html>502</html>",
        &long,
    ];
    for body in bodies {
        assert!(parse(body.as_bytes(), None).is_err(), "{body}");
    }
}

#[test]
fn a_parse_failure_quotes_nothing_of_the_body() {
    for body in [r#""a very private prompt""#, r#"{"id":"a very private prompt"}"#, r#"{"id":"x" "private"}"#] {
        let failure = parse(body.as_bytes(), None).unwrap_err();
        assert!(!format!("{failure} {failure:?}").contains("private"), "{failure:?}");
    }
}

#[test]
fn error_and_incomplete_reason_are_read_where_they_are_words() {
    let read = |body: Value| {
        let answer = read(body);
        (answer.error_code, answer.incomplete_reason)
    };
    let code = |error: Value| read(json!({"id": "r", "error": error})).0;
    assert_eq!(code(json!({"code": "server_error", "message": "m"})).as_deref(), Some("server_error"));
    assert_eq!(code(json!({"code": null, "type": "insufficient_quota"})).as_deref(), Some("insufficient_quota"));
    assert_eq!(code(json!({"code": 500})), None);
    assert_eq!(code(json!("server_error")), None);
    let reason = |details: Value| read(json!({"id": "r", "incomplete_details": details})).1;
    assert_eq!(reason(json!({"reason": "max_output_tokens"})).as_deref(), Some("max_output_tokens"));
    assert_eq!(reason(json!({})), None);
}

#[test]
fn metadata_keeps_its_strings_and_drops_the_rest() {
    let answer = read(json!({"id": "r", "metadata": {"a": "1", "b": 2, "c": null, "d": {"e": "f"}, "": ""}}));
    assert_eq!(answer.metadata, BTreeMap::from([("a".into(), "1".into()), (String::new(), String::new())]));
}

#[test]
fn usage_is_unknown_without_both_totals_and_absurd_details_are_zero() {
    let unknown = [
        "null",
        "{}",
        "[1,2]",
        r#"{"input_tokens":1}"#,
        r#"{"input_tokens":1,"output_tokens":null}"#,
        r#"{"input_tokens":-1,"output_tokens":1}"#,
        r#"{"input_tokens":1.5,"output_tokens":1}"#,
        r#"{"input_tokens":1e300,"output_tokens":1}"#,
        r#"{"input_tokens":1e999,"output_tokens":1}"#,
        r#"{"input_tokens":99999999999999999999,"output_tokens":1}"#,
        r#"{"input_tokens":"1","output_tokens":1}"#,
    ];
    for usage in unknown {
        assert_eq!(with("usage", usage).usage, None, "{usage}");
    }
    for detail in ["null", "-1", "0.5", "1e999", "{}", r#""9""#] {
        let usage = format!(
            r#"{{"input_tokens":10,"output_tokens":5,"input_tokens_details":{{"cached_tokens":{detail}}},
                "output_tokens_details":{{"reasoning_tokens":{detail}}}}}"#
        );
        let known = Usage { input_tokens: 10, output_tokens: 5, ..Usage::default() };
        assert_eq!(with("usage", &usage).usage, Some(known), "{detail}");
    }
    let most = with("usage", r#"{"input_tokens":18446744073709551615,"output_tokens":0}"#).usage.unwrap();
    assert_eq!(most.input_tokens, u64::MAX);
}

#[test]
fn trouble_in_one_field_stays_there() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let message = r#"{"type":"message","content":[{"type":"output_text","text":"fine"}]}"#;
    for odd in [deep.as_str(), "1e999", r#""\ud800""#] {
        for field in ["metadata", "usage", "error", "tools", "something_new"] {
            let answer = with(field, odd);
            assert_eq!(answer.status.as_deref(), Some("completed"), "{field}");
        }
        let items = format!(r#"[{{"type":"function_call","call_id":"c","arguments":{odd}}},{odd},{message}]"#);
        let items = with("output", &items).output;
        let input = json!({"call_id": "c"});
        assert_eq!(items, [Item::PendingAction { kind: "function_call".into(), input }, other(""), text("fine")]);
    }
    let nested = "{\"a\":".repeat(4_000);
    assert!(parse(nested.as_bytes(), None).is_err());
    assert_eq!(parse(b"{\"id\":\"r\",\"status\":\"a\xffb\"}", None).unwrap().status.as_deref(), Some("a\u{fffd}b"));
}

#[test]
fn an_item_of_a_kind_nobody_knows_passes_through() {
    let items = json!([{"type": "hologram", "x": 1}, {"no": "type"}, 7, {"type": "reasoning"}, {"type": "compaction"}]);
    assert_eq!(output(items), [other("hologram"), other(""), other(""), other("reasoning"), other("compaction")]);
}

#[test]
fn a_message_is_its_parts() {
    let message = json!([{"type": "message", "content": [
        {"type": "output_text", "text": "one"},
        {"type": "refusal", "refusal": "no"},
        {"type": "hologram"},
    ]}]);
    assert_eq!(output(message), [text("one"), Item::Refusal("no".into()), other("hologram")]);
    assert_eq!(output(json!([{"type": "message"}, {"type": "message", "content": "x"}])), vec![other("message"); 2]);
}

#[test]
fn each_kind_of_citation_names_its_source() {
    let annotations = json!([
        {"type": "url_citation", "start_index": 2, "end_index": 9, "title": "A page", "url": "https://example.com/a"},
        {"type": "file_citation", "file_id": "file_1", "filename": "a.pdf", "index": 3},
        {"type": "container_file_citation", "container_id": "cntr_1", "file_id": "cfile_1", "filename": "b.csv",
            "start_index": 0, "end_index": 4},
        {"type": "file_path", "file_id": "file_2", "index": 1},
        {"type": "star_chart", "start_index": -1, "end_index": u64::MAX},
    ]);
    let cite = |kind: &str, title: Option<&str>, source: Option<&str>, range: Option<(u64, u64)>| Citation {
        kind: kind.into(),
        title: title.map(Into::into),
        source: source.map(Into::into),
        start: range.map(|range| range.0),
        end: range.map(|range| range.1),
    };
    let citations = vec![
        cite("url_citation", Some("A page"), Some("https://example.com/a"), Some((2, 9))),
        cite("file_citation", Some("a.pdf"), Some("file_1"), None),
        cite("container_file_citation", Some("b.csv"), Some("cfile_1"), Some((0, 4))),
        cite("file_path", None, Some("file_2"), None),
        cite("star_chart", None, None, None),
    ];
    let message = json!([{"type": "message", "content": [
        {"type": "output_text", "text": "a text", "annotations": annotations}
    ]}]);
    assert_eq!(output(message), [Item::Text { text: "a text".into(), citations }]);
}

#[test]
fn a_call_is_pending_until_the_list_holds_its_own_answer() {
    let pending = |item: &Item| matches!(item, Item::PendingAction { .. });
    let kinds =
        ["function_call", "custom_tool_call", "computer_call", "local_shell_call", "shell_call", "apply_patch_call"];
    for kind in kinds {
        let call = json!({"type": kind, "id": "x_1", "call_id": "call_1", "status": "completed"});
        assert!(pending(&output(json!([call]))[0]), "{kind}");
        let answer = |kind: &str, id: &str| json!({"type": format!("{kind}_output"), "call_id": id});
        assert!(!pending(&output(json!([call, answer(kind, "call_1")]))[0]), "{kind}");
        assert!(pending(&output(json!([call, answer(kind, "call_2")]))[0]), "{kind}");
        assert!(pending(&output(json!([call, answer("other_call", "call_1")]))[0]), "{kind}");
    }
    let request = json!({"type": "mcp_approval_request", "id": "mcpr_1", "name": "f", "arguments": "{}"});
    let response = |id| json!({"type": "mcp_approval_response", "approval_request_id": id, "approve": true});
    assert!(pending(&output(json!([request]))[0]));
    assert!(pending(&output(json!([request, response("mcpr_2")]))[0]));
    assert!(!pending(&output(json!([request, response("mcpr_1")]))[0]));
}

#[test]
fn arguments_are_json_where_the_model_got_it_right() {
    let of = |arguments: Value| {
        let call =
            json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "pay", "arguments": arguments});
        match output(json!([call])).remove(0) {
            Item::PendingAction { kind, input } => (kind, input),
            other => panic!("{other:?}"),
        }
    };
    let expect = |arguments: Value| {
        let input = json!({"id": "fc_1", "call_id": "call_1", "name": "pay", "arguments": arguments});
        ("function_call".to_owned(), input)
    };
    assert_eq!(of(json!(r#"{"eur": 5}"#)), expect(json!({"eur": 5})));
    assert_eq!(of(json!(r#"{"eur": "#)), expect(json!(r#"{"eur": "#)));
    assert_eq!(of(json!({"eur": 5})), expect(json!({"eur": 5})));
}

#[test]
fn a_tool_call_shows_what_went_in_and_how_it_ended() {
    let cases = [
        (
            json!({"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}}),
            json!({"action": {"type": "search", "query": "q"}}),
            Some("completed"),
        ),
        (
            json!({"type": "file_search_call", "status": "failed", "queries": ["q"], "results": [{"text": "t"}]}),
            json!({"queries": ["q"]}),
            Some("failed"),
        ),
        (
            json!({"type": "code_interpreter_call", "code": "1+1", "container_id": "cntr_1", "outputs": null}),
            json!({"code": "1+1", "container_id": "cntr_1"}),
            None,
        ),
        (
            json!({"type": "mcp_call", "server_label": "s", "name": "f", "arguments": "{\"a\":1}", "output": "o",
                "status": "failed", "error": {"message": "no such tool"}}),
            json!({"server_label": "s", "name": "f", "arguments": {"a": 1}}),
            Some("no such tool"),
        ),
        (json!({"type": "mcp_call", "status": "completed", "error": null}), json!({}), Some("completed")),
        (
            json!({"type": "image_generation_call", "status": "completed", "result": "aGVsbG8="}),
            json!({}),
            Some("completed"),
        ),
    ];
    for (item, input, outcome) in cases {
        let kind = item["type"].as_str().unwrap().to_owned();
        assert_eq!(output(json!([item])), [Item::ToolCall { kind, input, outcome: outcome.map(Into::into) }]);
    }
}
