//! The create request: every field checked by name, every size bounded, before anything is written.

mod address;
pub mod asked;
pub mod decision;
mod fields;
pub mod input;
pub mod job_type;
pub mod otherwise;
pub mod questions;
mod shape;
mod submit_input;
pub mod tools;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

pub use self::submit_input::SubmitInput;

use self::fields::object;
use crate::policy::lane::{Effect, Lane};
use crate::value::id::{Principal, TypeName};
use crate::value::json::short;
use crate::value::time::Timestamp;
use crate::value::word::Known;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// A create request whose fields are well-formed. What its job type says about them is checked afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateRequest {
    pub job_type: TypeName,
    pub input: Value,
    pub summary: String,
    pub lane: Option<Lane>,
    pub tags: BTreeMap<String, String>,
    pub deadline: Option<Timestamp>,
    pub effects: Vec<Effect>,
    pub on_behalf_of: Option<Principal>,
    pub flexible: bool,
    pub overrides: Map<String, Value>,
    /// The whole body in canonical form: what is stored, and what tells a repeat from another request.
    pub canonical: String,
}

pub const MAX_INPUT_BYTES: usize = 5_000_000;
pub const MAX_INPUT_ITEMS: usize = 1_000;
pub const MAX_SUMMARY_BYTES: usize = 120;
pub const MAX_TAGS: usize = 4;
pub const MAX_TAG_KEY_BYTES: usize = 16;
pub const MAX_TAG_VALUE_BYTES: usize = 64;
pub const MAX_EFFECTS: usize = 8;

const LANE_RULE: &str = "must be interactive, background, batch or approval";
const EFFECTS_RULE: &str = "must be a list of customer_message, record_change, purchase, production_write, publishing, \
                            permission, deployment, deletion";
const TIME_RULE: &str = "must be a time in RFC 3339, such as 2026-11-23T09:30:00Z";

const PRINCIPAL_RULE: &str = "must be a principal: 1 to 128 printable ASCII characters without spaces";

const FIELDS: [&str; 10] =
    ["type", "input", "summary", "lane", "tags", "deadline", "effects", "on_behalf_of", "flexible", "overrides"];

/// Reads a body, collecting everything that is wrong with it.
pub fn parse(body: &[u8]) -> Result<CreateRequest, Vec<FieldError>> {
    let (mut fields, faults) = object(body)?;
    leave_out_nulls(&mut fields);
    let canonical = canonical_object(&fields);
    let unknown: BTreeSet<String> =
        fields.keys().filter(|name| !FIELDS.contains(&name.as_str())).map(|name| short(name)).take(16).collect();
    let mut errors: Vec<FieldError> =
        unknown.iter().map(|name| error_at(name, "is not a field of a create request")).collect();
    errors.extend(faults.iter().map(|fault| error_at(&fault.path, fault.kind.message())));

    let job_type = match fields.get("type") {
        Some(Value::String(name)) => {
            TypeName::parse(name).map_err(|error| errors.push(error_at("type", &error.to_string()))).ok()
        }
        Some(_) => refuse(&mut errors, "type", "must be a string"),
        None => refuse(&mut errors, "type", "is required"),
    };
    let input = input(fields.remove("input"), &mut errors);
    let summary = match fields.get("summary") {
        None => String::new(),
        Some(Value::String(text)) if text.len() <= MAX_SUMMARY_BYTES && !text.contains(char::is_control) => {
            text.clone()
        }
        Some(_) => refuse(&mut errors, "summary", "must be a string of at most 120 bytes without control characters")
            .unwrap_or_default(),
    };
    let lane = typed(&fields, "lane", LANE_RULE, &mut errors).map(|Known(lane)| lane);
    let effects: Vec<Known<Effect>> = typed(&fields, "effects", EFFECTS_RULE, &mut errors).unwrap_or_default();
    let effects: Vec<Effect> = effects.into_iter().map(|Known(effect)| effect).collect();
    if effects.len() > MAX_EFFECTS {
        errors.push(error_at("effects", "must have at most 8 entries"));
    }
    let on_behalf_of = typed(&fields, "on_behalf_of", PRINCIPAL_RULE, &mut errors);
    let deadline = typed(&fields, "deadline", TIME_RULE, &mut errors);
    let flexible = typed(&fields, "flexible", "must be true or false", &mut errors).unwrap_or(false);
    let tags = tags(fields.get("tags"), &mut errors);
    let overrides = match fields.remove("overrides") {
        None => Map::new(),
        Some(Value::Object(overrides)) => overrides,
        Some(_) => refuse(&mut errors, "overrides", "must be an object").unwrap_or_default(),
    };
    match (job_type, input) {
        (Some(job_type), Some(input)) if errors.is_empty() => Ok(CreateRequest {
            job_type,
            input,
            summary,
            lane,
            tags,
            deadline,
            effects,
            on_behalf_of,
            flexible,
            overrides,
            canonical,
        }),
        _ => Err(errors),
    }
}

fn input(value: Option<Value>, errors: &mut Vec<FieldError>) -> Option<Value> {
    match value {
        Some(Value::String(text)) if text.is_empty() => refuse(errors, "input", "must not be empty"),
        Some(Value::String(text)) if text.len() > MAX_INPUT_BYTES => {
            refuse(errors, "input", "must be at most 5,000,000 bytes")
        }
        Some(Value::Array(items)) if items.is_empty() => refuse(errors, "input", "must not be empty"),
        Some(Value::Array(items)) if items.len() > MAX_INPUT_ITEMS => {
            refuse(errors, "input", "must be at most 1,000 items")
        }
        Some(Value::Array(items)) if !items.iter().all(Value::is_object) => {
            refuse(errors, "input", "must be a list of objects")
        }
        Some(value @ (Value::String(_) | Value::Array(_))) => Some(value),
        Some(Value::Object(_)) => {
            refuse(errors, "input", "by upload is not available in this version; pass the text or the items")
        }
        Some(_) => refuse(errors, "input", "must be a string or a list of items"),
        None => refuse(errors, "input", "is required"),
    }
}

/// Generated clients send `null` for what they leave out, and it is the same request. What has to be there, and what no
/// request has, is refused as it came.
fn leave_out_nulls(fields: &mut Map<String, Value>) {
    let is_left_out = |name: &str| FIELDS.contains(&name) && !["type", "input"].contains(&name);
    fields.retain(|name, value| !(value.is_null() && is_left_out(name)));
    if let Some(Value::Object(overrides)) = fields.get_mut("overrides") {
        overrides.retain(|_, value| !value.is_null());
    }
}

fn tags(value: Option<&Value>, errors: &mut Vec<FieldError>) -> BTreeMap<String, String> {
    let rule = "must be an object of at most 4 strings, keys of 1 to 16 characters of a-z, 0-9, _ and -, values of at most 64 bytes";
    let Some(value) = value else { return BTreeMap::new() };
    let tags: BTreeMap<String, String> = serde_json::from_value(value.clone()).unwrap_or_else(|_| {
        errors.push(error_at("tags", rule));
        BTreeMap::new()
    });
    let key = |key: &String| {
        (1..=MAX_TAG_KEY_BYTES).contains(&key.len())
            && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
    };
    let value = |value: &String| value.len() <= MAX_TAG_VALUE_BYTES && !value.contains(char::is_control);
    if tags.len() > MAX_TAGS || !tags.keys().all(key) || !tags.values().all(value) {
        errors.push(error_at("tags", rule));
    }
    tags
}

/// JSON with sorted keys and no white space: the same request always has the same text. A number stands in it as it was
/// written, so that 1, 1.0 and 1e0 are three.
fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(fields) => canonical_object(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn canonical_object(fields: &Map<String, Value>) -> String {
    let sorted: BTreeMap<_, _> = fields.iter().collect();
    let fields: Vec<String> = sorted
        .into_iter()
        .map(|(name, value)| format!("{}:{}", Value::String(name.clone()), canonical(value)))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn typed<T: serde::de::DeserializeOwned>(
    fields: &Map<String, Value>,
    name: &str,
    rule: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let value = fields.get(name)?;
    serde_json::from_value(value.clone()).map_err(|_| errors.push(error_at(name, rule))).ok()
}

fn refuse<T>(errors: &mut Vec<FieldError>, field: &str, message: &str) -> Option<T> {
    errors.push(error_at(field, message));
    None
}

pub(crate) fn error_at(field: &str, message: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields_of(body: &str) -> Vec<String> {
        parse(body.as_bytes()).unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_whole_request_is_read() {
        let request = parse(
            br#"{"type":"document-analysis","input":"text","summary":"s","lane":"background","tags":{"team":"legal"},
                "deadline":"2026-11-23T09:30:00Z","effects":["deletion"],"on_behalf_of":"rita","flexible":true,"overrides":{"model":"gpt-6-luna"}}"#,
        )
        .unwrap();
        assert_eq!(request.effects, [Effect::Deletion]);
        assert_eq!(request.on_behalf_of.unwrap().as_str(), "rita");
        assert_eq!(request.deadline.unwrap().to_string(), "2026-11-23T09:30:00.000Z");
    }

    #[test]
    fn what_a_generated_client_leaves_out_as_null_is_left_out() {
        let bare = parse(br#"{"type":"t","input":"x","overrides":{}}"#).unwrap();
        let with = br#"{"type":"t","input":"x","summary":null,"tags":null,"lane":null,"deadline":null,"effects":null,"on_behalf_of":null,"flexible":null,"overrides":{"model":null}}"#;
        assert_eq!(parse(with).unwrap().canonical, bare.canonical, "it is the same request");
        assert_eq!(
            fields_of(r#"{"type":null,"input":null,"foo":null,"tags":{"a":null}}"#),
            ["foo", "type", "input", "tags"]
        );
    }

    #[test]
    fn an_unknown_field_is_refused_by_its_name() {
        let body = r#"{"type":"t","input":"x","status":"completed","approved_by":"me"}"#;
        assert_eq!(fields_of(body), ["approved_by", "status"]);
    }

    #[test]
    fn every_field_at_fault_is_named_at_once() {
        let body = r#"{"type":7,"input":{},"summary":5,"lane":"fast","tags":{"A":"x"},"deadline":"soon","effects":["harm"],"on_behalf_of":"a person","flexible":"yes","overrides":[]}"#;
        let mut fields = fields_of(body);
        fields.sort();
        assert_eq!(
            fields,
            [
                "deadline",
                "effects",
                "flexible",
                "input",
                "lane",
                "on_behalf_of",
                "overrides",
                "summary",
                "tags",
                "type"
            ]
        );
    }

    #[test]
    fn every_size_has_a_maximum_and_one_above_it_is_refused() {
        let with = |field: &str, value: Value| {
            let mut body = serde_json::json!({"type": "t", "input": "x"});
            body[field] = value;
            parse(body.to_string().as_bytes()).map(|_| ()).map_err(|errors| errors[0].field.clone())
        };
        let refused = |field: &str| Err(field.to_owned());
        assert_eq!(with("input", "x".repeat(MAX_INPUT_BYTES).into()), Ok(()));
        assert_eq!(with("input", "x".repeat(MAX_INPUT_BYTES + 1).into()), refused("input"));
        assert_eq!(with("input", vec![serde_json::json!({}); MAX_INPUT_ITEMS].into()), Ok(()));
        assert_eq!(with("input", vec![serde_json::json!({}); MAX_INPUT_ITEMS + 1].into()), refused("input"));
        assert_eq!(with("summary", "x".repeat(MAX_SUMMARY_BYTES).into()), Ok(()));
        assert_eq!(with("summary", "x".repeat(MAX_SUMMARY_BYTES + 1).into()), refused("summary"));
        let tags = |n: usize, key: usize, value: usize| {
            let tags: Map<String, Value> = (0..n).map(|i| (format!("{i:0>key$}"), "v".repeat(value).into())).collect();
            Value::Object(tags)
        };
        assert_eq!(with("tags", tags(4, 16, 32)), Ok(()));
        assert_eq!(with("tags", tags(5, 16, 32)), refused("tags"));
        assert_eq!(with("tags", tags(1, 17, 1)), refused("tags"));
        assert_eq!(with("tags", tags(1, 1, 65)), refused("tags"));
        assert_eq!(with("effects", vec!["deletion"; 9].into()), refused("effects"));
        assert_eq!(with("type", "t".repeat(41).into()), refused("type"));
    }

    #[test]
    fn hostile_json_is_refused_and_not_a_panic() {
        for body in ["", "null", "[]", "{", "\u{0}", "{\"type\":\"t\",\"input\":1e400}", "{\"\\ud83d\":1}"] {
            assert!(parse(body.as_bytes()).is_err(), "{body:?}");
        }
        assert!(parse(b"\xff\xfe").is_err());
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn the_canonical_form_ignores_order_and_space_and_nothing_else() {
        let print = |body: &str| parse(body.as_bytes()).unwrap().canonical;
        let base = print(r#"{"type":"t","input":[{"a":1,"b":2}]}"#);
        assert_eq!(base, print(r#"{ "input": [ {"b":2,"a":1} ], "type":"t" }"#));
        assert_ne!(base, print(r#"{"type":"t","input":[{"a":1,"b":3}]}"#));
        assert_ne!(base, print(r#"{"type":"t","input":[{"a":1.0,"b":2}]}"#), "a number is what was written");
    }

    #[test]
    fn an_id_of_22_digits_is_the_id_that_was_sent_and_another_last_digit_is_another_request() {
        let parse = |id: &str| parse(format!(r#"{{"type":"t","input":[{{"id":{id}}}]}}"#).as_bytes()).unwrap();
        let request = parse("9423588012367823456789");
        assert_eq!(request.canonical, r#"{"input":[{"id":9423588012367823456789}],"type":"t"}"#);
        assert_eq!(request.input.to_string(), r#"[{"id":9423588012367823456789}]"#);
        assert_ne!(request.canonical, parse("9423588012367823456788").canonical);
    }

    #[test]
    fn a_name_that_comes_twice_is_refused_by_its_path_wherever_it_stands() {
        let body = r#"{"type":"t","type":"u","input":[{},{"a":[{"b":1,"b":1}]}],"tags":{"x":"1","\u0078":"2"},
                       "overrides":{"model":"a","model":"b"}}"#;
        assert_eq!(fields_of(body), ["type", "input.1.a.0.b", "tags.x", "overrides.model"]);
    }

    #[test]
    fn half_of_a_surrogate_pair_is_refused_by_its_place_and_never_changed() {
        assert_eq!(fields_of(r#"{"type":"t","input":"a \ud83d b"}"#), ["input"]);
        assert_eq!(fields_of(r#"{"type":"t","input":[{"content":"\ude00"}]}"#), ["input.0.content"]);
        assert!(parse(br#"{"type":"t","input":"\ud83d\ude00"}"#).unwrap().input == "\u{1f600}");
    }
}
