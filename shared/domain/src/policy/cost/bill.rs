//! The price of one run, and how sure it is: one pure function of what the provider reported.

use super::factor::Factor;
use super::list::{self, Price, PriceList, is_standard};
use super::models::{Window, reasons};
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
    pub prices: &'a PriceList,
    pub at: Timestamp,
}

/// A figure that only gets less sure.
struct Sum {
    pico: u128,
    state: CostState,
}

impl Sum {
    fn add(&mut self, count: u64, pico: Option<u64>) {
        let amount = self.priced(count, pico);
        self.pico = self.pico.saturating_add(amount);
    }

    fn is_at_most(&mut self, state: CostState) {
        self.state = self.state.min(state);
    }

    fn is_estimated_if(&mut self, condition: bool) {
        if condition {
            self.is_at_most(CostState::Estimated);
        }
    }

    /// A factor that nobody states is as if there were none, and the figure is the least that it may be.
    fn known(&mut self, factor: Option<Factor>) -> Factor {
        if factor.is_none() {
            self.is_at_most(CostState::Unknown);
        }
        factor.unwrap_or(Factor::ONE)
    }

    /// So many of something, at a price that may be unknown.
    fn priced(&mut self, count: u64, pico: Option<u64>) -> u128 {
        if pico.is_none() && count > 0 {
            self.is_at_most(CostState::Unknown);
        }
        u128::from(count).saturating_mul(pico.unwrap_or_default().into())
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

impl<'a> Bill<'a> {
    /// Of a run that nothing is known about.
    pub const fn at(prices: &'a PriceList, at: Timestamp) -> Self {
        Self {
            model: None,
            tier: None,
            asked_tier: None,
            asked_window: None,
            usage: None,
            has_output: false,
            is_regional: false,
            prices,
            at,
        }
    }

    /// What the run cost, or `None` as long as the provider has not told what it used.
    pub fn cost(&self) -> Option<Cost> {
        let usage = self.usage.filter(|usage| self.says_something(usage))?;
        let mut sum = Sum { pico: 0, state: CostState::Known };
        let Some(price) = self.model.and_then(|model| self.prices.price(model, self.at)) else {
            return Some(Cost { usd: Usd::default(), state: CostState::Unknown });
        };
        let factor = self.factor(price, usage, &mut sum);
        tokens(price, usage, factor, &mut sum);
        self.tools(price, usage, &mut sum);
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
        let region = if self.is_regional { sum.known(price.regional) } else { Factor::ONE };
        let (told, asked) = (self.tier.unwrap_or("default"), self.asked_tier.unwrap_or("default"));
        let tier = if self.tier.is_none() && !is_standard(asked) {
            // A server that keeps silent did one or the other.
            sum.is_at_most(CostState::Estimated);
            price.tier(asked).filter(|factor| factor.is_more_than(Factor::ONE)).unwrap_or(Factor::ONE)
        } else {
            // The provider counts neither cache writes nor tools in a batch.
            sum.is_estimated_if(told == "batch");
            sum.known(price.tier(told))
        };
        tier.and(self.window(price, told, usage, sum)).and(region)
    }

    fn window(&self, price: &Price, tier: &str, usage: &Usage, sum: &mut Sum) -> Factor {
        match self.asked_window {
            None => Factor::ONE,
            // Nobody says what becomes of the discount then.
            Some(window) if !is_standard(tier) || window.seconds() < usage.seconds => {
                sum.is_at_most(CostState::Estimated);
                Factor::ONE
            }
            Some(window) => {
                sum.is_estimated_if(usage.seconds == 0);
                sum.known(price.window(window))
            }
        }
    }

    /// Prices of their own, which no tier changes.
    fn tools(&self, price: &Price, usage: &Usage, sum: &mut Sum) {
        let tool = |name: &str| self.prices.tool(name, self.at);
        // With a model that reasons the preview costs what the other one costs.
        let preview = if reasons(&price.model) { "web_search" } else { "web_search_preview" };
        sum.add(usage.web_searches, tool("web_search"));
        sum.add(usage.preview_searches, tool(preview));
        // None of these is counted by the provider.
        let containers = [
            (usage.containers_1g, "1g"),
            (usage.containers_4g, "4g"),
            (usage.containers_16g, "16g"),
            (usage.containers_64g, "64g"),
        ];
        let (image_input, image_output) = list::image(self.at).unzip();
        sum.add(usage.file_searches, tool("file_search"));
        for (count, memory) in containers {
            sum.add(count, self.prices.container(memory, self.at));
        }
        sum.add(usage.image_input_tokens, image_input);
        sum.add(usage.image_output_tokens, image_output);
        let uncounted = [usage.file_searches, usage.image_input_tokens, usage.image_output_tokens];
        sum.is_estimated_if(containers.map(|(count, _)| count).iter().chain(&uncounted).any(|count| *count > 0));
    }
}

fn tokens(price: &Price, usage: &Usage, factor: Factor, sum: &mut Sum) {
    let Usage { input_tokens, cached_tokens, cache_write_tokens, output_tokens, .. } = *usage;
    let (half_hour, twelve_hours) = (usage.cache_write_30m_tokens, usage.cache_write_12h_tokens);
    let told = half_hour.saturating_add(twelve_hours);
    let written = cache_write_tokens.max(told);
    // For how long it is kept is not told, and that makes a difference. Nothing here asks for longer than half an hour.
    sum.is_estimated_if(price.write_30m != Some(price.input) && written > told);
    // Parts that are more than the whole are somebody's mistake.
    let is_odd = input_tokens < cached_tokens.saturating_add(written)
        || output_tokens < usage.reasoning_tokens
        || cache_write_tokens < written;
    sum.is_estimated_if(is_odd || !price.is_settled);
    let fresh = input_tokens.saturating_sub(cached_tokens).saturating_sub(written);
    let searched = usage.web_searches.saturating_mul(price.tokens_of_search);
    let kinds = [
        ("input", fresh.saturating_add(searched), Some(price.input)),
        ("cached", cached_tokens, price.cached),
        ("cache_write_30m", written.saturating_sub(twelve_hours), price.write_30m),
        ("cache_write_12h", twelve_hours, price.write_12h),
    ];
    let mut input: u128 = 0;
    for (kind, count, pico) in kinds {
        sum.is_estimated_if(count > 0 && price.is_inferred(kind));
        input = input.saturating_add(sum.priced(count, pico));
    }
    let output = sum.priced(output_tokens, Some(price.output));
    sum.is_estimated_if(output_tokens > 0 && price.is_inferred("output"));
    let (long_input, long_output) = match price.long {
        Some(long) if long.holds(input_tokens) => (long.input, long.output),
        Some(_) => (Factor::ONE, Factor::ONE),
        None => {
            if list::may_be_long(input_tokens) {
                sum.is_at_most(CostState::Unknown);
            }
            (Factor::ONE, Factor::ONE)
        }
    };
    let (input, output) = (long_input.and(factor).times(input), long_output.and(factor).times(output));
    sum.pico = sum.pico.saturating_add(input).saturating_add(output);
}

#[cfg(test)]
mod tests;
