//! Input items: the user's messages with text, images and files, and what else a job type takes. An allow-list.

use serde_json::{Map, Value};

use super::FieldError;
use super::address::{Web, is_base64, is_data};
use super::shape::{Faults, Field, Rule, check_fields, each, given, optional, required};
use crate::policy::job_type::InputKind;

/// Everything that is wrong with the items of an input, by path. A text is always fine.
pub fn check(input: &Value, taken: &[InputKind]) -> Vec<FieldError> {
    let mut faults = Faults::default();
    if let Value::Array(items) = input {
        each("input", items, &mut faults, |path, item, faults| check_item(path, item, taken, faults));
    }
    faults.into_errors()
}

/// Who speaks in a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaker {
    User,
    Assistant,
    Developer,
}

fn check_item(path: &str, item: &Value, taken: &[InputKind], faults: &mut Faults) {
    let Some(item) = item.as_object() else { return faults.add(path, "must be an object") };
    if item.get("type").is_some_and(|kind| kind != "message") {
        return faults.add(
            &format!("{path}.type"),
            "must be message: calls, answers to them, approvals and references are not taken as input",
        );
    }
    let role = format!("{path}.role");
    let (speaker, kind) = match item.get("role").and_then(Value::as_str) {
        Some("user") => (Speaker::User, None),
        Some("assistant") => (Speaker::Assistant, Some(InputKind::AssistantMessage)),
        Some("developer" | "system") => (Speaker::Developer, Some(InputKind::DeveloperMessage)),
        _ => return faults.add(&role, "must be user"),
    };
    if let Some(kind) = kind.filter(|kind| !taken.contains(kind)) {
        return refuse(&role, kind, faults);
    }
    check_fields(path, item, fields_of(speaker), faults);
    let content = format!("{path}.content");
    match given(item, "content") {
        Some(Value::String(text)) if !text.is_empty() => {}
        Some(Value::Array(parts)) if !parts.is_empty() => each(&content, parts, faults, |path, part, faults| {
            check_part(path, part, speaker, taken, faults);
        }),
        _ => faults.add(&content, "must be a text or a list of parts, and not empty"),
    }
}

/// Looked at on its own.
const ANY: Rule = Rule::Own(|_, _, _| {});

const STATUS: Rule = Rule::Word(&["in_progress", "completed", "incomplete"]);

const MESSAGE: [Field; 4] =
    [optional("type", ANY), optional("role", ANY), optional("content", ANY), optional("status", STATUS)];

const TURN: [Field; 5] = [
    optional("type", ANY),
    optional("role", ANY),
    optional("content", ANY),
    optional("status", STATUS),
    optional("phase", Rule::Word(&["commentary", "final_answer"])),
];

const fn fields_of(speaker: Speaker) -> &'static [Field] {
    match speaker {
        Speaker::User | Speaker::Developer => &MESSAGE,
        Speaker::Assistant => &TURN,
    }
}

const BREAKPOINT: Rule =
    Rule::Object(&[required("mode", Rule::Word(&["explicit"])), optional("ttl", Rule::Word(&["30m", "12h"]))]);

const TEXT: [Field; 3] =
    [required("type", ANY), required("text", Rule::Own(any_text)), optional("prompt_cache_breakpoint", BREAKPOINT)];

const IMAGE: [Field; 5] = [
    required("type", ANY),
    optional("detail", Rule::Word(&["low", "high", "auto", "original"])),
    optional("image_url", ANY),
    optional("file_id", ANY),
    optional("prompt_cache_breakpoint", BREAKPOINT),
];

const FILE: [Field; 7] = [
    required("type", ANY),
    optional("detail", Rule::Word(&["low", "high", "auto"])),
    optional("filename", Rule::Text(255)),
    optional("file_data", ANY),
    optional("file_url", ANY),
    optional("file_id", ANY),
    optional("prompt_cache_breakpoint", BREAKPOINT),
];

/// Citations and probabilities come with an answer and name files of the provider: a caller has none to tell.
const SAID: [Field; 4] = [
    required("type", ANY),
    required("text", Rule::Own(any_text)),
    optional("annotations", Rule::Own(nothing)),
    optional("logprobs", Rule::Own(nothing)),
];

const REFUSED: [Field; 2] = [required("type", ANY), required("refusal", Rule::Own(any_text))];

fn any_text(path: &str, value: &Value, faults: &mut Faults) {
    if !value.is_string() {
        faults.add(path, "must be a string");
    }
}

fn nothing(path: &str, value: &Value, faults: &mut Faults) {
    if value.as_array().is_none_or(|list| !list.is_empty()) {
        faults.add(path, "must be an empty list");
    }
}

fn check_part(path: &str, part: &Value, speaker: Speaker, taken: &[InputKind], faults: &mut Faults) {
    let Some(part) = part.as_object() else { return faults.add(path, "must be an object") };
    let kind = part.get("type").and_then(Value::as_str);
    match (speaker, kind) {
        (Speaker::User | Speaker::Developer, Some("input_text")) => check_fields(path, part, &TEXT, faults),
        (Speaker::User, Some("input_image")) => {
            check_fields(path, part, &IMAGE, faults);
            check_source(path, part, &["image_url", "file_id"], taken, faults);
        }
        (Speaker::User, Some("input_file")) => {
            check_fields(path, part, &FILE, faults);
            check_source(path, part, &["file_data", "file_url", "file_id"], taken, faults);
        }
        (Speaker::Assistant, Some("output_text")) => check_fields(path, part, &SAID, faults),
        (Speaker::Assistant, Some("refusal")) => check_fields(path, part, &REFUSED, faults),
        (speaker, _) => {
            let rule = match speaker {
                Speaker::User => "must be input_text, input_image or input_file",
                Speaker::Assistant => "must be output_text or refusal",
                Speaker::Developer => "must be input_text",
            };
            faults.add(&format!("{path}.type"), rule);
        }
    }
}

/// Where an image or a file comes from: one place, of a kind that the type takes.
fn check_source(path: &str, part: &Map<String, Value>, names: &[&str], taken: &[InputKind], faults: &mut Faults) {
    let mut sources = names.iter().filter_map(|name| Some((*name, given(part, name)?)));
    let (Some((name, value)), None) = (sources.next(), sources.next()) else {
        return faults.add(path, &format!("must have exactly one of {}", names.join(", ")));
    };
    let path = format!("{path}.{name}");
    let Some(text) = value.as_str() else { return faults.add(&path, "must be a string") };
    let is_web = Web::parse(text).is_some_and(|web| !web.has_user);
    let kind = match name {
        "file_id" if is_id(text) => InputKind::FileId,
        "file_id" => return faults.add(&path, "must be an id of 1 to 128 letters, digits, _ and -"),
        "file_data" if is_data(text, "") || is_base64(text) => InputKind::File,
        "file_data" => return faults.add(&path, "must be the file in base64, alone or as a data: URL"),
        "image_url" if is_data(text, "image/") => InputKind::Image,
        "image_url" if is_web => InputKind::ImageUrl,
        "image_url" => return faults.add(&path, "must be an image as a data: URL in base64"),
        "file_url" if is_web => InputKind::FileUrl,
        _ => return faults.add(&path, "must be an http or https URL without a user"),
    };
    if !taken.contains(&kind) {
        refuse(&path, kind, faults);
    }
}

fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-')
}

fn refuse(path: &str, kind: InputKind, faults: &mut Faults) {
    let message = format!("is not taken by this job type: {} is not among its input_items", kind.word());
    faults.add(path, &message);
}

#[cfg(test)]
mod tests;
