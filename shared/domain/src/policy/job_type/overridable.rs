//! What a create may override of its type, and how far. What is not listed is the type's alone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::policy::cost::{EFFORTS, Model};

/// An allow-list with a bound for each field of the provider's request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overridable {
    pub model: Vec<String>,
    pub service_tier: Vec<String>,
    pub window: Vec<String>,
    pub max_output_tokens: Option<Bound>,
    pub reasoning_effort: Vec<String>,
    /// Whether a create may wait for a lower price.
    pub flexible: bool,
}

/// The most that a number may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    pub max: u32,
}

impl Overridable {
    /// What a type allows that says nothing about it: less than its own limits, and nothing that could cost more.
    pub(crate) fn within(model: &str, max_output_tokens: u32, effort: Option<&str>) -> Self {
        let most = EFFORTS.iter().position(|word| Some(*word) == effort);
        let up_to = most.and_then(|most| EFFORTS.get(..=most)).unwrap_or_default();
        let takes = |word: &&&str| Model::find(model).is_none_or(|model| model.efforts.contains(*word));
        Self {
            max_output_tokens: Some(Bound { max: max_output_tokens }),
            reasoning_effort: up_to.iter().filter(takes).map(|word| (*word).to_owned()).collect(),
            flexible: true,
            ..Self::default()
        }
    }
}

/// The same list is the same whatever order it is given in: known words stand as in their own list, others behind them.
pub(crate) fn in_order(words: &BTreeSet<String>, known: &[&str]) -> Vec<String> {
    let of_list = known.iter().filter(|word| words.contains(**word)).map(|word| (*word).to_owned());
    of_list.chain(words.iter().filter(|word| !known.contains(&word.as_str())).cloned()).collect()
}
