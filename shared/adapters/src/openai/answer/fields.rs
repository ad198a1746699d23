//! JSON objects whose fields are decoded one by one, so that trouble in one stays there.

use std::collections::BTreeMap;

use domain::provider::lenient;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// An object of a text that was mended: what is wrong with one field (a number beyond 1e308, a thousand brackets) is
/// wrong with that field alone. A field that is null counts as missing.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields<'a>(#[serde(borrow)] BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    /// Anything that is not an object counts as one without fields.
    pub(crate) fn of(raw: &'a RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    pub(crate) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied().filter(|raw| raw.get() != "null")
    }

    pub(crate) fn get<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?.get()).ok()
    }

    pub(super) fn object(&self, name: &str) -> Self {
        self.raw(name).map(Self::of).unwrap_or_default()
    }

    /// A word or a line: a string, or a number or a truth value as it stands there.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        text(self.raw(name)?)
    }

    /// What was written, in whatever it is wrapped.
    pub(super) fn prose(&self, name: &str) -> Option<String> {
        prose(self.raw(name)?)
    }

    /// A single element that stands where a list should counts as a list of one.
    pub(crate) fn list(&self, name: &str) -> Vec<&'a RawValue> {
        let Some(raw) = self.raw(name) else { return vec![] };
        if raw.get().starts_with('[') { elements(raw) } else { vec![raw] }
    }

    pub(crate) fn kind(&self) -> String {
        self.text("type").unwrap_or_default()
    }

    /// The field's value, or its text where a value would say something else.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        let raw = self.raw(name)?;
        Some(lenient::value(raw.get()).unwrap_or_else(|| Value::String(raw.get().to_owned())))
    }

    /// The field's own text: of a string what it holds, of anything else its JSON.
    pub(super) fn verbatim(&self, name: &str) -> Option<String> {
        let raw = self.raw(name)?;
        Some(string(raw).unwrap_or_else(|| raw.get().to_owned()))
    }
}

fn elements(raw: &RawValue) -> Vec<&RawValue> {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

pub(super) fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

fn text(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first() {
        Some(b'"') => string(raw),
        Some(b'[' | b'{') | None => None,
        Some(_) => Some(raw.get().to_owned()).filter(|text| text != "null"),
    }
}

/// How many wrappers are taken off a text.
const WRAPPERS: u8 = 4;

pub(super) fn prose(raw: &RawValue) -> Option<String> {
    fn unwrap(raw: &RawValue, wrappers: u8) -> Option<String> {
        match raw.get().as_bytes().first() {
            Some(b'[' | b'{') if wrappers == 0 => None,
            Some(b'[') => {
                let found: Vec<String> =
                    elements(raw).into_iter().filter_map(|element| unwrap(element, wrappers - 1)).collect();
                (!found.is_empty()).then(|| found.concat())
            }
            Some(b'{') => {
                let fields = Fields::of(raw);
                ["text", "value", "content"].iter().find_map(|name| unwrap(fields.raw(name)?, wrappers - 1))
            }
            _ => text(raw),
        }
    }
    unwrap(raw, WRAPPERS)
}
