//! What a response puts out: canned text in the items of its model, or the items that a plan names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::model::Model;
use super::request::Request;
use super::response::{Response, Status};
use super::sample;
use super::script::{Output, raw};

const LARGE: &str = "Canned by a simulator, and long. ";

/// The items, each as it goes over the wire.
pub(super) fn items(response: &Response, model: Model<'_>) -> Vec<Box<RawValue>> {
    let text = response.output().text(&response.request);
    let content = match response.output() {
        Output::Nothing => return vec![],
        Output::Items(items) => return items.clone(),
        Output::InSchema(items) => return sample::in_schema(&response.request, items),
        Output::Text | Output::HalfText | Output::Large | Output::Own(_) => {
            json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
        }
        Output::Refusal => json!({"type": "refusal", "refusal": text}),
    };
    let status = if response.status == Status::Incomplete { "incomplete" } else { "completed" };
    let own = response.id.trim_start_matches("resp_");
    let mut message = json!({
        "id": format!("msg_{own}"),
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": [content],
    });
    if let (Some(message), true) = (message.as_object_mut(), model.has_phases()) {
        message.insert("phase".to_owned(), json!("final_answer"));
    }
    let reasoning = json!({
        "id": format!("rs_{own}"),
        "type": "reasoning",
        "summary": [],
        "encrypted_content": STANDARD.encode(format!("Nothing was thought here. {own}")),
    });
    let reasoning = model.reasons().then_some(reasoning);
    reasoning.iter().chain([&message]).map(raw).collect()
}

impl Output {
    pub(super) fn text(&self, request: &Request) -> String {
        match self {
            Output::Nothing => String::new(),
            Output::Refusal => "I cannot help with that. (Canned by a simulator.)".to_owned(),
            Output::Text => sample::keeping(request).unwrap_or_else(|| canned(request)),
            Output::Large => LARGE.repeat(20 * 1024 * 1024 / LARGE.len()),
            Output::Own(text) => text.clone(),
            Output::Items(items) | Output::InSchema(items) => items.iter().map(|item| item.get()).collect(),
            Output::HalfText => {
                let text = canned(request);
                text.chars().take(text.chars().count() / 2).collect()
            }
        }
    }
}

fn canned(request: &Request) -> String {
    format!(
        "This text is canned. No model wrote it: it comes from a simulator of the OpenAI Responses API. \
         The request named the model {} and carried an input of {} bytes; nobody has read either. \
         What you see proves that the machinery around a job works: the request was accepted, it waited in a queue, \
         it ran in the background, its end was announced, and this result was fetched, stored and shown. \
         It says nothing about how well a model would have answered. For a real answer, start the same job with \
         an API key of your own; everything but this text stays as it is.",
        request.model, request.input_bytes
    )
}

#[derive(Deserialize, Default)]
struct Kind<'a> {
    #[serde(rename = "type", default)]
    kind: &'a str,
}

fn kind(item: &RawValue) -> &str {
    serde_json::from_str::<Kind<'_>>(item.get()).unwrap_or_default().kind
}

pub(super) fn is_tool(item: &RawValue) -> bool {
    kind(item).ends_with("_call")
}

/// Web searches, file searches, and whether code ran in a container.
pub(super) fn calls(response: &Response) -> (u64, u64, bool) {
    let (Output::Items(items) | Output::InSchema(items)) = response.output() else { return (0, 0, false) };
    let count = |word: &str| items.iter().filter(|item| kind(item) == word).count() as u64;
    (count("web_search_call"), count("file_search_call"), count("code_interpreter_call") > 0)
}

/// Searches as billed, one for each item; of images, the tokens of none: a plan with an image says its own.
pub(super) fn tool_usage(items: &[Box<RawValue>]) -> Value {
    let searches = items.iter().filter(|item| kind(item) == "web_search_call").count();
    json!({
        "web_search": {"num_requests": searches},
        "image_gen": {
            "input_tokens": 0,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "total_tokens": 0,
        },
    })
}
