//! The provider's JSON: what a create call sends, and a reading of its answers that survives words yet to come.

use std::collections::{BTreeMap, BTreeSet};

use domain::cost::Usage;
use domain::id::{InvalidId, ResponseId};
use domain::port::Start;
use domain::provider::{Answer, Citation, Item};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// The body of a create call.
pub fn request_body(start: &Start) -> Value {
    let mut metadata = start.tag.to_metadata();
    // For whoever reads the provider's own logs; nothing here reads it back.
    metadata.insert("job_type".to_owned(), start.job_type.to_string());
    let mut body = json!({
        "model": start.model,
        "instructions": start.instructions,
        "input": start.input,
        "reasoning": {"effort": start.reasoning_effort},
        "max_output_tokens": start.max_output_tokens,
        "metadata": metadata,
        "background": true,
        // Said out loud although it is the default: left out, some projects lose the response after ten minutes.
        "store": true,
    });
    if let Some(body) = body.as_object_mut() {
        if !start.tools.is_empty() {
            body.insert("tools".to_owned(), Value::Array(start.tools.clone()));
        }
        let include = include(&start.tools);
        if !include.is_empty() {
            body.insert("include".to_owned(), json!(include));
        }
        if let Some(tier) = &start.service_tier {
            body.insert("service_tier".to_owned(), json!(tier));
        }
    }
    body
}

/// What the tools in use found is left out of the answer unless it is asked for, and refused when they are not in use.
fn include(tools: &[Value]) -> Vec<&'static str> {
    let uses = |wanted: fn(&str) -> bool| tools.iter().filter_map(|tool| tool.get("type")?.as_str()).any(wanted);
    let mut include = vec![];
    // Its name also comes with `_preview` and a date.
    if uses(|kind| kind.starts_with("web_search")) {
        include.push("web_search_call.action.sources");
    }
    if uses(|kind| kind == "file_search") {
        include.push("file_search_call.results");
    }
    if uses(|kind| kind == "code_interpreter") {
        include.push("code_interpreter_call.outputs");
    }
    include
}

/// Reads a response. Only its id is required; any other field that is missing or not what it should be is absent.
pub fn parse(raw: &[u8], request_id: Option<String>) -> Result<Answer, ParseFailure> {
    let text = String::from_utf8_lossy(raw);
    // The decoder's error quotes the body, so it is not kept as a source.
    let response: Fields<'_> = serde_json::from_str(&text)
        .map_err(|error| ParseFailure::NotAnObject { line: error.line(), column: error.column() })?;
    let id: String = response.get("id").ok_or(ParseFailure::NoId)?;
    let error: Fields<'_> = response.get("error").unwrap_or_default();
    Ok(Answer {
        id: ResponseId::parse(&id).map_err(ParseFailure::Id)?,
        status: response.get("status"),
        model: response.get("model"),
        service_tier: response.get("service_tier"),
        metadata: metadata(&response),
        output: output(&response),
        error_code: error.get("code").or_else(|| error.get("type")),
        incomplete_reason: response.get::<Fields<'_>>("incomplete_details").and_then(|details| details.get("reason")),
        usage: usage(&response),
        request_id,
        raw: raw.to_vec(),
    })
}

/// Why bytes cannot be a response. Says nothing of what they hold.
#[derive(Debug, thiserror::Error)]
pub enum ParseFailure {
    #[error("the answer is not a whole JSON object (line {line}, column {column})")]
    NotAnObject { line: usize, column: usize },
    #[error("the answer has no id")]
    NoId,
    #[error("the answer's id is none")]
    Id(#[source] InvalidId),
}

/// A JSON object whose fields are decoded one by one, so that trouble in one (a number beyond 1e308, half a
/// surrogate pair, a thousand brackets) stays there.
#[derive(Default, Deserialize)]
#[serde(transparent)]
struct Fields<'a>(#[serde(borrow)] BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    fn get<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// An element that is not an object counts as one without fields.
    fn list(&self, name: &str) -> Vec<Self> {
        let elements: Vec<&RawValue> = self.get(name).unwrap_or_default();
        elements.into_iter().map(|element| serde_json::from_str(element.get()).unwrap_or_default()).collect()
    }

    fn kind(&self) -> String {
        self.get("type").unwrap_or_default()
    }
}

fn metadata(response: &Fields<'_>) -> BTreeMap<String, String> {
    let metadata: Fields<'_> = response.get("metadata").unwrap_or_default();
    metadata.0.keys().filter_map(|key| Some((key.clone(), metadata.get(key)?))).collect()
}

/// Without both totals the usage is unknown, which is not the same as nothing.
fn usage(response: &Fields<'_>) -> Option<Usage> {
    let usage: Fields<'_> = response.get("usage")?;
    let input: Fields<'_> = usage.get("input_tokens_details").unwrap_or_default();
    let output: Fields<'_> = usage.get("output_tokens_details").unwrap_or_default();
    let searches = response.get::<Fields<'_>>("tool_usage").and_then(|tools| tools.get::<Fields<'_>>("web_search"));
    Some(Usage {
        input_tokens: usage.get("input_tokens")?,
        cached_tokens: input.get("cached_tokens").unwrap_or_default(),
        cache_write_tokens: input.get("cache_write_tokens").unwrap_or_default(),
        output_tokens: usage.get("output_tokens")?,
        reasoning_tokens: output.get("reasoning_tokens").unwrap_or_default(),
        web_searches: searches.and_then(|searches| searches.get("num_requests")).unwrap_or_default(),
    })
}

fn output(response: &Fields<'_>) -> Vec<Item> {
    let items = response.list("output");
    let answered: BTreeSet<_> = items.iter().filter_map(answered_call).collect();
    items.iter().flat_map(|item| read(item, &answered)).collect()
}

/// One item, or one for each part of a message.
fn read(item: &Fields<'_>, answered: &BTreeSet<(String, String)>) -> Vec<Item> {
    let kind = item.kind();
    match kind.as_str() {
        "message" => {
            let parts = item.list("content");
            if parts.is_empty() { vec![Item::Other { kind }] } else { parts.iter().map(part).collect() }
        }
        // Run by whoever created the response, or waiting for its leave: the run ends here, "completed".
        "function_call"
        | "custom_tool_call"
        | "computer_call"
        | "local_shell_call"
        | "shell_call"
        | "apply_patch_call"
        | "mcp_approval_request" => {
            let ids = ["call_id", "id"].iter().filter_map(|name| item.get::<String>(name));
            if ids.into_iter().any(|id| answered.contains(&(kind.clone(), id))) {
                vec![Item::ToolCall { input: input(item, &[]), outcome: outcome(item), kind }]
            } else {
                vec![Item::PendingAction { input: input(item, &["call_id", "id"]), kind }]
            }
        }
        "web_search_call" | "file_search_call" | "code_interpreter_call" | "mcp_call" | "image_generation_call" => {
            vec![Item::ToolCall { input: input(item, &[]), outcome: outcome(item), kind }]
        }
        _ => vec![Item::Other { kind }],
    }
}

/// The kind and the id of the call that this item is the answer to.
fn answered_call(item: &Fields<'_>) -> Option<(String, String)> {
    let kind = item.kind();
    if kind == "mcp_approval_response" {
        return Some(("mcp_approval_request".to_owned(), item.get("approval_request_id")?));
    }
    // The local shell's output has no call_id; its id is the call's.
    Some((kind.strip_suffix("_output")?.to_owned(), item.get("call_id").or_else(|| item.get("id"))?))
}

fn part(part: &Fields<'_>) -> Item {
    let kind = part.kind();
    match kind.as_str() {
        "output_text" => Item::Text {
            text: part.get("text").unwrap_or_default(),
            citations: part.list("annotations").iter().map(citation).collect(),
        },
        "refusal" => Item::Refusal(part.get("refusal").unwrap_or_default()),
        _ => Item::Other { kind },
    }
}

fn citation(annotation: &Fields<'_>) -> Citation {
    // No text has 2^32 characters, and whoever adds to a position must not overflow.
    let position = |name| annotation.get::<u32>(name).map(u64::from);
    Citation {
        kind: annotation.kind(),
        title: annotation.get("title").or_else(|| annotation.get("filename")),
        source: ["url", "file_id", "filename"].iter().find_map(|name| annotation.get(name)),
        start: position("start_index"),
        end: position("end_index"),
    }
}

/// What went into a call, under the provider's own names. Leaves out what came of it: an image can be megabytes.
fn input(item: &Fields<'_>, ids: &[&str]) -> Value {
    const INPUT: [&str; 12] = [
        "action",
        "actions",
        "arguments",
        "code",
        "container_id",
        "input",
        "name",
        "namespace",
        "operation",
        "pending_safety_checks",
        "queries",
        "server_label",
    ];
    let mut input = Map::new();
    for name in ids.iter().chain(&INPUT) {
        match item.get(name) {
            None | Some(Value::Null) => {}
            // JSON inside a string, as far as the model got it right.
            Some(Value::String(text)) if *name == "arguments" => {
                let arguments = serde_json::from_str(&text).unwrap_or(Value::String(text));
                input.insert((*name).to_owned(), arguments);
            }
            Some(value) => {
                input.insert((*name).to_owned(), value);
            }
        }
    }
    Value::Object(input)
}

fn outcome(item: &Fields<'_>) -> Option<String> {
    let error = match item.get("error") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text).filter(|text| !text.is_empty()),
        Some(error) => {
            Some(error.get("message").and_then(Value::as_str).map_or_else(|| error.to_string(), str::to_owned))
        }
    };
    error.or_else(|| item.get("status"))
}
