//! Rules that a value inside a body has to keep, told as data: what is wrong is named by its path.

use serde_json::{Map, Value};

use super::fields::MOST_ERRORS;
use super::{FieldError, error_at, short};

/// What is wrong so far, up to the most that one answer complains of.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<FieldError>);

impl Faults {
    pub(super) fn add(&mut self, path: &str, message: &str) {
        // The first thing that is wrong with a value is enough.
        if !self.is_full() && self.0.iter().all(|known| known.field != path) {
            self.0.push(error_at(path, message));
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST_ERRORS
    }

    pub(super) fn into_errors(self) -> Vec<FieldError> {
        self.0
    }
}

/// What a value has to be.
pub(super) enum Rule {
    /// From 1 to so many bytes, without control characters.
    Text(usize),
    /// One of these.
    Word(&'static [&'static str]),
    Flag,
    Whole(u64, u64),
    /// Of any size; what it means is the provider's.
    Number,
    /// From 1 to so many entries.
    List(usize, &'static Self),
    /// An object of these fields.
    Object(&'static [Field]),
    /// What no other rule can say.
    Own(fn(&str, &Value, &mut Faults)),
}

/// A field of an object.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) is_required: bool,
    pub(super) rule: Rule,
}

pub(super) const fn required(name: &'static str, rule: Rule) -> Field {
    Field { name, is_required: true, rule }
}

/// A field that may be left out; `null` says the same.
pub(super) const fn optional(name: &'static str, rule: Rule) -> Field {
    Field { name, is_required: false, rule }
}

impl Rule {
    pub(super) fn check(&self, path: &str, value: &Value, faults: &mut Faults) {
        match self {
            Self::Text(most) => {
                let holds = |text: &str| (1..=*most).contains(&text.len()) && !text.contains(char::is_control);
                if !value.as_str().is_some_and(holds) {
                    faults.add(path, &format!("must be a string of 1 to {most} bytes without control characters"));
                }
            }
            Self::Word(words) => {
                if !value.as_str().is_some_and(|word| words.contains(&word)) {
                    faults.add(path, &format!("must be {}", either(words)));
                }
            }
            Self::Flag if value.is_boolean() => {}
            Self::Flag => faults.add(path, "must be true or false"),
            Self::Whole(least, most) => {
                if !value.as_u64().is_some_and(|number| (*least..=*most).contains(&number)) {
                    faults.add(path, &format!("must be a whole number from {least} to {most}"));
                }
            }
            Self::Number if value.is_number() => {}
            Self::Number => faults.add(path, "must be a number"),
            Self::List(most, rule) => match value.as_array().filter(|list| (1..=*most).contains(&list.len())) {
                Some(list) => each(path, list, faults, |path, value, faults| rule.check(path, value, faults)),
                None => faults.add(path, &format!("must be a list of 1 to {most} entries")),
            },
            Self::Object(fields) => match value.as_object() {
                Some(object) => check_fields(path, object, fields, faults),
                None => faults.add(path, "must be an object"),
            },
            Self::Own(check) => check(path, value, faults),
        }
    }
}

/// Checks each entry of a list under its own path.
pub(super) fn each(path: &str, list: &[Value], faults: &mut Faults, check: impl Fn(&str, &Value, &mut Faults)) {
    for (place, value) in list.iter().enumerate() {
        if faults.is_full() {
            return;
        }
        check(&format!("{path}[{place}]"), value, faults);
    }
}

/// Checks what an object holds: nothing but these fields, and each by its rule.
pub(super) fn check_fields(path: &str, object: &Map<String, Value>, fields: &[Field], faults: &mut Faults) {
    for name in object.keys().filter(|name| fields.iter().all(|field| field.name != name.as_str())) {
        if faults.is_full() {
            return;
        }
        faults.add(&format!("{path}.{}", short(name)), "is not a field that is known here");
    }
    for Field { name, is_required, rule } in fields {
        let path = format!("{path}.{name}");
        match given(object, name) {
            Some(value) => rule.check(&path, value, faults),
            None if *is_required => faults.add(&path, "is required"),
            None => {}
        }
    }
}

/// A field that says something.
pub(super) fn given<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// Words as a sentence has them.
pub(super) fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
