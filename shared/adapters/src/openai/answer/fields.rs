//! JSON objects whose fields are decoded one by one, so that trouble in one stays there.

use std::collections::BTreeMap;

use domain::value::lenient;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// An object of a text that was mended: what is wrong with one field (a number beyond 1e308, a thousand brackets) is
/// wrong with that field alone. A field that is null counts as missing.
#[derive(Default)]
pub(crate) struct Fields<'a> {
    last: BTreeMap<String, &'a RawValue>,
    /// What stood before under a name that comes more than once: one of the two is not what was meant.
    earlier: Vec<(String, &'a RawValue)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields<'de>, M::Error> {
                let mut fields = Fields::default();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if let Some(before) = fields.last.insert(name.clone(), value) {
                        fields.earlier.push((name, before));
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'a> Fields<'a> {
    /// Anything that is not an object counts as one without fields.
    pub(crate) fn of(raw: &'a RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.last.keys()
    }

    pub(crate) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.last.get(name).copied().filter(|raw| raw.get() != "null")
    }

    /// What stands under a name, however often that comes.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &'a RawValue> {
        let earlier = self.earlier.iter().filter(move |(other, _)| other == name).map(|(_, raw)| *raw);
        earlier.chain(self.last.get(name).copied()).filter(|raw| raw.get() != "null")
    }

    /// Whether any of its names comes more than once.
    pub(crate) fn is_doubled(&self) -> bool {
        !self.earlier.is_empty()
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
        let elements = |raw: &'a RawValue| if raw.get().starts_with('[') { elements(raw) } else { vec![raw] };
        self.all(name).flat_map(elements).collect()
    }

    /// What a list holds, and the lists in it.
    pub(crate) fn items(&self, name: &str) -> Vec<&'a RawValue> {
        self.list(name).into_iter().flat_map(flat).collect()
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

/// How deep lists may lie in lists.
const LISTS: u8 = 32;

/// What a list holds, and the lists in it. One that lies too deep stays what it is.
fn flat(raw: &RawValue) -> Vec<&RawValue> {
    fn open(raw: &RawValue, lists: u8) -> Vec<&RawValue> {
        if lists == 0 || !raw.get().starts_with('[') {
            return vec![raw];
        }
        elements(raw).into_iter().flat_map(|raw| open(raw, lists - 1)).collect()
    }
    open(raw, LISTS)
}

fn elements(raw: &RawValue) -> Vec<&RawValue> {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

pub(super) fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

pub(super) fn text(raw: &RawValue) -> Option<String> {
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
