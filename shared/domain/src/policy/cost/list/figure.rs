//! Figures of a price list: decimal texts that become whole numbers, so that nothing is ever rounded.

use serde_json::Value;

use crate::policy::cost::Usd;
use crate::policy::cost::factor::Factor;
use crate::value::time::Timestamp;

pub(super) const MONEY: &str = "must be a decimal number of dollars in quotes, such as \"0.50\", or unknown";
pub(super) const FACTOR: &str = "must be a multiple in quotes, such as \"0.5\" or \"5/3\", or unknown";

/// Nobody's price, and no factor: what is beyond is a slip of the pen.
const MOST: u64 = 10_000;

/// What a field of a row holds.
pub(super) enum Given<T> {
    Known(T),
    /// Nobody states it.
    Unknown,
    Wrong,
}

pub(super) fn figure<T>(given: &Value, read: impl Fn(&str) -> Option<T>) -> Given<T> {
    match given.as_str() {
        Some("unknown") => Given::Unknown,
        text => text.and_then(read).map_or(Given::Wrong, Given::Known),
    }
}

/// Dollars for a million tokens as pico-dollars for one.
pub(super) fn pico_of_token(text: &str) -> Option<u64> {
    pico_of_one(text, 1_000_000)
}

/// Dollars for so many as pico-dollars for one.
pub(super) fn pico_of_one(text: &str, of: u64) -> Option<u64> {
    let pico = Usd::parse(text)?.pico();
    let is_price = pico <= MOST.saturating_mul(1_000_000_000_000) && pico.checked_rem(of) == Some(0);
    if is_price { pico.checked_div(of) } else { None }
}

/// A decimal number with three places, or a fraction of two whole ones.
pub(super) fn factor(text: &str) -> Option<Factor> {
    let whole = |text: &str| text.parse::<u64>().ok().filter(|number| (1..=MOST).contains(number));
    match text.split_once('/') {
        Some((over, under)) => Some(Factor::of(whole(over)?, whole(under)?)),
        None => {
            let thousandths = pico_of_one(text, 1_000_000_000).filter(|number| (1..=100 * MOST).contains(number))?;
            Some(Factor::of(thousandths, 1_000))
        }
    }
}

/// A day, which begins at midnight UTC, or a time.
pub(super) fn day(given: &Value) -> Given<Timestamp> {
    figure(given, |text| match text.len() {
        10 => Timestamp::parse(&format!("{text}T00:00:00Z")),
        _ => Timestamp::parse(text),
    })
}
