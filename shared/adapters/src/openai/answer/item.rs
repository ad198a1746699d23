//! The list of what came out of a run.

use domain::provider::Item;
use serde_json::value::RawValue;

use super::call::{self, Answered};
use super::fields::{self, Fields};
use super::{file, message, twice};

pub(super) fn output(response: &Fields<'_>) -> Vec<Item> {
    let items = twice::without(response.list("output"));
    let answered = Answered::of(items.iter().map(|raw| Fields::of(raw)));
    let mut output: Vec<Item> = items.iter().flat_map(|raw| read(raw, &answered)).collect();
    // As another API of the provider's asks for what it waits for.
    if let Some(input) = response.value("required_action") {
        output.push(Item::PendingAction { kind: "required_action".to_owned(), input });
    }
    // Some servers send what the SDKs work out.
    match response.text("output_text").filter(|text| output.is_empty() && !text.is_empty()) {
        Some(text) => vec![message::plain(text)],
        None => output,
    }
}

/// One item as the pieces that it is made of.
pub(super) fn read(raw: &RawValue, answered: &Answered) -> Vec<Item> {
    if raw.get().starts_with('[') {
        return fields::elements(raw).into_iter().flat_map(|raw| read(raw, answered)).collect();
    }
    if let Some(text) = fields::string(raw) {
        return vec![message::plain(text)];
    }
    let item = Fields::of(raw);
    // Of two words for what it is, the one that asks for somebody counts.
    let kinds = item.all("type").filter_map(fields::text);
    let kind = kinds.into_iter().find(|kind| call::is_pending(kind, &item)).unwrap_or_else(|| item.kind());
    match kind.as_str() {
        "message" => message::read(&item, answered),
        "" if item.raw("content").is_some() => message::read(&item, answered),
        "" if call::is_like_a_call(&item) => {
            vec![Item::PendingAction { input: call::input(&item, &["call_id", "id"]), kind: "call".to_owned() }]
        }
        _ if call::is_pending(&kind, &item) => {
            vec![match answered.outcome(&kind, &item) {
                Some(outcome) => call::acted(kind, &item, outcome),
                None => Item::PendingAction { input: call::input(&item, &["call_id", "id"]), kind },
            }]
        }
        // A list of tools that could not be had explains what follows.
        "mcp_list_tools" if item.raw("error").is_some() => vec![call::acted(kind, &item, None)],
        _ if call::is_the_providers(&kind) => {
            let outcome = answered.outcome(&kind, &item).flatten();
            let files = file::made_by(&kind, &item);
            [call::acted(kind, &item, outcome)].into_iter().chain(files.into_iter().map(Item::File)).collect()
        }
        _ if is_no_output(&kind) => vec![Item::Other { kind }],
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
