//! What OpenAI refuses although it is well-formed: words, pairs of fields, and what a model does not take.

use serde_json::{Map, Value};

use super::super::error::ApiError;
use super::super::model::Model;

const TIERS: [&str; 7] = ["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"];
const WINDOWS: [&str; 3] = ["soonest", "2h", "8h"];
const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
pub(in super::super) const INCLUDES: [&str; 8] = [
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
];
/// Kinds of tools, and the fields that each must have.
const TOOLS: [(&str, &[&str]); 18] = [
    ("function", &["name"]),
    ("custom", &["name"]),
    ("namespace", &["name", "tools"]),
    ("web_search", &[]),
    ("web_search_2025_08_26", &[]),
    ("web_search_preview", &[]),
    ("web_search_preview_2025_03_11", &[]),
    ("file_search", &["vector_store_ids"]),
    ("code_interpreter", &["container"]),
    ("image_generation", &[]),
    ("mcp", &["server_label"]),
    ("computer", &[]),
    ("computer_use_preview", &["environment", "display_width", "display_height"]),
    ("local_shell", &[]),
    ("shell", &[]),
    ("apply_patch", &[]),
    ("tool_search", &[]),
    ("programmatic_tool_calling", &[]),
];
const FORMATS: [(&str, &[&str]); 3] = [("text", &[]), ("json_object", &[]), ("json_schema", &["name", "schema"])];

type Fields = Map<String, Value>;
/// What fields should be, which ones, and whether a value is it.
type Typed = (&'static str, &'static [&'static str], fn(&Value) -> bool);

/// Fields of the wrong type, as far as one word says what they should be.
pub(super) fn types(fields: &Fields) -> Result<(), ApiError> {
    let table: [Typed; 5] = [
        ("a boolean", &["background", "store", "stream", "parallel_tool_calls"], Value::is_boolean),
        ("an integer", &["max_output_tokens", "max_tool_calls", "top_logprobs"], Value::is_u64),
        ("a number", &["temperature", "top_p"], Value::is_number),
        (
            "a string",
            &["previous_response_id", "prompt_cache_key", "safety_identifier", "service_tier", "user"],
            Value::is_string,
        ),
        ("an object", &["background_options", "prompt_cache_options", "reasoning", "text"], Value::is_object),
    ];
    for (expected, names, is_it) in table {
        for name in names {
            if fields.get(*name).is_some_and(|value| !value.is_null() && !is_it(value)) {
                return Err(ApiError::wrong_type(name, expected));
            }
        }
    }
    Ok(())
}

pub(super) fn holds(fields: &Fields, model: Model<'_>, background: bool, tokens: usize) -> Result<(), ApiError> {
    let tier = text(fields, "service_tier").unwrap_or("auto");
    known("service_tier", tier, &TIERS)?;
    if !model.takes_tier(tier) {
        let message = format!("The service tier '{tier}' is not available for this model.");
        return Err(ApiError::invalid(message).about("service_tier").coded("invalid_value"));
    }
    window(fields, tier, background)?;
    for (at, word) in list(fields, "include")?.iter().enumerate() {
        known(&format!("include[{at}]"), word.as_str().unwrap_or_default(), &INCLUDES)?;
    }
    effort(fields, model)?;
    for (at, tool) in list(fields, "tools")?.iter().enumerate() {
        kind(&format!("tools[{at}]"), tool, &TOOLS)?;
    }
    if let Some(format) = inner(fields, "text", "format") {
        kind("text.format", format, &FORMATS)?;
    }
    let given = |name| fields.get(name).is_some_and(|value| !value.is_null());
    if given("previous_response_id") && given("conversation") {
        let message = "Mutually exclusive parameters: 'previous_response_id' and 'conversation'.";
        let error = ApiError::invalid(message).about("previous_response_id");
        return Err(error.coded("mutually_exclusive_parameters"));
    }
    sizes(fields, model, tokens)
}

fn window(fields: &Fields, tier: &str, background: bool) -> Result<(), ApiError> {
    const WINDOW: &str = "background_options.completion_window";
    let Some(Value::Object(options)) = fields.get("background_options") else { return Ok(()) };
    if let Some(unknown) =
        options.keys().find(|name| !["completion_window", "continuation_id"].contains(&name.as_str()))
    {
        return Err(ApiError::unknown_parameter(&format!("background_options.{unknown}")));
    }
    if options.get("continuation_id").is_some_and(|id| !id.is_null() && !id.is_string()) {
        return Err(ApiError::wrong_type("background_options.continuation_id", "a string"));
    }
    let window = match options.get("completion_window") {
        None | Some(Value::Null) => "soonest",
        Some(Value::String(window)) => window,
        Some(_) => return Err(ApiError::wrong_type(WINDOW, "a string")),
    };
    known(WINDOW, window, &WINDOWS)?;
    let refused = |why: &str| Err(ApiError::invalid(format!("The completion window '{window}' {why}.")).about(WINDOW));
    if window == "soonest" {
        Ok(())
    } else if !background {
        refused("requires 'background' to be true")
    } else if !["auto", "default"].contains(&tier) {
        refused("requires standard processing, and excludes 'service_tier'")
    } else if fields.get("stream") == Some(&Value::Bool(true)) {
        refused("excludes 'stream'")
    } else {
        Ok(())
    }
}

fn effort(fields: &Fields, model: Model<'_>) -> Result<(), ApiError> {
    let Some(effort) = inner(fields, "reasoning", "effort") else { return Ok(()) };
    if !model.reasons() {
        let message = "Unsupported parameter: 'reasoning.effort' is not supported with this model.";
        return Err(ApiError::invalid(message).about("reasoning.effort").coded("unsupported_parameter"));
    }
    let effort = effort.as_str().ok_or_else(|| ApiError::wrong_type("reasoning.effort", "a string"))?;
    known("reasoning.effort", effort, &EFFORTS)?;
    if !model.takes_effort(effort) {
        let message = format!("Unsupported value: 'reasoning.effort' does not support '{effort}' with this model.");
        return Err(ApiError::invalid(message).about("reasoning.effort").coded("unsupported_value"));
    }
    Ok(())
}

fn sizes(fields: &Fields, model: Model<'_>, tokens: usize) -> Result<(), ApiError> {
    if text(fields, "safety_identifier").is_some_and(|id| id.chars().count() > 128) {
        return Err(super::too_long("safety_identifier", "characters", 128, 129));
    }
    let Some((input, output)) = model.limits() else { return Ok(()) };
    if tokens > input && text(fields, "truncation") != Some("auto") {
        let message = format!("Your input exceeds the context window of this model: {tokens} tokens, at most {input}.");
        return Err(ApiError::invalid(message).about("input").coded("context_length_exceeded"));
    }
    if fields.get("max_output_tokens").and_then(Value::as_u64).is_some_and(|asked| asked > output) {
        let message = format!("Invalid 'max_output_tokens': integer above maximum value, {output}.");
        return Err(ApiError::invalid(message).about("max_output_tokens").coded("integer_above_max_value"));
    }
    Ok(())
}

/// A list that may be left out.
fn list<'a>(fields: &'a Fields, name: &str) -> Result<&'a [Value], ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(ApiError::wrong_type(name, "an array")),
    }
}

/// An object of a known `type`, with what this type must have.
fn kind(param: &str, object: &Value, kinds: &[(&str, &[&str])]) -> Result<(), ApiError> {
    let object = object.as_object().ok_or_else(|| ApiError::wrong_type(param, "an object"))?;
    let word = object.get("type").and_then(Value::as_str).ok_or_else(|| ApiError::missing(&format!("{param}.type")))?;
    let words: Vec<&str> = kinds.iter().map(|(kind, _)| *kind).collect();
    known(&format!("{param}.type"), word, &words)?;
    let needed = kinds.iter().filter(|(kind, _)| *kind == word).flat_map(|(_, needed)| needed.iter());
    for name in needed {
        if object.get(*name).is_none_or(Value::is_null) {
            return Err(ApiError::missing(&format!("{param}.{name}")));
        }
    }
    Ok(())
}

pub(in super::super) fn known(param: &str, word: &str, words: &[&str]) -> Result<(), ApiError> {
    if words.contains(&word) { Ok(()) } else { Err(ApiError::invalid_value(param, word, words)) }
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

fn inner<'a>(fields: &'a Fields, name: &str, field: &str) -> Option<&'a Value> {
    fields.get(name)?.get(field).filter(|value| !value.is_null())
}
