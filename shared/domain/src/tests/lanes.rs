//! The classifier against a table of work from the guidance, and against its rule stated a second time.

use std::time::Duration;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use crate::contract::request::questions;
use crate::policy::cost::Window;
use crate::policy::cost::{PriceList, Rates};
use crate::policy::lane::{
    Alternative, AlternativeReason, Difference, Effect, FEWEST_RECORDS, Lane, LaneReason, MOST_RECORDS, Prices,
    Questions, RunSize, Way, classify,
};
use crate::value::time::Timestamp;

/// Lane, prices and alternatives as they should come out. The prices were worked out from the provider's pages, apart
/// from the code.
#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    body: Value,
    lane: String,
    reasons: Vec<String>,
    prices: String,
    others: Vec<String>,
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-30T12:00:00Z").unwrap()
}

fn said(other: &Alternative) -> String {
    let difference = match other.difference {
        Some(Difference::Saves(usd)) => format!(" saves {usd}"),
        Some(Difference::Costs(usd)) => format!(" costs {usd}"),
        None => String::new(),
    };
    format!("{} {}{difference}", other.lane.word(), other.way.word())
}

#[test]
fn every_case_of_the_guidance_gets_its_lane_its_prices_and_its_alternatives() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("lanes/cases.json")).unwrap();
    assert!(cases.len() >= 40);
    for Case { name, body, lane, reasons, prices, others } in cases {
        let work = questions::parse(body.to_string().as_bytes(), &PriceList::shipped()).unwrap();
        let listed = work.prices(Rates { prices: &PriceList::shipped(), is_regional: false }, now());
        let answer = classify(&work, &listed);
        assert_eq!(answer.lane.word(), lane, "{name}");
        assert_eq!(answer.reasons.iter().map(LaneReason::word).collect::<Vec<_>>(), reasons, "{name}");
        let words = Way::ALL.into_iter().filter_map(|way| Some(format!("{} {}", way.word(), listed.get(way)?)));
        assert_eq!(words.collect::<Vec<_>>().join(" "), prices, "{name}");
        assert_eq!(answer.alternatives.iter().map(said).collect::<Vec<_>>(), others, "{name}");
    }
}

#[test]
fn a_batch_of_one_is_pointed_to_the_background_lane() {
    for (records, lane) in
        [(1, Lane::Background), (FEWEST_RECORDS - 1, Lane::Background), (FEWEST_RECORDS, Lane::Batch)]
    {
        let work = Questions { many_independent_records: true, records: Some(records), ..Questions::default() };
        let answer = classify(&work, &Prices::default());
        assert_eq!(answer.lane, lane, "{records}");
        assert!(lane == Lane::Batch || answer.alternatives.iter().all(|other| other.lane != Lane::Batch), "{records}");
    }
}

#[test]
fn the_address_of_a_region_adds_its_tenth_to_every_price() {
    let body = br#"{"records":10,"model":"gpt-6.2-sol","input_tokens":1000,"output_tokens":1000}"#;
    let work = questions::parse(body, &PriceList::shipped()).unwrap();
    let (here, region) = (
        work.prices(Rates { prices: &PriceList::shipped(), is_regional: false }, now()),
        work.prices(Rates { prices: &PriceList::shipped(), is_regional: true }, now()),
    );
    for way in Way::ALL {
        let tenfold = |prices: &Prices, times: u64| prices.get(way).map(|usd| usd.pico() * times);
        assert_eq!(tenfold(&here, 11), tenfold(&region, 10), "{way:?}");
    }
}

#[test]
fn no_other_lane_is_offered_as_if_it_ran() {
    let work = Questions { records: Some(10_000), somebody_waits_for_one: true, ..Questions::default() };
    let answer = classify(&work, &Prices::default());
    let batch = answer.alternatives.iter().find(|other| other.lane == Lane::Batch).unwrap();
    assert!(!batch.is_available());
    let answer = classify(&Questions { short_with_fast_tools: true, ..Questions::default() }, &Prices::default());
    assert_eq!((answer.lane, answer.lane.runs()), (Lane::Interactive, false));
    assert!(answer.alternatives.iter().any(Alternative::is_available), "something that runs");
}

/// The lane, said as the guidance says it.
fn lane_of(work: &Questions) -> Lane {
    let allowed = |effect: &Effect| work.pre_approved_effects.contains(effect);
    if !work.effects.iter().all(allowed) {
        return Lane::Approval;
    }
    let many = match work.records {
        Some(count) => count > 19,
        None => work.many_independent_records,
    };
    let a_day = work.patience.is_none_or(|patience| patience >= Duration::from_secs(24 * 3_600));
    if many && !work.somebody_waits_for_one && a_day {
        return Lane::Batch;
    }
    match (work.value_after_session, work.several_steps_or_slow_tools, work.status_can_be_shown) {
        (true, true, true) => Lane::Background,
        _ if work.user_steers || work.short_with_fast_tools => Lane::Interactive,
        _ => Lane::Background,
    }
}

/// Whether this is an alternative to the lane, as far as prices have no say in it.
fn is_other(work: &Questions, chosen: Lane, lane: Lane, way: Way) -> bool {
    let hours = |hours: u64| work.patience.is_none_or(|patience| patience.as_secs() >= hours * 3_600);
    let many = work.records.map_or(work.many_independent_records, |count| count > 19);
    let is_waited_for = work.somebody_waits_for_one || work.user_steers || chosen == Lane::Interactive;
    // A batch is the only lane that changes for a lower price or a sooner start.
    let home = if chosen == Lane::Batch { Lane::Background } else { chosen };
    match way {
        Way::Ultrafast => false,
        Way::Priority => lane == chosen && chosen != Lane::Batch,
        Way::Now => match (chosen, lane) {
            (Lane::Batch | Lane::Interactive, Lane::Background) => true,
            (Lane::Background, Lane::Interactive) => work.user_steers || work.short_with_fast_tools,
            _ => false,
        },
        Way::Flex => lane == home && !is_waited_for && work.patience.is_none_or(|patience| patience.as_secs() >= 900),
        Way::Within(Window::TwoHours) => lane == home && !is_waited_for && hours(2),
        Way::Within(Window::EightHours) => lane == home && !is_waited_for && hours(8),
        Way::Batch => chosen == Lane::Background && lane == Lane::Batch && many && hours(24),
    }
}

fn work() -> impl Strategy<Value = Questions> {
    let effects = || prop::collection::vec(prop::sample::select(Effect::ALL.to_vec()), 0..3);
    let edges = [0, 899, 900, 7_199, 7_200, 28_799, 28_800, 86_399, 86_400, 2_592_000];
    let models = ["gpt-6.2-sol", "gpt-6.2-astra", "gpt-6.1-sol", "gpt-6-luna", "gpt-5.5-pro", "gpt-4.1", "gpt-5.6-sol"];
    let size = (prop::sample::select(models.to_vec()), 1..400_000_u64, 1..32_000_u32);
    let size = size.prop_map(|(model, input_tokens, output_tokens)| RunSize {
        model: model.to_owned(),
        input_tokens,
        output_tokens,
    });
    (
        (effects(), effects(), any::<[bool; 7]>()),
        prop::option::of(prop_oneof![1..40_u16, 1..=MOST_RECORDS]),
        prop::option::of(prop::sample::select(edges.to_vec()).prop_map(Duration::from_secs)),
        prop::option::of(size),
    )
        .prop_map(|((effects, pre_approved_effects, answers), records, patience, size)| {
            let [many, waits, value, steps, status, steers, short] = answers;
            Questions {
                effects,
                pre_approved_effects,
                many_independent_records: many,
                somebody_waits_for_one: waits,
                value_after_session: value,
                several_steps_or_slow_tools: steps,
                status_can_be_shown: status,
                user_steers: steers,
                short_with_fast_tools: short,
                records,
                patience,
                size,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_tables_say_what_the_rule_says(work in work()) {
        let prices = work.prices(Rates { prices: &PriceList::shipped(), is_regional: false }, now());
        let answer = classify(&work, &prices);
        prop_assert_eq!(answer.lane, lane_of(&work));
        prop_assert_eq!(answer.reasons.contains(&LaneReason::ConsequentialEffect), answer.lane == Lane::Approval);
        let mut offered = 0;
        for lane in Lane::ALL {
            for way in Way::ALL {
                let other = answer.alternatives.iter().find(|other| (other.lane, other.way) == (lane, way));
                let priced = matches!(way, Way::Now | Way::Batch) || prices.get(way).is_some();
                prop_assert_eq!(other.is_some(), priced && is_other(&work, answer.lane, lane, way), "{:?} {:?}", lane, way);
                offered += usize::from(other.is_some());
            }
        }
        prop_assert_eq!(offered, answer.alternatives.len(), "nothing twice");
    }

    #[test]
    fn a_difference_is_what_the_two_prices_make_of_it(work in work()) {
        let prices = work.prices(Rates { prices: &PriceList::shipped(), is_regional: false }, now());
        let answer = classify(&work, &prices);
        let chosen = if answer.lane == Lane::Batch { prices.get(Way::Batch) } else { prices.get(Way::Now) };
        prop_assert_eq!(chosen.is_some(), work.size.is_some());
        for other in &answer.alternatives {
            match (other.difference, chosen, prices.get(other.way)) {
                (Some(Difference::Saves(usd)), Some(chosen), Some(price)) => prop_assert!(price + usd == chosen && price < chosen),
                (Some(Difference::Costs(usd)), Some(chosen), Some(price)) => prop_assert_eq!(chosen + usd, price),
                (None, None, None) => {}
                odd => prop_assert!(false, "{:?}", odd),
            }
            let dearer = matches!(other.difference, Some(Difference::Costs(_)));
            prop_assert!(dearer || other.reason != AlternativeReason::FasterTier);
        }
    }
}
