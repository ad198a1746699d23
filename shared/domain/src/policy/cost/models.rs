//! What each model on the price list takes, so that a request it would refuse is refused before it is sent.
//!
//! Sources, all read on 2026-11-30: OpenAI's model pages and reasoning guide, and the capabilities in litellm 1.110.2.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::list::{PriceList, is_image_model, shipped_name};

/// Every word for how hard a model is to think, from the least on.
pub const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// Every tier that a request can name. `scale` has no price, and is nobody's to ask for here.
pub const TIERS: [&str; 6] = ["auto", "default", "flex", "priority", "fast", "ultrafast"];

/// A model on the price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    pub name: &'static str,
    /// Empty for a model that does not reason.
    pub efforts: &'static [&'static str],
    /// Whether a background request may wait for a discount.
    pub has_windows: bool,
    pub max_input_tokens: u64,
    pub max_output_tokens: u32,
    /// It puts `instructions` behind the input, where no cache finds them again.
    pub reads_instructions_last: bool,
}

const fn model(name: &'static str, efforts: &'static [&'static str]) -> Model {
    Model {
        name,
        efforts,
        has_windows: false,
        max_input_tokens: 922_000,
        max_output_tokens: 128_000,
        reads_instructions_last: false,
    }
}

/// From gpt-6.2 on.
const fn newest(name: &'static str) -> Model {
    Model { has_windows: true, reads_instructions_last: true, ..model(name, LOW_TO_MAX) }
}

const fn smaller(model: Model, max_input_tokens: u64, max_output_tokens: u32) -> Model {
    Model { max_input_tokens, max_output_tokens, ..model }
}

const LOW_TO_MAX: &[&str] = &["low", "medium", "high", "xhigh", "max"];
const NONE_TO_MAX: &[&str] = &["none", "low", "medium", "high", "xhigh", "max"];
const NONE_TO_XHIGH: &[&str] = &["none", "low", "medium", "high", "xhigh"];

pub(super) const MODELS: [Model; 21] = [
    newest("gpt-6.2-astra"),
    newest("gpt-6.2-sol"),
    model("gpt-6-astra", LOW_TO_MAX),
    model("gpt-6.1-sol", LOW_TO_MAX),
    model("gpt-6.1-terra", NONE_TO_MAX),
    model("gpt-6-sol", NONE_TO_MAX),
    model("gpt-6-luna", NONE_TO_MAX),
    model("gpt-5.6-sol", NONE_TO_MAX),
    model("gpt-5.6-terra", NONE_TO_MAX),
    model("gpt-5.6-luna", NONE_TO_MAX),
    model("gpt-5.5", NONE_TO_XHIGH),
    model("gpt-5.5-pro", &["medium", "high", "xhigh"]),
    model("gpt-5.4", NONE_TO_XHIGH),
    smaller(model("gpt-5.4-mini", NONE_TO_XHIGH), 272_000, 128_000),
    smaller(model("gpt-5.4-nano", NONE_TO_XHIGH), 272_000, 128_000),
    smaller(model("gpt-5.2", NONE_TO_XHIGH), 272_000, 128_000),
    smaller(model("gpt-5.1", &["none", "low", "medium", "high"]), 272_000, 128_000),
    smaller(model("gpt-4.1", &[]), 1_047_576, 32_768),
    smaller(model("gpt-4.1-mini", &[]), 1_047_576, 32_768),
    smaller(model("gpt-4o", &[]), 128_000, 16_384),
    smaller(model("gpt-4o-mini", &[]), 128_000, 16_384),
];

impl Model {
    /// The model that a name or the name of a snapshot means; `None` for one that is not on the price list.
    pub fn find(name: &str) -> Option<&'static Self> {
        let listed = shipped_name(name)?;
        MODELS.iter().find(|model| model.name == listed)
    }

    /// The tiers that it can be asked for.
    pub fn tiers(&self) -> Vec<&'static str> {
        let list = PriceList::shipped();
        let has = |tier: &&str| list.rows().any(|price| price.model == self.name && price.tier(tier).is_some());
        TIERS.into_iter().filter(has).collect()
    }
}

/// Whether a model thinks before it answers.
pub(super) fn reasons(name: &str) -> bool {
    Model::find(name).is_none_or(|model| !model.efforts.is_empty())
}

/// Whether the list has a price for the images that this model makes.
pub fn is_priced_for_images(name: &str) -> bool {
    is_image_model(name)
}

/// By when a background request that can wait is to be done. The provider then takes less for its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Window {
    #[serde(rename = "2h")]
    TwoHours,
    #[serde(rename = "8h")]
    EightHours,
}

impl Window {
    pub const ALL: [Self; 2] = [Self::TwoHours, Self::EightHours];

    /// The provider's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TwoHours => "2h",
            Self::EightHours => "8h",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|window| window.word() == word)
    }

    pub const fn seconds(self) -> u64 {
        match self {
            Self::TwoHours => 7_200,
            Self::EightHours => 28_800,
        }
    }

    /// The longest one that is over within this time.
    pub fn within(time: Duration) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|window| Duration::from_secs(window.seconds()) <= time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_a_price_and_every_price_its_model() {
        let list = PriceList::shipped();
        for model in MODELS {
            assert!(list.has(model.name), "{}", model.name);
            assert!(model.efforts.iter().all(|effort| EFFORTS.contains(effort)), "{}", model.name);
            assert_eq!(Model::find(&format!("{}-2026-11-17", model.name)), Some(Model::find(model.name).unwrap()));
        }
        for price in list.rows() {
            assert_eq!(Model::find(&price.model).map(|model| model.name), Some(price.model.as_str()));
        }
    }

    #[test]
    fn a_model_takes_the_tiers_that_have_a_price() {
        let tiers = |name: &str| Model::find(name).unwrap().tiers().join(" ");
        assert_eq!(tiers("gpt-6.1-terra"), "auto default flex priority fast");
        assert_eq!(tiers("gpt-6.1-sol"), "auto default flex priority fast ultrafast");
        assert_eq!(tiers("gpt-6.2-sol"), "auto default priority fast ultrafast");
        assert_eq!(tiers("gpt-6.2-astra"), "auto default");
        assert_eq!(tiers("gpt-4.1"), "auto default priority fast");
    }

    #[test]
    fn a_window_is_the_longest_that_is_over_in_time() {
        let within = |seconds| Window::within(Duration::from_secs(seconds)).map(Window::word);
        assert_eq!([within(7_199), within(7_200), within(28_799)], [None, Some("2h"), Some("2h")]);
        assert_eq!([within(28_800), within(u64::MAX)], [Some("8h"); 2]);
    }
}
