//! A field that is there is never taken for one that is not.

use adapters::openai::wire::parse;
use domain::provider::{Citation, Item};
use serde_json::json;

use super::{output, text, unknown, with};

/// A message of one part, whose text is this raw JSON.
fn saying(raw: &str) -> Vec<Item> {
    with("output", &format!(r#"[{{"type":"message","content":[{{"type":"output_text","text":{raw}}}]}}]"#)).output
}

#[test]
fn half_a_surrogate_pair_costs_one_character_and_not_the_whole_text() {
    assert_eq!(saying(r#""Done \ud83d.""#), [text("Done \u{fffd}.")]);
    let second = r#"[{"type":"message","content":[{"type":"output_text","text":"One."}]},
        {"type":"message","content":[{"type":"output_text","text":"\ude00Two."}]}]"#;
    assert_eq!(with("output", second).output, [text("One."), text("\u{fffd}Two.")]);
    let call = r#"[{"type":"function_call","call_id":"c\ud83d","name":"pay\ud83d","arguments":"{\"to\":\"\ud83d\"}"}]"#;
    let input = json!({"call_id": "c\u{fffd}", "name": "pay\u{fffd}", "arguments": "{\"to\":\"\u{fffd}\"}"});
    assert_eq!(with("output", call).output, [Item::PendingAction { kind: "function_call".into(), input }]);
}

#[test]
fn half_a_surrogate_pair_is_read_wherever_a_string_can_be() {
    let items = r#"[
        {"type":"message","content":[{"type":"refusal","refusal":"No\ud83d"}]},
        {"type":"message","content":[{"type":"output_text","text":"x","annotations":[{"type":"url_citation",
            "title":"T\ud83d","url":"https://e.com/\ud83d"}]}]},
        {"type":"web_search_call","status":"failed\ud83d","action":{"query":"q\ud83d","\ud83d":[{"a":"\ud83d"}]}}]"#;
    let citation = Citation {
        kind: "url_citation".into(),
        title: Some("T\u{fffd}".into()),
        source: Some("https://e.com/\u{fffd}".into()),
        container_id: None,
        start: None,
        end: None,
    };
    let search = Item::ToolCall {
        kind: "web_search_call".into(),
        input: json!({"action": {"query": "q\u{fffd}", "\u{fffd}": [{"a": "\u{fffd}"}]}}),
        outcome: Some("failed\u{fffd}".into()),
    };
    let cited = Item::Text { text: "x".into(), citations: vec![citation], is_final: false };
    assert_eq!(with("output", items).output, [Item::Refusal("No\u{fffd}".into()), cited, search]);

    let answer = with(r#"x\ud83d":"\ud83d","metadata"#, r#"{"k\ud83d":"v\ud83d"}"#);
    assert_eq!(answer.metadata["k\u{fffd}"], "v\u{fffd}");
    assert_eq!(answer.status.as_deref(), Some("completed"), "a name that cannot be decoded took the rest with it");
    assert_eq!(with("model", r#""m\ud83d""#).model.as_deref(), Some("m\u{fffd}"));
}

#[test]
fn an_id_that_cannot_be_a_response_id_is_refused_and_never_changed() {
    for id in [r#""resp_\ud83d""#, r#""resp\u0000""#, "1", "null"] {
        assert!(parse(format!(r#"{{"id":{id}}}"#).as_bytes(), None).is_err(), "{id}");
    }
}

#[test]
fn control_characters_and_bytes_that_are_no_text_take_nothing_with_them() {
    assert_eq!(saying("\"a\nb\tc\u{0}\""), [text("a\nb\tc\u{0}")]);
    assert_eq!(saying(r#""C:\Users""#), [text("C:\\Users")]);
    let body = b"\xef\xbb\xbf{\"id\":\"r\",\"status\":\"a\xffb\",\"x\":-Infinity,\"y\":[NaN]}";
    assert_eq!(parse(body, None).unwrap().status.as_deref(), Some("a\u{fffd}b"));
}

#[test]
fn trouble_in_one_field_stays_there() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let message = r#"{"type":"message","content":[{"type":"output_text","text":"fine"}]}"#;
    for (odd, arguments, alone) in [
        (deep.as_str(), deep.as_str(), unknown("")),
        ("1e999", "1e999", unknown("")),
        (r#""\ud800""#, "\u{fffd}", text("\u{fffd}")),
    ] {
        for field in ["metadata", "usage", "error", "tools", "something_new"] {
            let answer = with(field, odd);
            assert_eq!(answer.status.as_deref(), Some("completed"), "{field}");
        }
        let items = format!(r#"[{{"type":"function_call","call_id":"c","arguments":{odd}}},{odd},{message}]"#);
        let input = json!({"call_id": "c", "arguments": arguments});
        let pending = Item::PendingAction { kind: "function_call".into(), input };
        assert_eq!(with("output", &items).output, [pending, alone, text("fine")]);
    }
    let nested = "{\"a\":".repeat(4_000);
    assert!(parse(nested.as_bytes(), None).is_err());
}

#[test]
fn a_field_too_deep_for_a_value_is_shown_as_its_text_beside_its_siblings() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let items = format!(r#"[{{"type":"web_search_call","action":{deep},"status":"completed"}}]"#);
    let input = json!({"action": deep});
    let call = Item::ToolCall { kind: "web_search_call".into(), input, outcome: Some("completed".into()) };
    assert_eq!(with("output", &items).output, [call]);
}

#[test]
fn a_text_is_found_in_whatever_it_is_wrapped() {
    let message = |content| output(json!([{"type": "message", "content": content}]));
    for content in [
        json!("fine"),
        json!(["fine"]),
        json!({"type": "output_text", "text": "fine"}),
        json!([{"type": "text", "text": "fine"}]),
        json!([{"text": "fine"}]),
        json!([{"type": "output_text", "text": {"value": "fine", "annotations": []}}]),
        json!([{"type": "output_text", "text": ["fi", {"text": "ne"}]}]),
        json!([{"type": "output_text", "text": "fine", "annotations": "none"}]),
    ] {
        assert_eq!(message(content.clone()), [text("fine")], "{content}");
    }
    assert_eq!(message(json!([{"type": "output_text", "text": 42}])), [text("42")]);
    assert_eq!(message(json!([{"type": "output_text", "text": false}])), [text("false")]);
    assert_eq!(message(json!({"type": "refusal", "refusal": ["no"]})), [Item::Refusal("no".into())]);
    for items in [json!("fine"), json!(["fine"]), json!({"type": "message", "content": "fine"})] {
        assert_eq!(output(items.clone()), [text("fine")], "{items}");
    }
    assert_eq!(output(json!([{"role": "assistant", "content": "fine"}])), [text("fine")]);
    let worked_out = with("output_text", r#""fine""#).output;
    assert_eq!(worked_out, [text("fine")]);
}
