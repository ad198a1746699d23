//! The price list: dated rows and nothing else. Raw usage is kept in each job's trail, so that a newer list can price it
//! again.
//!
//! Sources, all read on 2026-11-30: the model pages of developers.openai.com, and the price files of litellm 1.110.2 and
//! genai-prices 0.2.3, which copy OpenAI's pricing page. Where they differ, the row says so.

use super::factor::Factor;
use crate::value::time::Timestamp;

/// Prices of one model on the standard tier: thousandths of a dollar per million tokens, of which one is 1,000
/// pico-dollars a token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Price {
    pub(super) model: &'static str,
    /// The row holds before this moment. Rows of one model stand in the order of time.
    pub(super) until: Timestamp,
    /// What the sources do not agree on is the higher price, and an estimate.
    pub(super) is_settled: bool,
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) write: Write,
    pub(super) output: u64,
    pub(super) flex: Option<Factor>,
    /// Also called `fast`.
    pub(super) priority: Option<Factor>,
    pub(super) ultrafast: Option<Factor>,
    /// Above [`LONG_PROMPT`] input tokens the whole request bills input twice and output one and a half times.
    pub(super) has_long_price: bool,
    /// Regional endpoints add a tenth; so it is for models released from 2026-03-05 on.
    pub(super) has_regional_price: bool,
    /// Content tokens of each web search that are billed on top of the input.
    pub(super) tokens_of_search: u64,
}

/// What writing to the prompt cache costs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Write {
    /// As input: the model has no price of its own for it.
    AsInput,
    /// For half an hour, and for twelve hours where a source states it.
    For { half_hour: u64, is_inferred: bool, twelve_hours: Option<u64> },
}

pub(super) const LONG_PROMPT: u64 = 272_000;
pub(super) const LONG_INPUT: Factor = Factor::of(2, 1);
pub(super) const LONG_OUTPUT: Factor = Factor::of(3, 2);
pub(super) const REGIONAL: Factor = Factor::of(11, 10);
pub(super) const BATCH: Factor = Factor::of(1, 2);

/// Pico-dollars for one of each.
pub(super) const WEB_SEARCH: u64 = 10_000_000_000;
/// By the preview tool with a model that does not reason; with one that does it costs what the other tool costs.
pub(super) const PREVIEW_SEARCH: u64 = 25_000_000_000;
pub(super) const FILE_SEARCH: u64 = 2_500_000_000;
/// For each 20 minutes, by memory of 1, 4, 16 and 64 GB.
pub(super) const CONTAINERS: [u64; 4] = [30_000_000_000, 120_000_000_000, 480_000_000_000, 1_920_000_000_000];

/// Image models whose price is known (litellm, genai-prices). Text, which is cheaper, is priced as image input.
pub(super) const IMAGE_MODELS: [&str; 2] = ["gpt-image-2", "gpt-image-2.5-sunburst"];
pub(super) const IMAGE_INPUT: u64 = 8_000_000;
pub(super) const IMAGE_OUTPUT: u64 = 30_000_000;

/// Other names of models on the list.
pub(super) const ALIASES: [(&str, &str); 1] = [("gpt-5.6", "gpt-5.6-sol")];

const HALF: Option<Factor> = Some(Factor::of(1, 2));
const TWICE: Option<Factor> = Some(Factor::of(2, 1));
const SIX_TIMES: Option<Factor> = Some(Factor::of(6, 1));

/// 2026-11-22T00:00:00Z.
const PROMOTION_OF_5_6: Timestamp = Timestamp::from_millis(1_795_305_600_000);
/// 2027-03-01T08:00:00Z, which is midnight where OpenAI counts days.
const PROMOTION_OF_6_2: Timestamp = Timestamp::from_millis(1_803_888_000_000);

/// A current model: flex at half, fast at twice the price, a long and a regional price.
const fn current(model: &'static str, input: u64, cached: u64, half_hour: u64, output: u64) -> Price {
    Price {
        model,
        until: Timestamp::NEVER,
        is_settled: true,
        input,
        cached,
        write: Write::For { half_hour, is_inferred: false, twelve_hours: None },
        output,
        flex: HALF,
        priority: TWICE,
        ultrafast: None,
        has_long_price: true,
        has_regional_price: true,
        tokens_of_search: 0,
    }
}

/// A model from before gpt-5.6, which bills cache writes as input.
const fn earlier(model: &'static str, input: u64, cached: u64, output: u64) -> Price {
    Price { write: Write::AsInput, has_long_price: false, ..current(model, input, cached, 0, output) }
}

/// A model that does not reason: without flex, and with a factor of its own for fast.
const fn plain(model: &'static str, input: u64, cached: u64, output: u64, priority: Factor) -> Price {
    let price = earlier(model, input, cached, output);
    Price { flex: None, priority: Some(priority), has_regional_price: false, ..price }
}

pub(super) const PRICES: [Price; 23] = [
    // Model page: fast twice; no flex. The cache write is inferred from the input price.
    Price {
        write: Write::For { half_hour: 10_000, is_inferred: true, twelve_hours: None },
        flex: None,
        // Stated for gpt-6.2-sol alone.
        priority: None,
        ..current("gpt-6.2-astra", 8_000, 400, 10_000, 40_000)
    },
    // Model page: fast twice, batch half, ultrafast 3 times to 2027-02-28, 12 hours of cache for 5 dollars; no flex.
    Price { until: PROMOTION_OF_6_2, ultrafast: Some(Factor::of(3, 1)), ..GPT_6_2_SOL },
    GPT_6_2_SOL,
    Price { ultrafast: SIX_TIMES, ..current("gpt-6-astra", 10_000, 1_000, 12_500, 50_000) },
    Price {
        write: Write::For { half_hour: 2_500, is_inferred: false, twelve_hours: Some(5_000) },
        ultrafast: SIX_TIMES,
        ..current("gpt-6.1-sol", 2_000, 100, 2_500, 10_000)
    },
    current("gpt-6.1-terra", 1_000, 50, 1_250, 5_000),
    current("gpt-6-sol", 2_000, 200, 2_500, 10_000),
    current("gpt-6-luna", 100, 10, 125, 500),
    // 4 and 20 dollars were a promotion, guaranteed to 2026-11-21. Whether it goes on is not settled.
    Price { until: PROMOTION_OF_5_6, ..current("gpt-5.6-sol", 4_000, 400, 5_000, 20_000) },
    Price { is_settled: false, ..current("gpt-5.6-sol", 5_000, 500, 6_250, 30_000) },
    current("gpt-5.6-terra", 2_000, 200, 2_500, 12_000),
    current("gpt-5.6-luna", 200, 20, 250, 1_200),
    Price { priority: Some(Factor::of(5, 2)), has_long_price: true, ..earlier("gpt-5.5", 5_000, 500, 30_000) },
    // Nothing is cheaper for being cached, and there is no fast.
    Price { priority: None, has_long_price: true, ..earlier("gpt-5.5-pro", 30_000, 30_000, 180_000) },
    Price { has_long_price: true, ..earlier("gpt-5.4", 2_500, 250, 15_000) },
    earlier("gpt-5.4-mini", 750, 75, 4_500),
    // Shuts down on 2027-04-01, as gpt-5.1 does.
    Price { priority: None, ..earlier("gpt-5.4-nano", 200, 20, 1_250) },
    Price { has_regional_price: false, ..earlier("gpt-5.2", 1_750, 175, 14_000) },
    Price { has_regional_price: false, ..earlier("gpt-5.1", 1_250, 125, 10_000) },
    // These shut down on 2027-01-14.
    plain("gpt-4.1", 2_000, 500, 8_000, Factor::of(7, 4)),
    Price { tokens_of_search: 8_000, ..plain("gpt-4.1-mini", 400, 100, 1_600, Factor::of(7, 4)) },
    plain("gpt-4o", 2_500, 1_250, 10_000, Factor::of(17, 10)),
    // Published as 0.25 and 1 dollar, which is 1.67 times the standard price to two places.
    Price { tokens_of_search: 8_000, ..plain("gpt-4o-mini", 150, 75, 600, Factor::of(5, 3)) },
];

const GPT_6_2_SOL: Price = Price {
    write: Write::For { half_hour: 2_500, is_inferred: false, twelve_hours: Some(5_000) },
    flex: None,
    ultrafast: SIX_TIMES,
    ..current("gpt-6.2-sol", 2_000, 100, 2_500, 10_000)
};
