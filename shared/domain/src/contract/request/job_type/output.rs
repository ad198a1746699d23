//! What a type asks of the final answer: a JSON Schema, and whether the provider holds the model to it.

use serde_json::Value;

use super::super::fields::Fields;
use crate::policy::output_schema::{SchemaError, check, not_strict};

/// Without a word about it, a schema is strict where the provider takes it so.
pub(super) fn read(fields: &mut Fields) -> (Option<Value>, bool) {
    const STRICT: &str = "output_strict";
    let asked: Option<bool> = fields.take(STRICT, "must be true, false or null", |_| true).flatten();
    let Some(schema) = fields.map.remove("output_schema").filter(|schema| !schema.is_null()) else {
        if asked == Some(true) {
            fields.wrong(STRICT, "must be left out without output_schema");
        }
        return (None, false);
    };
    if !schema.is_object() {
        fields.wrong("output_schema", "must be a JSON Schema, which is an object, or null");
        return (None, false);
    }
    let refused = check(&schema);
    let open = if refused.is_empty() { not_strict(&schema) } else { vec![] };
    let wrong = if asked == Some(true) { [refused, open.clone()].concat() } else { refused };
    wrong.iter().for_each(|SchemaError { path, message }| fields.wrong(&format!("output_schema{path}"), message));
    (Some(schema), asked != Some(false) && open.is_empty())
}
