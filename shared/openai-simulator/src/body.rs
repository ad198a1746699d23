//! A response as a GET shows it, with every field that the real one echoes.

use serde_json::{Map, Value, json};

use super::request::Request;
use super::response::{Response, Status};
use super::script::Output;

const LARGE: &str = "Canned by a simulator, and long. ";

pub(super) fn render(response: &Response) -> Value {
    let sent = |name, default: Value| sent(&response.request.fields, name, default);
    let (ending, ended_at_ms) = response.end.as_ref().map(|(ending, at_ms)| (ending, *at_ms)).unzip();
    let error = ending.and_then(|end| end.error.as_ref());
    let incomplete_reason = ending.and_then(|end| end.incomplete_reason.as_ref());
    let mut body = json!({
        "id": response.id,
        "object": "response",
        "created_at": response.created_at_ms / 1000,
        "completed_at": ended_at_ms.filter(|_| response.status == Status::Completed).map(|ms| ms / 1000),
        "status": response.status,
        "background": response.request.background,
        "conversation": sent("conversation", Value::Null),
        "error": error.map(|code| json!({"code": code, "message": "The simulator was asked to fail this response."})),
        "incomplete_details": incomplete_reason.map(|reason| json!({"reason": reason})),
        "instructions": sent("instructions", Value::Null),
        "max_output_tokens": sent("max_output_tokens", Value::Null),
        "max_tool_calls": sent("max_tool_calls", Value::Null),
        "metadata": response.request.metadata,
        "model": response.request.model,
        "moderation": sent("moderation", Value::Null),
        "output": output(response),
        "parallel_tool_calls": sent("parallel_tool_calls", json!(true)),
        "previous_response_id": sent("previous_response_id", Value::Null),
        "prompt_cache_key": sent("prompt_cache_key", Value::Null),
        "prompt_cache_options": sent("prompt_cache_options", Value::Null),
        "prompt_cache_retention": sent("prompt_cache_retention", Value::Null),
        "reasoning": sent("reasoning", json!({"effort": null, "summary": null})),
        "safety_identifier": sent("safety_identifier", Value::Null),
        "service_tier": service_tier(sent("service_tier", Value::Null)),
        "store": sent("store", json!(true)),
        "temperature": sent("temperature", json!(1.0)),
        "text": sent("text", json!({"format": {"type": "text"}, "verbosity": "medium"})),
        "tool_choice": sent("tool_choice", json!("auto")),
        "tools": sent("tools", json!([])),
        "top_logprobs": sent("top_logprobs", json!(0)),
        "top_p": sent("top_p", json!(1.0)),
        "truncation": sent("truncation", json!("disabled")),
        "usage": response.usage(),
        "user": sent("user", Value::Null),
    });
    if let Some(body) = body.as_object_mut() {
        for (field, value) in &response.shown_instead {
            match value {
                Value::Null => body.remove(field),
                value => body.insert(field.clone(), value.clone()),
            };
        }
    }
    body
}

fn sent(fields: &Map<String, Value>, name: &str, default: Value) -> Value {
    fields.get(name).filter(|value| !value.is_null()).cloned().unwrap_or(default)
}

/// The tier that a request really got: OpenAI reports `fast` back as `priority`, and never `auto`.
fn service_tier(asked: Value) -> Value {
    match asked.as_str() {
        None | Some("auto") => json!("default"),
        Some("fast") => json!("priority"),
        Some(_) => asked,
    }
}

fn output(response: &Response) -> Value {
    let text = response.output().text(&response.request);
    let content = match response.output() {
        Output::Nothing => return json!([]),
        Output::Text | Output::HalfText | Output::Large | Output::Own(_) => {
            json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
        }
        Output::Refusal => json!({"type": "refusal", "refusal": text}),
    };
    let status = if response.status == Status::Incomplete { "incomplete" } else { "completed" };
    let own = response.id.trim_start_matches("resp_");
    json!([
        {"id": format!("rs_{own}"), "type": "reasoning", "summary": []},
        {
            "id": format!("msg_{own}"),
            "type": "message",
            "role": "assistant",
            "status": status,
            "content": [content],
        },
    ])
}

impl Output {
    pub(super) fn text(&self, request: &Request) -> String {
        match self {
            Output::Nothing => String::new(),
            Output::Refusal => "I cannot help with that. (Canned by a simulator.)".to_owned(),
            Output::Text => canned(request),
            Output::Large => LARGE.repeat(20 * 1024 * 1024 / LARGE.len()),
            Output::Own(text) => text.clone(),
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
