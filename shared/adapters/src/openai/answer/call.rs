//! Calls of tools: which of them wait for us, what went into them, and how they ended.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::provider::Item;
use serde_json::{Map, Value};

use super::fields::{self, Fields};

/// A call that is left to whoever created the response, or waits for their leave: the run ends here, "completed".
pub(super) fn is_pending(kind: &str, item: &Fields<'_>) -> bool {
    match word(kind).as_str() {
        "function_call"
        | "custom_tool_call"
        | "computer_call"
        | "local_shell_call"
        | "apply_patch_call"
        | "mcp_approval_request" => true,
        // As other APIs name it.
        "tool_call" | "tool_calls" | "tool_use" | "function" => true,
        // In a container of the provider's it is run there.
        "shell_call" => !item.object("environment").kind().starts_with("container"),
        "tool_search_call" => item.text("execution").as_deref() == Some("client"),
        _ => false,
    }
}

/// Of two words for what an item is, the one that asks for somebody counts.
pub(super) fn kind_of(item: &Fields<'_>) -> String {
    let mut kinds = item.all("type").filter_map(fields::text);
    kinds.find(|kind| is_pending(kind, item)).unwrap_or_else(|| item.kind())
}

/// Some servers write a type with capitals, or with a space behind it.
fn word(kind: &str) -> String {
    kind.trim().to_ascii_lowercase()
}

/// An item of a kind that nobody here knows, or of none, and with what only a call has.
pub(super) fn is_like_a_call(kind: &str, item: &Fields<'_>) -> bool {
    let has = |name: &&str| item.raw(name).is_some();
    !word(kind).ends_with("output") && ["call_id", "arguments", "function", "approval_request_id"].iter().any(has)
}

/// Whether an item is a call of any kind.
pub(super) fn is_call(item: &Fields<'_>) -> bool {
    let kind = kind_of(item);
    is_pending(&kind, item) || word(&kind).ends_with("_call") || is_like_a_call(&kind, item)
}

/// Whether a call hangs on a message: beside its text, or among its parts.
pub(super) fn hangs_on(message: &Fields<'_>) -> bool {
    !asked_beside(message).is_empty() || message.items("content").into_iter().any(|part| is_call(&Fields::of(part)))
}

/// The fields of a message, or of a whole answer, under which other APIs ask for what they wait for.
pub(super) fn asked_beside(fields: &Fields<'_>) -> Vec<Item> {
    let asked = ["tool_calls", "function_call", "required_action"].into_iter();
    asked
        .flat_map(|name| fields.list(name).into_iter().map(move |raw| (name, raw)))
        .filter(|(_, raw)| raw.get().starts_with('{'))
        .map(|(name, raw)| {
            let input = input(&Fields::of(raw), &["id", "call_id", "function", "type", "submit_tool_outputs"]);
            Item::PendingAction { kind: name.to_owned(), input }
        })
        .collect()
}

/// A call that the provider runs by itself.
pub(super) fn is_the_providers(kind: &str) -> bool {
    matches!(
        kind,
        "web_search_call"
            | "file_search_call"
            | "code_interpreter_call"
            | "mcp_call"
            | "mcp_tool_call"
            | "image_generation_call"
            | "shell_call"
            | "tool_search_call"
    )
}

/// The kind of a call and its id.
type CallKey = (String, String);

/// The calls of one answer that the same answer holds the outputs of, and what went wrong with them.
pub(super) struct Answered(RefCell<BTreeMap<CallKey, Vec<Option<String>>>>);

impl Answered {
    pub(super) fn of<'a>(items: impl Iterator<Item = Fields<'a>>) -> Self {
        let mut answered: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for item in items {
            if let Some(call) = answered_call(&item) {
                answered.entry(call).or_default().push(trouble(&item));
            }
        }
        Self(RefCell::new(answered))
    }

    /// `None` for a call that has no output; the trouble that its output tells of, if it has one. An output answers one
    /// call: another of the same id waits still.
    pub(super) fn outcome(&self, kind: &str, item: &Fields<'_>) -> Option<Option<String>> {
        let ids = ["call_id", "id"].iter().filter_map(|name| item.text(name));
        let mut answered = self.0.borrow_mut();
        ids.into_iter().find_map(|id| answered.get_mut(&(word(kind), id))?.pop())
    }
}

/// The kind and the id of the call that this item is the answer to.
fn answered_call(item: &Fields<'_>) -> Option<(String, String)> {
    let kind = item.kind();
    let call = match kind.as_str() {
        "mcp_approval_response" => {
            // Without a word for or against it, nobody has decided.
            item.get::<bool>("approve")?;
            return Some(("mcp_approval_request".to_owned(), item.text("approval_request_id")?));
        }
        "tool_search_output" => "tool_search_call",
        _ => kind.strip_suffix("_output")?,
    };
    // The local shell's output has no call_id; its id is the call's.
    Some((call.to_owned(), item.text("call_id").or_else(|| item.text("id"))?))
}

/// What an output says went wrong: a command that failed, or a word that is not "completed".
fn trouble(output: &Fields<'_>) -> Option<String> {
    let commands = output.list("output").into_iter().map(Fields::of);
    let failed = commands.filter_map(|command| {
        let outcome = command.object("outcome");
        let code = outcome.text("exit_code").or_else(|| command.text("exit_code"));
        match (code, outcome.kind().as_str()) {
            (Some(code), _) => (code != "0").then(|| format!("failed: exit code {code}")),
            (None, "" | "exit") => None,
            (None, word) => Some(format!("failed: {word}")),
        }
    });
    failed.into_iter().next().or_else(|| output.text("status").filter(|status| status != "completed"))
}

/// A call that waits, unless the list holds its output.
pub(super) fn waiting(kind: String, item: &Fields<'_>, answered: &Answered) -> Item {
    match answered.outcome(&kind, item) {
        Some(outcome) => acted(kind, item, outcome),
        None => {
            let kind = if kind.is_empty() { "call".to_owned() } else { kind };
            Item::PendingAction { input: input(item, &["call_id", "id", "function"]), kind }
        }
    }
}

/// A call that was run, with what went wrong according to its output.
pub(super) fn acted(kind: String, item: &Fields<'_>, trouble: Option<String>) -> Item {
    let outcome = error(item).or(trouble).or_else(|| item.text("status"));
    Item::ToolCall { input: input(item, &[]), outcome, kind }
}

/// What went into a call, under the provider's own names. Leaves out what came of it: an image can be megabytes.
pub(super) fn input(item: &Fields<'_>, ids: &[&str]) -> Value {
    const INPUT: [&str; 14] = [
        "action",
        "actions",
        "arguments",
        "code",
        "container_id",
        "environment",
        "execution",
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
        let value = match *name {
            // What the model wrote, to the letter: whoever decides must see what would be done.
            "arguments" | "input" => item.verbatim(name).map(Value::String),
            _ => item.value(name),
        };
        input.extend(value.map(|value| ((*name).to_owned(), value)));
    }
    Value::Object(input)
}

/// What a call says went wrong, in a sentence.
pub(super) fn error(item: &Fields<'_>) -> Option<String> {
    let raw = item.raw("error").filter(|raw| !matches!(raw.get(), "false" | "\"\"" | "{}" | "[]"))?;
    if !raw.get().starts_with('{') {
        return fields::prose(raw);
    }
    let error = Fields::of(raw);
    let label: Vec<String> = ["type", "code"].iter().filter_map(|name| error.text(name)).collect();
    let message = error.prose("message").or_else(|| content(&error)).filter(|message| !message.is_empty());
    match (label.join(" "), message) {
        (label, Some(message)) if label.is_empty() => Some(message),
        (label, Some(message)) => Some(format!("{label}: {message}")),
        (label, None) if label.is_empty() => Some("failed".to_owned()),
        (label, None) => Some(label),
    }
}

/// What a tool that failed answered, a line for each piece.
fn content(error: &Fields<'_>) -> Option<String> {
    let lines: Vec<String> = error.list("content").into_iter().filter_map(fields::prose).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
