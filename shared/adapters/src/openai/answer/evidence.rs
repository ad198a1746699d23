//! What the provider's tools were asked and answered, and the items that nobody here knows. Read for whoever looks at a
//! result, and never while a job runs.

use std::collections::BTreeMap;

use domain::provider::Item;
use domain::provider::evidence::{Evidence, Found, Gathered, Run, Source, Tool};
use domain::value::lenient;
use serde_json::value::RawValue;

use super::call::{self, Answered};
use super::fields::{self, Fields};
use super::{file, item, twice};

/// Reads it from the bytes that were kept of an answer. Bytes that are none hold no evidence.
pub fn gathered(raw: &[u8]) -> Gathered {
    let text = String::from_utf8_lossy(raw);
    let text = lenient::mend(&text);
    let Ok(response) = serde_json::from_str::<Fields<'_>>(&text) else { return Gathered::default() };
    let items = twice::without(response.items("output"));
    let shells = shells(&items);
    let mut gathered = Gathered::default();
    for raw in items {
        let item = Fields::of(raw);
        let kind = call::kind_of(&item);
        match tool(&kind, &item, &shells) {
            Some(tool) => gathered.evidence.push(Evidence {
                id: item.text("id").or_else(|| item.text("call_id")),
                status: item.text("status"),
                error: call::error(&item),
                tool,
            }),
            None if is_unknown(raw) => gathered.other.extend(as_it_stands(raw)),
            None => {}
        }
    }
    gathered
}

fn tool(kind: &str, item: &Fields<'_>, shells: &BTreeMap<String, Vec<Run>>) -> Option<Tool> {
    Some(match kind {
        "web_search_call" => web_search(item),
        "file_search_call" => {
            let found = item.list("results").into_iter().map(|raw| found(&Fields::of(raw))).collect();
            Tool::FileSearch { queries: lines(item, &["queries", "query"]), found }
        }
        "code_interpreter_call" => code(item),
        "shell_call" if !call::is_pending(kind, item) => {
            let runs = item.text("call_id").or_else(|| item.text("id")).and_then(|id| shells.get(&id).cloned());
            let action = item.object("action");
            Tool::Shell { commands: lines(&action, &["commands", "command"]), runs: runs.unwrap_or_default() }
        }
        "mcp_call" | "mcp_tool_call" => Tool::Mcp {
            server: item.text("server_label"),
            name: item.text("name"),
            arguments: item.verbatim("arguments"),
            output: item.prose("output").or_else(|| item.verbatim("output")),
        },
        "image_generation_call" => Tool::Image {
            prompt: item.prose("revised_prompt"),
            size: item.text("size"),
            quality: item.text("quality"),
            sha256: file::made_by(kind, item).into_iter().find_map(|file| file.sha256),
        },
        _ => return None,
    })
}

fn web_search(item: &Fields<'_>) -> Tool {
    let action = item.object("action");
    let mut queries = lines(&action, &["queries", "query"]);
    queries.dedup();
    let sources = action.list("sources").into_iter().chain(item.list("results")).map(|raw| {
        let source = Fields::of(raw);
        Source { url: fields::string(raw).or_else(|| source.text("url")), title: source.text("title") }
    });
    Tool::WebSearch {
        action: action.text("type"),
        queries,
        page: action.text("url"),
        pattern: action.text("pattern"),
        sources: sources.collect(),
    }
}

fn found(result: &Fields<'_>) -> Found {
    Found {
        file_id: result.text("file_id"),
        name: result.text("filename"),
        score: result.text("score"),
        text: result.prose("text").or_else(|| result.prose("content")),
    }
}

fn code(item: &Fields<'_>) -> Tool {
    let outputs: Vec<Fields<'_>> = item.list("outputs").into_iter().map(Fields::of).collect();
    Tool::Code {
        code: item.verbatim("code"),
        container_id: item.text("container_id"),
        logs: outputs.iter().filter_map(|output| output.prose("logs")).collect(),
        images: outputs.iter().filter(|output| output.kind() == "image").count(),
    }
}

/// What the shell's commands came to, by their call.
fn shells(items: &[&RawValue]) -> BTreeMap<String, Vec<Run>> {
    let outputs = items.iter().map(|raw| Fields::of(raw)).filter(|item| item.kind() == "shell_call_output");
    let runs = |item: &Fields<'_>| item.list("output").into_iter().map(|raw| run(&Fields::of(raw))).collect();
    outputs.filter_map(|item| Some((item.text("call_id").or_else(|| item.text("id"))?, runs(&item)))).collect()
}

fn run(command: &Fields<'_>) -> Run {
    let outcome = command.object("outcome");
    Run {
        stdout: command.prose("stdout"),
        stderr: command.prose("stderr"),
        outcome: outcome.text("exit_code").or_else(|| outcome.text("type")),
    }
}

/// The lines of the first of these fields that has any.
fn lines(item: &Fields<'_>, names: &[&str]) -> Vec<String> {
    let of = |name: &&str| item.list(name).into_iter().filter_map(fields::prose).collect::<Vec<_>>();
    names.iter().map(of).find(|lines| !lines.is_empty()).unwrap_or_default()
}

/// Whether the item, or a part of the message that it is, is of a kind that nobody here knows.
fn is_unknown(raw: &RawValue) -> bool {
    let nothing = Answered::of(std::iter::empty());
    item::read(raw, &nothing).iter().any(|item| matches!(item, Item::Unknown { .. }))
}

/// How deep an item may be that stands in our own answer: parsers give up somewhere behind.
const DEPTH: usize = 64;

/// The item itself; its text where whoever reads our answer might fail over it.
fn as_it_stands(raw: &RawValue) -> Option<Box<RawValue>> {
    if depth(raw.get()) <= DEPTH {
        return Some(raw.to_owned());
    }
    serde_json::value::to_raw_value(raw.get()).ok()
}

fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
