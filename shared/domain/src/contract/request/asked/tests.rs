//! Overrides, as they are taken and refused, and what a run is asked for with them.

use serde_json::json;

use super::*;
use crate::contract::request::job_type::parse;
use crate::contract::request::tools::SecretPlace;
use crate::policy::cost::{PriceList, Rates};
use crate::value::id::{TypeName, WorkspaceId};
use crate::value::time::Timing;

const NOW: &str = "2026-11-30T12:00:00Z";

fn a_type(more: Value) -> JobType {
    let mut body = json!({"description": "d", "lane": "background", "model": "gpt-6.1-terra", "instructions": "i"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let workspace = WorkspaceId::parse("acme").unwrap();
    let secrets = SecretPlace::new("lanekeeper", &workspace);
    parse(
        &TypeName::parse("mine").unwrap(),
        1,
        body.to_string().as_bytes(),
        &Timing::aws(),
        &secrets,
        &PriceList::shipped(),
    )
    .unwrap()
}

fn wide() -> JobType {
    a_type(json!({"reasoning_effort": "medium", "run_deadline_seconds": 30_000, "overridable": {
        "model": ["gpt-6-astra", "gpt-6.2-sol", "gpt-4.1"],
        "service_tier": ["flex", "priority", "ultrafast"],
        "max_output_tokens": {"max": 128_000},
        "reasoning_effort": ["none", "low", "max"],
        "flexible": true,
    }}))
}

/// What is said about these overrides, as lines of field and message.
fn said(policy: &JobType, overrides: Value, flexible: bool) -> Vec<String> {
    let errors = check(policy, overrides.as_object().unwrap(), flexible, None);
    errors.into_iter().map(|error| format!("{} {}", error.field, error.message)).collect()
}

#[test]
fn shipped_types_let_nobody_choose_what_costs_more() {
    for name in crate::policy::job_type::SHIPPED {
        let policy = crate::policy::job_type::shipped(name).unwrap();
        let most = policy.max_output_tokens;
        for (field, value) in [("model", json!("gpt-6-luna")), ("service_tier", json!("flex"))] {
            let line = format!("overrides.{field} cannot be overridden for this job type");
            assert_eq!(said(&policy, json!({field: value}), false), [line], "{name}");
        }
        assert_eq!(
            said(&policy, json!({"max_output_tokens": most, "reasoning_effort": "low"}), true),
            [""; 0],
            "{name}"
        );
        let line = format!("overrides.max_output_tokens must be a whole number from 16 to {most}");
        assert_eq!(said(&policy, json!({"max_output_tokens": most + 1}), false), [line], "{name}");
        assert!(said(&policy, json!({"reasoning_effort": "max"}), false)[0].contains("must be one of"), "{name}");
    }
}

#[test]
fn an_override_is_one_of_the_words_that_its_type_lists() {
    let policy = wide();
    for (overrides, line) in [
        (
            json!({"model": "gpt-6-luna"}),
            "overrides.model must be one of gpt-4.1, gpt-6-astra, gpt-6.2-sol for this job type",
        ),
        (
            json!({"model": "llama"}),
            "overrides.model must be one of gpt-4.1, gpt-6-astra, gpt-6.2-sol for this job type",
        ),
        (json!({"model": 7}), "overrides.model must be one of gpt-4.1, gpt-6-astra, gpt-6.2-sol for this job type"),
        (json!({"model": null}), "overrides.model must be one of gpt-4.1, gpt-6-astra, gpt-6.2-sol for this job type"),
        (
            json!({"service_tier": "scale"}),
            "overrides.service_tier must be one of flex, priority, ultrafast for this job type",
        ),
        (
            json!({"reasoning_effort": "high"}),
            "overrides.reasoning_effort must be one of none, low, max for this job type",
        ),
        (json!({"max_output_tokens": 15}), "overrides.max_output_tokens must be a whole number from 16 to 128000"),
        (json!({"max_output_tokens": "64"}), "overrides.max_output_tokens must be a whole number from 16 to 128000"),
        (json!({"tools": []}), "overrides.tools cannot be overridden for this job type"),
        (json!({"temperature": 1}), "overrides.temperature cannot be overridden for this job type"),
    ] {
        assert_eq!(said(&policy, overrides, false), [line]);
    }
    let nothing = a_type(json!({"overridable": {}}));
    assert_eq!(said(&nothing, json!({}), true), ["flexible is not allowed for this job type"]);
    assert_eq!(said(&nothing, json!({"max_output_tokens": 20}), false).len(), 1);
}

#[test]
fn what_the_model_does_not_take_is_refused_before_it_is_sent() {
    let policy = wide();
    for (overrides, lines) in [
        (json!({"model": "gpt-6-astra", "service_tier": "ultrafast"}), vec![]),
        (
            json!({"service_tier": "ultrafast"}),
            vec!["overrides.service_tier must be one of auto, default, flex, priority, fast, as gpt-6.1-terra takes"],
        ),
        (
            json!({"model": "gpt-6.2-sol", "service_tier": "flex"}),
            vec![
                "overrides.service_tier must be one of auto, default, priority, fast, ultrafast, as gpt-6.2-sol takes",
            ],
        ),
        (
            json!({"model": "gpt-6.2-sol", "reasoning_effort": "none"}),
            vec!["overrides.reasoning_effort must be one of low, medium, high, xhigh, max, as gpt-6.2-sol takes"],
        ),
        (
            json!({"model": "gpt-4.1", "reasoning_effort": "low"}),
            vec!["overrides.reasoning_effort must be left out, as gpt-4.1 does not reason"],
        ),
        (
            json!({"model": "gpt-4.1", "max_output_tokens": 40_000}),
            vec!["overrides.max_output_tokens must go with at most 32768 tokens of output, as gpt-4.1 takes"],
        ),
        (json!({"model": "gpt-4.1", "max_output_tokens": 32_768}), vec![]),
    ] {
        assert_eq!(said(&policy, overrides, false), lines);
    }
}

fn asked(policy: &JobType, overrides: Value, flexible: bool, patience: Option<u64>) -> Asked {
    Asked::of(policy, overrides.as_object().unwrap(), flexible, patience.map(Duration::from_secs))
}

#[test]
fn a_model_that_does_not_reason_is_asked_without_an_effort() {
    assert_eq!(asked(&wide(), json!({}), false, None).reasoning_effort.as_deref(), Some("medium"));
    assert_eq!(asked(&wide(), json!({"model": "gpt-4.1"}), false, None).reasoning_effort, None);
    assert_eq!(asked(&a_type(json!({})), json!({}), false, None).reasoning_effort, None, "the model's own default");
}

#[test]
fn whoever_can_wait_gets_flex_or_the_longest_window_that_there_is_time_for() {
    let ways = |overrides: Value, patience| {
        let Asked { service_tier, window, .. } = asked(&wide(), overrides, true, patience);
        (service_tier, window.map(Window::word))
    };
    assert_eq!(ways(json!({}), None), (Some("flex".to_owned()), None));
    assert_eq!(ways(json!({"service_tier": "priority"}), None), (Some("priority".to_owned()), None));
    assert_eq!(ways(json!({"model": "gpt-6.2-sol"}), None), (None, Some("8h")));
    assert_eq!(ways(json!({"model": "gpt-6.2-sol"}), Some(28_799)), (None, Some("2h")));
    assert_eq!(ways(json!({"model": "gpt-6.2-sol"}), Some(60)), (None, None));
    assert_eq!(ways(json!({"model": "gpt-6.2-sol", "service_tier": "priority"}), None).1, None, "standard tier only");
    assert_eq!(asked(&wide(), json!({"model": "gpt-6.2-sol"}), false, None).window, None);

    let line = "flexible must be false, as gpt-4.1 has no lower price for whoever waits";
    assert_eq!(said(&wide(), json!({"model": "gpt-4.1"}), true), [line]);
    let short = a_type(json!({"model": "gpt-6.2-sol", "run_deadline_seconds": 7_199}));
    let line = "flexible needs two hours for the run, and the job type or the deadline leaves less";
    assert_eq!(said(&short, json!({}), true), [line]);
}

#[test]
fn a_run_that_could_cost_more_than_its_type_allows_is_refused_with_what_it_could_cost() {
    let refusal = |policy: &JobType, overrides: Value| {
        let asked = asked(policy, overrides.clone(), false, None);
        let request = (&json!("x"), overrides.as_object().unwrap());
        asked
            .refusal(
                policy,
                request,
                Rates { prices: &PriceList::shipped(), is_regional: false },
                Timestamp::parse(NOW).unwrap(),
            )
            .map(|it| format!("{} {}", it.field, it.message))
    };
    let mut policy = wide();
    assert_eq!(refusal(&policy, json!({})), None);
    policy.cost_limit = Usd::parse("0.000001");
    let all = json!({"model": "gpt-6-astra", "service_tier": "priority", "max_output_tokens": 128_000});
    let line = "overrides.max_output_tokens could cost $12.800450 (gpt-6-astra, up to 18 tokens of input and 128000 of \
                output), and the type's limit is $0.000001";
    assert_eq!(refusal(&policy, all.clone()).unwrap(), line);
    assert!(refusal(&policy, json!({})).unwrap().starts_with("input could cost $0.08002"));
    policy.cost_limit = Usd::parse("12.800450");
    assert_eq!(refusal(&policy, all.clone()), None, "the limit itself is allowed");
    policy.cost_limit = Usd::parse("12.800449");
    assert!(refusal(&policy, all).is_some());
    let mut policy = a_type(json!({"model": "llama", "allow_unpriced": true}));
    assert_eq!(refusal(&policy, json!({})), None);
    policy.cost_limit = Usd::parse("1000");
    let line = "input leads to a run of llama without a price, which is over the type's limit of $1000.000000";
    assert_eq!(refusal(&policy, json!({})).unwrap(), line);
}

#[test]
fn a_type_s_own_way_is_taken_unless_the_request_names_another() {
    let overridable = json!({"service_tier": ["default", "priority"], "window": ["2h", "8h"], "model": ["gpt-6.1-sol"], "flexible": true});
    let of = |own: Value| {
        let mut fields = json!({"model": "gpt-6.2-sol", "run_deadline_seconds": 30_000, "overridable": overridable});
        fields.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        a_type(fields)
    };
    let way = |policy: &JobType, overrides: Value, flexible: bool, patience: Option<u64>| {
        asked(policy, overrides, flexible, patience).way().unwrap_or_default()
    };
    let window = of(json!({"window": "2h"}));
    assert_eq!(way(&window, json!({}), false, None), "2h");
    assert_eq!(way(&window, json!({}), true, None), "8h", "whoever can wait longer pays less");
    assert_eq!(way(&window, json!({}), false, Some(7_199)), "", "the deadline leaves no time for it");
    assert_eq!(way(&window, json!({"window": "8h"}), false, None), "8h");
    assert_eq!(way(&window, json!({"service_tier": "priority"}), false, None), "priority");
    let tier = of(json!({"service_tier": "priority"}));
    assert_eq!(way(&tier, json!({}), false, None), "priority");
    assert_eq!(way(&tier, json!({"window": "8h"}), false, None), "8h");
    assert_eq!(way(&tier, json!({"window": "8h"}), false, Some(28_799)), "2h", "what is left of the time by now");
    assert_eq!(way(&tier, json!({"service_tier": "default"}), false, None), "default");

    for (overrides, line) in [
        (json!({"window": "24h"}), "overrides.window must be one of 2h, 8h for this job type"),
        (
            json!({"window": "2h", "service_tier": "priority"}),
            "overrides.window must be left out beside service_tier: a window is in the standard tier",
        ),
        (
            json!({"window": "2h", "model": "gpt-6.1-sol"}),
            "overrides.window must be left out, as gpt-6.1-sol has no completion windows",
        ),
    ] {
        assert_eq!(said(&tier, overrides, false), [line]);
    }
    let overrides = json!({"window": "8h"});
    let errors = check(&tier, overrides.as_object().unwrap(), false, Some(Duration::from_secs(28_799)));
    assert_eq!(errors[0].message, "must fit into the time that the job type and the deadline leave");
    assert_eq!(
        said(&wide(), json!({"window": "2h"}), false),
        ["overrides.window cannot be overridden for this job type"]
    );
}

#[test]
fn what_may_fall_back_from_flex_is_reckoned_at_the_usual_price() {
    let (mut policy, at) = (wide(), Timestamp::parse(NOW).unwrap());
    let most = |policy: &JobType, flexible| {
        asked(policy, json!({}), flexible, None)
            .most(policy, &json!("x"), Rates { prices: &PriceList::shipped(), is_regional: false }, at)
            .unwrap()
    };
    assert_eq!(most(&policy, true), most(&policy, false));
    policy.retry.flex_refusals = None;
    assert_eq!(most(&policy, true).times(2), most(&policy, false));
}
