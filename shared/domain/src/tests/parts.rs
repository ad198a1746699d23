//! A result's typed parts, made from an answer in pieces.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::make::{a_job, a_result, finished};
use crate::contract::result::{ResultView, StoredResult, answered, view};
use crate::policy::cost::Usage;
use crate::provider::evidence::Gathered;
use crate::provider::{Citation, ErrorWords, File, Item, Outcome, ProviderResponse};
use crate::value::id::ResponseId;

fn answer(output: Vec<Item>) -> ProviderResponse {
    ProviderResponse {
        id: ResponseId::parse("resp_1").unwrap(),
        status: Some("completed".into()),
        model: None,
        service_tier: None,
        metadata: [].into(),
        output,
        error: ErrorWords::default(),
        incomplete_reason: None,
        usage: Some(Usage::default()),
        is_usage_unread: false,
        finished_at: None,
        request_id: None,
        raw: vec![],
    }
}

fn shown(output: Vec<Item>) -> Value {
    serde_json::to_value(shown_view(output)).unwrap()
}

fn shown_view(output: Vec<Item>) -> ResultView {
    let answer = answer(output);
    let job = a_job().created().running().then(finished(Outcome::Completed)).job;
    let gathered = Gathered { other: vec![a_raw_item()], ..Gathered::default() };
    let (raw, notes, records) = (vec![], vec![], vec![]);
    let kept =
        StoredResult { job, result: a_result(false), raw, edited: None, output_schema: None, notes, records, gathered };
    view(kept, &answer).unwrap()
}

/// With what no value of ours would keep: a doubled name, and a number of 22 digits.
fn a_raw_item() -> Box<RawValue> {
    RawValue::from_string(r#"{"type":"hologram","a":1,"a":9400000000000000000001}"#.to_owned()).unwrap()
}

fn text(text: &str) -> Item {
    Item::Text { text: text.into(), citations: vec![], is_final: false }
}

fn finally(text: &str) -> Item {
    Item::Text { text: text.into(), citations: vec![], is_final: true }
}

fn on_the_way(text: &str) -> Item {
    Item::Commentary { phase: "commentary".into(), text: text.into() }
}

fn cited(kind: &str) -> Citation {
    Citation {
        kind: kind.into(),
        title: Some("b.csv".into()),
        source: Some("cfile_1".into()),
        container_id: (kind == "container_file_citation").then(|| "cntr_1".into()),
        start: Some(0),
        end: Some(1),
    }
}

#[test]
fn what_was_said_on_the_way_to_the_answer_is_kept_apart_from_it() {
    let shown = shown(vec![on_the_way("4."), finally("4.")]);
    assert_eq!(shown["text"], "4.");
    assert_eq!(shown["commentary"], json!([{"phase": "commentary", "text": "4."}]));
}

#[test]
fn an_object_is_structured_whatever_was_said_before_it() {
    let label = json!({"label": "a"});
    assert_eq!(shown(vec![on_the_way("I will classify."), finally(r#"{"label":"a"}"#)])["structured"], label);
    assert_eq!(shown(vec![text("Here:"), finally(r#"{"label":"a"}"#)])["structured"], label);
    assert_eq!(shown(vec![text(r#"{"label":"a"}"#)])["structured"], label);
    assert_eq!(shown(vec![on_the_way(r#"{"label":"a"}"#)])["structured"], Value::Null);
    assert_eq!(shown(vec![finally(r#"{"label":"a"}"#), finally(r#"{"label":"b"}"#)])["structured"], Value::Null);
    assert_eq!(shown(vec![text("[1]")])["structured"], Value::Null);
}

#[test]
fn an_object_keeps_its_digits_and_half_a_surrogate_pair_does_not_take_it_away() {
    let object = shown(vec![text(r#"{"id":9400000000000000000001,"note":"\ud83d"}"#)])["structured"].to_string();
    assert_eq!(object, "{\"id\":9400000000000000000001,\"note\":\"\u{fffd}\"}");
    assert_eq!(shown(vec![text(r#"{"a":1,"a":2}"#)])["structured"], Value::Null, "it is one of two objects");
}

#[test]
fn messages_are_paragraphs_and_a_citation_keeps_its_place_among_them() {
    let second = Item::Text { text: "ß.".into(), citations: vec![cited("url_citation")], is_final: false };
    let shown = shown(vec![text("One."), second]);
    assert_eq!(shown["text"], "One.\n\nß.");
    let citation = &shown["citations"][0];
    assert_eq!((&citation["start"], &citation["end"], &citation["text"]), (&json!(6), &json!(7), &json!("ß")));
    assert_eq!((&citation["start_byte"], &citation["end_byte"]), (&json!(6), &json!(8)));
    assert_eq!((&citation["container_id"], &shown["files"]), (&Value::Null, &json!([])));
}

#[test]
fn a_place_that_its_message_does_not_have_is_no_place_in_the_next_one() {
    let at = |start, end| Citation { start, end, ..cited("url_citation") };
    for (start, end) in [
        (Some(0), Some(5)),
        (Some(4), Some(9)),
        (Some(2), Some(1)),
        (Some(u64::MAX), Some(u64::MAX)),
        (Some(0), Some(u64::MAX)),
        (None, Some(1)),
        (Some(1), None),
        (None, None),
    ] {
        let first = Item::Text { text: "a\u{1f600}b.".into(), citations: vec![at(start, end)], is_final: false };
        let shown = shown(vec![first, text("Another message.")]);
        let citation = &shown["citations"][0];
        for name in ["start", "end", "start_byte", "end_byte", "text"] {
            assert_eq!(citation[name], Value::Null, "{start:?} {end:?} {name}");
        }
        assert_eq!(citation["title"], "b.csv", "the citation itself is shown");
    }
}

#[test]
fn a_whole_text_that_is_cited_ten_thousand_times_is_repeated_no_more_than_a_megabyte() {
    let whole = "a".repeat(10_000);
    let citations = vec![Citation { start: Some(0), end: Some(10_000), ..cited("url_citation") }; 10_000];
    let (_, citations) = answered(&answer(vec![Item::Text { text: whole, citations, is_final: false }]));
    assert_eq!(citations.iter().filter(|citation| citation.text.is_some()).count(), 100);
    assert!(citations.iter().all(|citation| citation.end_byte == Some(10_000)));
}

#[test]
fn a_part_that_is_too_large_is_elsewhere_and_takes_nothing_with_it() {
    let long = "\u{1f600}".repeat(300_000);
    let call = Item::ToolCall { kind: "mcp_call".into(), input: json!({"arguments": long}), outcome: None };
    let shown = shown(vec![call, on_the_way(&long), finally(&format!(r#"{{"long":"{long}"}}"#))]);
    let job = shown["job_id"].as_str().unwrap();
    let at = |part: &str, bytes: usize| json!({"href": format!("/v1/workspaces/acme/jobs/{job}/result?part={part}"), "bytes": bytes});
    assert_eq!(shown["text"], at("text", 1_200_011));
    assert_eq!((&shown["structured"], &shown["commentary"]), (&Value::Null, &json!([])));
    let elsewhere = json!({"structured": at("structured", 1_200_011), "commentary": at("commentary", 1_200_034)});
    assert_eq!(shown["elsewhere"], elsewhere);
    assert_eq!(shown["tool_calls"][0]["input"]["arguments"], json!(long), "whoever decides must see it");
}

#[test]
fn an_item_that_nobody_knows_passes_through_untouched() {
    let shown = serde_json::to_string(&shown_view(vec![])).unwrap();
    assert!(shown.contains(a_raw_item().get()), "{shown}");
}

#[test]
fn a_file_that_a_run_made_is_listed_once_with_where_it_lies() {
    let citations = vec![cited("container_file_citation"), cited("container_file_citation"), cited("file_citation")];
    let shown = shown(vec![Item::Text { text: "It is done.".into(), citations, is_final: false }]);
    assert_eq!(shown["citations"][0]["container_id"], "cntr_1");
    let file = json!({"kind": "container_file_citation", "name": "b.csv", "media_type": null, "bytes": null,
        "sha256": null, "container_id": "cntr_1", "file_id": "cfile_1"});
    assert_eq!(shown["files"], json!([file]));
}

#[test]
fn an_image_is_a_file_and_a_kind_that_nobody_knows_is_named() {
    let image = File {
        kind: "image_generation_call".into(),
        name: Some("ig_1.png".into()),
        media_type: Some("image/png".into()),
        bytes: Some(5),
        sha256: Some("00".into()),
        ..File::default()
    };
    let shown = shown(vec![Item::File(image), Item::Unknown { kind: "hologram".into() }]);
    assert_eq!((&shown["files"][0]["name"], &shown["files"][0]["bytes"]), (&json!("ig_1.png"), &json!(5)));
    assert_eq!((&shown["unknown_items"], &shown["text"]), (&json!(["hologram"]), &json!("")));
}
