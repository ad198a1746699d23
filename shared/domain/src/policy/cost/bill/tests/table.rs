//! The table of runs that were worked by hand: each sum is done again in exact decimals, and then by the bill.

use serde_json::{Map, Value};

use super::super::*;
use crate::policy::cost::StoredUsage;

const TABLE: &str = include_str!("table.txt");

/// Products of decimal numbers with a plus between them, in pico-dollars.
fn worked(sum: &str) -> u128 {
    let places = |number: &str| number.split_once('.').map_or(0, |(_, places)| u32::try_from(places.len()).unwrap());
    let product = |term: &str| {
        let factors: Vec<&str> = term.split('*').map(str::trim).collect();
        let whole: u128 = factors.iter().map(|factor| factor.replace('.', "").parse::<u128>().unwrap()).product();
        let scale = 10_u128.pow(factors.iter().map(|factor| places(factor)).sum());
        assert_eq!(whole * 1_000_000 % scale, 0, "{term} is exact");
        whole * 1_000_000 / scale
    };
    sum.split('+').map(product).sum()
}

fn usage(text: &str) -> Usage {
    let words: Vec<&str> = text.split_whitespace().collect();
    let counts = words.chunks(2).map(|pair| {
        assert!(Usage::NAMES.contains(&pair[0]), "{text}");
        (pair[0].to_owned(), Value::from(pair[1].parse::<u64>().unwrap()))
    });
    let StoredUsage(usage) = serde_json::from_value(Value::Object(counts.collect::<Map<_, _>>())).unwrap();
    usage
}

#[test]
fn every_run_of_the_table_costs_what_was_worked_by_hand() {
    let shipped = PriceList::shipped();
    let lines: Vec<&str> = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(lines.len() >= 80, "{}", lines.len());
    for line in lines {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [model, tier, asked, more, used, sum, dollars, state] = cells[..] else { panic!("{line}") };
        let said = |word| (word != "-").then_some(word);
        let used = usage(used);
        let at = more.strip_prefix("at ").unwrap_or("2026-11-30T12:00:00Z");
        let asked_window = said(asked).and_then(Window::parse);
        let bill = Bill {
            model: said(model),
            tier: said(tier),
            asked_tier: said(asked).filter(|_| asked_window.is_none()),
            asked_window,
            usage: Some(&used),
            has_output: true,
            is_regional: more == "region",
            ..Bill::at(&shipped, Timestamp::parse(at).unwrap())
        };
        let cost = bill.cost().unwrap();
        assert_eq!(cost.usd.to_string(), dollars, "{line}");
        assert_eq!(u128::from(cost.usd.pico()), worked(sum), "{line}");
        assert_eq!(cost.state.known(), Some(state), "{line}");
    }
}
