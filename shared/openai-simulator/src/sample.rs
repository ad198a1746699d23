//! A sample that keeps a schema: what the simulator answers where the request asks for one JSON object.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::request::Request;
use super::script::raw;

/// How deep a schema is followed where it refers to itself.
const DEPTH: u8 = 16;
/// Fields of these names hold an address, and this is the one that the plan `research` cites.
const ADDRESSES: [&str; 4] = ["url", "uri", "source", "link"];
const ADDRESS: &str = "https://example.com/wind";

/// The smallest object that keeps the schema which the request asks for, if it asks for one.
pub(super) fn keeping(request: &Request) -> Option<String> {
    let format = request.fields.get("text")?.get("format")?;
    let schema = format.get("schema").filter(|_| format.get("type").is_some_and(|kind| kind == "json_schema"))?;
    Some(sample("", schema, schema, DEPTH).to_string())
}

/// Items whose answer keeps the schema, if one is asked for; what its citations are about moves along.
pub(super) fn in_schema(request: &Request, items: &[Box<RawValue>]) -> Vec<Box<RawValue>> {
    let Some(text) = keeping(request) else { return items.to_vec() };
    items.iter().map(|item| rewritten(item, &text)).collect()
}

fn rewritten(item: &RawValue, text: &str) -> Box<RawValue> {
    let mut value: Value = serde_json::from_str(item.get()).unwrap_or_default();
    if value.get("phase").is_none_or(|phase| phase != "final_answer") {
        return item.to_owned();
    }
    if let Some(part) = value.pointer_mut("/content/0").and_then(Value::as_object_mut) {
        for note in part.get_mut("annotations").and_then(Value::as_array_mut).into_iter().flatten() {
            cite(note, text);
        }
        part.insert("text".to_owned(), json!(text));
    }
    raw(&value)
}

/// Where the text names what is cited, or else at its end; in characters.
fn cite(note: &mut Value, text: &str) {
    let Some(note) = note.as_object_mut() else { return };
    let named = ["url", "filename"].iter().find_map(|name| note.get(*name)?.as_str()).unwrap_or_default();
    let characters = |end: usize| text.get(..end).unwrap_or(text).chars().count();
    let at = text.find(named).filter(|_| !named.is_empty());
    let start = at.unwrap_or(text.len());
    let end = at.map_or(text.len(), |at| at + named.len());
    for (name, place) in [("start_index", start), ("end_index", end), ("index", start)] {
        if let Some(index) = note.get_mut(name) {
            *index = json!(characters(place));
        }
    }
}

fn sample(name: &str, schema: &Value, root: &Value, depth: u8) -> Value {
    let Some(depth) = depth.checked_sub(1) else { return Value::Null };
    if let Some(to) = schema.get("$ref").and_then(Value::as_str).and_then(|to| root.pointer(to.trim_start_matches('#')))
    {
        return sample(name, to, root, depth);
    }
    if let Some(value) = schema.get("const").or_else(|| schema.get("enum")?.get(0)) {
        return value.clone();
    }
    if let Some(first) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(|choices| choices.get(0)) {
        return sample(name, first, root, depth);
    }
    let kind = schema.get("type").map(|kind| kind.get(0).unwrap_or(kind)).and_then(Value::as_str);
    match kind {
        Some("object") => Value::Object(object(schema, root, depth)),
        Some("array") => {
            let count = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).min(8);
            let item = schema.get("items").map(|item| sample(name, item, root, depth)).unwrap_or_default();
            (0..count).map(|_| item.clone()).collect()
        }
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| Value::from(0)),
        Some("boolean") => Value::Bool(true),
        Some("string") => {
            let is_address = schema.get("format").is_some_and(|format| format == "uri")
                || ADDRESSES.iter().any(|word| name.to_lowercase().contains(word));
            Value::from(if is_address { ADDRESS } else { "Canned by a simulator." })
        }
        _ => Value::Null,
    }
}

fn object(schema: &Value, root: &Value, depth: u8) -> Map<String, Value> {
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    fields.map(|(name, field)| (name.clone(), sample(name, field, root, depth))).collect()
}
