//! What a run cost: raw usage, a dated price list, and money that never rounds and never claims to be surer than it is.

mod bill;
mod estimate;
mod factor;
mod list;
mod models;
mod usage;

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

pub use self::bill::Bill;
pub use self::estimate::Estimate;
pub use self::list::{InvalidPrice, PriceList};
pub use self::models::{EFFORTS, Model, TIERS, Window, is_priced_for_images};
pub(crate) use self::usage::stored;
pub use self::usage::{StoredUsage, Usage};
use crate::value::word::words;

/// What prices are looked up by.
#[derive(Debug, Clone, Copy)]
pub struct Rates<'a> {
    pub prices: &'a PriceList,
    /// Whether the provider is called at the address of a region.
    pub is_regional: bool,
}

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

    /// So many times as much.
    #[must_use]
    pub fn times(self, count: u16) -> Self {
        Self(self.0.saturating_mul(count.into()))
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
        /// At least so much: a run has not told its usage yet, ended without telling it, or used something that has no
        /// price.
        #[default]
        Unknown "unknown",
        /// Everything that is billed has a figure, and some of the figures are not the provider's.
        Estimated "estimated",
        /// What the provider bills, by its own count and its price list.
        Known "known",
    }
}

/// The cost of a job over all its responses. The state is that of its least certain response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub usd: Usd,
    pub state: CostState,
}

impl Cost {
    pub const fn known(usd: Usd) -> Self {
        Self { usd, state: CostState::Known }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
