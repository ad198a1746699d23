//! How long the provider asks to be left alone: `Retry-After` in seconds or as a date, and `retry-after-ms`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::port::Clock as _;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::system::System;

/// A header that asks for more is obeyed for so long: the next try may hear another.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// The longest of all that these headers ask for; what cannot be read asks for nothing.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let texts = |name: &str| headers.get_all(name).iter().filter_map(|text| text.to_str().ok()).map(str::trim);
    let plain = texts(RETRY_AFTER.as_str()).filter_map(|text| seconds(text, 1.0).or_else(|| until(text, headers)));
    let precise = texts("retry-after-ms").filter_map(|text| seconds(text, 0.001));
    plain.chain(precise).max()
}

/// A number of seconds, or of parts of one.
fn seconds(text: &str, unit: f64) -> Option<Duration> {
    let is_number = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let wait = text.parse::<f64>().ok().filter(|_| is_number)? * unit;
    Some(Duration::from_secs_f64(wait.min(LONGEST_WAIT.as_secs_f64())))
}

/// From the provider's own time, so that a clock that is wrong here does not count, to that date.
fn until(text: &str, headers: &HeaderMap) -> Option<Duration> {
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let theirs = headers.get(DATE).and_then(|now| date(now.to_str().ok()?));
    let ours = || UNIX_EPOCH + Duration::from_millis(u64::try_from(System.now().millis()).unwrap_or_default());
    let now: SystemTime = theirs.unwrap_or_else(ours);
    date(text)?.duration_since(now).ok().map(|wait| wait.min(LONGEST_WAIT))
}
