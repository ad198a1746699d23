//! Items that come twice under one id: streams that were put together again have them, and each counts once.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::call;
use super::fields::Fields;

/// The list with every item once, at its first place, in the version that says the most.
pub(super) fn without(items: Vec<&RawValue>) -> Vec<&RawValue> {
    let mut once: Vec<&RawValue> = vec![];
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for raw in items {
        let key = identity(&Fields::of(raw));
        let place = key.as_ref().and_then(|key| places.get(key)).copied();
        match place.and_then(|place| once.get_mut(place)) {
            Some(earlier) if is_the_same(earlier, raw) => {
                if is_better(raw, earlier) {
                    *earlier = raw;
                }
            }
            _ => {
                places.extend(key.map(|key| (key, once.len())));
                once.push(raw);
            }
        }
    }
    once
}

/// An item without an id is nobody's double.
fn identity(item: &Fields<'_>) -> Option<(String, String)> {
    let id = ["call_id", "id"].iter().filter_map(|name| item.text(name)).find(|id| !id.is_empty())?;
    Some((item.kind(), id))
}

/// Two calls that ask for different things are two, whatever they are called: neither is hidden from whoever decides. Nor
/// is a call that hangs on a message. A message on the way to the answer and the answer are two as well.
fn is_the_same(one: &RawValue, other: &RawValue) -> bool {
    let (one, other, is_equal) = (Fields::of(one), Fields::of(other), one.get() == other.get());
    let [is_call, is_other_call] = [&one, &other].map(call::is_call);
    if is_call != is_other_call || call::hangs_on(&one) || call::hangs_on(&other) {
        return is_equal;
    }
    if !is_call {
        return one.text("phase") == other.text("phase");
    }
    let is_early = |item: &Fields<'_>| item.text("status").is_some_and(|status| status == "in_progress");
    let [input, later] = [&one, &other].map(|item| call::input(item, &["function"]));
    input == later || (is_early(&one) && begins(&input, &later)) || (is_early(&other) && begins(&later, &input))
}

/// Whether one is the other as far as it had come.
fn begins(early: &Value, late: &Value) -> bool {
    let (Some(early), Some(late)) = (early.as_object(), late.as_object()) else { return false };
    early.iter().all(|(name, value)| match (value, late.get(name)) {
        (Value::String(early), Some(Value::String(late))) => late.starts_with(early.as_str()),
        (value, later) => later == Some(value),
    })
}

/// The later version, unless it is less far than the one before, or has lost what that one said.
fn is_better(later: &RawValue, earlier: &RawValue) -> bool {
    let (later, earlier) = (Fields::of(later), Fields::of(earlier));
    let is_done = |item: &Fields<'_>| item.text("status").is_none_or(|status| status == "completed");
    let says = |item: &Fields<'_>| {
        let prose = item.prose("content").is_some_and(|text| !text.is_empty());
        prose || ["result", "results", "outputs", "output"].iter().any(|name| item.raw(name).is_some())
    };
    (is_done(&later) || !is_done(&earlier)) && (says(&later) || !says(&earlier))
}
