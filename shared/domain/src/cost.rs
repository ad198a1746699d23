//! What a run cost: raw usage, a dated price list, and money that never rounds.

mod usage;

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

pub(crate) use self::usage::stored;
pub use self::usage::{StoredUsage, Usage};
use crate::word::words;

/// Dollars in units of 10^-12, so that every price and factor of the list is a whole number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usd(u64);

impl Usd {
    pub const fn from_pico(pico: u64) -> Self {
        Self(pico)
    }

    pub const fn pico(self) -> u64 {
        self.0
    }

    /// Reads a decimal number of dollars, as [`Usd`] shows it; with less than six places too.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        if !is_number(whole) || !is_number(places) || places.len() > 12 {
            return None;
        }
        let pico = format!("{places:0<12}").parse::<u64>().ok()?;
        whole.parse::<u64>().ok()?.checked_mul(1_000_000_000_000)?.checked_add(pico).map(Self)
    }

    /// For metrics; what is shown and stored has no rounding.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e12
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for Usd {
    /// A decimal number of dollars with at least six places and no rounding.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = format!("{:012}", self.0 % 1_000_000_000_000);
        let (six, rest) = places.split_at(6);
        write!(f, "{}.{six}{}", self.0 / 1_000_000_000_000, rest.trim_end_matches('0'))
    }
}

impl Serialize for Usd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("money must be a decimal number of dollars in quotes"))
    }
}

words! {
    /// How sure a cost is. Unknown is never shown as zero dollars spent, and a word that is not known counts as unknown.
    #[derive(Default)]
    pub enum CostState {
        /// A run has not told its usage yet, or ended without telling it.
        #[default]
        Unknown "unknown",
        Estimated "estimated",
        Known "known",
    }
}

/// The cost of a job over all its responses. The state is that of its least certain response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub usd: Usd,
    pub state: CostState,
}

/// Thousandths of a dollar per million tokens; 1 of them is 1,000 pico-dollars a token.
struct Price {
    model: &'static str,
    input: u64,
    cached: u64,
    cache_write: u64,
    output: u64,
}

const fn price(model: &'static str, input: u64, cached: u64, cache_write: u64, output: u64) -> Price {
    Price { model, input, cached, cache_write, output }
}

/// List prices, standard tier, as published and collected on 2026-11-22. Raw usage is kept in each job's trail, so that
/// a newer list can price it again.
const PRICES: [Price; 15] = [
    price("gpt-6-astra", 10_000, 1_000, 12_500, 50_000),
    price("gpt-6-sol", 2_000, 200, 2_500, 10_000),
    price("gpt-6.1-sol", 2_000, 100, 2_500, 10_000),
    price("gpt-6.1-terra", 1_000, 50, 1_250, 5_000),
    price("gpt-6-luna", 100, 10, 125, 500),
    price("gpt-5.6-sol", 4_000, 400, 5_000, 20_000),
    price("gpt-5.6-terra", 2_000, 200, 2_500, 12_000),
    price("gpt-5.6-luna", 200, 20, 250, 1_200),
    price("gpt-5.5", 5_000, 500, 5_000, 30_000),
    price("gpt-5.4", 2_500, 250, 2_500, 15_000),
    price("gpt-5.4-mini", 750, 75, 750, 4_500),
    price("gpt-5.2", 1_750, 175, 1_750, 14_000),
    price("gpt-5.1", 1_250, 125, 1_250, 10_000),
    price("gpt-4.1", 2_000, 500, 2_000, 8_000),
    price("gpt-4o-mini", 150, 75, 150, 600),
];

/// Above this many input tokens the newer models bill input twice and output one and a half times.
const LONG_PROMPT: u64 = 272_000;
const WEB_SEARCH: Usd = Usd(10_000_000_000);

/// The price of one run on the tier that the provider says it used; `None` for a model that is not on the list.
pub fn price_of(model: &str, tier: Option<&str>, usage: &Usage) -> Option<Usd> {
    let listed = PRICES.iter().find(|price| is_snapshot_of(model, price.model))?;
    let long = usage.input_tokens > LONG_PROMPT && !listed.model.starts_with("gpt-4");
    let (long_input, long_output) = if long { (20, 15) } else { (10, 10) };
    // Tenths, so that batch and flex at half price and priority at double stay whole numbers.
    let tier = match tier {
        Some("batch" | "flex") => 5,
        Some("priority" | "fast") if listed.model == "gpt-5.5" => 25,
        Some("priority" | "fast") => 20,
        _ => 10,
    };
    let fresh = usage.input_tokens.saturating_sub(usage.cached_tokens).saturating_sub(usage.cache_write_tokens);
    let input = fresh
        .saturating_mul(listed.input)
        .saturating_add(usage.cached_tokens.saturating_mul(listed.cached))
        .saturating_add(usage.cache_write_tokens.saturating_mul(listed.cache_write))
        .saturating_mul(long_input);
    let output = usage.output_tokens.saturating_mul(listed.output).saturating_mul(long_output);
    // The list is in 1,000 pico-dollars; the two tenths above leave a hundred of them, hence 10.
    let tokens = Usd(input.saturating_add(output).saturating_mul(tier).saturating_mul(10));
    Some(tokens + Usd(usage.web_searches.saturating_mul(WEB_SEARCH.0)))
}

/// `gpt-5.4-2026-03-05` is a snapshot of `gpt-5.4`; `gpt-5.4-mini` is another model.
fn is_snapshot_of(model: &str, listed: &str) -> bool {
    model.strip_prefix(listed).is_some_and(|rest| rest.is_empty() || rest.starts_with("-20"))
}

/// Whether the list has a price for this model.
pub fn is_priced(model: &str) -> bool {
    price_of(model, None, &Usage::default()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input: u64, cached: u64, output: u64) -> Usage {
        Usage { input_tokens: input, cached_tokens: cached, output_tokens: output, ..Usage::default() }
    }

    #[track_caller]
    fn check(model: &str, tier: Option<&str>, usage: Usage, dollars: &str) {
        assert_eq!(price_of(model, tier, &usage).map(|usd| usd.to_string()).as_deref(), Some(dollars));
    }

    #[test]
    fn tokens_are_priced_by_the_list_to_the_last_place() {
        check("gpt-6.1-terra", None, usage(100_000, 0, 0), "0.100000");
        check("gpt-6.1-terra", Some("default"), usage(1_000, 0, 200), "0.002000");
        check("gpt-6-luna-2026-09-01", None, usage(1, 0, 0), "0.0000001");
        check("gpt-6-luna", Some("flex"), usage(1, 1, 0), "0.000000005");
        check("gpt-6.1-terra", None, usage(1_000, 600, 0), "0.000430");
    }

    #[test]
    fn the_tier_that_was_used_and_a_long_prompt_change_the_price() {
        check("gpt-6.1-terra", Some("flex"), usage(100_000, 0, 0), "0.050000");
        check("gpt-6.1-terra", Some("priority"), usage(1_000, 0, 0), "0.002000");
        check("gpt-6.1-terra", None, usage(272_001, 0, 1_000), "0.551502");
        check("gpt-6.1-terra", None, Usage { web_searches: 3, ..Usage::default() }, "0.030000");
    }

    #[test]
    fn a_model_off_the_list_has_no_price_rather_than_a_wrong_one() {
        assert_eq!(price_of("gpt-5.4-nano", None, &usage(1, 0, 1)), None);
        assert_eq!(price_of("llama", None, &usage(1, 0, 1)), None);
    }

    #[test]
    fn money_reads_back_as_it_is_shown() {
        for pico in [0, 1, 999_999_999_999, 1_000_000_000_000, 1_500_000_000_000, u64::MAX] {
            assert_eq!(Usd::parse(&Usd(pico).to_string()), Some(Usd(pico)));
        }
        assert_eq!(Usd::parse("0.5"), Some(Usd(500_000_000_000)));
        assert_eq!(Usd::parse("3"), Some(Usd(3_000_000_000_000)));
        for bad in ["", ".", ".5", "5.", "-1", "+1", "1e3", " 1", "1,5", "0.0000000000001", "99999999", "\u{661}"] {
            assert_eq!(Usd::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn absurd_usage_saturates() {
        assert!(price_of("gpt-6-astra", None, &usage(u64::MAX, 0, u64::MAX)).is_some());
    }
}
