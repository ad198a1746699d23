//! What a create call asks the provider for: the type's own, and what the request overrides of it.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{FieldError, error_at, short};
use crate::job::Job;
use crate::policy::cost::{Estimate, Model, Rates, Usage, Usd, Window};
use crate::policy::job_type::JobType;
use crate::value::time::Timestamp;

/// The least output that the provider lets itself be limited to.
pub(super) const LEAST_OUTPUT: u32 = 16;

/// What a request may have otherwise than its type.
pub(super) const OVERRIDES: [&str; 5] = ["model", "service_tier", "window", "reasoning_effort", "max_output_tokens"];

/// What is wrong with a window that comes with a tier.
pub(super) const BESIDE_TIER: &str = "must be left out beside service_tier: a window is in the standard tier";

/// Those that decide what a run may cost, the likeliest first.
const DEAR: [&str; 3] = ["max_output_tokens", "model", "service_tier"];
const MOST_ERRORS: usize = 16;

/// Everything about a run that its type and its request decide together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub model: String,
    /// Left out for a model that does not reason.
    pub reasoning_effort: Option<String>,
    pub service_tier: Option<String>,
    pub window: Option<Window>,
    pub max_output_tokens: u32,
}

impl Asked {
    /// `patience` is how long the caller can wait, if there is an end to it.
    pub fn of(policy: &JobType, overrides: &Map<String, Value>, flexible: bool, patience: Option<Duration>) -> Self {
        let word = |name: &str| overrides.get(name).and_then(Value::as_str).map(str::to_owned);
        let tokens = overrides.get("max_output_tokens").and_then(Value::as_u64).and_then(|it| u32::try_from(it).ok());
        let model = word("model").unwrap_or_else(|| policy.model.clone());
        let known = Model::find(&model);
        let window = |most: &str| window(policy, patience, Window::parse(most)?);
        let flex = || (Some("flex".to_owned()), None);
        let (service_tier, window) = match (word("service_tier"), word("window")) {
            (Some(tier), _) => (Some(tier), None),
            (None, Some(most)) => (None, window(&most)),
            // Whoever can wait takes the cheaper way, unless the request names one itself.
            (None, None) if flexible => match known {
                Some(known) if known.has_windows => (None, window(Window::EightHours.word())),
                Some(known) if !known.tiers().contains(&"flex") => (None, None),
                Some(_) | None => flex(),
            },
            (None, None) => (policy.service_tier.clone(), policy.window.as_deref().and_then(window)),
        };
        let effort = word("reasoning_effort").or_else(|| policy.reasoning_effort.clone());
        Self {
            reasoning_effort: effort.filter(|_| known.is_none_or(|known| !known.efforts.is_empty())),
            service_tier,
            window,
            max_output_tokens: tokens.unwrap_or(policy.max_output_tokens),
            model,
        }
    }

    /// The same at the usual price, once the flex tier has refused the run as often as its type lets it.
    pub fn fall_back(self, policy: &JobType, job: &Job) -> Self {
        let is_over = policy.retry.flex_refusals.is_some_and(|most| job.flex_refusals() >= most);
        if self.is_flex() && is_over { Self { service_tier: None, ..self } } else { self }
    }

    fn is_flex(&self) -> bool {
        self.service_tier.as_deref() == Some("flex")
    }

    /// The one word for how it is to be processed, where that is not the usual way.
    pub fn way(&self) -> Option<String> {
        self.service_tier.clone().or_else(|| self.window.map(|window| window.word().to_owned()))
    }

    /// What it may come to at most; `None` where something in it has no price.
    pub fn most(&self, policy: &JobType, input: &Value, rates: Rates<'_>, at: Timestamp) -> Option<Usd> {
        self.estimate(policy, input, rates, at).most()
    }

    /// All that it may use; `None` where something in it has no price.
    pub fn usage(&self, policy: &JobType, input: &Value, rates: Rates<'_>, at: Timestamp) -> Option<Usage> {
        self.estimate(policy, input, rates, at).usage()
    }

    fn estimate<'a>(&'a self, policy: &'a JobType, input: &'a Value, rates: Rates<'a>, at: Timestamp) -> Estimate<'a> {
        Estimate {
            model: &self.model,
            // What may fall back may cost the usual price.
            tier: self.service_tier.as_deref().filter(|_| !self.is_flex() || policy.retry.flex_refusals.is_none()),
            instructions: &policy.instructions,
            input,
            tools: &policy.tools,
            output_schema: policy.output_schema.as_ref(),
            max_tool_calls: policy.max_tool_calls,
            max_output_tokens: self.max_output_tokens,
            run_seconds: policy.run_deadline.as_secs(),
            is_regional: rates.is_regional,
            prices: rates.prices,
            at,
        }
    }

    /// Why it may not be asked for, if it could come to more than its type lets a job cost.
    pub fn refusal(
        &self,
        policy: &JobType,
        request: (&Value, &Map<String, Value>),
        rates: Rates<'_>,
        at: Timestamp,
    ) -> Option<FieldError> {
        let (input, overrides) = request;
        let limit = policy.cost_limit?;
        let Self { model, max_output_tokens, .. } = self;
        let estimate = self.estimate(policy, input, rates, at);
        // The one part of it that the caller has the most of.
        let field = DEAR.into_iter().find(|name| overrides.contains_key(*name));
        let field = field.map_or_else(|| "input".to_owned(), |name| format!("overrides.{name}"));
        let Some(most) = estimate.most() else {
            let message =
                format!("leads to a run of {model} without a price, which is over the type's limit of ${limit}");
            return Some(error_at(&field, &message));
        };
        (limit < most).then(|| {
            let tokens = estimate.input_tokens().unwrap_or_default();
            let message = format!(
                "could cost ${most} ({model}, up to {tokens} tokens of input and {max_output_tokens} of output), and the \
                 type's limit is ${limit}"
            );
            error_at(&field, &message)
        })
    }
}

/// The longest wait for a lower price, up to this one, that the type's own deadline and the caller's leave room for.
fn window(policy: &JobType, patience: Option<Duration>, most: Window) -> Option<Window> {
    let most = policy.run_deadline.min(Duration::from_secs(most.seconds()));
    Window::within(patience.map_or(most, |patience| patience.min(most)))
}

/// Checks the overrides against what the type allows, and what they come to against what the model takes.
pub fn check(
    policy: &JobType,
    overrides: &Map<String, Value>,
    flexible: bool,
    patience: Option<Duration>,
) -> Vec<FieldError> {
    let allowed = &policy.overridable;
    let mut errors: Vec<FieldError> = overrides
        .iter()
        .take(MOST_ERRORS)
        .filter_map(|(name, value)| {
            let (holds, rule) = match (name.as_str(), allowed.max_output_tokens) {
                ("model", _) => listed(value, &allowed.model),
                ("service_tier", _) => listed(value, &allowed.service_tier),
                ("window", _) => listed(value, &allowed.window),
                ("reasoning_effort", _) => listed(value, &allowed.reasoning_effort),
                ("max_output_tokens", Some(bound)) => {
                    let bounds = u64::from(LEAST_OUTPUT)..=u64::from(bound.max);
                    let rule = format!("must be a whole number from {LEAST_OUTPUT} to {}", bound.max);
                    (value.as_u64().is_some_and(|tokens| bounds.contains(&tokens)), rule)
                }
                _ => listed(value, &[]),
            };
            (!holds).then(|| error_at(&format!("overrides.{}", short(name)), &rule))
        })
        .collect();
    if flexible && !allowed.flexible {
        errors.push(error_at("flexible", "is not allowed for this job type"));
    }
    if errors.is_empty() {
        errors.extend(takes(policy, overrides, flexible, patience));
    }
    errors
}

fn listed(value: &Value, words: &[String]) -> (bool, String) {
    if words.is_empty() {
        return (false, "cannot be overridden for this job type".to_owned());
    }
    let holds = value.as_str().is_some_and(|value| words.iter().any(|word| word == value));
    (holds, format!("must be one of {} for this job type", words.join(", ")))
}

/// What the model in question says to the request as a whole.
fn takes(
    policy: &JobType,
    overrides: &Map<String, Value>,
    flexible: bool,
    patience: Option<Duration>,
) -> Vec<FieldError> {
    let asked = Asked::of(policy, overrides, flexible, patience);
    // What another server takes is its own to say.
    let Some(model) = Model::find(&asked.model) else { return Vec::new() };
    let mut errors = Vec::new();
    let mut wrong = |name: &str, message: String| {
        let name = if overrides.contains_key(name) { name } else { "model" };
        errors.push(error_at(&format!("overrides.{name}"), &message));
    };
    let effort = overrides.get("reasoning_effort").and_then(Value::as_str).or(asked.reasoning_effort.as_deref());
    if let Some(message) = effort.and_then(|effort| refuses_effort(model, effort)) {
        wrong("reasoning_effort", message);
    }
    if let Some(message) = asked.service_tier.as_deref().and_then(|tier| refuses_tier(model, tier)) {
        wrong("service_tier", message);
    }
    if asked.max_output_tokens > model.max_output_tokens {
        let Model { name, max_output_tokens, .. } = model;
        wrong(
            "max_output_tokens",
            format!("must go with at most {max_output_tokens} tokens of output, as {name} takes"),
        );
    }
    if let Some(window) = overrides.get("window").and_then(Value::as_str) {
        if overrides.contains_key("service_tier") {
            wrong("window", BESIDE_TIER.to_owned());
        } else if let Some(message) = refuses_windows(model) {
            wrong("window", message);
        } else if asked.window.is_none_or(|taken| taken.word() != window) {
            wrong("window", "must fit into the time that the job type and the deadline leave".to_owned());
        }
    }
    let waits = asked.window.is_some() || asked.service_tier.is_some();
    if flexible && !waits {
        let message = if model.has_windows {
            "needs two hours for the run, and the job type or the deadline leaves less".to_owned()
        } else {
            format!("must be false, as {} has no lower price for whoever waits", model.name)
        };
        errors.push(error_at("flexible", &message));
    }
    errors
}

/// What is wrong with this effort for this model.
pub(super) fn refuses_effort(model: &Model, effort: &str) -> Option<String> {
    let Model { name, efforts, .. } = model;
    if efforts.is_empty() {
        return Some(format!("must be left out, as {name} does not reason"));
    }
    (!efforts.contains(&effort)).then(|| format!("must be one of {}, as {name} takes", efforts.join(", ")))
}

/// What is wrong with this tier for this model.
pub(super) fn refuses_tier(model: &Model, tier: &str) -> Option<String> {
    let tiers = model.tiers();
    (!tiers.contains(&tier)).then(|| format!("must be one of {}, as {} takes", tiers.join(", "), model.name))
}

/// What is wrong with any window for this model.
pub(super) fn refuses_windows(model: &Model) -> Option<String> {
    (!model.has_windows).then(|| format!("must be left out, as {} has no completion windows", model.name))
}

#[cfg(test)]
mod tests;
