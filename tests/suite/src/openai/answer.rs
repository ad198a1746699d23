//! What becomes of a response's bytes, however odd they are.

mod call;
mod evidence;
mod failed;
mod file;
mod lenient;
mod piece;

use std::collections::BTreeMap;

use adapters::openai::wire::parse;
use domain::policy::cost::Usage;
use domain::provider::{ErrorWords, Item, ProviderResponse};
use serde_json::{Value, json};

pub(super) fn read(body: Value) -> ProviderResponse {
    parse(body.to_string().as_bytes(), None).unwrap()
}

/// A response whose `field` is this raw JSON text.
fn with(field: &str, text: &str) -> ProviderResponse {
    parse(format!(r#"{{"id":"resp_1","status":"completed","{field}":{text}}}"#).as_bytes(), None).unwrap()
}

fn output(items: Value) -> Vec<Item> {
    read(json!({"id": "resp_1", "output": items})).output
}

fn text(text: &str) -> Item {
    Item::Text { text: text.into(), citations: vec![], is_final: false }
}

fn other(kind: &str) -> Item {
    Item::Other { kind: kind.into() }
}

fn unknown(kind: &str) -> Item {
    Item::Unknown { kind: kind.into() }
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
    assert_eq!((answer.error, answer.incomplete_reason), (ErrorWords::default(), None));
    let usage = Usage {
        input_tokens: 100,
        cached_tokens: 40,
        cache_write_tokens: 5,
        output_tokens: 30,
        reasoning_tokens: 20,
        web_searches: 3,
        ..Usage::default()
    };
    assert_eq!(answer.usage, Some(usage));
    assert_eq!(answer.request_id.as_deref(), Some("req_1"));
    assert_eq!(answer.raw, body.as_bytes());
}

#[test]
fn an_id_is_enough_and_any_other_field_may_be_of_any_type() {
    let bare = ProviderResponse { raw: vec![], ..read(json!({"id": "resp_1"})) };
    assert_eq!(bare.status, None);
    let fields = [
        "status",
        "model",
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
        for odd in [json!(null), json!([]), json!([1, [2]]), json!({})] {
            let answer = read(json!({"id": "resp_1", field: odd}));
            let answer = ProviderResponse { raw: vec![], output: vec![], is_usage_unread: false, ..answer };
            assert_eq!(answer, bare, "{field}: {odd}");
        }
    }
}

#[test]
fn a_number_where_a_word_should_be_is_the_word() {
    for (odd, word) in [(json!(7), "7"), (json!(-1.5), "-1.5"), (json!(true), "true")] {
        let answer =
            read(json!({"id": "resp_1", "status": odd, "model": odd, "service_tier": odd, "error": {"code": odd}}));
        let words = [answer.status, answer.model, answer.service_tier, answer.error.code];
        assert!(words.iter().all(|read| read.as_deref() == Some(word)), "{words:?}");
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
    let long = format!(r#"{{"id":"{}"}}"#, "a".repeat(1_025));
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
        r#"{"id":"re\"sp"}"#,
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
fn metadata_keeps_what_can_be_read_as_a_string_and_drops_the_rest() {
    let answer = read(json!({"id": "r", "metadata": {"a": "1", "b": 2, "c": null, "d": {"e": "f"}, "": ""}}));
    assert_eq!(
        answer.metadata,
        BTreeMap::from(
            ["a1", "b2", ""].map(|pair| (pair.get(..1).unwrap_or("").into(), pair.get(1..).unwrap_or("").into()))
        )
    );
}

#[test]
fn usage_is_unknown_without_both_totals_and_absurd_details_are_no_zeros() {
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
        let untold = u64::from(detail != "null");
        let read = Usage { input_tokens: 10, output_tokens: 5, untold, ..Usage::default() };
        assert_eq!(with("usage", &usage).usage, Some(read), "{detail}");
    }
    let most = with("usage", r#"{"input_tokens":18446744073709551615,"output_tokens":0}"#).usage.unwrap();
    assert_eq!(most.input_tokens, u64::MAX);
}

#[test]
fn an_item_of_a_kind_nobody_knows_passes_through() {
    let items = json!([{"type": "hologram", "x": 1}, {"no": "type"}, 7, {"type": "reasoning"}, {"type": "compaction"}]);
    assert_eq!(output(items), [unknown("hologram"), unknown(""), unknown(""), other("reasoning"), other("compaction")]);
}
