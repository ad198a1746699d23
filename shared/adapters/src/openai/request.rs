//! What a create call sends.

use domain::policy::cost::{Model, Window};
use domain::port::NewResponse;
use domain::provider::{ASKED_TIER, ASKED_WINDOW};
use serde_json::{Map, Value, json};

/// The body of a create call. What is not asked for is left out: a model may refuse a parameter that it does not have.
pub fn request_body(new: &NewResponse) -> Value {
    let (instructions, input) = words(new);
    let reasoning = new.reasoning_effort.as_ref().map(|effort| json!({"effort": effort}));
    let include = include(&new.tools);
    let fields = [
        ("model", Some(json!(new.model))),
        ("instructions", instructions),
        ("input", Some(input)),
        ("reasoning", reasoning),
        ("max_output_tokens", Some(json!(new.max_output_tokens))),
        ("text", new.output_schema.as_ref().map(|schema| format(new, schema))),
        ("metadata", Some(metadata(new))),
        ("background", Some(json!(true))),
        // Said out loud although it is the default: left out, some projects lose the response after ten minutes.
        ("store", Some(json!(true))),
        ("tools", (!new.tools.is_empty()).then(|| Value::Array(new.tools.clone()))),
        ("max_tool_calls", (!new.tools.is_empty()).then(|| json!(new.max_tool_calls))),
        ("include", (!include.is_empty()).then(|| json!(include))),
        ("service_tier", new.service_tier.as_ref().map(|tier| json!(tier))),
        ("background_options", new.window.map(|window| background_options(new, window))),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// A further run of a job comes before others that wait, as long as its model and window stay.
fn background_options(new: &NewResponse, window: Window) -> Value {
    json!({"completion_window": window.word(), "continuation_id": new.tag.job.as_str()})
}

/// The instructions and the input, placed so that the instructions are a prefix that the prompt cache finds again.
fn words(new: &NewResponse) -> (Option<Value>, Value) {
    let instructions = json!(new.instructions);
    if !Model::find(&new.model).is_some_and(|model| model.reads_instructions_last) {
        return (Some(instructions), new.input.clone());
    }
    let said = |role: &str, content: Value| json!({"role": role, "content": content});
    let items = match &new.input {
        Value::Array(items) => items.clone(),
        text => vec![said("user", text.clone())],
    };
    (None, [said("developer", instructions)].into_iter().chain(items).collect())
}

/// The answer is to be one JSON object that keeps this schema.
fn format(new: &NewResponse, schema: &Value) -> Value {
    let name = new.job_type.as_str();
    json!({"format": {"type": "json_schema", "name": name, "schema": schema, "strict": new.output_strict}})
}

fn metadata(new: &NewResponse) -> Value {
    let mut metadata = new.tag.to_metadata();
    let mut add = |name: &str, word: Option<&str>| {
        metadata.extend(word.map(|word| (name.to_owned(), word.to_owned())));
    };
    // For whoever reads the provider's own logs; nothing here reads it back.
    add("job_type", Some(new.job_type.as_str()));
    add(ASKED_TIER, new.service_tier.as_deref());
    add(ASKED_WINDOW, new.window.map(|window| window.word()));
    json!(metadata)
}

/// What the tools in use found is left out of the answer unless it is asked for, and refused when they are not in use.
pub(super) fn include(tools: &[Value]) -> Vec<&'static str> {
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
