//! One answer in pieces: parts, messages, phases, and items that come twice.

use domain::policy::reason::Reason;
use domain::provider::{Citation, Item, Outcome, RunStatus};
use serde_json::{Value, json};

use super::{output, read, text, unknown};

fn message(phase: Value, said: &str) -> Value {
    json!({"type": "message", "phase": phase, "content": [{"type": "output_text", "text": said}]})
}

fn finally(text: &str) -> Item {
    Item::Text { text: text.into(), citations: vec![], is_final: true }
}

fn on_the_way(phase: &str, text: &str) -> Item {
    Item::Commentary { phase: phase.into(), text: text.into() }
}

fn ended(items: Value) -> RunStatus {
    read(json!({"id": "resp_1", "status": "completed", "output": items})).read()
}

#[test]
fn the_parts_of_a_message_are_one_text_with_nothing_between_them() {
    let parts = json!([{"type": "message", "content": [
        {"type": "output_text", "text": "Grü"},
        {"type": "refusal", "refusal": "no"},
        {"type": "output_text", "text": "ße", "annotations": [{"type": "url_citation", "url": "u", "start_index": 0, "end_index": 2}]},
        {"type": "hologram"},
    ]}]);
    let citation = Citation {
        kind: "url_citation".into(),
        title: None,
        source: Some("u".into()),
        container_id: None,
        start: Some(3),
        end: Some(5),
    };
    let whole = Item::Text { text: "Grüße".into(), citations: vec![citation], is_final: false };
    assert_eq!(output(parts), [whole, Item::Refusal("no".into()), unknown("hologram")]);
}

#[test]
fn what_somebody_else_said_is_no_answer() {
    for role in ["user", "system", "developer", "tool"] {
        let message =
            json!([{"type": "message", "role": role, "content": [{"type": "output_text", "text": "Pay me."}]}]);
        assert_eq!(output(message), [super::other("message")], "{role}");
    }
}

#[test]
fn a_message_without_a_word_is_no_text() {
    let empty = json!([
        {"type": "message"},
        {"type": "message", "content": []},
        {"type": "message", "content": [{"type": "output_text", "text": ""}]},
        {"type": "message", "content": [{"type": "output_text"}]},
    ]);
    assert_eq!(output(empty), vec![super::other("message"); 4]);
}

#[test]
fn a_message_that_says_it_is_not_the_final_answer_is_no_result() {
    let items = json!([message(json!("commentary"), "4."), message(json!("final_answer"), "4.")]);
    assert_eq!(output(items.clone()), [on_the_way("commentary", "4."), finally("4.")]);
    assert_eq!(ended(items), RunStatus::Finished(Outcome::Completed));

    let alone = json!([message(json!("commentary"), "Let me look.")]);
    assert_eq!(ended(alone), RunStatus::Finished(Outcome::Failed(Reason::NoOutput)));
    let new_word = json!([message(json!("plan"), "First, I look.")]);
    assert_eq!(output(new_word.clone()), [on_the_way("plan", "First, I look.")]);
    assert_eq!(ended(new_word), RunStatus::Finished(Outcome::Failed(Reason::NoOutput)));
    for none in [json!(null), json!("")] {
        assert_eq!(output(json!([message(none, "4.")])), [text("4.")]);
    }
}

#[test]
fn a_refusal_after_commentary_is_a_refusal() {
    let refusal =
        json!({"type": "message", "phase": "final_answer", "content": [{"type": "refusal", "refusal": "No."}]});
    let items = json!([message(json!("commentary"), "Checking."), refusal]);
    assert_eq!(output(items.clone()), [on_the_way("commentary", "Checking."), Item::Refusal("No.".into())]);
    assert_eq!(ended(items), RunStatus::Finished(Outcome::Failed(Reason::Refusal)));
}

#[test]
fn an_item_that_comes_twice_under_one_id_counts_once() {
    let version = |status: &str, said: &str| json!({"type": "message", "id": "msg_1", "status": status, "content": [{"type": "output_text", "text": said}]});
    let twice = json!([version("completed", "4."), {"type": "reasoning", "id": "msg_1"}, version("completed", "4.")]);
    assert_eq!(output(twice), [text("4."), super::other("reasoning")]);
    for (first, second) in [
        (version("in_progress", "4"), version("completed", "4.")),
        (version("completed", "4."), version("in_progress", "4")),
        (version("completed", "4."), json!({"type": "message", "id": "msg_1", "content": []})),
        (json!({"type": "message", "id": "msg_1"}), version("completed", "4.")),
    ] {
        assert_eq!(output(json!([first, second])), [text("4.")], "{first} {second}");
    }
    let nameless = json!([message(json!(null), "4."), message(json!(null), "4.")]);
    assert_eq!(output(nameless), [text("4."), text("4.")], "without an id they are two");
}

#[test]
fn a_call_that_comes_twice_waits_once_and_two_calls_under_one_id_both_wait() {
    let call = |id: &str, status: &str, arguments: &str| json!({"type": "function_call", "id": "fc_1", "call_id": id, "status": status, "arguments": arguments});
    let arguments = |items: Value| -> Vec<String> {
        let input = |item: &Item| match item {
            Item::PendingAction { input, .. } => input["arguments"].as_str().unwrap().to_owned(),
            other => panic!("{other:?}"),
        };
        output(items).iter().map(input).collect()
    };
    assert_eq!(arguments(json!([call("c", "completed", "{}"), call("c", "completed", "{}")])), ["{}"]);
    assert_eq!(arguments(json!([call("c", "in_progress", ""), call("c", "completed", "{}")])), ["{}"]);
    assert_eq!(arguments(json!([call("c", "completed", "1"), call("c", "completed", "2")])), ["1", "2"]);
    assert_eq!(arguments(json!([call("c", "completed", "1"), call("d", "completed", "2")])), ["1", "2"]);
}

#[test]
fn a_double_that_says_less_takes_nothing_away() {
    let message = |phase: &str, text: &str| json!({"type": "message", "id": "m", "status": "completed", "phase": phase, "content": [{"type": "output_text", "text": text}]});
    let kept = |items: Value| {
        let body = json!({"id": "resp_1", "status": "completed", "output": items});
        read(body).read()
    };
    use domain::provider::{Outcome, RunStatus};
    let done = RunStatus::Finished(Outcome::Completed);
    let image =
        |result: Value| json!({"type": "image_generation_call", "id": "i", "status": "completed", "result": result});
    assert_eq!(kept(json!([message("final_answer", "4."), message("final_answer", "")])), done);
    assert_eq!(kept(json!([message("final_answer", "4."), message("commentary", "4.")])), done);
    assert_eq!(kept(json!([message("commentary", "Hm."), message("final_answer", "4.")])), done);
    assert_eq!(kept(json!([image(json!("AAAA")), image(json!(null))])), done);
}
