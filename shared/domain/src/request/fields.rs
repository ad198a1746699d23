//! A JSON object whose fields are taken out one by one, and everything that is wrong with it, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{FieldError, error_at, short};

/// The most that one answer complains of.
pub(super) const MOST_ERRORS: usize = 32;

/// A JSON object, and what is wrong with it so far.
pub(super) struct Fields {
    /// What stands in front of each name, for an object inside another.
    path: String,
    pub(super) map: BTreeMap<String, Value>,
    errors: Vec<FieldError>,
}

/// JSON of which a careless reader takes the last of two equal names and another the first: where that happens.
struct Strict {
    value: Value,
    twice: Vec<String>,
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Strict;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Strict, E> {
                Ok(Strict::plain(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
                Ok(Strict::plain(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
                Ok(Strict::plain(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
                Ok(Strict::plain(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Strict, E> {
                Ok(Strict::plain(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
                Ok(Strict::plain(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strict, A::Error> {
                let (mut items, mut twice) = (Vec::new(), Vec::new());
                while let Some(item) = seq.next_element::<Strict>()? {
                    twice.extend(item.twice.into_iter().map(|path| format!("{}.{path}", items.len())));
                    twice.truncate(MOST_ERRORS);
                    items.push(item.value);
                }
                Ok(Strict { value: items.into(), twice })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
                let (mut fields, mut twice) = (Map::new(), Vec::new());
                while let Some((name, field)) = map.next_entry::<String, Strict>()? {
                    twice.extend(field.twice.into_iter().map(|path| format!("{}.{path}", short(&name))));
                    if fields.contains_key(&name) {
                        twice.push(short(&name));
                    }
                    fields.insert(name, field.value);
                }
                twice.truncate(MOST_ERRORS);
                Ok(Strict { value: fields.into(), twice })
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Strict {
    const fn plain(value: Value) -> Self {
        Self { value, twice: Vec::new() }
    }
}

impl Fields {
    /// Reads a body.
    pub(super) fn read(bytes: &[u8], known: &[&str]) -> Result<Self, Vec<FieldError>> {
        match serde_json::from_slice(bytes) {
            Ok(Strict { value: Value::Object(map), twice }) => {
                let mut fields = Self::of(String::new(), map, known);
                twice.iter().for_each(|name| fields.wrong(name, "must not come twice"));
                Ok(fields)
            }
            Ok(_) | Err(_) => Err(vec![error_at("body", "must be a JSON object")]),
        }
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
