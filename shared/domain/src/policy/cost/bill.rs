//! The price of one run, and how sure it is: one pure function of what the provider reported.

use super::factor::Factor;
use super::models::{Window, reasons};
use super::prices::{
    ALIASES, BATCH, CONTAINERS, FILE_SEARCH, IMAGE_INPUT, IMAGE_MODELS, IMAGE_OUTPUT, LONG_INPUT, LONG_OUTPUT,
    LONG_PROMPT, PREVIEW_SEARCH, PRICES, Price, REGIONAL, WEB_SEARCH, Write,
};
use super::{Cost, CostState, Usage, Usd};
use crate::value::time::Timestamp;

/// What is known of a run that is over.
#[derive(Debug, Clone, Copy)]
pub struct Bill<'a> {
    pub model: Option<&'a str>,
    /// What the provider says it used. A server that says nothing used the standard tier, unless another was asked for.
    pub tier: Option<&'a str>,
    pub asked_tier: Option<&'a str>,
    pub asked_window: Option<Window>,
    pub usage: Option<&'a Usage>,
    /// Something came out, which takes tokens.
    pub has_output: bool,
    /// It ran behind a regional address.
    pub is_regional: bool,
    pub at: Timestamp,
}

/// A figure that only gets less sure.
struct Sum {
    pico: u128,
    state: CostState,
}

impl Sum {
    fn add(&mut self, count: u64, pico: u64) {
        self.pico = self.pico.saturating_add(u128::from(count).saturating_mul(u128::from(pico)));
    }

    fn is_at_most(&mut self, state: CostState) {
        self.state = self.state.min(state);
    }

    fn is_estimated_if(&mut self, condition: bool) {
        if condition {
            self.is_at_most(CostState::Estimated);
        }
    }

    fn total(mut self) -> Cost {
        // Nobody's price: a count went wrong.
        let usd = u64::try_from(self.pico).unwrap_or_default();
        if u128::from(usd) != self.pico {
            self.is_at_most(CostState::Unknown);
        }
        Cost { usd: Usd::from_pico(usd), state: self.state }
    }
}

impl Bill<'_> {
    /// Of a run that nothing is known about.
    pub const fn at(at: Timestamp) -> Self {
        Self {
            model: None,
            tier: None,
            asked_tier: None,
            asked_window: None,
            usage: None,
            has_output: false,
            is_regional: false,
            at,
        }
    }

    /// What the run cost, or `None` as long as the provider has not told what it used.
    pub fn cost(&self) -> Option<Cost> {
        let usage = self.usage.filter(|usage| self.says_something(usage))?;
        let mut sum = Sum { pico: 0, state: CostState::Known };
        let Some(price) = self.model.and_then(|model| price_of(model, self.at)) else {
            return Some(Cost { usd: Usd::default(), state: CostState::Unknown });
        };
        let factor = self.factor(&price, usage, &mut sum);
        tokens(&price, usage, factor, &mut sum);
        tools(&price, usage, &mut sum);
        sum.is_estimated_if(usage.untold > 0);
        if usage.unpriced > 0 {
            sum.is_at_most(CostState::Unknown);
        }
        Some(sum.total())
    }

    /// No tokens at all beside a text that somebody wrote are no count.
    fn says_something(&self, usage: &Usage) -> bool {
        let wrote = !self.has_output || usage.output_tokens > 0;
        wrote && (usage.input_tokens > 0 || usage.output_tokens == 0)
    }

    /// What the way of processing makes of the price of tokens.
    fn factor(&self, price: &Price, usage: &Usage, sum: &mut Sum) -> Factor {
        let region = if self.is_regional && price.has_regional_price { REGIONAL } else { Factor::ONE };
        let (told, asked) = (self.tier.unwrap_or("default"), self.asked_tier.unwrap_or("default"));
        let tier = if self.tier.is_none() && !is_standard(asked) {
            // A server that keeps silent did one or the other.
            sum.is_at_most(CostState::Estimated);
            price.tier(asked).filter(|factor| factor.is_more_than(Factor::ONE)).unwrap_or(Factor::ONE)
        } else if let Some(factor) = price.tier(told) {
            // The provider counts neither cache writes nor tools in a batch.
            sum.is_estimated_if(told == "batch");
            factor
        } else {
            sum.is_at_most(CostState::Unknown);
            Factor::ONE
        };
        tier.and(self.window(told, usage, sum)).and(region)
    }

    fn window(&self, tier: &str, usage: &Usage, sum: &mut Sum) -> Factor {
        match self.asked_window {
            None => Factor::ONE,
            // Nobody says what becomes of the discount then.
            Some(window) if !is_standard(tier) || window.seconds() < usage.seconds => {
                sum.is_at_most(CostState::Estimated);
                Factor::ONE
            }
            Some(window) => {
                sum.is_estimated_if(usage.seconds == 0);
                window.factor()
            }
        }
    }
}

fn tokens(price: &Price, usage: &Usage, factor: Factor, sum: &mut Sum) {
    let Usage { input_tokens, cached_tokens, cache_write_tokens, output_tokens, .. } = *usage;
    let (half_hour, twelve_hours) = (usage.cache_write_30m_tokens, usage.cache_write_12h_tokens);
    let written = cache_write_tokens.max(half_hour.saturating_add(twelve_hours));
    let (write, write_12h) = match price.write {
        Write::AsInput => {
            sum.is_estimated_if(twelve_hours > 0);
            (price.input, price.input.saturating_mul(2))
        }
        Write::For { half_hour: for_half_hour, is_inferred, twelve_hours: for_twelve } => {
            // For how long it is kept is not told. Nothing here asks for longer than half an hour.
            sum.is_estimated_if(is_inferred && written > 0 || written > half_hour.saturating_add(twelve_hours));
            sum.is_estimated_if(for_twelve.is_none() && twelve_hours > 0);
            (for_half_hour, for_twelve.unwrap_or(price.input.saturating_mul(2)))
        }
    };
    // Parts that are more than the whole are somebody's mistake.
    let is_odd = input_tokens < cached_tokens.saturating_add(written)
        || output_tokens < usage.reasoning_tokens
        || cache_write_tokens < written;
    sum.is_estimated_if(is_odd || !price.is_settled);
    let fresh = input_tokens.saturating_sub(cached_tokens).saturating_sub(written);
    let searched = usage.web_searches.saturating_mul(price.tokens_of_search);
    let is_long = price.has_long_price && input_tokens > LONG_PROMPT;
    let (long_input, long_output) = if is_long { (LONG_INPUT, LONG_OUTPUT) } else { (Factor::ONE, Factor::ONE) };
    let amount = |count: u64, price: u64| u128::from(count).saturating_mul(u128::from(price)).saturating_mul(1_000);
    let input = [
        amount(fresh.saturating_add(searched), price.input),
        amount(cached_tokens, price.cached),
        amount(written.saturating_sub(twelve_hours), write),
        amount(twelve_hours, write_12h),
    ];
    let input = input.into_iter().fold(0, u128::saturating_add);
    let output = long_output.and(factor).times(amount(output_tokens, price.output));
    sum.pico = sum.pico.saturating_add(long_input.and(factor).times(input)).saturating_add(output);
}

/// Prices of their own, which no tier changes.
fn tools(price: &Price, usage: &Usage, sum: &mut Sum) {
    sum.add(usage.web_searches, WEB_SEARCH);
    sum.add(usage.preview_searches, if reasons(price.model) { WEB_SEARCH } else { PREVIEW_SEARCH });
    // None of these is counted by the provider.
    let containers = [usage.containers_1g, usage.containers_4g, usage.containers_16g, usage.containers_64g];
    let images = [usage.image_input_tokens, usage.image_output_tokens];
    sum.add(usage.file_searches, FILE_SEARCH);
    containers.into_iter().zip(CONTAINERS).for_each(|(count, price)| sum.add(count, price));
    images.into_iter().zip([IMAGE_INPUT, IMAGE_OUTPUT]).for_each(|(count, price)| sum.add(count, price));
    sum.is_estimated_if(usage.file_searches > 0 || containers.iter().chain(&images).any(|count| *count > 0));
}

impl Price {
    /// By how much a tier multiplies the standard price; `None` for one that has no price.
    pub(super) fn tier(&self, word: &str) -> Option<Factor> {
        match word {
            "flex" => self.flex,
            "priority" | "fast" => self.priority,
            "ultrafast" => self.ultrafast,
            "batch" => Some(BATCH),
            _ => is_standard(word).then_some(Factor::ONE),
        }
    }
}

/// What a request may say and still be processed as any other.
pub(super) fn is_standard(tier: &str) -> bool {
    matches!(tier, "default" | "auto")
}

/// The row of the list that holds for a model at this time.
pub(super) fn price_of(model: &str, at: Timestamp) -> Option<Price> {
    let is_it = |price: &&Price| is_snapshot_of(model, price.model) && at < price.until;
    PRICES.iter().find(is_it).or_else(|| PRICES.iter().find(|price| is_snapshot_of(model, price.model))).copied()
}

/// Whether what an image model charges is known.
pub(super) fn is_image_model(model: &str) -> bool {
    IMAGE_MODELS.iter().any(|listed| is_dated(model, listed))
}

/// `gpt-5.4-2026-03-05` is a snapshot of `gpt-5.4`; `gpt-5.4-mini` is another model.
pub(super) fn is_snapshot_of(model: &str, listed: &str) -> bool {
    let aliases = ALIASES.iter().filter(|(_, name)| *name == listed).map(|(alias, _)| *alias);
    aliases.chain([listed]).any(|name| is_dated(model, name))
}

fn is_dated(model: &str, name: &str) -> bool {
    let is_date = |rest: &str| {
        let digit =
            |place: usize, byte: u8| if matches!(place, 0 | 5 | 8) { byte == b'-' } else { byte.is_ascii_digit() };
        rest.len() == 11 && rest.bytes().enumerate().all(|(place, byte)| digit(place, byte))
    };
    model.strip_prefix(name).is_some_and(|rest| rest.is_empty() || is_date(rest))
}

#[cfg(test)]
mod tests;
