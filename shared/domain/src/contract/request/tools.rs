//! Tools of a type: known kinds with known fields, all of them run by the provider. A credential stands in none of them.

mod credential;
mod kinds;
mod mcp;
pub mod secrets;

use serde_json::Value;

use self::credential::is_known_form;
use super::FieldError;
use super::shape::{Faults, check_fields, each, either};
use crate::value::id::WorkspaceId;

pub use self::mcp::{HEADER_SECRETS, SECRET, SecretPlace};

const MAX_TOOLS: usize = 16;
const MAX_BYTES: usize = 65_536;

/// Everything that is wrong with the tools of a type, by path.
pub(super) fn check(tools: &[Value], secrets: &SecretPlace<'_>) -> Vec<FieldError> {
    let mut faults = Faults::default();
    let bytes: usize = tools.iter().map(|tool| tool.to_string().len()).sum();
    if tools.len() > MAX_TOOLS || bytes > MAX_BYTES {
        faults.add("tools", "must be at most 16 objects and 65,536 bytes");
    } else {
        each("tools", tools, &mut faults, |path, tool, faults| check_tool(path, tool, secrets, faults));
    }
    faults.into_errors()
}

fn check_tool(path: &str, tool: &Value, secrets: &SecretPlace<'_>, faults: &mut Faults) {
    let Some(fields) = tool.as_object() else { return faults.add(path, "must be an object") };
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind == "mcp" {
        mcp::check(path, fields, secrets, faults);
    } else if let Some(known) = kinds::fields_of(kind) {
        check_fields(path, fields, known, faults);
    } else if kinds::OURS_TO_ANSWER.contains(&kind) {
        let message = "is a tool whose calls somebody here would have to answer, and nobody can";
        return faults.add(&format!("{path}.type"), message);
    } else {
        return faults.add(&format!("{path}.type"), &format!("must be {}", either(&kinds::known())));
    }
    no_credential(path, tool, faults);
}

/// Wherever it stands, a text in the form of a well-known credential is one.
fn no_credential(path: &str, value: &Value, faults: &mut Faults) {
    match value {
        Value::String(text) if is_known_form(text) => faults.add(path, credential::REFUSED),
        Value::Array(list) => each(path, list, faults, no_credential),
        Value::Object(fields) => {
            for (name, value) in fields {
                if is_known_form(name) {
                    faults.add(path, credential::REFUSED);
                }
                no_credential(&format!("{path}.{}", super::short(name)), value, faults);
            }
        }
        _ => {}
    }
}

/// Where the secrets of one workspace's tools lie: those of another are not its to name.
impl<'a> SecretPlace<'a> {
    pub fn new(deployment: &'a str, workspace: &'a WorkspaceId) -> Self {
        Self { deployment, workspace }
    }
}

#[cfg(test)]
mod tests;
