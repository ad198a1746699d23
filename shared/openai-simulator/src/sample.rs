//! A sample that keeps a schema: what the simulator answers where the request asks for one JSON object.

use serde_json::{Map, Value};

use super::request::Request;

/// How deep a schema is followed where it refers to itself.
const DEPTH: u8 = 16;

/// The smallest object that keeps the schema which the request asks for, if it asks for one.
pub(super) fn keeping(request: &Request) -> Option<String> {
    let format = request.fields.get("text")?.get("format")?;
    let schema = format.get("schema").filter(|_| format.get("type").is_some_and(|kind| kind == "json_schema"))?;
    Some(sample(schema, schema, DEPTH).to_string())
}

fn sample(schema: &Value, root: &Value, depth: u8) -> Value {
    let Some(depth) = depth.checked_sub(1) else { return Value::Null };
    if let Some(to) = schema.get("$ref").and_then(Value::as_str).and_then(|to| root.pointer(to.trim_start_matches('#')))
    {
        return sample(to, root, depth);
    }
    if let Some(value) = schema.get("const").or_else(|| schema.get("enum")?.get(0)) {
        return value.clone();
    }
    if let Some(first) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(|choices| choices.get(0)) {
        return sample(first, root, depth);
    }
    let kind = schema.get("type").map(|kind| kind.get(0).unwrap_or(kind)).and_then(Value::as_str);
    match kind {
        Some("object") => Value::Object(object(schema, root, depth)),
        Some("array") => {
            let count = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).min(8);
            let item = schema.get("items").map(|item| sample(item, root, depth)).unwrap_or_default();
            (0..count).map(|_| item.clone()).collect()
        }
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| Value::from(0)),
        Some("boolean") => Value::Bool(true),
        Some("string") => Value::from("Canned by a simulator."),
        _ => Value::Null,
    }
}

fn object(schema: &Value, root: &Value, depth: u8) -> Map<String, Value> {
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    fields.map(|(name, field)| (name.clone(), sample(field, root, depth))).collect()
}
