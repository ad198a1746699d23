//! Files that a run made, and the sources that its text points to.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use domain::policy::reason::Reason;
use domain::provider::{Citation, File, Item, Outcome, RunStatus};
use domain::value::id::Digest;
use serde_json::{Value, json};

use super::{output, read};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

fn files(items: Value) -> Vec<File> {
    let file = |item: Item| if let Item::File(file) = item { Some(file) } else { None };
    output(items).into_iter().filter_map(file).collect()
}

fn image(result: Value) -> Value {
    json!([{"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": result}])
}

fn hex(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string().trim_start_matches("sha256:").to_owned()
}

#[test]
fn an_image_is_a_file_with_the_digest_of_its_content() {
    let png = File {
        kind: "image_generation_call".into(),
        name: Some("ig_1.png".into()),
        media_type: Some("image/png".into()),
        bytes: Some(PNG.len() as u64),
        sha256: Some(hex(PNG)),
        ..File::default()
    };
    let encoded = BASE64_STANDARD.encode(PNG);
    for result in [
        encoded.clone(),
        BASE64_STANDARD_NO_PAD.encode(PNG),
        format!("data:image/png;base64,{encoded}"),
        format!("{}\n{}", &encoded[..8], &encoded[8..]),
    ] {
        assert_eq!(files(image(json!(result))), std::slice::from_ref(&png), "{result}");
    }
    let call =
        Item::ToolCall { kind: "image_generation_call".into(), input: json!({}), outcome: Some("completed".into()) };
    assert_eq!(output(image(json!(encoded))), [call, Item::File(png)]);
}

#[test]
fn an_answer_with_an_image_and_no_text_is_completed_and_one_without_either_is_not() {
    let ended = |items: Value| read(json!({"id": "r", "status": "completed", "output": items})).read();
    assert_eq!(ended(image(json!(BASE64_STANDARD.encode(PNG)))), RunStatus::Finished(Outcome::Completed));
    for nothing in [json!(null), json!("")] {
        assert_eq!(ended(image(nothing)), RunStatus::Finished(Outcome::Partial(Reason::OnlyToolCalls)));
    }
    let call = json!([{"type": "mcp_call", "name": "send", "arguments": "{}", "status": "completed"}]);
    assert_eq!(ended(call), RunStatus::Finished(Outcome::Partial(Reason::OnlyToolCalls)));
    assert_eq!(ended(json!([{"type": "hologram"}])), RunStatus::Finished(Outcome::Partial(Reason::UnknownOutput)));
    assert_eq!(ended(json!([{"type": "reasoning"}])), RunStatus::Finished(Outcome::Failed(Reason::NoOutput)));
}

#[test]
fn an_image_of_a_form_that_nobody_expects_is_a_file_all_the_same() {
    let of = |result: &str, format: Value| {
        let items = json!([{"type": "image_generation_call", "id": "../x", "output_format": format, "result": result}]);
        let file = files(items).remove(0);
        (file.name.unwrap_or_default(), file.media_type, file.bytes)
    };
    let svg = BASE64_STANDARD.encode("<svg/>");
    assert_eq!(of(&svg, json!(null)), ("image.svg".into(), Some("image/svg+xml".into()), Some(6)));
    assert_eq!(of("AAAA", json!("webp")), ("image.webp".into(), Some("image/webp".into()), Some(3)));
    assert_eq!(of("AAAA", json!(null)), ("image".into(), None, Some(3)));
    assert_eq!(of("not base64!", json!("png")), ("image.png".into(), Some("image/png".into()), None));
    let linked = files(image(json!("https://example.com/a.png"))).remove(0);
    assert_eq!((linked.url.as_deref(), linked.sha256), (Some("https://example.com/a.png"), None));
}

#[test]
fn a_chart_that_code_drew_is_a_file() {
    let items = json!([{"type": "code_interpreter_call", "id": "ci_1", "container_id": "cntr_1", "outputs": [
        {"type": "logs", "logs": "3"}, {"type": "image", "url": "https://example.com/chart.png"}, {"type": "image", "url": ""}]}]);
    let chart = File {
        kind: "code_interpreter_call".into(),
        container_id: Some("cntr_1".into()),
        url: Some("https://example.com/chart.png".into()),
        ..File::default()
    };
    assert_eq!(files(items), [chart]);
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
        {"type": "url_citation", "url_citation": {"start_index": 1, "end_index": 2, "title": "B", "url": "https://e.com"}},
    ]);
    let cite = |kind: &str, title: Option<&str>, source: Option<&str>, range: Option<(u64, u64)>| Citation {
        kind: kind.into(),
        title: title.map(Into::into),
        source: source.map(Into::into),
        container_id: (kind == "container_file_citation").then(|| "cntr_1".into()),
        start: range.map(|range| range.0),
        end: range.map(|range| range.1),
    };
    let citations = vec![
        cite("url_citation", Some("A page"), Some("https://example.com/a"), Some((2, 9))),
        cite("file_citation", Some("a.pdf"), Some("file_1"), None),
        cite("container_file_citation", Some("b.csv"), Some("cfile_1"), Some((0, 4))),
        cite("file_path", None, Some("file_2"), None),
        cite("star_chart", None, None, None),
        cite("url_citation", Some("B"), Some("https://e.com"), Some((1, 2))),
    ];
    let message = json!([{"type": "message", "content": [
        {"type": "output_text", "text": "a long text", "annotations": annotations}
    ]}]);
    assert_eq!(output(message), [Item::Text { text: "a long text".into(), citations, is_final: false }]);
}
