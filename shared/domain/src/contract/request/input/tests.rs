//! Inputs as callers give them: what is taken, and each refusal by its path.

use serde_json::{Value, json};

use super::super::fields::MOST_ERRORS;
use super::*;

const USUAL: [InputKind; 2] = [InputKind::Image, InputKind::File];

fn user(content: Value) -> Value {
    json!({"type": "message", "role": "user", "content": content})
}

fn paths(input: &Value, taken: &[InputKind]) -> Vec<String> {
    let mut paths: Vec<String> = check(input, taken).into_iter().map(|error| error.field).collect();
    paths.sort();
    paths
}

/// One part of a user's message, and by which paths it is refused.
#[track_caller]
fn part(part: Value, taken: &[InputKind], by: &[&str]) {
    let found = paths(&json!([user(json!([part.clone()]))]), taken);
    let by: Vec<String> = by.iter().map(|name| format!("input[0].content[0]{name}")).collect();
    assert_eq!(found, by, "{part}");
}

#[track_caller]
fn item(item: Value, taken: &[InputKind], by: &[&str]) {
    let found = paths(&json!([item.clone()]), taken);
    let by: Vec<String> = by.iter().map(|name| format!("input[0]{name}")).collect();
    assert_eq!(found, by, "{item}");
}

fn image() -> Value {
    json!({"type": "input_image", "detail": "high", "image_url": "data:image/png;base64,aGk="})
}

#[test]
fn what_a_user_says_and_shows_is_taken() {
    let input = json!([
        {"role": "user", "content": "What is this?"},
        user(json!([
            {"type": "input_text", "text": "", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
            image(),
            {"type": "input_image", "image_url": "data:image/webp;base64,aGk=", "file_id": null, "detail": null},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="},
            {"type": "input_file", "file_data": "aGk=", "detail": "low"},
        ])),
    ]);
    assert_eq!(paths(&input, &USUAL), [""; 0]);
    assert_eq!(paths(&json!("type: mcp_approval_response"), &[]), [""; 0]);
    assert_eq!(paths(&json!([{"role": "user", "content": "x", "status": "completed"}]), &[]), [""; 0]);
}

#[test]
fn nothing_plays_the_developer_or_the_model() {
    for role in ["developer", "system", "assistant", "tool", "critic", "User", "user ", ""] {
        item(json!({"role": role, "content": "x"}), &USUAL, &[".role"]);
        item(
            json!({"type": "message", "role": role, "content": [{"type": "input_text", "text": "x"}]}),
            &USUAL,
            &[".role"],
        );
    }
    for role in [json!(null), json!(["user"]), json!(7)] {
        item(json!({"role": role, "content": "x"}), &USUAL, &[".role"]);
    }
    item(json!({"content": "x"}), &USUAL, &[".role"]);
    part(json!({"type": "output_text", "text": "x"}), &InputKind::ALL, &[".type"]);
    item(json!({"role": "user", "phase": "final_answer", "content": "x"}), &InputKind::ALL, &[".phase"]);
}

/// Every other kind of item that the provider knows, whatever a type takes.
#[test]
fn nothing_approves_a_call_answers_one_or_refers_to_what_others_said() {
    let kinds = [
        "additional_tools",
        "apply_patch_call",
        "apply_patch_call_output",
        "code_interpreter_call",
        "compaction",
        "compaction_trigger",
        "computer_call",
        "computer_call_output",
        "configuration_update",
        "custom_tool_call",
        "custom_tool_call_output",
        "file_search_call",
        "function_call",
        "function_call_output",
        "image_generation_call",
        "item_reference",
        "local_shell_call",
        "local_shell_call_output",
        "mcp_approval_request",
        "mcp_approval_response",
        "mcp_call",
        "mcp_list_tools",
        "program",
        "program_output",
        "reasoning",
        "shell_call",
        "shell_call_output",
        "tool_search_call",
        "tool_search_output",
        "web_search_call",
        "Message",
        "input_text",
        "what comes next",
    ];
    for kind in kinds {
        item(
            json!({"type": kind, "id": "msg_1", "approve": true, "role": "user", "content": "x"}),
            &InputKind::ALL,
            &[".type"],
        );
    }
    item(json!({"type": null, "id": "msg_1"}), &InputKind::ALL, &[".type"]);
    item(json!({"type": ["message"], "role": "user", "content": "x"}), &InputKind::ALL, &[".type"]);
    // A reference has no need of a type.
    item(json!({"id": "msg_1"}), &InputKind::ALL, &[".role"]);
    item(json!({"id": "msg_1", "role": "user", "content": "x"}), &InputKind::ALL, &[".id"]);
}

#[test]
fn what_the_provider_would_fetch_or_look_up_is_taken_only_where_a_type_says_so() {
    let shown = |url: &str| json!({"type": "input_image", "image_url": url});
    for url in ["https://example.com/a.png", "http://169.254.169.254/", "HTTPS://EXAMPLE.COM"] {
        part(shown(url), &USUAL, &[".image_url"]);
        part(shown(url), &[InputKind::ImageUrl], &[]);
    }
    let linked = json!({"type": "input_file", "file_url": "https://example.com/a.pdf"});
    part(linked.clone(), &USUAL, &[".file_url"]);
    part(linked, &[InputKind::FileUrl], &[]);
    for kind in ["input_image", "input_file"] {
        let kept = json!({"type": kind, "file_id": "file-6F2ksmvXxt4VdoqmHRw6kL"});
        part(kept.clone(), &USUAL, &[".file_id"]);
        part(kept, &[InputKind::FileId], &[]);
        part(json!({"type": kind, "file_id": "../x"}), &[InputKind::FileId], &[".file_id"]);
    }
    part(image(), &[], &[".image_url"]);
    part(json!({"type": "input_file", "file_data": "aGk="}), &[], &[".file_data"]);
}

#[test]
fn an_address_in_disguise_is_no_content() {
    for url in [
        "//example.com/a.png",
        " https://example.com",
        "https://user:pw@example.com/a.png",
        "ftp://example.com/a.png",
        "file:///etc/passwd",
        "data:text/html;base64,aGk=",
        "data:image/png,x",
        "javascript:x",
        "https://",
        "",
    ] {
        part(json!({"type": "input_image", "image_url": url}), &InputKind::ALL, &[".image_url"]);
    }
    for data in ["https://example.com/a.pdf", "data:application/pdf;base64,https://a", "", "file:x"] {
        part(json!({"type": "input_file", "file_data": data}), &InputKind::ALL, &[".file_data"]);
    }
    part(json!({"type": "input_image", "image_url": {"url": "https://example.com"}}), &InputKind::ALL, &[".image_url"]);
    part(
        json!({"type": "input_file", "file_url": "data:application/pdf;base64,aGk="}),
        &InputKind::ALL,
        &[".file_url"],
    );
}

#[test]
fn an_image_or_a_file_comes_from_one_place() {
    let both = json!({"type": "input_image", "image_url": "data:image/png;base64,aGk=", "file_id": "file-1"});
    part(both, &InputKind::ALL, &[""]);
    part(json!({"type": "input_image"}), &InputKind::ALL, &[""]);
    part(json!({"type": "input_file", "filename": "a.pdf"}), &InputKind::ALL, &[""]);
    part(json!({"type": "input_file", "file_data": "aGk=", "file_url": "https://a"}), &InputKind::ALL, &[""]);
}

#[test]
fn an_unknown_field_is_refused_by_its_path() {
    let input = json!([
        user(json!("fine")),
        {"role": "user", "content": "x", "previous_response_id": "resp_1", "conversation": "conv_1"},
        {"role": "user", "content": "x", "container": "cntr_1"},
        user(json!([{"type": "input_text", "text": "x"}, {"type": "input_text", "text": "x", "file_id": "file-1"}])),
        user(json!([{"type": "input_audio", "input_audio": {}}, {"text": "x"}, "x", {"type": "input_text"}])),
        user(json!([{"type": "input_text", "text": "x", "prompt_cache_breakpoint": {"mode": "implicit", "x": 1}}])),
        "x",
    ]);
    assert_eq!(
        paths(&input, &InputKind::ALL),
        [
            "input[1].conversation",
            "input[1].previous_response_id",
            "input[2].container",
            "input[3].content[1].file_id",
            "input[4].content[0].type",
            "input[4].content[1].type",
            "input[4].content[2]",
            "input[4].content[3].text",
            "input[5].content[0].prompt_cache_breakpoint.mode",
            "input[5].content[0].prompt_cache_breakpoint.x",
            "input[6]",
        ]
    );
    for content in [json!(""), json!([]), json!(null), json!(7), json!({"text": "x"})] {
        item(user(content), &USUAL, &[".content"]);
    }
    item(json!({"role": "user"}), &USUAL, &[".content"]);
}

#[test]
fn a_type_may_take_what_others_said_before() {
    let taken = [InputKind::AssistantMessage];
    let turn = |part: Value| json!({"role": "assistant", "phase": "final_answer", "content": [part]});
    item(turn(json!({"type": "output_text", "text": "Four.", "annotations": []})), &taken, &[]);
    item(turn(json!({"type": "refusal", "refusal": "No."})), &taken, &[]);
    item(json!({"role": "assistant", "content": "Four."}), &taken, &[]);
    let cited = json!([{"type": "file_citation", "file_id": "file-1", "filename": "a", "index": 0}]);
    item(turn(json!({"type": "output_text", "text": "x", "annotations": cited})), &taken, &[".content[0].annotations"]);
    item(turn(json!({"type": "input_image", "image_url": "https://a"})), &InputKind::ALL, &[".content[0].type"]);
    item(json!({"role": "assistant", "id": "msg_1", "content": "x"}), &taken, &[".id"]);
    item(json!({"role": "developer", "content": "x"}), &taken, &[".role"]);
    for role in ["developer", "system"] {
        item(json!({"role": role, "content": "Be brief."}), &[InputKind::DeveloperMessage], &[]);
        item(json!({"role": role, "content": [image()]}), &InputKind::ALL, &[".content[0].type"]);
    }
    item(json!({"role": "assistant", "content": "x"}), &[InputKind::DeveloperMessage], &[".role"]);
}

#[test]
fn a_thousand_wrong_items_bring_no_thousand_complaints() {
    let bad = json!({"type": "item_reference", "id": "msg_1"});
    assert_eq!(paths(&json!(vec![bad; 1_000]), &USUAL).len(), MOST_ERRORS);
    let parts = user(json!(vec![json!({}); 100_000]));
    assert_eq!(paths(&json!([parts]), &USUAL).len(), MOST_ERRORS);
    let mut fields: Map<String, Value> =
        (0..10_000).map(|n| (format!("f{n}\u{7}{}", "x".repeat(99)), json!(1))).collect();
    fields.insert("role".to_owned(), json!("user"));
    let errors = check(&json!([fields]), &USUAL);
    assert_eq!(errors.len(), MOST_ERRORS);
    assert!(errors.iter().all(|error| error.field.len() < 60 && !error.field.contains(char::is_control)));
}

#[test]
fn each_kind_has_the_word_that_a_type_gives_it() {
    for kind in InputKind::ALL {
        assert_eq!(json!(kind), json!(kind.word()));
    }
}
