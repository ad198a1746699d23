//! The provider's JSON: what a create call sends, and what it reports of usage.

use domain::cost::Usage;
use domain::port::Start;
use serde_json::{Value, json};

use super::answer::Fields;
pub use super::answer::{ParseFailure, parse};

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

/// Without both totals the usage is unknown, which is not the same as nothing.
pub(super) fn usage(response: &Fields<'_>) -> Option<Usage> {
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
