//! Event patterns, as far as they name values: what a rule picks.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a rule of EventBridge says of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// One of these values; of a list, any element.
    AnyOf(Vec<Value>),
    /// All of these fields.
    Fields(BTreeMap<String, Pattern>),
}

/// A pattern that EventBridge may know and this one does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the local bus has no rules with {0}")]
pub struct UnknownPattern(String);

impl Pattern {
    pub fn parse(pattern: &Value) -> Result<Self, UnknownPattern> {
        match pattern {
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, pattern)| Ok((name.clone(), Self::parse(pattern)?)));
                fields.collect::<Result<_, _>>().map(Self::Fields)
            }
            Value::Array(values) => match values.iter().find(|value| value.is_object() || value.is_array()) {
                Some(operator) => Err(UnknownPattern(operator.to_string())),
                None => Ok(Self::AnyOf(values.clone())),
            },
            plain => Err(UnknownPattern(plain.to_string())),
        }
    }

    pub fn matches(&self, event: &Value) -> bool {
        match (self, event) {
            (Self::Fields(fields), Value::Object(event)) => {
                fields.iter().all(|(name, pattern)| event.get(name).is_some_and(|value| pattern.matches(value)))
            }
            (Self::AnyOf(values), Value::Array(elements)) => elements.iter().any(|element| values.contains(element)),
            (Self::AnyOf(values), value) => values.contains(value),
            (Self::Fields(_), _) => false,
        }
    }
}
