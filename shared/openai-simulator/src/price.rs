//! The provider's price list, written apart from whoever checks a bill by it.

use super::bill::Bill;

pub(super) const WEB_SEARCH: f64 = 0.01;
pub(super) const FILE_SEARCH: f64 = 0.0025;
const LONG_INPUT: u64 = 272_000;

/// Dollars per million tokens: input, cached input, 30 minute cache writes, output. As published by 2026-11-30.
const MODELS: &[(&str, [f64; 4])] = &[
    ("gpt-6.2-astra", [8.0, 0.4, 10.0, 40.0]),
    ("gpt-6.2-sol", [2.0, 0.1, 2.5, 10.0]),
    ("gpt-6.1-sol", [2.0, 0.1, 2.5, 10.0]),
    ("gpt-6.1-terra", [1.0, 0.05, 1.25, 5.0]),
    ("gpt-6-astra", [10.0, 1.0, 12.5, 50.0]),
    ("gpt-6-sol", [2.0, 0.2, 2.5, 10.0]),
    ("gpt-6-luna", [0.1, 0.01, 0.125, 0.5]),
    ("gpt-5.6-terra", [2.0, 0.2, 2.5, 12.0]),
    ("gpt-5.6-luna", [0.2, 0.02, 0.25, 1.2]),
    ("gpt-5.6", [4.0, 0.4, 5.0, 20.0]),
    ("gpt-5.5-pro", [30.0, 30.0, 0.0, 180.0]),
    ("gpt-5.5", [5.0, 0.5, 0.0, 30.0]),
    ("gpt-5.4-mini", [0.75, 0.075, 0.0, 4.5]),
    ("gpt-5.4-nano", [0.2, 0.02, 0.0, 1.25]),
    ("gpt-5.4", [2.5, 0.25, 0.0, 15.0]),
    ("gpt-5.2-pro", [21.0, 21.0, 0.0, 168.0]),
    ("gpt-5.2", [1.75, 0.175, 0.0, 14.0]),
    ("gpt-5.1", [1.25, 0.125, 0.0, 10.0]),
    ("gpt-5-mini", [0.25, 0.025, 0.0, 2.0]),
    ("gpt-5-nano", [0.05, 0.005, 0.0, 0.4]),
    ("gpt-5-pro", [15.0, 15.0, 0.0, 120.0]),
    ("gpt-5", [1.25, 0.125, 0.0, 10.0]),
    ("o3-pro", [20.0, 20.0, 0.0, 80.0]),
    ("o3", [2.0, 0.5, 0.0, 8.0]),
    ("gpt-4.1-mini", [0.4, 0.1, 0.0, 1.6]),
    ("gpt-4.1", [2.0, 0.5, 0.0, 8.0]),
    ("gpt-4o-mini", [0.15, 0.075, 0.0, 0.6]),
    ("gpt-4o", [2.5, 1.25, 0.0, 10.0]),
];

/// Twenty minutes of a container with so much memory.
pub(super) fn container(memory: &str) -> f64 {
    match memory {
        "4g" => 0.12,
        "16g" => 0.48,
        "64g" => 1.92,
        _ => 0.03,
    }
}

/// Dollars for the tokens of one request: input, cached input, cache writes, output. Unlisted models cost nothing.
pub(super) fn tokens(bill: &Bill) -> [f64; 4] {
    let name = bill.model.strip_prefix("ft:").unwrap_or(&bill.model);
    let Some((_, [input, cached, write, output])) = MODELS.iter().find(|(listed, _)| name.starts_with(listed)) else {
        return [0.0; 4];
    };
    let (more_in, more_out) = if bill.input > LONG_INPUT { (2.0, 1.5) } else { (1.0, 1.0) };
    let factor = factor(bill, name) / 1_000_000.0;
    let plain = bill.input.saturating_sub(bill.cached + bill.cache_write_30m + bill.cache_write_12h);
    let written = bill.cache_write_30m as f64 * write + bill.cache_write_12h as f64 * input * 2.0;
    [
        plain as f64 * input * more_in * factor,
        bill.cached as f64 * cached * more_in * factor,
        written * more_in * factor,
        bill.output as f64 * output * more_out * factor,
    ]
}

fn factor(bill: &Bill, model: &str) -> f64 {
    let starts = |families: &[&str]| families.iter().any(|family| model.starts_with(family));
    if bill.batch {
        return 0.5;
    }
    match (bill.window.as_deref(), bill.tier.as_str()) {
        (Some("2h"), _) => 0.7,
        (Some("8h"), _) => 0.6,
        (_, "flex") => 0.5,
        (_, "ultrafast") => {
            if starts(&["gpt-6.2-sol"]) {
                3.0
            } else {
                6.0
            }
        }
        (_, "priority" | "fast") if starts(&["gpt-5.5"]) => 2.5,
        (_, "priority" | "fast") if starts(&["gpt-5-mini"]) => 1.8,
        (_, "priority" | "fast") if starts(&["gpt-4o-mini"]) => 5.0 / 3.0,
        (_, "priority" | "fast") if starts(&["gpt-4.1", "o3"]) => 1.75,
        (_, "priority" | "fast") if starts(&["gpt-4o"]) => 1.7,
        (_, "priority" | "fast") => 2.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cost_what_the_published_list_says() {
        let bill = |model: &str, tier: &str, input: u64, output: u64| Bill {
            model: model.to_owned(),
            tier: tier.to_owned(),
            input,
            output,
            ..Bill::default()
        };
        let cost = |bill: &Bill| (tokens(bill).iter().sum::<f64>() * 1e6).round();
        let usual = bill("gpt-6-sol", "default", 1_000, 100);
        assert_eq!(cost(&usual), 3_000.0);
        assert_eq!(cost(&Bill { batch: true, ..usual.clone() }), 1_500.0);
        assert_eq!(cost(&Bill { window: Some("8h".to_owned()), ..usual.clone() }), 1_800.0);
        assert_eq!(cost(&Bill { cached: 500, ..usual.clone() }), 2_100.0);
        assert_eq!(cost(&Bill { cache_write_12h: 1_000, ..usual }), 5_000.0);
        assert_eq!(cost(&bill("gpt-6-astra", "ultrafast", 1_000, 0)), 60_000.0);
        assert_eq!(cost(&bill("gpt-5.4-2026-03-05", "flex", 1_000, 0)), 1_250.0);
        assert_eq!(cost(&bill("gpt-5.4", "default", 272_001, 1_000)), 1_360_005.0 + 22_500.0);
        assert_eq!(cost(&bill("llama", "default", 1_000, 1_000)), 0.0);
    }
}
