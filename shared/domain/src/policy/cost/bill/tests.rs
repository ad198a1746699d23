//! Prices by hand: each line is a run, what it costs to the last place, and how sure that is.

mod table;

use super::*;
use CostState::{Estimated, Known, Unknown};
use Window::{EightHours, TwoHours};

static SHIPPED: std::sync::LazyLock<PriceList> = std::sync::LazyLock::new(PriceList::shipped);
const TODAY: &str = "2026-11-30T12:00:00Z";

fn at(time: &str) -> Timestamp {
    Timestamp::parse(time).unwrap()
}

/// Tokens of input and of output.
fn io(input: u64, output: u64) -> Usage {
    Usage { input_tokens: input, output_tokens: output, ..Usage::default() }
}

fn bill<'a>(model: &'a str, tier: &'a str, usage: &'a Usage) -> Bill<'a> {
    Bill {
        model: Some(model),
        tier: Some(tier),
        asked_tier: None,
        asked_window: None,
        usage: Some(usage),
        has_output: true,
        is_regional: false,
        prices: &SHIPPED,
        at: at(TODAY),
    }
}

#[track_caller]
fn check(bill: Bill<'_>, dollars: &str, state: CostState) {
    let cost = bill.cost().map(|cost| (cost.usd.to_string(), cost.state));
    assert_eq!(cost, Some((dollars.to_owned(), state)), "{bill:?}");
}

/// Everything that a tier can make of the price of tokens.
#[test]
fn each_model_costs_on_each_tier_what_its_price_list_says() {
    let million = io(1_000_000, 1_000_000);
    let half = io(200_000, 100_000);
    // Below the long prompt: 0.2 times the input price and 0.1 times the output price.
    let short = [
        ("gpt-6.2-astra", "default", "5.600000", Known),
        ("gpt-6.2-astra", "auto", "5.600000", Known),
        ("gpt-6.2-astra", "batch", "2.800000", Estimated),
        ("gpt-6.2-sol", "default", "1.400000", Known),
        ("gpt-6.2-sol", "priority", "2.800000", Known),
        ("gpt-6.2-sol", "fast", "2.800000", Known),
        ("gpt-6.2-sol", "ultrafast", "4.200000", Known),
        ("gpt-6.2-sol", "batch", "0.700000", Estimated),
        ("gpt-6-astra", "default", "7.000000", Known),
        ("gpt-6-astra", "flex", "3.500000", Known),
        ("gpt-6-astra", "priority", "14.000000", Known),
        ("gpt-6-astra", "ultrafast", "42.000000", Known),
        ("gpt-6.1-sol", "default", "1.400000", Known),
        ("gpt-6.1-sol", "flex", "0.700000", Known),
        ("gpt-6.1-sol", "fast", "2.800000", Known),
        ("gpt-6.1-sol", "ultrafast", "8.400000", Known),
        ("gpt-6.1-terra", "default", "0.700000", Known),
        ("gpt-6.1-terra", "flex", "0.350000", Known),
        ("gpt-6.1-terra", "priority", "1.400000", Known),
        ("gpt-6-sol", "default", "1.400000", Known),
        ("gpt-6-luna", "default", "0.070000", Known),
        ("gpt-6-luna", "flex", "0.035000", Known),
        ("gpt-6-luna", "fast", "0.140000", Known),
        ("gpt-5.6-sol", "default", "4.000000", Estimated),
        ("gpt-5.6", "default", "4.000000", Estimated),
        ("gpt-5.6", "priority", "8.000000", Estimated),
        ("gpt-5.6-terra", "default", "1.600000", Known),
        ("gpt-5.6-luna", "default", "0.160000", Known),
        ("gpt-5.5", "default", "4.000000", Known),
        ("gpt-5.5", "priority", "10.000000", Known),
        ("gpt-5.5-pro", "default", "24.000000", Known),
        ("gpt-5.5-pro", "flex", "12.000000", Known),
        ("gpt-5.4", "priority", "4.000000", Known),
        ("gpt-5.4-2026-03-05", "default", "2.000000", Known),
        ("gpt-5.4-mini", "default", "0.600000", Known),
        ("gpt-5.4-nano", "flex", "0.082500", Known),
        ("gpt-5.2", "default", "1.750000", Known),
        ("gpt-5.1", "priority", "2.500000", Known),
        ("gpt-4.1", "default", "1.200000", Known),
        ("gpt-4.1", "priority", "2.100000", Known),
        ("gpt-4.1-mini", "fast", "0.420000", Known),
        ("gpt-4o", "priority", "2.550000", Known),
        ("gpt-4o-mini", "default", "0.090000", Known),
        ("gpt-4o-mini", "priority", "0.150000", Known),
    ];
    for (model, tier, dollars, state) in short {
        check(bill(model, tier, &half), dollars, state);
    }
    // Twice the input and one and a half times the output, of the whole request; not with models that have no such price.
    let long = [
        ("gpt-6.1-terra", "default", "9.500000", Known),
        ("gpt-6.1-terra", "flex", "4.750000", Known),
        ("gpt-6-astra", "ultrafast", "570.000000", Known),
        ("gpt-5.4", "default", "27.500000", Known),
        ("gpt-5.4-mini", "default", "5.250000", Known),
        ("gpt-5.2", "default", "15.750000", Known),
        ("gpt-5.1", "default", "11.250000", Known),
        ("gpt-4.1", "default", "10.000000", Known),
    ];
    for (model, tier, dollars, state) in long {
        check(bill(model, tier, &million), dollars, state);
    }
}

#[test]
fn a_tier_that_has_no_price_is_never_priced_once_and_called_known() {
    let unknown = [
        ("gpt-6-astra", "hyperfast"),
        ("gpt-6-astra", "scale"),
        ("gpt-6-astra", ""),
        ("gpt-6-astra", "Default"),
        ("gpt-6.1-terra", "ultrafast"),
        ("gpt-5.6-sol", "ultrafast"),
        ("gpt-6.2-sol", "flex"),
        ("gpt-6.2-astra", "flex"),
        ("gpt-6.2-astra", "priority"),
        ("gpt-4.1", "flex"),
        ("gpt-4o-mini", "flex"),
        ("gpt-5.4-nano", "priority"),
    ];
    for (model, tier) in unknown {
        let cost = bill(model, tier, &io(100_000, 1_000)).cost().unwrap();
        assert_eq!(cost.state, Unknown, "{model} {tier}");
        assert!(cost.usd > Usd::default(), "{model} {tier}");
    }
}

#[test]
fn prices_hold_from_their_date_to_their_date() {
    let usage = io(100_000, 10_000);
    let on = |model, tier, time| Bill { at: at(time), ..bill(model, tier, &usage) };
    check(on("gpt-5.6-sol", "default", "2026-11-21T23:59:59Z"), "0.600000", Known);
    check(on("gpt-5.6-sol", "default", "2026-11-22T00:00:00Z"), "0.800000", Estimated);
    check(on("gpt-5.6", "default", "2026-11-21T00:00:00Z"), "0.600000", Known);
    // The days are those of the west coast.
    check(on("gpt-6.2-sol", "ultrafast", "2027-02-28T23:59:59Z"), "0.900000", Known);
    check(on("gpt-6.2-sol", "ultrafast", "2027-03-01T08:00:00Z"), "1.800000", Known);
    check(on("gpt-6.2-sol", "default", "2030-01-01T00:00:00Z"), "0.300000", Known);
}

#[test]
fn cached_and_written_tokens_have_prices_of_their_own() {
    let with = |cached, written, half_hour, twelve_hours| Usage {
        cached_tokens: cached,
        cache_write_tokens: written,
        cache_write_30m_tokens: half_hour,
        cache_write_12h_tokens: twelve_hours,
        ..io(100_000, 0)
    };
    let none = |usage: &Usage, model: &str, dollars: &str, state| {
        check(Bill { has_output: false, ..bill(model, "default", usage) }, dollars, state);
    };
    // 40,000 at 1 and 60,000 at 0.05.
    none(&with(60_000, 0, 0, 0), "gpt-6.1-terra", "0.043000", Known);
    none(&with(0, 100_000, 100_000, 0), "gpt-6.1-terra", "0.125000", Known);
    // For how long is not told.
    none(&with(0, 100_000, 0, 0), "gpt-6.1-terra", "0.125000", Estimated);
    none(&with(0, 100_000, 40_000, 0), "gpt-6.1-terra", "0.125000", Estimated);
    // Twice the input price where no page states it, and 5 dollars where one does.
    none(&with(0, 100_000, 0, 100_000), "gpt-6.1-terra", "0.200000", Estimated);
    none(&with(0, 100_000, 0, 100_000), "gpt-6-astra", "2.000000", Estimated);
    none(&with(0, 100_000, 0, 100_000), "gpt-6.1-sol", "0.500000", Known);
    none(&with(0, 100_000, 0, 100_000), "gpt-6.2-sol", "0.500000", Known);
    none(&with(50_000, 50_000, 30_000, 20_000), "gpt-6.2-sol", "0.180000", Known);
    // Inferred.
    none(&with(0, 100_000, 100_000, 0), "gpt-6.2-astra", "1.000000", Estimated);
    none(&with(100_000, 0, 0, 0), "gpt-6.2-astra", "0.040000", Known);
    // An earlier model bills writes as input.
    none(&with(0, 100_000, 0, 0), "gpt-5.4", "0.250000", Known);
    none(&with(0, 100_000, 0, 100_000), "gpt-5.4", "0.500000", Estimated);
    none(&with(100_000, 0, 0, 0), "gpt-5.5-pro", "3.000000", Known);
    let fast = with(100_000, 0, 0, 0);
    check(Bill { has_output: false, ..bill("gpt-4o-mini", "priority", &fast) }, "0.012500", Known);
    // Parts that are more than the whole.
    none(&with(80_000, 40_000, 40_000, 0), "gpt-6.1-terra", "0.054000", Estimated);
    none(&with(0, 0, 40_000, 0), "gpt-6.1-terra", "0.110000", Estimated);
    let odd = Usage { reasoning_tokens: 11, ..io(0, 0) };
    none(&odd, "gpt-6.1-terra", "0.000000", Estimated);
}

#[test]
fn a_discount_for_waiting_is_known_while_it_was_kept() {
    let took = |seconds| Usage { seconds, ..io(100_000, 10_000) };
    let asked = |usage: &Usage, tier: &str, window, dollars: &str, state| {
        check(Bill { asked_window: Some(window), ..bill("gpt-6.2-sol", tier, usage) }, dollars, state);
    };
    asked(&took(7_200), "default", TwoHours, "0.210000", Known);
    asked(&took(7_201), "default", TwoHours, "0.300000", Estimated);
    asked(&took(28_800), "default", EightHours, "0.180000", Known);
    asked(&took(0), "default", EightHours, "0.180000", Estimated);
    asked(&took(60), "priority", TwoHours, "0.600000", Estimated);
    let searched = Usage { web_searches: 2, ..took(60) };
    asked(&searched, "default", TwoHours, "0.230000", Known);
}

#[test]
fn a_server_that_names_no_tier_used_the_standard_one_unless_another_was_asked_for() {
    let usage = io(100_000, 10_000);
    let silent = |asked_tier| Bill { tier: None, asked_tier, ..bill("gpt-6.1-terra", "", &usage) };
    check(silent(None), "0.150000", Known);
    check(silent(Some("auto")), "0.150000", Known);
    check(silent(Some("flex")), "0.150000", Estimated);
    check(silent(Some("priority")), "0.300000", Estimated);
    // What is told counts, whatever was asked for.
    check(Bill { asked_tier: Some("priority"), ..bill("gpt-6.1-terra", "default", &usage) }, "0.150000", Known);
}

#[test]
fn a_region_adds_a_tenth_to_the_tokens_of_newer_models() {
    let usage = Usage { web_searches: 1, ..io(100_000, 10_000) };
    let in_region = |model, tier, dollars: &str| {
        check(Bill { is_regional: true, ..bill(model, tier, &usage) }, dollars, Known);
    };
    in_region("gpt-6.1-terra", "default", "0.175000");
    in_region("gpt-6.1-terra", "flex", "0.092500");
    in_region("gpt-5.4", "default", "0.450000");
    in_region("gpt-5.2", "default", "0.325000");
    in_region("gpt-4.1", "default", "0.290000");
}

#[test]
fn tools_are_counted_with_what_the_provider_counts_and_with_what_it_does_not() {
    let tools = |usage: Usage| Usage { input_tokens: 1_000, output_tokens: 100, ..usage };
    let on =
        |model: &str, usage: Usage, dollars: &str, state| check(bill(model, "default", &tools(usage)), dollars, state);
    let none = Usage::default();
    // Tokens alone: 0.0015.
    on("gpt-6.1-terra", none, "0.001500", Known);
    on("gpt-6.1-terra", Usage { web_searches: 3, ..none }, "0.031500", Known);
    on("gpt-6.1-terra", Usage { web_searches: 3, untold: 1, ..none }, "0.031500", Estimated);
    on("gpt-6.1-terra", Usage { preview_searches: 1, ..none }, "0.011500", Known);
    on("gpt-4.1", Usage { preview_searches: 1, ..none }, "0.027800", Known);
    on("gpt-4.1", Usage { web_searches: 1, ..none }, "0.012800", Known);
    // 0.00021, a cent, and 8,000 tokens at 0.15.
    on("gpt-4o-mini", Usage { web_searches: 1, ..none }, "0.011410", Known);
    on("gpt-4o-mini", Usage { preview_searches: 1, ..none }, "0.025210", Known);
    on("gpt-6.1-terra", Usage { file_searches: 1, ..none }, "0.004000", Estimated);
    on("gpt-6.1-terra", Usage { containers_1g: 1, ..none }, "0.031500", Estimated);
    on("gpt-6.1-terra", Usage { containers_4g: 1, ..none }, "0.121500", Estimated);
    on("gpt-6.1-terra", Usage { containers_16g: 1, ..none }, "0.481500", Estimated);
    on("gpt-6.1-terra", Usage { containers_64g: 2, ..none }, "3.841500", Estimated);
    let image = Usage { image_input_tokens: 50, image_output_tokens: 1_000, ..none };
    on("gpt-6.1-terra", image, "0.031900", Estimated);
    on("gpt-6.1-terra", Usage { unpriced: 1, ..image }, "0.031900", Unknown);
    on("gpt-6.1-terra", Usage { untold: 1, ..none }, "0.001500", Estimated);
    // No tier makes a tool dearer.
    let searched = tools(Usage { web_searches: 1, ..none });
    check(bill("gpt-6.1-terra", "priority", &searched), "0.013000", Known);
}

#[test]
fn no_tokens_beside_a_text_are_no_count_and_no_tokens_beside_nothing_are_none() {
    let told = |usage: Option<Usage>, has_output| {
        Bill { usage: usage.as_ref(), has_output, ..bill("gpt-6.1-terra", "default", &Usage::default()) }.cost()
    };
    assert_eq!(told(None, true), None);
    assert_eq!(told(None, false), None);
    assert_eq!(told(Some(io(0, 0)), true), None);
    assert_eq!(told(Some(io(1_000, 0)), true), None);
    assert_eq!(told(Some(io(0, 1_000)), true), None);
    assert_eq!(told(Some(io(0, 1_000)), false), None);
    assert_eq!(told(Some(io(0, 0)), false), Some(Cost::known(Usd::default())));
    assert!(told(Some(io(1_000, 0)), false).is_some_and(|cost| cost.state == Known));
}

#[test]
fn a_model_off_the_list_has_no_price_rather_than_a_wrong_one() {
    let usage = Usage { web_searches: 3, ..io(1_000, 100) };
    let others =
        ["llama", "", "gpt-6.1", "gpt-5.4-preview", "gpt-5.4-2026", "gpt-5.4-20260305", "ft:gpt-4.1:x", "GPT-4.1"];
    for model in others {
        check(bill(model, "default", &usage), "0.000000", Unknown);
    }
    check(Bill { model: None, ..bill("", "default", &usage) }, "0.000000", Unknown);
}

#[test]
fn what_no_price_can_say_costs_what_nobody_knows() {
    let most = io(u64::MAX, u64::MAX);
    check(bill("gpt-6-astra", "ultrafast", &most), "0.000000", Unknown);
    let searches = Usage { web_searches: u64::MAX, ..io(1, 1) };
    check(bill("gpt-4o-mini", "default", &searches), "0.000000", Unknown);
}
