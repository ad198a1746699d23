//! Output schemas: which JSON Schema a job type may ask for, and what is wrong with an answer that does not keep it.

mod reach;
mod strict;

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde::Serialize;
use serde_json::Value;

use crate::value::lenient;

pub use self::strict::not_strict;

/// One thing that is wrong, and where: a JSON pointer into the schema or into the answer. It never quotes what stands
/// there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaError {
    pub path: String,
    pub message: String,
}

/// The largest schema, in bytes of its compact JSON.
pub const MAX_SCHEMA_BYTES: usize = 32_768;

/// In how many ways its references may unfold.
const MAX_WAYS: u64 = 10_000;

/// The most that is said about one schema or one answer.
pub const MAX_SCHEMA_ERRORS: usize = 16;

/// Beyond this nobody looks for the places at fault: each takes memory.
const DETAILED_TEXT: usize = 32_768;

/// Words that lead out of the schema, or give it another meaning there.
const OUTSIDE: [&str; 6] = ["$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$vocabulary"];

/// What keeps this from being a schema that an answer can be held against. Nothing is ever fetched for it.
pub fn check(schema: &Value) -> Vec<SchemaError> {
    if schema.to_string().len() > MAX_SCHEMA_BYTES {
        return vec![error("", "must be at most 32,768 bytes")];
    }
    if schema.get("type") != Some(&Value::from("object")) {
        return vec![error("/type", "must be \"object\", as a result is one JSON object")];
    }
    let (root, mut errors) = (schema, vec![]);
    walk(schema, String::new(), &mut |path, schema| {
        let refers_out = |to: &Value| to.as_str().and_then(|to| reach::part(root, to)).is_none();
        if schema.get("$ref").is_some_and(refers_out) {
            errors.push(error(&format!("{path}/$ref"), "must refer to a part of this schema, such as #/$defs/name"));
        }
        let outside = OUTSIDE.iter().filter(|word| schema.get(**word).is_some());
        errors.extend(outside.map(|word| error(&format!("{path}/{word}"), "is not taken")));
    });
    if errors.is_empty() && reach::ways(schema) > MAX_WAYS {
        errors.push(error("", "must refer to its own parts in fewer ways: an answer would be held against each"));
    }
    if errors.is_empty()
        && let Err(refusal) = validator(schema)
    {
        errors.push(error(refusal.instance_path().as_str(), &refusal.masked().to_string()));
    }
    errors.truncate(MAX_SCHEMA_ERRORS);
    errors
}

/// Whether a final answer keeps this schema.
pub fn keeps(schema: &Value, text: &str) -> bool {
    let value = lenient::exact(text);
    value.is_some_and(|value| validator(schema).is_ok_and(|validator| validator.is_valid(&value)))
}

/// What is wrong with a final answer under this schema; nothing where it keeps it. The places are named where that takes
/// no more than the answer is worth: a list of all that is wrong grows with each way in which a schema can be met.
pub fn errors_of(schema: &Value, text: &str) -> Vec<SchemaError> {
    let Some(value) = lenient::exact(text) else {
        return vec![error("", "must be one JSON value whose names each come once and which is not too deep")];
    };
    let validator = match validator(schema) {
        Ok(validator) => validator,
        Err(refusal) => return vec![error("", &format!("cannot be held against its schema: {}", refusal.masked()))],
    };
    if validator.is_valid(&value) {
        return vec![];
    }
    if text.len() > DETAILED_TEXT || reach::is_recursive(schema) {
        return vec![error("", "does not keep the schema")];
    }
    let shown = |refusal: ValidationError<'_>| error(refusal.instance_path().as_str(), &refusal.masked().to_string());
    validator.iter_errors(&value).take(MAX_SCHEMA_ERRORS).map(shown).collect()
}

/// Patterns are matched in time that grows with the text and not faster: a schema comes from outside.
fn validator(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    jsonschema::options()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .build(schema)
}

fn error(path: &str, message: &str) -> SchemaError {
    SchemaError { path: path.to_owned(), message: message.chars().take(200).collect() }
}

/// Shows every schema inside this one, itself included, with its JSON pointer.
fn walk<'a>(schema: &'a Value, path: String, see: &mut impl FnMut(&str, &'a Value)) {
    see(&path, schema);
    let Some(fields) = schema.as_object() else { return };
    for (name, value) in fields {
        let path = format!("{path}/{}", escaped(name));
        match (name.as_str(), value) {
            (
                "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
                Value::Object(inner),
            ) => {
                for (name, schema) in inner {
                    walk(schema, format!("{path}/{}", escaped(name)), see);
                }
            }
            // Values, in which a word means nothing.
            ("enum" | "const" | "default" | "examples" | "required", _) => {}
            (_, Value::Array(inner)) => {
                for (place, schema) in inner.iter().enumerate() {
                    walk(schema, format!("{path}/{place}"), see);
                }
            }
            (_, Value::Object(_)) => walk(value, path, see),
            _ => {}
        }
    }
}

/// A name as a part of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
