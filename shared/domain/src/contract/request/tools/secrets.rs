//! Secrets of tools: which ones a request needs, and the tools as the provider is given them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{HEADER_SECRETS, SECRET, SecretPlace};

/// A tool names a secret that is not its workspace's, or whose value is not there or is no header's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret of the tools is not there to be used")]
pub struct NoSecret;

/// The ARN of every secret that these tools name.
pub fn named(tools: &[Value]) -> BTreeSet<String> {
    let mut arns = BTreeSet::new();
    for tool in tools {
        arns.extend(tool.get(SECRET).and_then(Value::as_str).map(str::to_owned));
        let headers = tool.get(HEADER_SECRETS).and_then(Value::as_object);
        arns.extend(headers.into_iter().flat_map(Map::values).filter_map(Value::as_str).map(str::to_owned));
    }
    arns
}

/// The tools with the values of their secrets, by ARN. Only the provider may see what comes out.
pub fn filled(
    tools: &[Value],
    place: &SecretPlace<'_>,
    values: &BTreeMap<String, String>,
) -> Result<Vec<Value>, NoSecret> {
    // The type was checked when it was set; whoever reads a secret looks once more at whose it is.
    let value = |arn: &Value| -> Result<Value, NoSecret> {
        let arn = arn.as_str().filter(|arn| place.holds(arn)).ok_or(NoSecret)?;
        let value = values.get(arn).map(|value| value.trim()).ok_or(NoSecret)?;
        let is_line = !value.is_empty() && value.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        if is_line { Ok(Value::from(value)) } else { Err(NoSecret) }
    };
    let fill = |tool: &Value| -> Result<Value, NoSecret> {
        let Value::Object(mut tool) = tool.clone() else { return Ok(tool.clone()) };
        if let Some(arn) = tool.remove(SECRET).filter(|arn| !arn.is_null()) {
            tool.insert("authorization".to_owned(), value(&arn)?);
        }
        if let Some(arns) = tool.remove(HEADER_SECRETS).filter(|arns| !arns.is_null()) {
            let mut headers = tool.remove("headers").and_then(|it| it.as_object().cloned()).unwrap_or_default();
            for (name, arn) in arns.as_object().ok_or(NoSecret)? {
                headers.insert(name.clone(), value(arn)?);
            }
            tool.insert("headers".to_owned(), Value::Object(headers));
        }
        Ok(Value::Object(tool))
    };
    tools.iter().map(fill).collect()
}
