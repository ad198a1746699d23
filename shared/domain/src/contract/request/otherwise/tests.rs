//! What a create answers beside its job, as lines of way, reason and difference.

use serde_json::{Value, json};

use super::*;
use crate::contract::request::job_type::parse as parse_type;
use crate::contract::request::parse;
use crate::contract::request::tools::SecretPlace;
use crate::policy::cost::{PriceList, Rates};
use crate::policy::job_type::shipped;
use crate::policy::lane::Difference;
use crate::value::id::{TypeName, WorkspaceId};
use crate::value::time::Timing;

fn a_type(more: Value) -> JobType {
    let mut body = json!({"description": "d", "lane": "background", "model": "gpt-6.2-sol", "instructions": "Do it."});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let workspace = WorkspaceId::parse("acme").unwrap();
    let secrets = SecretPlace::new("lanekeeper", &workspace);
    parse_type(
        &TypeName::parse("mine").unwrap(),
        1,
        body.to_string().as_bytes(),
        &Timing::aws(),
        &secrets,
        &PriceList::shipped(),
    )
    .unwrap()
}

fn lines(policy: &JobType, more: Value) -> Vec<String> {
    let mut body = json!({"type": "mine", "input": "x"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = parse(body.to_string().as_bytes()).unwrap();
    let at = Timestamp::parse("2026-11-30T12:00:00Z").unwrap();
    let others =
        alternatives(&request, policy, policy.lane, Rates { prices: &PriceList::shipped(), is_regional: false }, at);
    others
        .iter()
        .map(|other| {
            let difference = match other.difference.unwrap() {
                Difference::Saves(usd) => format!("saves {usd}"),
                Difference::Costs(usd) => format!("costs {usd}"),
            };
            format!("{} {} {difference}", other.way.word(), other.reason.word())
        })
        .collect()
}

#[test]
fn a_shipped_type_offers_its_lower_price_and_what_was_taken_is_not_offered() {
    let policy = shipped("document-analysis").unwrap();
    let half = lines(&policy, json!({}));
    assert_eq!(half.len(), 1);
    assert!(half[0].starts_with("flex flex_price saves 0.04"), "{half:?}");
    let flexible = lines(&policy, json!({"flexible": true}));
    assert_eq!(flexible, [half[0].replace("flex flex_price saves", "now starts_at_once costs")]);
}

#[test]
fn windows_and_tiers_are_offered_as_far_as_type_and_deadline_let_them() {
    let all = json!({"run_deadline_seconds": 30_000, "max_output_tokens": 100_000,
                     "overridable": {"service_tier": ["priority", "ultrafast"], "flexible": true}});
    let policy = a_type(all.clone());
    // 100,000 tokens at 10 dollars, and 23 at 2.50.
    assert_eq!(
        lines(&policy, json!({})),
        [
            "8h window_price saves 0.400023",
            "priority faster_tier costs 1.0000575",
            "ultrafast faster_tier costs 2.000115"
        ]
    );
    let by = |deadline: &str| lines(&policy, json!({"deadline": deadline}))[0].clone();
    assert_eq!(by("2026-11-30T20:00:00Z"), "8h window_price saves 0.400023");
    assert_eq!(by("2026-11-30T19:59:59Z"), "2h window_price saves 0.30001725");
    assert_eq!(by("2026-11-30T13:59:59Z"), "priority faster_tier costs 1.0000575", "no window is over by then");
    assert_eq!(
        lines(&policy, json!({"overrides": {"service_tier": "priority"}})),
        [
            "8h window_price saves 1.4000805",
            "ultrafast faster_tier costs 1.0000575",
            "now starts_at_once saves 1.0000575"
        ]
    );
    let mut limited = all;
    limited["cost_limit_usd"] = json!("2.50");
    assert_eq!(lines(&a_type(limited), json!({})).len(), 2, "what the type would refuse is not offered");
}

#[test]
fn nothing_is_offered_that_the_type_does_not_allow_or_that_has_no_price() {
    assert_eq!(lines(&a_type(json!({"overridable": {}})), json!({})), [""; 0]);
    assert_eq!(lines(&a_type(json!({"model": "llama", "allow_unpriced": true})), json!({})), [""; 0]);
    assert_eq!(lines(&shipped("quick-answer").unwrap(), json!({})), [""; 0], "somebody waits in front of the screen");
}
