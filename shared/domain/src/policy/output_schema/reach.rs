//! What the references of a schema lead to: how many ways they unfold into, and whether one leads back to itself.

use std::collections::BTreeMap;

use serde_json::Value;

/// How many schemas there are, definitions included, once every reference is written out; one that leads back to where it is counts once.
pub(super) fn ways(schema: &Value) -> u64 {
    Reach { root: schema, known: BTreeMap::new(), is_recursive: false }.of(schema)
}

pub(super) fn is_recursive(schema: &Value) -> bool {
    let mut reach = Reach { root: schema, known: BTreeMap::new(), is_recursive: false };
    reach.of(schema);
    reach.is_recursive
}

/// What a reference names, written plainly: one that is encoded would be followed elsewhere and not here.
pub(super) fn part<'a>(root: &'a Value, to: &str) -> Option<&'a Value> {
    root.pointer(to.strip_prefix('#')?)
}

struct Reach<'a> {
    root: &'a Value,
    /// What each reference leads to; `None` while that is being counted.
    known: BTreeMap<&'a str, Option<u64>>,
    is_recursive: bool,
}

impl<'a> Reach<'a> {
    fn of(&mut self, schema: &'a Value) -> u64 {
        match schema {
            Value::Object(fields) => {
                let to = fields.get("$ref").and_then(Value::as_str).map_or(0, |to| self.referred(to));
                fields.values().map(|value| self.of(value)).fold(to.saturating_add(1), u64::saturating_add)
            }
            Value::Array(list) => list.iter().map(|value| self.of(value)).fold(0, u64::saturating_add),
            _ => 0,
        }
    }

    fn referred(&mut self, to: &'a str) -> u64 {
        match self.known.get(to) {
            Some(Some(ways)) => return *ways,
            Some(None) => {
                self.is_recursive = true;
                return 1;
            }
            None => {}
        }
        let Some(target) = part(self.root, to) else { return 0 };
        self.known.insert(to, None);
        // A reference to the root leads back to whatever holds it.
        self.is_recursive |= to == "#";
        let ways = if to == "#" { 1 } else { self.of(target) };
        self.known.insert(to, Some(ways));
        ways
    }
}
