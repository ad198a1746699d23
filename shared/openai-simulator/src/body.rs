//! A response as a GET shows it, with every field that the real one echoes.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::model::Model;
use super::output;
use super::response::{Response, Status};
use super::script::raw;

/// These are left out when there is nothing to say: the Node SDK's types know no null in them.
const NEVER_NULL: [&str; 3] = ["prompt_cache_options", "usage", "user"];

/// The fields of one answer, each as the text that goes over the wire.
#[derive(Debug, Clone)]
pub(super) struct Rendered(BTreeMap<String, Box<RawValue>>);

impl Rendered {
    /// The id comes first, as in the real one's answers.
    pub(super) fn to_json(&self) -> String {
        self.under_id(self.0.get("id").map_or("null", |id| id.get()))
    }

    /// The same with this JSON as its id.
    pub(super) fn under_id(&self, id: &str) -> String {
        let mut text = format!(r#"{{"id":{id}"#);
        for (name, value) in self.0.iter().filter(|(name, _)| *name != "id") {
            text.push_str(&format!(",{}:", Value::from(name.as_str())));
            text.push_str(value.get());
        }
        text.push('}');
        text
    }
}

pub(super) fn render(response: &Response) -> Rendered {
    let sent = |name, default: Value| sent(&response.request.fields, name, default);
    let ending = response.end.as_ref().map(|(ending, _)| ending);
    let error = ending.and_then(|end| end.error.as_ref());
    let incomplete_reason = ending.and_then(|end| end.incomplete_reason.as_ref());
    let model = Model::of(&response.request.model);
    let mut fields = json!({
        "id": response.id,
        "access_programs": sent("access_programs", Value::Null),
        "object": "response",
        "created_at": response.created_at_ms / 1000,
        "completed_at": completed_at(response),
        "status": response.status,
        "background": response.request.background,
        "conversation": conversation(sent("conversation", Value::Null)),
        "error": error.map(|error| json!({
            "code": error.code,
            "type": error.kind,
            "param": null,
            "message": "The simulator was asked to fail this response.",
        })),
        "incomplete_details": incomplete_reason.map(|reason| json!({"reason": reason})),
        "instructions": sent("instructions", Value::Null),
        "max_output_tokens": sent("max_output_tokens", Value::Null),
        "max_tool_calls": sent("max_tool_calls", Value::Null),
        "metadata": response.request.metadata,
        "model": response.request.model,
        "parallel_tool_calls": sent("parallel_tool_calls", json!(true)),
        "previous_response_id": sent("previous_response_id", Value::Null),
        "prompt_cache_key": sent("prompt_cache_key", Value::Null),
        "prompt_cache_options": cache_options(sent("prompt_cache_options", Value::Null)),
        "prompt_cache_retention": sent("prompt_cache_retention", Value::Null),
        "reasoning": with_defaults(json!({"effort": model.usual_effort(), "summary": null}), sent("reasoning", json!({}))),
        "safety_identifier": sent("safety_identifier", Value::Null),
        "service_tier": model.tier_served(sent("service_tier", Value::Null).as_str()),
        "store": sent("store", json!(true)),
        "temperature": sent("temperature", json!(1.0)),
        "text": with_defaults(json!({"format": {"type": "text"}, "verbosity": "medium"}), sent("text", json!({}))),
        "tool_choice": sent("tool_choice", json!("auto")),
        "tools": without_credentials(sent("tools", json!([]))),
        "top_logprobs": sent("top_logprobs", json!(0)),
        "top_p": sent("top_p", json!(1.0)),
        "truncation": sent("truncation", json!("disabled")),
        "usage": response.usage(),
        "user": sent("user", Value::Null),
    });
    if let Some(fields) = fields.as_object_mut() {
        fields.retain(|name, value| !(value.is_null() && NEVER_NULL.contains(&name.as_str())));
    }
    let output = output::items(response, model);
    let uses_tools = !response.request.tools().is_empty() || output.iter().any(|item| output::is_tool(item));
    if let (Some(fields), true) = (fields.as_object_mut(), uses_tools && response.status.is_terminal()) {
        fields.insert("tool_usage".to_owned(), output::tool_usage(&output));
    }
    let fields = fields.as_object_mut().map(std::mem::take).unwrap_or_default();
    let mut fields: BTreeMap<_, _> = fields.into_iter().map(|(name, value)| (name, raw(&value))).collect();
    let items: Vec<&str> = output.iter().map(|item| item.get()).collect();
    fields.insert("output".to_owned(), RawValue::from_string(format!("[{}]", items.join(","))).unwrap_or_default());
    for (field, value) in &response.shown_instead {
        match value.get() {
            "null" => fields.remove(field),
            _ => fields.insert(field.clone(), value.clone()),
        };
    }
    Rendered(fields)
}

fn sent(fields: &Map<String, Value>, name: &str, default: Value) -> Value {
    fields.get(name).filter(|value| !value.is_null()).cloned().unwrap_or(default)
}

/// As OpenAI shows tools again: it keeps what opens somebody's server to itself.
fn without_credentials(mut tools: Value) -> Value {
    for tool in tools.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        for name in ["authorization", "headers"] {
            if let Some(value) = tool.get_mut(name) {
                *value = Value::Null;
            }
        }
    }
    tools
}

fn with_defaults(mut usual: Value, sent: Value) -> Value {
    if let (Some(usual), Value::Object(sent)) = (usual.as_object_mut(), sent) {
        usual.extend(sent.into_iter().filter(|(_, value)| !value.is_null()));
    }
    usual
}

fn completed_at(response: &Response) -> Option<i64> {
    let (_, at_ms) = response.end.as_ref().filter(|_| response.status == Status::Completed)?;
    Some(at_ms / 1000)
}

/// It may be sent as an id, and is shown as an object.
fn conversation(sent: Value) -> Value {
    if sent.is_string() { json!({"id": sent}) } else { sent }
}

/// What applies, and not what was only asked for.
fn cache_options(sent: Value) -> Value {
    let Value::Object(mut sent) = sent else { return Value::Null };
    sent.remove("prewarm");
    with_defaults(json!({"mode": "implicit", "ttl": "30m"}), Value::Object(sent))
}
