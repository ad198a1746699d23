//! The list of what came out of a run.

use domain::provider::Item;
use serde_json::value::RawValue;

use super::call::{self, Answered};
use super::fields::{self, Fields};
use super::{file, message, twice};

pub(super) fn output(response: &Fields<'_>) -> Vec<Item> {
    let items = twice::without(response.items("output"));
    let answered = Answered::of(items.iter().map(|raw| Fields::of(raw)));
    let mut output: Vec<Item> = items.iter().flat_map(|raw| read(raw, &answered)).collect();
    output.extend(call::asked_beside(response));
    // Some servers send what the SDKs work out.
    match response.text("output_text").filter(|text| output.is_empty() && !text.is_empty()) {
        Some(text) => vec![message::plain(text)],
        None => output,
    }
}

/// One item as the pieces that it is made of.
pub(super) fn read(raw: &RawValue, answered: &Answered) -> Vec<Item> {
    if let Some(text) = fields::string(raw) {
        return vec![message::plain(text)];
    }
    let item = Fields::of(raw);
    let kind = call::kind_of(&item);
    match kind.as_str() {
        "message" => message::read(&item, answered),
        "" if item.raw("content").is_some() && !call::is_like_a_call(&kind, &item) => message::read(&item, answered),
        _ if call::is_pending(&kind, &item) => vec![call::waiting(kind, &item, answered)],
        // A list of tools that could not be had explains what follows.
        "mcp_list_tools" if item.raw("error").is_some() => vec![call::acted(kind, &item, None)],
        _ if call::is_the_providers(&kind) => {
            let outcome = answered.outcome(&kind, &item).flatten();
            let files = file::made_by(&kind, &item);
            [call::acted(kind, &item, outcome)].into_iter().chain(files.into_iter().map(Item::File)).collect()
        }
        _ if is_no_output(&kind) => vec![Item::Other { kind }],
        _ if call::is_like_a_call(&kind, &item) => vec![call::waiting(kind, &item, answered)],
        _ => vec![Item::Unknown { kind }],
    }
}

/// What a run leaves behind beside its output: thoughts, lists, and the answers to its calls.
fn is_no_output(kind: &str) -> bool {
    matches!(
        kind,
        "reasoning"
            | "compaction"
            | "mcp_list_tools"
            | "mcp_approval_response"
            | "tool_search_output"
            | "additional_tools"
            | "program"
            | "program_output"
            | "item_reference"
    ) || kind.ends_with("_call_output")
}
