//! The list as data: what ships reads whole, and what an installation adds is held to the same.

use super::*;
use crate::policy::cost::{Bill, CostState, Usage};

const SHIPPED: &str = include_str!("../../../../prices/openai.json");

fn at(time: &str) -> Timestamp {
    Timestamp::parse(time).unwrap()
}

fn some() -> Usage {
    Usage { input_tokens: 1_000, output_tokens: 100, ..Usage::default() }
}

fn row(change: serde_json::Value) -> String {
    let mut row = serde_json::json!({
        "model": "gpt-7", "valid_from": "2026-12-01", "checked_on": "2026-12-01", "source": "invoice",
        "usd_per_million": {"input": "3", "output": "12"},
    });
    for (name, value) in change.as_object().unwrap() {
        row[name] = value.clone();
    }
    serde_json::json!({"models": [row]}).to_string()
}

fn cost(prices: &PriceList, model: &str, usage: Usage, time: &str) -> (String, CostState) {
    let bill = Bill { model: Some(model), usage: Some(&usage), ..Bill::at(prices, at(time)) };
    let cost = bill.cost().unwrap();
    (cost.usd.to_string(), cost.state)
}

#[test]
fn the_shipped_list_reads_whole() {
    let rows = read::all(SHIPPED).unwrap();
    assert_eq!((rows.models.len(), rows.tools.len(), rows.containers.len(), rows.images.len()), (23, 3, 4, 2));
    for price in &rows.models {
        assert!(
            rows.models.iter().filter(|row| row.model == price.model && row.valid_from == price.valid_from).count()
                == 1
        );
    }
}

#[test]
fn every_price_and_every_product_of_factors_is_a_whole_number_of_pico_dollars() {
    for price in &read::all(SHIPPED).unwrap().models {
        let tiers =
            ["flex", "priority", "ultrafast", "batch", "default"].into_iter().filter_map(|tier| price.tier(tier));
        let windows = [Some(Factor::ONE), price.two_hours, price.eight_hours];
        let long = price.long.map_or([Factor::ONE; 2], |long| [long.input, long.output]);
        for tier in tiers {
            for (window, long) in windows.into_iter().flatten().flat_map(|window| long.map(|long| (window, long))) {
                let factor = tier.and(window).and(long).and(price.regional.unwrap());
                for of in [Some(price.input), price.cached, price.write_30m, price.write_12h, Some(price.output)] {
                    let of = u128::from(of.unwrap());
                    assert_eq!(
                        factor.times(of) * 1_000_000,
                        factor.times(of * 1_000_000),
                        "{} {factor:?}",
                        price.model
                    );
                }
            }
        }
    }
}

#[test]
fn an_installations_row_stands_before_the_shipped_one_from_its_day_on() {
    let own = PriceList::with(&row(serde_json::json!({"model": "gpt-6.1-terra"}))).unwrap();
    assert_eq!(cost(&own, "gpt-6.1-terra", some(), "2026-11-30T23:59:59Z"), ("0.001500".to_owned(), CostState::Known));
    assert_eq!(cost(&own, "gpt-6.1-terra", some(), "2026-12-01T00:00:00Z"), ("0.004200".to_owned(), CostState::Known));
    assert_eq!(cost(&own, "gpt-6.1-sol", some(), "2026-12-01T00:00:00Z"), ("0.003000".to_owned(), CostState::Known));
}

#[test]
fn a_model_of_the_installation_is_on_the_list_and_what_its_row_leaves_out_is_unknown() {
    let own = PriceList::with(&row(serde_json::json!({}))).unwrap();
    assert!(own.has("gpt-7") && own.has("gpt-7-2026-12-01") && !own.has("gpt-7-mini"));
    assert!(own.names().ends_with(", gpt-7") && !PriceList::shipped().has("gpt-7"));
    let now = "2026-12-02T00:00:00Z";
    assert_eq!(cost(&own, "gpt-7", some(), now), ("0.004200".to_owned(), CostState::Known));
    // 400 fresh tokens at 3, and 100 at 12.
    let cached = Usage { cached_tokens: 600, ..some() };
    assert_eq!(cost(&own, "gpt-7", cached, now), ("0.002400".to_owned(), CostState::Unknown));
    let long = Usage { input_tokens: 300_000, ..some() };
    assert_eq!(cost(&own, "gpt-7", long, now), ("0.901200".to_owned(), CostState::Unknown));
    for tier in ["flex", "priority", "batch", "ultrafast"] {
        let bill = Bill { model: Some("gpt-7"), tier: Some(tier), usage: Some(&some()), ..Bill::at(&own, at(now)) };
        assert_eq!(bill.cost().unwrap().state, CostState::Unknown, "{tier}");
    }
}

#[test]
fn tools_of_the_installation_have_its_price() {
    let own = r#"{"tools": [{"tool": "web_search", "valid_from": "unknown", "checked_on": "2026-12-01", "source": "contract",
        "usd_per_thousand": "8"}], "containers": [{"memory": "1g", "valid_from": "unknown", "checked_on": "2026-12-01",
        "source": "contract", "usd_per_20_minutes": "0.02"}]}"#;
    let own = PriceList::with(own).unwrap();
    let used = Usage { web_searches: 2, containers_1g: 1, containers_4g: 1, ..some() };
    // 0.0015 of tokens, 2 times 0.008, 0.02, and the shipped 0.12.
    assert_eq!(
        cost(&own, "gpt-6.1-terra", used, "2026-12-02T00:00:00Z"),
        ("0.157500".to_owned(), CostState::Estimated)
    );
}

#[test]
fn an_error_in_a_list_names_the_row_and_the_field() {
    let said = |text: &str| {
        let errors = PriceList::with(text).unwrap_err();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let of = |change| said(&row(change));
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let cases = [
        (r#"{"usd_per_million": {"input": "3"}}"#, "models[0] (gpt-7): usd_per_million.output is required"),
        (
            r#"{"usd_per_million": {"input": 3, "output": "1"}}"#,
            "models[0] (gpt-7): usd_per_million.input must be a dec",
        ),
        (
            r#"{"usd_per_million": {"input": "-3", "output": "1"}}"#,
            "models[0] (gpt-7): usd_per_million.input must be a",
        ),
        (
            r#"{"usd_per_million": {"input": "0.0000001", "output": "1"}}"#,
            "models[0] (gpt-7): usd_per_million.input must",
        ),
        (
            r#"{"usd_per_million": {"input": "3", "output": "1", "cashed": "1"}}"#,
            "models[0] (gpt-7): usd_per_million.cashed",
        ),
        (r#"{"tiers": {"flex": "half"}}"#, "models[0] (gpt-7): tiers.flex must be a multiple"),
        (r#"{"tiers": {"scale": "1"}}"#, "models[0] (gpt-7): tiers.scale is none of batch, flex"),
        (r#"{"tiers": []}"#, "models[0] (gpt-7): tiers must be an object"),
        (r#"{"windows": {"2h": "0"}}"#, "models[0] (gpt-7): windows.2h must be a multiple"),
        (r#"{"regional": "1/0"}"#, "models[0] (gpt-7): regional must be a multiple"),
        (r#"{"long_context": "never"}"#, "models[0] (gpt-7): long_context must be none"),
        (r#"{"long_context": {"above": 1}}"#, "models[0] (gpt-7): long_context must be none"),
        (r#"{"valid_from": "soon"}"#, "models[0] (gpt-7): valid_from must be a day"),
        (r#"{"checked_on": null}"#, "models[0] (gpt-7): checked_on must be a day"),
        (r#"{"source": ""}"#, "models[0] (gpt-7): source is required"),
        (r#"{"shuts_down": "2027"}"#, "models[0] (gpt-7): shuts_down must be a day"),
        (r#"{"inferred": ["inputs"]}"#, "models[0] (gpt-7): inferred must be a list of input, cached"),
        (r#"{"settled": "yes"}"#, "models[0] (gpt-7): settled must be true or false"),
        (r#"{"price": "1"}"#, "models[0] (gpt-7): price is not a field of such a row"),
    ];
    for (change, error) in cases {
        let said = of(json(change));
        assert!(said.starts_with(error), "{change}: {said}");
    }
    assert!(said("[]").starts_with("the list: must be a JSON object"));
    assert!(said(r#"{"images": []}"#).starts_with("images: must be one of models, tools, containers"));
    assert!(said(r#"{"models": [7]}"#).starts_with("models[0]: must be an object"));
    assert!(said(r#"{"tools": [{"tool": "mcp"}]}"#).starts_with("tools[0] (mcp): tool must be one of web_search"));
}

#[test]
fn a_model_that_is_shut_down_within_sixty_days_is_warned_of() {
    let list = PriceList::shipped();
    let warned = |model: &str, time| list.shutdown_soon(model, at(time)).map(|on| on.to_string());
    assert_eq!(warned("gpt-4.1-2026-01-01", "2026-11-14T23:59:59Z"), None);
    assert_eq!(warned("gpt-4.1", "2026-11-15T00:00:00Z").unwrap(), "2027-01-14T00:00:00.000Z");
    assert!(warned("gpt-4.1", "2028-01-01T00:00:00Z").is_some(), "it is over");
    assert_eq!(warned("gpt-6.1-terra", "2028-01-01T00:00:00Z"), None);
    assert_eq!(warned("llama", "2028-01-01T00:00:00Z"), None);
}
