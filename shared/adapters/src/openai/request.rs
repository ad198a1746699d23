//! What a create call sends.

use domain::policy::cost::{Model, Window};
use domain::port::Start;
use domain::provider::{ASKED_TIER, ASKED_WINDOW};
use serde_json::{Map, Value, json};

/// The body of a create call. What is not asked for is left out: a model may refuse a parameter that it does not have.
pub fn request_body(start: &Start) -> Value {
    let (instructions, input) = words(start);
    let reasoning = start.reasoning_effort.as_ref().map(|effort| json!({"effort": effort}));
    let include = include(&start.tools);
    let fields = [
        ("model", Some(json!(start.model))),
        ("instructions", instructions),
        ("input", Some(input)),
        ("reasoning", reasoning),
        ("max_output_tokens", Some(json!(start.max_output_tokens))),
        ("text", start.output_schema.as_ref().map(|schema| format(start, schema))),
        ("metadata", Some(metadata(start))),
        ("background", Some(json!(true))),
        // Said out loud although it is the default: left out, some projects lose the response after ten minutes.
        ("store", Some(json!(true))),
        ("tools", (!start.tools.is_empty()).then(|| Value::Array(start.tools.clone()))),
        ("max_tool_calls", (!start.tools.is_empty()).then(|| json!(start.max_tool_calls))),
        ("include", (!include.is_empty()).then(|| json!(include))),
        ("service_tier", start.service_tier.as_ref().map(|tier| json!(tier))),
        ("background_options", start.window.map(|window| background_options(start, window))),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// A further run of a job comes before others that wait, as long as its model and window stay.
fn background_options(start: &Start, window: Window) -> Value {
    json!({"completion_window": window.word(), "continuation_id": start.tag.job.as_str()})
}

/// The instructions and the input, placed so that the instructions are a prefix that the prompt cache finds again.
fn words(start: &Start) -> (Option<Value>, Value) {
    let instructions = json!(start.instructions);
    if !Model::find(&start.model).is_some_and(|model| model.reads_instructions_last) {
        return (Some(instructions), start.input.clone());
    }
    let said = |role: &str, content: Value| json!({"role": role, "content": content});
    let items = match &start.input {
        Value::Array(items) => items.clone(),
        text => vec![said("user", text.clone())],
    };
    (None, [said("developer", instructions)].into_iter().chain(items).collect())
}

/// The answer is to be one JSON object that keeps this schema.
fn format(start: &Start, schema: &Value) -> Value {
    let name = start.job_type.as_str();
    json!({"format": {"type": "json_schema", "name": name, "schema": schema, "strict": start.output_strict}})
}

fn metadata(start: &Start) -> Value {
    let mut metadata = start.tag.to_metadata();
    let mut note = |name: &str, word: Option<&str>| {
        metadata.extend(word.map(|word| (name.to_owned(), word.to_owned())));
    };
    // For whoever reads the provider's own logs; nothing here reads it back.
    note("job_type", Some(start.job_type.as_str()));
    note(ASKED_TIER, start.service_tier.as_deref());
    note(ASKED_WINDOW, start.window.map(|window| window.word()));
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
