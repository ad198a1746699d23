//! What a job type is given as: every field checked by name and bounded, and then what they say together.

mod model;
mod output;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use super::fields::Fields;
use super::tools::{self, SecretPlace};
use super::{EFFECTS_RULE, FieldError, LANE_RULE};
use crate::job::MAX_LEVEL;
use crate::policy::cost::{PriceList, Usd, Window};
use crate::policy::job_type::{Conditions, InputKind, JobType, OnOverdue, RetryPolicy, ReviewPolicy, base};
use crate::policy::lane::{Effect, Lane, needs_approval};
use crate::policy::reason::ErrorClass;
use crate::value::id::TypeName;
use crate::value::time::Timing;
use crate::value::word::Closed as _;

const MAX_DESCRIPTION_BYTES: usize = 500;
const MAX_INSTRUCTIONS_BYTES: usize = 32_768;
const MAX_GAPS: usize = 16;

const DAY: u64 = 86_400;
const WEEK: u64 = 7 * DAY;

/// A batch may take the provider a day, and nobody waits that long for an answer.
const BATCH_RUN: Duration = Duration::from_secs(DAY);
const INTERACTIVE_RUN: Duration = Duration::from_secs(3_600);

const FIELDS: [&str; 29] = [
    "description",
    "lane",
    "model",
    "allow_unpriced",
    "instructions",
    "tools",
    "input_items",
    "max_tool_calls",
    "reasoning_effort",
    "max_output_tokens",
    "service_tier",
    "window",
    "output_schema",
    "output_strict",
    "effects",
    "pre_approved_effects",
    "review",
    "approvals",
    "four_eyes",
    "start_deadline_seconds",
    "run_deadline_seconds",
    "sla_seconds",
    "on_overdue",
    "review_deadline_seconds",
    "retry",
    "retention_days",
    "cost_limit_usd",
    "expected_seconds",
    "overridable",
];

/// Reads a type, collecting everything that is wrong with it. What it does not say is as in the base type.
pub fn parse(
    name: &TypeName,
    version: u32,
    bytes: &[u8],
    timing: &Timing,
    secrets: &SecretPlace<'_>,
    prices: &PriceList,
) -> Result<JobType, Vec<FieldError>> {
    let mut fields = Fields::read(bytes, &FIELDS)?;
    for required in ["description", "lane", "model", "instructions"] {
        if !fields.map.contains_key(required) {
            fields.wrong(required, "is required");
        }
    }
    let base = base(name.clone(), version);
    let given = model::read(&mut fields, &base, prices);
    let (output_schema, output_strict) = output::read(&mut fields);
    let read = JobType {
        description: text(&mut fields, "description", MAX_DESCRIPTION_BYTES, "must be at most 500 bytes"),
        lane: fields.take("lane", LANE_RULE, Lane::is_known).unwrap_or(base.lane),
        model: given.model,
        allow_unpriced: given.allow_unpriced,
        instructions: text(&mut fields, "instructions", MAX_INSTRUCTIONS_BYTES, "must be at most 32,768 bytes"),
        tools: tools(&mut fields, secrets).unwrap_or(base.tools),
        input_items: input_items(&mut fields).unwrap_or(base.input_items),
        max_tool_calls: given.max_tool_calls,
        reasoning_effort: given.reasoning_effort,
        max_output_tokens: given.max_output_tokens,
        service_tier: given.service_tier,
        window: given.window,
        output_schema,
        output_strict,
        effects: effects(&mut fields, "effects").unwrap_or(base.effects),
        pre_approved_effects: effects(&mut fields, "pre_approved_effects").unwrap_or(base.pre_approved_effects),
        review: review(&mut fields).unwrap_or(base.review),
        approvals: number(&mut fields, "approvals", 1..=9).unwrap_or(base.approvals),
        four_eyes: fields.take("four_eyes", "must be true or false", |_| true).unwrap_or(base.four_eyes),
        start_deadline: seconds(&mut fields, "start_deadline_seconds", 1..=WEEK).unwrap_or(base.start_deadline),
        run_deadline: seconds(&mut fields, "run_deadline_seconds", 1..=WEEK).unwrap_or(base.run_deadline),
        sla: seconds(&mut fields, "sla_seconds", 60..=30 * DAY).unwrap_or(base.sla),
        on_overdue: on_overdue(&mut fields).unwrap_or(base.on_overdue),
        review_deadline: seconds(&mut fields, "review_deadline_seconds", 60..=30 * DAY).unwrap_or(base.review_deadline),
        retry: retry(&mut fields, base.retry),
        retention: fields
            .number("retention_days", 1..=3_650)
            .map_or(base.retention, |days| Duration::from_secs(days.saturating_mul(DAY))),
        cost_limit: money(&mut fields, "cost_limit_usd"),
        expected: seconds(&mut fields, "expected_seconds", 1..=WEEK).unwrap_or(base.expected),
        overridable: given.overridable,
        name: base.name,
        version,
    };
    agree(&mut fields, &read, timing, prices);
    fields.end(Some(read))
}

/// What no field says alone.
fn agree(fields: &mut Fields, read: &JobType, timing: &Timing, prices: &PriceList) {
    let given_up = timing.lease + timing.unknown_wait;
    if read.start_deadline <= given_up {
        let message = format!("must be more than {}, after which a lost start is given up", given_up.as_secs());
        fields.wrong("start_deadline_seconds", &message);
    }
    if read.sla > read.review_deadline {
        fields.wrong("sla_seconds", "must not be longer than review_deadline_seconds");
    }
    if read.lane != Lane::Approval && needs_approval(&read.effects, &read.pre_approved_effects) {
        fields.wrong("lane", "must be approval, as long as an effect is not under pre_approved_effects");
    }
    if !read.four_eyes && read.lane == Lane::Approval {
        fields.wrong(
            "four_eyes",
            "must not be false in the approval lane, where a result is never its maker's to let out",
        );
    } else if !read.four_eyes && !speaks_of_four_eyes(&read.description) {
        // Also where no review is asked for: a call that waits for leave brings one all the same.
        fields
            .wrong("description", "must have the words \"four eyes\" and say that they are off, as four_eyes is false");
    }
    let window = read.window.as_deref().and_then(Window::parse).map_or(0, Window::seconds);
    if read.run_deadline.as_secs() < window {
        fields.wrong("run_deadline_seconds", &format!("must be at least {window}, which the window may take"));
    }
    let has_price = |name: &String| prices.has(name);
    if read.cost_limit.is_some() && !(has_price(&read.model) && read.overridable.model.iter().all(has_price)) {
        let message =
            "must be null as long as the type names a model without a price: its runs count as over every limit";
        fields.wrong("cost_limit_usd", message);
    }
    match read.lane {
        Lane::Interactive if read.run_deadline > INTERACTIVE_RUN => {
            fields.wrong("run_deadline_seconds", "must be at most 3600 in the interactive lane");
        }
        Lane::Interactive if read.review == ReviewPolicy::Always => {
            fields.wrong("review", "must not be always in the interactive lane");
        }
        Lane::Batch if read.run_deadline < BATCH_RUN => {
            fields.wrong("run_deadline_seconds", "must be at least 86400 in the batch lane");
        }
        Lane::Interactive | Lane::Background | Lane::Batch | Lane::Approval | Lane::Other(_) => {}
    }
}

/// Whoever reads what the type is for learns that one person may be enough.
fn speaks_of_four_eyes(description: &str) -> bool {
    let words = description.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    words.windows(2).any(|pair| pair == ["four", "eyes"])
}

fn text(fields: &mut Fields, name: &str, most: usize, too_long: &str) -> String {
    let text = fields.text(name, most, too_long).unwrap_or_default();
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        fields.wrong(name, "must not have control characters other than line breaks and tabs");
    }
    text
}

fn is_word(word: &str) -> bool {
    (1..=48).contains(&word.len()) && word.chars().all(|c| c.is_ascii_graphic())
}

fn tools(fields: &mut Fields, secrets: &SecretPlace<'_>) -> Option<Vec<Value>> {
    let tools: Vec<Value> = fields.take("tools", "must be a list of objects", |_| true)?;
    let errors = tools::check(&tools, secrets);
    errors.iter().for_each(|error| fields.wrong(&error.field, &error.message));
    errors.is_empty().then_some(tools)
}

/// The same list is the same whatever order it is given in.
fn input_items(fields: &mut Fields) -> Option<Vec<InputKind>> {
    let words = InputKind::WORDS;
    let rule = format!("must be a list of {}", words.join(", "));
    let known = |kinds: &BTreeSet<InputKind>| kinds.iter().all(InputKind::is_known);
    let kinds: BTreeSet<InputKind> = fields.take("input_items", &rule, known)?;
    Some(kinds.into_iter().collect())
}

fn effects(fields: &mut Fields, name: &str) -> Option<Vec<Effect>> {
    let effects: BTreeSet<Effect> =
        fields.take(name, EFFECTS_RULE, |effects: &BTreeSet<Effect>| effects.iter().all(Effect::is_known))?;
    Some(effects.into_iter().collect())
}

fn number<T: TryFrom<u64>>(fields: &mut Fields, name: &str, bounds: RangeInclusive<u64>) -> Option<T> {
    fields.number(name, bounds).and_then(|number| T::try_from(number).ok())
}

fn seconds(fields: &mut Fields, name: &str, bounds: RangeInclusive<u64>) -> Option<Duration> {
    fields.number(name, bounds).map(Duration::from_secs)
}

/// More than nothing, or `null` for no limit.
fn money(fields: &mut Fields, name: &str) -> Option<Usd> {
    const RULE: &str = "must be a decimal number of dollars in quotes, such as \"0.50\", or null";
    fields.take(name, RULE, |usd: &Option<Usd>| *usd != Some(Usd::default())).flatten()
}

fn review(fields: &mut Fields) -> Option<ReviewPolicy> {
    const RULE: &str = "must be never, always, or an object with the field when";
    let whole = fields.map.get("review")?;
    if !whole.is_object() {
        let word = |review: &ReviewPolicy| matches!(review, ReviewPolicy::Never | ReviewPolicy::Always);
        return fields.take("review", RULE, word);
    }
    let mut review = fields.object("review", &["when"])?;
    let conditions = review.object("when", &["effects", "partial", "cost_over_usd"]).map(|mut when| {
        let mut flag = |name: &str| when.take(name, "must be true or false", |_| true).unwrap_or(false);
        let (effects, partial) = (flag("effects"), flag("partial"));
        let conditions = Conditions { effects, partial, cost_over: money(&mut when, "cost_over_usd") };
        review.absorb(when);
        conditions
    });
    if conditions.is_none_or(|conditions| conditions == Conditions::default()) {
        review.wrong("when", "must have one of effects, partial and cost_over_usd");
    }
    fields.absorb(review);
    conditions.map(ReviewPolicy::When)
}

fn on_overdue(fields: &mut Fields) -> Option<OnOverdue> {
    const RULE: &str = "must be expire, or an object with the field escalate, whose levels are from 1 to 3";
    let only = |whole: &Value, name: &str| whole.as_object().is_none_or(|it| it.len() == 1 && it.contains_key(name));
    let is_known = |whole: &Value| only(whole, "escalate") && whole.get("escalate").is_none_or(|it| only(it, "levels"));
    if !fields.map.get("on_overdue").is_none_or(is_known) {
        fields.map.remove("on_overdue");
        fields.wrong("on_overdue", RULE);
    }
    fields.take("on_overdue", RULE, |it: &OnOverdue| match it {
        OnOverdue::Expire => true,
        OnOverdue::Other(_) => false,
        OnOverdue::Escalate { levels } => (1..=MAX_LEVEL).contains(levels),
    })
}

fn retry(fields: &mut Fields, base: RetryPolicy) -> RetryPolicy {
    const RULE: &str = "must be a list of at most 16 numbers of seconds up to 86400; where nothing was created, from 1";
    let Some(mut retry) = fields.object("retry", &["attempts", "gaps_seconds", "flex_refusals"]) else { return base };
    let attempts = number(&mut retry, "attempts", 1..=20).unwrap_or(base.attempts);
    let flex_refusals = if retry.map.contains_key("flex_refusals") {
        const RULE: &str = "must be a whole number from 1 to 1000, or null";
        let holds = |most: &Option<u16>| most.is_none_or(|most| (1..=1_000).contains(&most));
        retry.take("flex_refusals", RULE, holds).flatten()
    } else {
        base.flex_refusals
    };
    let classes = [
        ErrorClass::Busy,
        ErrorClass::Unreachable,
        ErrorClass::Lost,
        ErrorClass::ProviderError,
        ErrorClass::InvalidOutput,
    ];
    let classes: Vec<_> = classes.into_iter().filter_map(|class| Some((class.known()?, class))).collect();
    let names: Vec<_> = classes.iter().map(|(name, _)| *name).collect();
    let mut gaps = base.gaps;
    if let Some(mut given) = retry.object("gaps_seconds", &names) {
        gaps = BTreeMap::new();
        for (name, class) in classes {
            // The last gap repeats there, and one of nothing would never rest.
            let least = u64::from(class.created_nothing());
            let holds = |list: &Vec<u64>| list.len() <= MAX_GAPS && list.iter().all(|gap| (least..=DAY).contains(gap));
            if let Some(list) = given.take(name, RULE, holds) {
                gaps.insert(class, list.into_iter().map(Duration::from_secs).collect());
            }
        }
        retry.absorb(given);
    }
    fields.absorb(retry);
    RetryPolicy { attempts, gaps, flex_refusals }
}

#[cfg(test)]
mod tests;
