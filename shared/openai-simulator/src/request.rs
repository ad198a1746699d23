//! The create call's body, read as strictly as OpenAI reads it.

pub(super) mod rule;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::ApiError;
use super::inline;
use super::model::{Model, Models};

const FIELDS: &[&str] = &[
    "access_programs",
    "background",
    "background_options",
    "context_management",
    "conversation",
    "image",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];
pub(super) const BYTES_OF_A_TOKEN: usize = 4;
const METADATA_PAIRS: usize = 16;
const METADATA_KEY_CHARACTERS: usize = 64;
const METADATA_VALUE_CHARACTERS: usize = 512;

/// An accepted create request; `fields` is the body as it was sent.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) model: String,
    pub(super) input_bytes: usize,
    pub(super) background: bool,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) fields: Map<String, Value>,
}

impl Request {
    pub(super) fn parse(body: &[u8], models: Models, now_ms: i64) -> Result<Self, ApiError> {
        let fields = object(body)?;
        if let Some(unknown) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(ApiError::unknown_parameter(unknown));
        }
        let Value::String(model) = required(&fields, "model")?.clone() else {
            return Err(ApiError::wrong_type("model", "a string"));
        };
        let input_bytes = input_bytes(&fields)?;
        rule::types(&fields)?;
        inline::check(&fields)?;
        if !models.has(&model, now_ms) {
            return Err(ApiError::model_not_found(&model));
        }
        let background = flag(&fields, "background")?.unwrap_or(false);
        if background && !flag(&fields, "store")?.unwrap_or(true) {
            return Err(ApiError::invalid("Background mode requires 'store' to be true.").about("store"));
        }
        rule::holds(&fields, Model::of(&model), background, input_bytes.div_ceil(BYTES_OF_A_TOKEN))?;
        if flag(&fields, "stream")?.unwrap_or(false) {
            return Err(ApiError::invalid("The simulator does not stream.").about("stream"));
        }
        let metadata = metadata(fields.get("metadata"))?;
        Ok(Self { model, input_bytes, background, metadata, fields })
    }

    pub(super) fn tools(&self) -> &[Value] {
        self.fields.get("tools").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        ApiError::invalid(format!("The body of your request is not a JSON object (line {line}, column {column})."))
    })
}

pub(super) fn input_bytes(fields: &Map<String, Value>) -> Result<usize, ApiError> {
    match required(fields, "input")? {
        Value::String(text) => Ok(text.len()),
        items @ Value::Array(_) => Ok(inline::counted_bytes(items)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            Err(ApiError::wrong_type("input", "a string or an array"))
        }
    }
}

pub(super) fn required<'a>(fields: &'a Map<String, Value>, name: &'static str) -> Result<&'a Value, ApiError> {
    fields.get(name).filter(|value| !value.is_null()).ok_or_else(|| ApiError::missing(name))
}

fn flag(fields: &Map<String, Value>, name: &'static str) -> Result<Option<bool>, ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(ApiError::wrong_type(name, "a boolean")),
    }
}

pub(super) fn metadata(value: Option<&Value>) -> Result<BTreeMap<String, String>, ApiError> {
    let pairs = match value {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(pairs)) => pairs,
        Some(_) => return Err(ApiError::wrong_type("metadata", "an object")),
    };
    if pairs.len() > METADATA_PAIRS {
        let error = too_long("metadata", "properties", METADATA_PAIRS, pairs.len());
        return Err(error.coded("object_above_max_properties"));
    }
    let mut metadata = BTreeMap::new();
    for (key, value) in pairs {
        let param = format!("metadata.{key}");
        let length = key.chars().count();
        if length > METADATA_KEY_CHARACTERS {
            return Err(too_long("metadata", "characters in a key", METADATA_KEY_CHARACTERS, length));
        }
        let Value::String(text) = value else {
            return Err(ApiError::wrong_type(&param, "a string"));
        };
        let length = text.chars().count();
        if length > METADATA_VALUE_CHARACTERS {
            return Err(too_long(&param, "characters", METADATA_VALUE_CHARACTERS, length));
        }
        metadata.insert(key.clone(), text.clone());
    }
    Ok(metadata)
}

fn too_long(param: &str, of_what: &str, most: usize, got: usize) -> ApiError {
    ApiError::invalid(format!("Invalid '{param}': expected at most {most} {of_what}, but got {got}."))
        .about(param)
        .coded("string_above_max_length")
}
