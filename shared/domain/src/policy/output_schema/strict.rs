//! What the provider takes with `strict`: the subset of JSON Schema that it can hold a model to.

use serde_json::Value;

use super::{MAX_SCHEMA_ERRORS, SchemaError, error, walk};

/// From the provider's page on supported schemas, February 2026.
const WORDS: [&str; 22] = [
    "$defs",
    "$ref",
    "$schema",
    "additionalProperties",
    "anyOf",
    "const",
    "definitions",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maximum",
    "minItems",
    "minimum",
    "multipleOf",
    "pattern",
    "properties",
    "required",
    "type",
];
const TITLE: &str = "title";

const MAX_PROPERTIES: usize = 5_000;
const MAX_DEPTH: usize = 10;
const MAX_ENUM_VALUES: usize = 1_000;
const MAX_NAME_CHARACTERS: usize = 120_000;

/// Why a schema cannot be asked for with `strict`, by place; nothing where it can.
pub fn not_strict(schema: &Value) -> Vec<SchemaError> {
    let mut errors = vec![];
    let mut count = Count::default();
    if schema.get("anyOf").is_some() {
        errors.push(error("/anyOf", "is not taken at the root by strict"));
    }
    walk(schema, String::new(), &mut |path, schema| {
        count.add(schema);
        errors.extend(unsupported(path, schema));
        errors.extend(open(path, schema));
        if objects_in(path) > MAX_DEPTH {
            errors.push(error(path, "must be at most 10 objects deep for strict"));
        }
    });
    errors.extend(count.errors());
    errors.truncate(MAX_SCHEMA_ERRORS);
    errors
}

/// Words that strict does not know.
fn unsupported(path: &str, schema: &Value) -> Vec<SchemaError> {
    let names = schema.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let unknown = names.filter(|name| *name != TITLE && !WORDS.contains(name));
    unknown.map(|name| error(&format!("{path}/{name}"), "is not taken by strict")).collect()
}

/// An object that leaves something open.
fn open(path: &str, schema: &Value) -> Option<SchemaError> {
    let is_object = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        kind => kind.is_some_and(|kind| kind == "object"),
    };
    if !is_object {
        return None;
    }
    if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Some(error(&format!("{path}/additionalProperties"), "must be false for strict"));
    }
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut names = schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name);
    let missing = names.find(|name| !required.contains(&name.as_str()))?;
    Some(error(
        &format!("{path}/required"),
        &format!("must name {} as well for strict; null may stand for nothing", short(missing)),
    ))
}

fn short(name: &str) -> String {
    name.chars().take(64).collect()
}

/// How many objects a schema at this place lies in.
fn objects_in(path: &str) -> usize {
    path.split('/').filter(|part| *part == "properties").count()
}

/// What the provider bounds over a whole schema.
#[derive(Default)]
struct Count {
    properties: usize,
    enum_values: usize,
    characters: usize,
}

impl Count {
    fn add(&mut self, schema: &Value) {
        let characters = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
        for group in ["properties", "$defs", "definitions"] {
            let names = schema.get(group).and_then(Value::as_object).into_iter().flatten();
            for (name, _) in names {
                self.properties += usize::from(group == "properties");
                self.characters += name.chars().count();
            }
        }
        let values = schema.get("enum").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        self.enum_values += values.len();
        self.characters += values.iter().chain(schema.get("const")).map(characters).sum::<usize>();
    }

    fn errors(&self) -> Vec<SchemaError> {
        let bounds = [
            (self.properties > MAX_PROPERTIES, "must have at most 5,000 properties for strict"),
            (self.enum_values > MAX_ENUM_VALUES, "must have at most 1,000 values of enums for strict"),
            (
                self.characters > MAX_NAME_CHARACTERS,
                "must have at most 120,000 characters of names and values for strict",
            ),
        ];
        bounds.into_iter().filter(|(is_over, _)| *is_over).map(|(_, message)| error("", message)).collect()
    }
}
