//! The part of a type that its model has a say in: which it is, what it takes, and what a create may override of it.

use std::collections::BTreeSet;

use super::super::asked::{BESIDE_TIER, LEAST_OUTPUT, refuses_effort, refuses_tier, refuses_windows};
use super::super::fields::Fields;
use super::{is_word, number};
use crate::policy::cost::{EFFORTS, Model, PriceList, TIERS, Window};
use crate::policy::job_type::{Bound, JobType, MAX_TOOL_CALLS, Overridable, in_order};

const MAX_WORDS: usize = 16;
/// Of a model that nothing is known about.
const MOST_OUTPUT: u32 = 128_000;

/// The fields that are read here.
pub(super) struct Given {
    pub(super) model: String,
    pub(super) allow_unpriced: bool,
    pub(super) max_tool_calls: u32,
    pub(super) reasoning_effort: Option<String>,
    pub(super) max_output_tokens: u32,
    pub(super) service_tier: Option<String>,
    pub(super) window: Option<String>,
    pub(super) overridable: Overridable,
}

pub(super) fn read(fields: &mut Fields, base: &JobType, prices: &PriceList) -> Given {
    let allow_unpriced = fields.take("allow_unpriced", "must be true or false", |_| true).unwrap_or(false);
    let rule = format!("must be a model on the price list ({}), unless allow_unpriced is true", prices.names());
    let may_be = |model: &String| is_word(model) && (allow_unpriced || prices.has(model));
    let model = fields.take("model", &rule, may_be).unwrap_or_default();
    let known = Model::find(&model);
    let most = known.map_or(MOST_OUTPUT, |known| known.max_output_tokens);
    let max_output_tokens = number(fields, "max_output_tokens", u64::from(LEAST_OUTPUT)..=u64::from(most));
    let max_output_tokens = max_output_tokens.unwrap_or(base.max_output_tokens);
    let reasoning_effort = effort(fields, known);
    let (service_tier, window) = way(fields, known);
    let max_tool_calls = number(fields, "max_tool_calls", 1..=u64::from(MAX_TOOL_CALLS));
    let within = Overridable::within(&model, max_output_tokens, reasoning_effort.as_deref());
    let mut given = Given {
        overridable: within,
        max_tool_calls: max_tool_calls.unwrap_or(base.max_tool_calls),
        model,
        allow_unpriced,
        reasoning_effort,
        max_output_tokens,
        service_tier,
        window,
    };
    if fields.map.contains_key("overridable") {
        given.overridable = overridable(fields, &given, prices);
    }
    given
}

fn effort(fields: &mut Fields, model: Option<&Model>) -> Option<String> {
    const RULE: &str = "must be a word of at most 48 characters, or null";
    let effort = fields.take("reasoning_effort", RULE, |effort: &Option<String>| effort.as_deref().is_none_or(is_word));
    let effort = effort.flatten()?;
    if let Some(message) = model.and_then(|model| refuses_effort(model, &effort)) {
        fields.wrong("reasoning_effort", &message);
    }
    Some(effort)
}

/// How its runs are processed: at most one of a tier and a window.
fn way(fields: &mut Fields, model: Option<&Model>) -> (Option<String>, Option<String>) {
    let mut word = |name: &str, words: &[&str], refuses: &dyn Fn(&Model, &str) -> Option<String>| {
        let rule = format!("must be one of {}, or null", words.join(", "));
        let holds = |word: &Option<String>| word.as_deref().is_none_or(|word| words.contains(&word));
        let word = fields.take(name, &rule, holds).flatten()?;
        if let Some(message) = model.and_then(|model| refuses(model, &word)) {
            fields.wrong(name, &message);
        }
        Some(word)
    };
    let service_tier = word("service_tier", &TIERS, &refuses_tier);
    let window = word("window", &Window::ALL.map(Window::word), &|model, _| refuses_windows(model));
    if service_tier.is_some() && window.is_some() {
        fields.wrong("window", BESIDE_TIER);
    }
    (service_tier, window)
}

fn overridable(fields: &mut Fields, given: &Given, prices: &PriceList) -> Overridable {
    const KNOWN: [&str; 6] = ["model", "service_tier", "window", "max_output_tokens", "reasoning_effort", "flexible"];
    let Some(mut read) = fields.object("overridable", &KNOWN) else { return Overridable::default() };
    let model = models(&mut read, given, prices);
    let models: Vec<&str> = [given.model.as_str()].into_iter().chain(model.iter().map(String::as_str)).collect();
    // What one of the models takes; which of them it goes with is asked of each create.
    let known: Option<Vec<&Model>> = models.iter().map(|name| Model::find(name)).collect();
    let tier = |word: &str| known.as_ref().and_then(|known| refused(known, |model| refuses_tier(model, word)));
    let service_tier = words(&mut read, "service_tier", &TIERS, tier);
    let windows = |_: &str| known.as_ref().and_then(|known| refused(known, refuses_windows));
    let window = words(&mut read, "window", &Window::ALL.map(Window::word), windows);
    let takes = |word: &str| known.as_ref().and_then(|known| refused(known, |model| refuses_effort(model, word)));
    let reasoning_effort = words(&mut read, "reasoning_effort", &EFFORTS, takes);
    let most = known.iter().flatten().map(|model| model.max_output_tokens).max().unwrap_or(MOST_OUTPUT);
    let max_output_tokens = read.map.get("max_output_tokens").is_some_and(|bound| !bound.is_null()).then(|| {
        let mut bound = read.object("max_output_tokens", &["max"])?;
        if !bound.map.contains_key("max") {
            bound.wrong("max", "is required");
        }
        let max = number(&mut bound, "max", u64::from(LEAST_OUTPUT)..=u64::from(most));
        read.absorb(bound);
        max.map(|max| Bound { max })
    });
    let flexible = read.take("flexible", "must be true or false", |_| true).unwrap_or(false);
    fields.absorb(read);
    Overridable {
        model,
        service_tier,
        window,
        max_output_tokens: max_output_tokens.flatten(),
        reasoning_effort,
        flexible,
    }
}

/// Each has to have a price, and to take what the type says about itself.
fn models(read: &mut Fields, given: &Given, prices: &PriceList) -> Vec<String> {
    let rule = format!(
        "must be a list of at most 16 models on the price list ({}), unless allow_unpriced is true",
        prices.names()
    );
    let may_be = |name: &String| is_word(name) && (given.allow_unpriced || prices.has(name));
    let list = read.take("model", &rule, |list: &BTreeSet<String>| list.len() <= MAX_WORDS && list.iter().all(may_be));
    let list = list.unwrap_or_default();
    for model in list.iter().filter_map(|name| Model::find(name)) {
        let takes = given.reasoning_effort.as_deref().filter(|_| !model.efforts.is_empty());
        if let Some(message) = takes.and_then(|effort| refuses_effort(model, effort)) {
            read.wrong("model", &format!("must take the type's own reasoning_effort, which {message}"));
        }
        if model.max_output_tokens < given.max_output_tokens {
            let Model { name, max_output_tokens, .. } = model;
            let message = format!("must take the type's own max_output_tokens; {name} takes {max_output_tokens}");
            read.wrong("model", &message);
        }
    }
    list.into_iter().collect()
}

/// What is wrong with a word that none of these models takes.
fn refused(models: &[&Model], refuses: impl Fn(&Model) -> Option<String>) -> Option<String> {
    let mut refusals: Vec<Option<String>> = models.iter().map(|model| refuses(model)).collect();
    if refusals.iter().any(Option::is_none) { None } else { refusals.pop().flatten() }
}

fn words(read: &mut Fields, name: &str, known: &[&str], refuses: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let rule = format!("must be a list of at most 16 of {}", known.join(", "));
    let holds = |list: &BTreeSet<String>| list.len() <= MAX_WORDS && list.iter().all(|word| is_word(word));
    let list = read.take(name, &rule, holds).unwrap_or_default();
    if let Some(message) = list.iter().find_map(|word| refuses(word)) {
        read.wrong(name, &message);
    }
    in_order(&list, known)
}
