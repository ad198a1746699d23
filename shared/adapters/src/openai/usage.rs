//! What a run used: the provider's counts, and where it has none, ours of the things that it bills.

use std::collections::BTreeSet;

use domain::policy::cost::{Usage, is_priced_for_images};
use serde_json::value::RawValue;

use super::answer::Fields;

/// The parts that tokens are told in.
const DETAILS: [&str; 2] = ["input_tokens_details", "output_tokens_details"];

/// What is told of images. Their details are parts of it.
const IMAGE_TOKENS: [&str; 5] =
    ["input_tokens", "output_tokens", "total_tokens", "input_tokens_details", "output_tokens_details"];

/// The calls of which it is known what they cost, if anything.
const CALLS: [&str; 12] = [
    "apply_patch_call",
    "code_interpreter_call",
    "computer_call",
    "custom_tool_call",
    "file_search_call",
    "function_call",
    "image_generation_call",
    "local_shell_call",
    "mcp_call",
    "shell_call",
    "tool_search_call",
    "web_search_call",
];

/// For so long a container is billed once.
const CONTAINER_SECONDS: u64 = 1_200;

/// What is read so far.
struct Count<'a> {
    usage: Usage,
    tools: Vec<Fields<'a>>,
    /// Each item once, however often it comes.
    items: Vec<Fields<'a>>,
}

/// Whether it tells of something used that nobody here can read.
pub(super) fn is_unread(response: &Fields<'_>) -> bool {
    let mut told = ["usage", "tool_usage"].into_iter().flat_map(|name| response.all(name));
    usage(response).is_none() && told.any(is_some)
}

/// Without both totals the usage is unknown, which is not the same as nothing.
pub(super) fn usage(response: &Fields<'_>) -> Option<Usage> {
    let usage: Fields<'_> = response.get("usage")?;
    let (input_tokens, output_tokens) = (usage.get("input_tokens")?, usage.get("output_tokens")?);
    let mut count = Count {
        usage: Usage { input_tokens, output_tokens, seconds: seconds(response), ..Usage::default() },
        tools: response.list("tools").into_iter().map(Fields::of).collect(),
        items: once(response.items("output").into_iter().map(Fields::of).collect()),
    };
    count.doubles(&usage);
    count.usage.unpriced += u64::from(["usage", "tool_usage"].iter().any(|name| response.all(name).count() > 1));
    count.tokens(&usage);
    let tool_usage = count.part(response, "tool_usage");
    count.searches(tool_usage.as_ref());
    count.images(tool_usage.as_ref());
    count.others(tool_usage.as_ref());
    count.containers();
    count.unknown_calls();
    count.usage.file_searches = count.calls("file_search_call");
    Some(count.usage)
}

impl<'a> Count<'a> {
    /// A number that may be left out. One that is there and cannot be read is no zero.
    fn number(&mut self, of: &Fields<'_>, name: &str) -> u64 {
        of.get(name).unwrap_or_else(|| {
            self.usage.untold += u64::from(of.raw(name).is_some());
            0
        })
    }

    /// Two figures under one name are no figure.
    fn doubles(&mut self, fields: &Fields<'a>) {
        self.usage.unpriced += u64::from(fields.is_doubled());
    }

    /// The same of an object.
    fn part(&mut self, of: &Fields<'a>, name: &str) -> Option<Fields<'a>> {
        let part = of.get::<Fields<'a>>(name);
        part.iter().for_each(|part| self.doubles(part));
        self.usage.untold += u64::from(part.is_none() && of.raw(name).is_some());
        part
    }

    fn tokens(&mut self, usage: &Fields<'a>) {
        let input = self.part(usage, "input_tokens_details").unwrap_or_default();
        let output = self.part(usage, "output_tokens_details").unwrap_or_default();
        // A count of something that came after this was written: a part of the sum, as far as anybody can tell.
        self.usage.untold +=
            new_counts(usage, &["input_tokens", "output_tokens", "total_tokens", DETAILS[0], DETAILS[1]]);
        self.usage.untold +=
            new_counts(&input, &["cached_tokens", "cache_write_tokens", "cache_write_tokens_details", "text_tokens"]);
        self.usage.untold += new_counts(&output, &["reasoning_tokens", "text_tokens"]);
        self.usage.cached_tokens = self.number(&input, "cached_tokens");
        self.usage.cache_write_tokens = self.number(&input, "cache_write_tokens");
        let writes = self.part(&input, "cache_write_tokens_details").unwrap_or_default();
        self.usage.cache_write_30m_tokens = self.number(&writes, "ttl_30m_tokens");
        self.usage.cache_write_12h_tokens = self.number(&writes, "ttl_12h_tokens");
        self.usage.untold += new_counts(&writes, &["ttl_30m_tokens", "ttl_12h_tokens"]);
        let sum = self.usage.input_tokens.saturating_add(self.usage.output_tokens);
        self.usage.untold += u64::from(usage.get::<u64>("total_tokens").is_some_and(|total| total != sum));
        // Part of the output, and billed as all of it is.
        self.usage.reasoning_tokens = output.get("reasoning_tokens").unwrap_or_default();
    }

    fn calls(&self, kind: &str) -> u64 {
        self.items.iter().filter(|item| item.kind() == kind).count() as u64
    }

    fn tool(&self, is_it: impl Fn(&str) -> bool) -> Option<&Fields<'a>> {
        self.tools.iter().find(|tool| is_it(&tool.kind()))
    }

    /// By the provider's count; by the items of the answer where it keeps silent.
    fn searches(&mut self, tool_usage: Option<&Fields<'a>>) {
        let told = tool_usage.filter(|usage| usage.raw("web_search").is_some());
        let told = told.map(|usage| usage.get::<Fields<'_>>("web_search").and_then(|it| it.get::<u64>("num_requests")));
        let searches = match told {
            Some(Some(searches)) => searches,
            told => {
                let calls = self.calls("web_search_call");
                self.usage.untold += u64::from(calls > 0);
                // It says something about searches that nobody here can read.
                self.usage.unpriced += u64::from(told.is_some());
                calls
            }
        };
        let has_preview = self.tool(|kind| kind.starts_with("web_search_preview")).is_some();
        let has_other =
            self.tool(|kind| kind.starts_with("web_search") && !kind.starts_with("web_search_preview")).is_some();
        // Which of the two it was decides the price; the preview is never the cheaper one.
        self.usage.untold += u64::from(searches > 0 && has_preview == has_other);
        let counter = if has_preview { &mut self.usage.preview_searches } else { &mut self.usage.web_searches };
        *counter = searches;
    }

    fn images(&mut self, tool_usage: Option<&Fields<'a>>) {
        let tokens = tool_usage.and_then(|usage| self.part(usage, "image_gen")).unwrap_or_default();
        let (input, output) = (self.number(&tokens, "input_tokens"), self.number(&tokens, "output_tokens"));
        let has_images = self.calls("image_generation_call") > 0;
        if input == 0 && output == 0 {
            self.usage.unpriced += u64::from(has_images);
            return;
        }
        let model = self.tool(|kind| kind == "image_generation").and_then(|tool| tool.get::<String>("model"));
        if model.is_some_and(|model| is_priced_for_images(&model)) {
            (self.usage.image_input_tokens, self.usage.image_output_tokens) = (input, output);
        } else {
            self.usage.unpriced += 1;
        }
    }

    /// A count of something that came after this was written.
    fn others(&mut self, tool_usage: Option<&Fields<'a>>) {
        let others = tool_usage
            .into_iter()
            .flat_map(Fields::names)
            .filter(|name| !matches!(name.as_str(), "web_search" | "image_gen"));
        let others = others.filter(|name| tool_usage.and_then(|usage| usage.get(name)).is_some_and(is_some)).count();
        self.usage.unpriced += others as u64;
        for (tool, known) in [("web_search", &["num_requests"][..]), ("image_gen", &IMAGE_TOKENS)] {
            let counts = tool_usage.and_then(|usage| usage.get::<Fields<'_>>(tool)).unwrap_or_default();
            self.usage.unpriced += u64::from(counts.is_doubled()) + new_counts(&counts, known);
        }
    }

    /// A call of a kind that came after this was written may be billed.
    fn unknown_calls(&mut self) {
        let is_call = |kind: &str| kind.trim().to_ascii_lowercase().ends_with("_call");
        let unknown =
            self.items.iter().map(Fields::kind).filter(|kind| is_call(kind) && !CALLS.contains(&kind.as_str()));
        self.usage.unpriced += unknown.count() as u64;
    }

    /// Each container that a call ran in, once for each 20 minutes: nobody says how long it lived.
    fn containers(&mut self) {
        let mut seen = BTreeSet::new();
        for item in &self.items {
            let kind = item.kind();
            let (tool, place, id) = match kind.as_str() {
                "code_interpreter_call" => ("code_interpreter", "container", item.get::<String>("container_id")),
                "shell_call" => {
                    let environment: Fields<'_> = item.get("environment").unwrap_or_default();
                    ("shell", "environment", environment.get("container_id"))
                }
                _ => continue,
            };
            let tool = self.tools.iter().find(|it| it.kind() == tool);
            let object: Option<Fields<'_>> = tool.and_then(|tool| tool.get(place));
            let is_hosted = |place: &Fields<'_>| place.kind().starts_with("container");
            // A shell of our own costs nothing there.
            if kind == "shell_call" && id.is_none() && !object.as_ref().is_some_and(is_hosted) {
                continue;
            }
            if !seen.insert(id) {
                continue;
            }
            // One that is named existed before, and may be as large as there are.
            let memory = object.and_then(|place| match place.get::<String>("memory_limit") {
                None if place.raw("memory_limit").is_some() || place.kind() == "container_reference" => None,
                None => Some("1g".to_owned()),
                memory => memory,
            });
            let sessions = self.usage.seconds.div_ceil(CONTAINER_SECONDS).max(1);
            let counter = self.usage.containers(memory.as_deref());
            *counter = counter.saturating_add(sessions);
        }
    }
}

/// From acceptance to the end; at least a second where both are told.
fn seconds(response: &Fields<'_>) -> u64 {
    let at = |name| response.get::<f64>(name).filter(|at| at.is_finite());
    let Some((from, to)) = at("created_at").zip(at("completed_at")) else { return 0 };
    // A clock that went back tells nothing.
    if to < from { 0 } else { ((to - from).ceil() as u64).max(1) }
}

/// How many figures it has that came after this was written.
fn new_counts(fields: &Fields<'_>, known: &[&str]) -> u64 {
    let is_new = |name: &&String| !known.contains(&name.as_str());
    fields.names().filter(is_new).filter(|name| fields.raw(name).is_some_and(is_some)).count() as u64
}

/// Whether any figure in it is more than nothing.
fn is_some(value: &RawValue) -> bool {
    value.get().bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Items that come twice under one id are one.
fn once(items: Vec<Fields<'_>>) -> Vec<Fields<'_>> {
    let mut seen = BTreeSet::new();
    let id = |item: &Fields<'_>| item.get::<String>("id").filter(|id| !id.is_empty());
    items.into_iter().filter(|item| id(item).is_none_or(|id| seen.insert((item.kind(), id)))).collect()
}
