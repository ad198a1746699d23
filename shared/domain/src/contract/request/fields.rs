//! A JSON object whose fields are taken out one by one, and everything that is wrong with it, by name.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{FieldError, error_at, short};
use crate::value::json::{self, Fault, Json};

/// The most that one answer complains of.
pub(super) const MOST_ERRORS: usize = 40;

/// A JSON object, and what is wrong with it so far.
pub(super) struct Fields {
    /// What stands in front of each name, for an object inside another.
    path: String,
    pub(super) map: BTreeMap<String, Value>,
    errors: Vec<FieldError>,
}

/// An object, and where reading it lost something.
type Object = (Map<String, Value>, Vec<Fault>);

/// The one reader of a body.
pub(super) fn object(bytes: &[u8]) -> Result<Object, Vec<FieldError>> {
    match json::read(bytes) {
        Ok(Json { value: Value::Object(map), mut faults }) => {
            // A name of the body itself that cannot be read stands for no field.
            faults.iter_mut().filter(|fault| fault.path.is_empty()).for_each(|fault| fault.path = "body".to_owned());
            Ok((map, faults))
        }
        Ok(_) => Err(vec![error_at("body", "must be a JSON object")]),
        Err(error) => Err(vec![error_at("body", &error.to_string())]),
    }
}

impl Fields {
    /// Reads a body.
    pub(super) fn read(bytes: &[u8], known: &[&str]) -> Result<Self, Vec<FieldError>> {
        let (map, faults) = object(bytes)?;
        let mut fields = Self::of(String::new(), map, known);
        faults.iter().for_each(|fault| fields.wrong(&fault.path, fault.kind.message()));
        Ok(fields)
    }

    fn of(path: String, map: Map<String, Value>, known: &[&str]) -> Self {
        let mut fields = Self { path, map: BTreeMap::new(), errors: Vec::new() };
        for (name, value) in map {
            if known.contains(&name.as_str()) {
                fields.map.insert(name, value);
            } else {
                fields.wrong(&short(&name), "is not a field of this request");
            }
        }
        fields
    }

    pub(super) fn wrong(&mut self, field: &str, message: &str) {
        let field = format!("{}{field}", self.path);
        // The first thing that is wrong with a field is enough.
        if self.errors.len() < MOST_ERRORS && self.errors.iter().all(|known| known.field != field) {
            self.errors.push(error_at(&field, message));
        }
    }

    /// What a field holds, if it is of the right kind and keeps its rule.
    pub(super) fn take<T: DeserializeOwned>(
        &mut self,
        name: &str,
        rule: &str,
        holds: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let value = self.map.remove(name)?;
        let read = serde_json::from_value(value).ok().filter(holds);
        if read.is_none() {
            self.wrong(name, rule);
        }
        read
    }

    /// A text that says something, within its limit.
    pub(super) fn text(&mut self, name: &str, most: usize, too_long: &str) -> Option<String> {
        match self.map.remove(name) {
            None => return None,
            Some(Value::String(text)) if text.trim().is_empty() => self.wrong(name, "must not be empty"),
            Some(Value::String(text)) if text.len() > most => self.wrong(name, too_long),
            Some(Value::String(text)) => return Some(text),
            Some(_) => self.wrong(name, "must be a string"),
        }
        None
    }

    /// A whole number within its bounds.
    pub(super) fn number(&mut self, name: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let rule = format!("must be a whole number from {} to {}", bounds.start(), bounds.end());
        self.take(name, &rule, |number| bounds.contains(number))
    }

    /// An object inside this one.
    pub(super) fn object(&mut self, name: &str, known: &[&str]) -> Option<Self> {
        match self.map.remove(name)? {
            Value::Object(map) => Some(Self::of(format!("{}{name}.", self.path), map, known)),
            _ => {
                self.wrong(name, "must be an object");
                None
            }
        }
    }

    /// Takes over what was wrong with an object inside this one.
    pub(super) fn absorb(&mut self, inner: Self) {
        self.errors.extend(inner.errors);
        self.errors.truncate(MOST_ERRORS);
    }

    pub(super) fn end<T>(self, read: Option<T>) -> Result<T, Vec<FieldError>> {
        match read {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(self.errors),
        }
    }
}
