//! The kinds of tool that the provider runs by itself, and their fields.

use serde_json::Value;

use super::super::address::is_data;
use super::super::shape::{Faults, Field, Rule, each, given, optional, required};

/// Kinds whose calls end a run and wait for whoever made the request.
pub(super) const OURS_TO_ANSWER: [&str; 10] = [
    "function",
    "custom",
    "namespace",
    "computer",
    "computer_use",
    "computer_use_preview",
    "computer-preview",
    "local_shell",
    "apply_patch",
    "client_tool",
];

const KINDS: [(&str, &[Field]); 10] = [
    ("web_search", &WEB_SEARCH),
    ("web_search_2025_08_26", &WEB_SEARCH),
    ("web_search_preview", &WEB_SEARCH_PREVIEW),
    ("web_search_preview_2025_03_11", &WEB_SEARCH_PREVIEW),
    ("file_search", &FILE_SEARCH),
    ("code_interpreter", &CODE_INTERPRETER),
    ("image_generation", &IMAGE_GENERATION),
    ("shell", &SHELL),
    ("tool_search", &TOOL_SEARCH),
    ("programmatic_tool_calling", &[KIND]),
];

pub(super) fn fields_of(kind: &str) -> Option<&'static [Field]> {
    KINDS.iter().find(|(name, _)| *name == kind).map(|(_, fields)| *fields)
}

/// The word of every kind that a type may have.
pub(super) fn known() -> Vec<&'static str> {
    KINDS.iter().map(|(name, _)| *name).chain(["mcp"]).collect()
}

/// Looked at already.
pub(super) const KIND: Field = required("type", Rule::Own(|_, _, _| {}));

/// Who may call the tool: the model, or a program that it writes.
pub(super) const CALLERS: Field = optional("allowed_callers", Rule::List(2, &Rule::Word(&["direct", "programmatic"])));

pub(super) const NAMES: Rule = Rule::List(256, &Rule::Text(128));

const IDS: Rule = Rule::List(50, &Rule::Text(128));

const SIZE: Rule = Rule::Word(&["low", "medium", "high"]);

const LOCATION: Rule = Rule::Object(&[
    optional("type", Rule::Word(&["approximate"])),
    optional("city", Rule::Text(128)),
    optional("country", Rule::Text(2)),
    optional("region", Rule::Text(128)),
    optional("timezone", Rule::Text(64)),
]);

const WEB_SEARCH: [Field; 5] = [
    KIND,
    optional("external_web_access", Rule::Flag),
    optional("filters", Rule::Object(&[optional("allowed_domains", Rule::List(100, &Rule::Text(255)))])),
    optional("search_context_size", SIZE),
    optional("user_location", LOCATION),
];

const WEB_SEARCH_PREVIEW: [Field; 4] = [
    KIND,
    optional("search_content_types", Rule::List(2, &Rule::Word(&["text", "image"]))),
    optional("search_context_size", SIZE),
    optional("user_location", LOCATION),
];

const FILE_SEARCH: [Field; 5] = [
    KIND,
    required("vector_store_ids", IDS),
    optional("filters", Rule::Own(|path, value, faults| filter(path, value, 0, faults))),
    optional("max_num_results", Rule::Whole(1, 50)),
    optional(
        "ranking_options",
        Rule::Object(&[
            optional("ranker", Rule::Word(&["auto", "default-2024-11-15"])),
            optional("score_threshold", Rule::Number),
            optional(
                "hybrid_search",
                Rule::Object(&[required("embedding_weight", Rule::Number), required("text_weight", Rule::Number)]),
            ),
        ]),
    ),
];

const MEMORY: Field = optional("memory_limit", Rule::Word(&["1g", "4g", "16g", "64g"]));

const NETWORK: Field = optional("network_policy", Rule::Own(network));

const CODE_INTERPRETER: [Field; 3] = [KIND, required("container", Rule::Own(interpreter_container)), CALLERS];

const SHELL: [Field; 3] = [KIND, required("environment", Rule::Own(shell_environment)), CALLERS];

/// A description and parameters are those of a search that the caller runs.
const TOOL_SEARCH: [Field; 2] = [KIND, optional("execution", Rule::Word(&["server"]))];

const IMAGE_GENERATION: [Field; 17] = [
    KIND,
    optional("action", Rule::Word(&["generate", "edit", "auto"])),
    optional("background", Rule::Word(&["transparent", "opaque", "auto"])),
    optional("complexity", SIZE),
    optional("frame_count", Rule::Whole(1, 1_000)),
    optional("frame_duration_ms", Rule::Whole(1, 60_000)),
    optional("input_fidelity", Rule::Word(&["high", "low"])),
    optional("input_image_mask", Rule::Own(mask)),
    optional("model", Rule::Text(64)),
    optional("moderation", Rule::Word(&["auto", "low"])),
    optional("output_compression", Rule::Whole(0, 100)),
    optional("output_format", Rule::Word(&["png", "webp", "jpeg", "gif", "svg"])),
    optional("partial_images", Rule::Whole(0, 3)),
    optional("quality", Rule::Word(&["low", "medium", "high", "xhigh", "max", "auto"])),
    optional("size", Rule::Text(16)),
    optional(
        "svg",
        Rule::Object(&[
            optional("model", Rule::Text(64)),
            optional("reasoning", Rule::Object(&[optional("effort", EFFORT)])),
        ]),
    ),
    CALLERS,
];

const EFFORT: Rule = Rule::Word(&["none", "minimal", "low", "medium", "high", "xhigh", "max"]);

fn mask(path: &str, value: &Value, faults: &mut Faults) {
    const FIELDS: Rule =
        Rule::Object(&[optional("file_id", Rule::Text(128)), optional("image_url", Rule::Own(mask_image))]);
    FIELDS.check(path, value, faults);
}

fn mask_image(path: &str, value: &Value, faults: &mut Faults) {
    if !value.as_str().is_some_and(|text| is_data(text, "image/")) {
        faults.add(path, "must be an image as a data: URL in base64");
    }
}

/// One that is named by its id would hold what the jobs before left in it.
fn interpreter_container(path: &str, value: &Value, faults: &mut Faults) {
    const AUTO: Rule =
        Rule::Object(&[required("type", Rule::Word(&["auto"])), optional("file_ids", IDS), MEMORY, NETWORK]);
    if value.is_string() {
        return faults.add(path, "must be an object of the type auto: jobs would share a container that has an id");
    }
    AUTO.check(path, value, faults);
}

fn shell_environment(path: &str, value: &Value, faults: &mut Faults) {
    const HOSTED: Rule = Rule::Object(&[
        required("type", Rule::Word(&["container_auto"])),
        optional("file_ids", IDS),
        optional("skills", Rule::List(50, &SKILL)),
        MEMORY,
        NETWORK,
    ]);
    match value.get("type").and_then(Value::as_str) {
        Some("local") => faults.add(&format!("{path}.type"), "must be container_auto: nobody here runs commands"),
        Some("container_reference") => {
            faults.add(&format!("{path}.type"), "must be container_auto: jobs would share a container that has an id");
        }
        _ => HOSTED.check(path, value, faults),
    }
}

const SKILL: Rule = Rule::Object(&[
    required("type", Rule::Word(&["skill_reference"])),
    required("skill_id", Rule::Text(128)),
    optional("version", Rule::Text(32)),
]);

fn network(path: &str, value: &Value, faults: &mut Faults) {
    const DISABLED: Rule = Rule::Object(&[KIND]);
    const ALLOWED: Rule = Rule::Object(&[KIND, required("allowed_domains", Rule::List(100, &Rule::Text(255)))]);
    if value.get("domain_secrets").is_some() {
        faults.add(&format!("{path}.domain_secrets"), super::credential::REFUSED);
        return;
    }
    match value.get("type").and_then(Value::as_str) {
        Some("disabled") => DISABLED.check(path, value, faults),
        Some("allowlist") => ALLOWED.check(path, value, faults),
        _ => faults.add(&format!("{path}.type"), "must be disabled or allowlist"),
    }
}

const DEEPEST_FILTER: u8 = 8;

/// A comparison, or several under `and` or `or`.
fn filter(path: &str, value: &Value, depth: u8, faults: &mut Faults) {
    const COMPARISON: Rule =
        Rule::Object(&[KIND, required("key", Rule::Text(128)), required("value", Rule::Own(operand))]);
    const SEVERAL: Rule = Rule::Object(&[KIND, required("filters", Rule::Own(|_, _, _| {}))]);
    match value.get("type").and_then(Value::as_str) {
        Some("eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "nin") => COMPARISON.check(path, value, faults),
        Some("and" | "or") if depth < DEEPEST_FILTER => {
            SEVERAL.check(path, value, faults);
            let path = format!("{path}.filters");
            match value.as_object().and_then(|filters| given(filters, "filters")?.as_array()) {
                Some(filters) => {
                    each(&path, filters, faults, |path, value, faults| filter(path, value, depth + 1, faults))
                }
                None => faults.add(&path, "must be a list of filters"),
            }
        }
        Some("and" | "or") => faults.add(path, "must be at most 8 filters deep"),
        _ => faults.add(&format!("{path}.type"), "must be eq, ne, gt, gte, lt, lte, in, nin, and or or"),
    }
}

fn operand(path: &str, value: &Value, faults: &mut Faults) {
    let is_plain = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let is_list = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(is_plain));
    if !is_plain(value) && !is_list(value) {
        faults.add(path, "must be a string, a number, true, false, or a list of these");
    }
}
