//! Types as they are given: what is taken, and each refusal by its field.

use serde_json::{Value, json};

use super::super::fields::MOST_ERRORS;
use super::*;
use crate::policy::job_type::{Overridable, SHIPPED, shipped};
use crate::value::id::WorkspaceId;

fn name() -> TypeName {
    TypeName::parse("contract-check").unwrap()
}

fn least() -> Value {
    json!({"description": "Checks.", "lane": "background", "model": "gpt-6-luna", "instructions": "Check it."})
}

fn read(body: &Value) -> Result<JobType, Vec<FieldError>> {
    given(&name(), body.to_string().as_bytes())
}

fn given(name: &TypeName, body: &[u8]) -> Result<JobType, Vec<FieldError>> {
    let workspace = WorkspaceId::parse("acme").unwrap();
    parse(name, 1, body, &Timing::aws(), &SecretPlace::new("lanekeeper", &workspace), &PriceList::shipped())
}

/// The least that a type is, with this field of it so; by which fields it is refused.
#[track_caller]
fn refused(field: &str, value: Value, by: &[&str]) {
    let mut body = least();
    body[field] = value.clone();
    let errors = read(&body).map(|_| ()).unwrap_err();
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, by, "{field}: {value}");
}

#[test]
fn what_a_type_does_not_say_is_as_in_the_base_type() {
    let read = read(&least()).unwrap();
    let base = base(name(), 1);
    let (description, model, instructions) = ("Checks.".into(), "gpt-6-luna".into(), "Check it.".into());
    assert_eq!(read, JobType { description, model, instructions, ..base });
}

#[test]
fn every_shipped_type_could_have_been_given() {
    for name in SHIPPED {
        let shipped = shipped(name).unwrap();
        let mut document: Value = serde_json::from_str(&shipped.document()).unwrap();
        let fields = document.as_object_mut().unwrap();
        assert_eq!((fields.remove("name"), fields.remove("version")), (Some(name.into()), Some(1.into())));
        assert_eq!(fields.len(), FIELDS.len());
        let read = given(&shipped.name, document.to_string().as_bytes()).unwrap();
        assert_eq!(read, shipped);
    }
}

#[test]
fn a_document_reads_back() {
    let mut body = least();
    body["review"] = json!({"when": {"effects": true, "partial": true, "cost_over_usd": "0.25"}});
    body["retry"] = json!({"attempts": 3, "gaps_seconds": {"busy": [1, 5], "lost": []}});
    body["on_overdue"] = json!("expire");
    body["cost_limit_usd"] = json!("1.5");
    let read = read(&body).unwrap();
    assert_eq!(serde_json::from_str::<JobType>(&read.document()).unwrap(), read);
    assert_eq!(read.retry.gap(ErrorClass::ProviderError, 0), None, "gaps are given whole");
    assert!(read.document().contains(r#""cost_limit_usd":"1.500000""#));
}

#[test]
fn every_field_at_fault_is_named_at_once() {
    let body = json!({
        "name": "x", "version": 2, "description": "", "lane": "fast", "model": "llama", "allow_unpriced": "yes",
        "instructions": 7, "max_tool_calls": 0, "input_items": ["text"],
        "tools": "web_search", "reasoning_effort": "very much", "max_output_tokens": 15,
        "service_tier": "scale", "window": "24h", "output_schema": "x", "output_strict": "yes",
        "effects": ["harm"], "pre_approved_effects": "deletion", "review": "sometimes", "approvals": 0,
        "four_eyes": "yes", "start_deadline_seconds": 0, "run_deadline_seconds": 604_801, "sla_seconds": -1,
        "on_overdue": {"escalate": {"levels": 0}}, "review_deadline_seconds": 1.5,
        "retry": {"attempts": 21, "gaps_seconds": {"busy": [0], "permanent": [1]}, "forever": true, "flex_refusals": 0},
        "retention_days": 3_651, "cost_limit_usd": 0.5, "expected_seconds": "60", "overridable": ["input"],
    });
    let mut found: Vec<_> = read(&body).unwrap_err().into_iter().map(|error| error.field).collect();
    found.sort();
    let inner = [
        "retry.attempts",
        "retry.flex_refusals",
        "retry.forever",
        "retry.gaps_seconds.busy",
        "retry.gaps_seconds.permanent",
    ];
    let fields = FIELDS.iter().filter(|field| **field != "retry");
    let mut named: Vec<&str> = fields.copied().chain(inner).chain(["name", "version"]).collect();
    named.sort_unstable();
    assert_eq!(found, named);
    assert_eq!(read(&json!({})).unwrap_err().len(), 4);
}

#[test]
fn no_field_comes_twice_at_any_depth() {
    let body = r#"{"description":"a","lane":"approval","lane":"background","model":"gpt-6-luna","instructions":"b",
        "retry":{"attempts":1,"attempts":20},"tools":[{"type":"web_search"},{"type":"a","type":"web_search"}]}"#;
    let errors = given(&name(), body.as_bytes()).unwrap_err();
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["lane", "retry.attempts", "tools.1.type"]);
}

#[test]
fn hostile_json_is_refused_and_not_a_panic() {
    let deep = format!("{{\"tools\":{}", "[".repeat(100_000));
    let many = format!("{{\"tools\":[{}1]}}", r#"{"a":1,"a":1},"#.repeat(100_000));
    let unknown: String = (0..10_000).map(|number| format!("\"f{number}\":1,")).collect();
    let unknown = format!("{{{unknown}\"x\u{7}{}\":1}}", "y".repeat(5_000));
    for body in ["", "null", "[]", "{", "{}{}", "\u{0}", "{\"approvals\":1e400}", &deep, &many, &unknown] {
        let errors = given(&name(), body.as_bytes()).map(|_| ()).unwrap_err();
        assert!((1..=MOST_ERRORS).contains(&errors.len()), "{}", errors.len());
        assert!(errors.iter().all(|error| error.field.len() <= 60 && !error.field.contains(char::is_control)));
    }
    assert!(given(&name(), b"\xff\xfe").is_err());
}

#[test]
fn every_size_has_a_maximum_and_one_above_it_is_refused() {
    let with = |field: &str, value: Value| {
        let mut body = least();
        body[field] = value;
        read(&body).map(|_| ())
    };
    let tool = || json!({"type": "web_search"});
    let fits = [
        ("description", json!("x".repeat(500))),
        ("instructions", json!("x\n".repeat(16_384))),
        ("tools", json!(vec![tool(); 16])),
        ("approvals", json!(9)),
        ("retry", json!({"attempts": 20, "gaps_seconds": {"lost": vec![0; 16]}})),
        ("retention_days", json!(3_650)),
        ("start_deadline_seconds", json!(721)),
    ];
    for (field, value) in fits {
        assert_eq!(with(field, value), Ok(()), "{field}");
    }
    refused("description", json!("x".repeat(501)), &["description"]);
    refused("instructions", json!("x".repeat(32_769)), &["instructions"]);
    refused("instructions", json!("a\u{0}b"), &["instructions"]);
    refused("tools", json!(vec![tool(); 17]), &["tools"]);
    refused("tools", json!([{"type": "mcp", "x": "y".repeat(65_536)}]), &["tools"]);
    refused("approvals", json!(10), &["approvals"]);
    refused("retry", json!({"gaps_seconds": {"lost": vec![0; 17]}}), &["retry.gaps_seconds.lost"]);
    refused("retention_days", json!(0), &["retention_days"]);
}

#[test]
fn four_eyes_are_turned_off_only_where_the_description_says_so() {
    let reviewed = |description: &str, more: Value| {
        let mut body = least();
        (body["description"], body["review"], body["four_eyes"]) = (description.into(), json!("always"), json!(false));
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        read(&body).map(|read| read.four_eyes).map_err(|errors| errors[0].field.clone())
    };
    let refused = Err("description".to_owned());
    for silent in [
        "Checks.",
        "Checks with four hands and two eyes.",
        "Foureyes.",
        "four-eye s",
        "For four, eyes-only? No: 4 eyes.",
    ] {
        let spoken = silent.contains("four, eyes");
        assert_eq!(reviewed(silent, json!({})), if spoken { Ok(false) } else { refused.clone() }, "{silent}");
    }
    for spoken in ["Checks. Without four eyes.", "FOUR-EYES are off.", "No four\neyes."] {
        assert_eq!(reviewed(spoken, json!({})), Ok(false), "{spoken}");
    }
    let when = json!({"review": {"when": {"partial": true}}});
    assert_eq!(reviewed("Checks.", when), refused);
    assert_eq!(
        reviewed("Checks.", json!({"review": "never"})),
        refused,
        "a call that waits for leave is reviewed anyway"
    );
    assert_eq!(reviewed("Checks.", json!({"four_eyes": true})), Ok(true));
    let approval = reviewed("Without four eyes.", json!({"lane": "approval"}));
    assert_eq!(approval, Err("four_eyes".to_owned()), "there they are always on");
    let mut plain = least();
    plain["review"] = json!("always");
    assert!(read(&plain).unwrap().four_eyes, "on wherever a review is on");
}

#[test]
fn what_the_fields_say_together_has_to_make_sense() {
    refused("start_deadline_seconds", json!(720), &["start_deadline_seconds"]);
    refused("sla_seconds", json!(7 * DAY + 1), &["sla_seconds"]);
    refused("effects", json!(["record_change"]), &["lane"]);
    refused("review", json!({}), &["review.when"]);
    refused("review", json!({"when": {}}), &["review.when"]);
    refused("review", json!({"when": {"cost_over_usd": "0"}}), &["review.when.cost_over_usd", "review.when"]);
    refused("on_overdue", json!({"escalate": {"levels": 1, "to": "me"}}), &["on_overdue"]);
    refused("on_overdue", json!({"expire": null}), &["on_overdue"]);
    refused("lane", json!("batch"), &["run_deadline_seconds"]);
    let interactive = |field: &str, value: Value| {
        let mut body = least();
        (body["lane"], body[field]) = ("interactive".into(), value);
        read(&body).map(|_| ()).map_err(|errors| errors[0].field.clone())
    };
    assert_eq!(interactive("run_deadline_seconds", json!(3_600)), Ok(()));
    assert_eq!(interactive("run_deadline_seconds", json!(3_601)), Err("run_deadline_seconds".to_owned()));
    assert_eq!(interactive("review", json!("always")), Err("review".to_owned()));
    assert_eq!(interactive("pre_approved_effects", json!(["deletion"])), Ok(()));
    let mut both = least();
    (both["effects"], both["pre_approved_effects"]) = (json!(["record_change"]), json!(["record_change"]));
    assert!(read(&both).is_ok());
}

/// The least that a type is, with these fields; what is said about it, by field.
fn said(fields: Value) -> Vec<String> {
    let mut body = least();
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let errors = read(&body).map(|_| ()).err().unwrap_or_default();
    errors.into_iter().map(|error| format!("{} {}", error.field, error.message)).collect()
}

#[test]
fn a_type_says_only_what_its_model_takes() {
    for (fields, lines) in [
        (json!({"model": "gpt-4.1"}), vec![]),
        (json!({"model": "gpt-4.1", "reasoning_effort": null}), vec![]),
        (
            json!({"model": "gpt-4.1", "reasoning_effort": "low"}),
            vec!["reasoning_effort must be left out, as gpt-4.1 does not reason"],
        ),
        (
            json!({"model": "gpt-6.2-sol", "reasoning_effort": "none"}),
            vec!["reasoning_effort must be one of low, medium, high, xhigh, max, as gpt-6.2-sol takes"],
        ),
        (
            json!({"model": "gpt-5.1", "reasoning_effort": "xhigh"}),
            vec!["reasoning_effort must be one of none, low, medium, high, as gpt-5.1 takes"],
        ),
        (
            json!({"model": "gpt-4o-mini", "max_output_tokens": 16_385}),
            vec!["max_output_tokens must be a whole number from 16 to 16384"],
        ),
        (json!({"model": "gpt-6.2-sol", "reasoning_effort": "max", "max_output_tokens": 128_000}), vec![]),
    ] {
        assert_eq!(said(fields), lines);
    }
    assert!(said(json!({"model": "llama"}))[0].starts_with("model must be a model on the price list (gpt-6.2-astra, "));
}

#[test]
fn a_type_without_a_price_is_one_that_says_so_and_has_no_limit() {
    let other = json!({"model": "llama", "allow_unpriced": true, "reasoning_effort": "very-much"});
    assert_eq!(said(other), [""; 0], "what another server takes is its own to say");
    let line = "cost_limit_usd must be null as long as the type names a model without a price: its runs count as over \
                every limit";
    assert_eq!(said(json!({"model": "llama", "allow_unpriced": true, "cost_limit_usd": "1"})), [line]);
    let overridable = json!({"model": ["llama"]});
    assert_eq!(said(json!({"allow_unpriced": true, "cost_limit_usd": "1", "overridable": overridable})), [line]);
    assert!(said(json!({"overridable": {"model": ["llama"]}}))[0].starts_with("overridable.model must be a list of"));
}

#[test]
fn what_may_be_overridden_is_listed_with_bounds() {
    let of = |overridable: Value| said(json!({"reasoning_effort": "low", "overridable": overridable}));
    let whole = json!({
        "model": ["gpt-6.2-sol", "gpt-6-luna", "gpt-6-astra"], "service_tier": ["flex", "ultrafast"], "window": ["8h", "2h"], "max_output_tokens": {"max": 64},
        "reasoning_effort": ["high", "none"], "flexible": true,
    });
    assert_eq!(of(whole.clone()), [""; 0]);
    let mut body = least();
    body["overridable"] = whole;
    let given = read(&body).unwrap().overridable;
    assert_eq!(
        [given.model.join(" "), given.reasoning_effort.join(" "), given.window.join(" ")],
        ["gpt-6-astra gpt-6-luna gpt-6.2-sol", "none high", "2h 8h"]
    );
    body["overridable"] = json!({});
    assert_eq!(read(&body).unwrap().overridable, Overridable::default(), "an empty list allows nothing");
    for (overridable, line) in [
        (json!(["model"]), "overridable must be an object"),
        (json!({"input": true}), "overridable.input is not a field of this request"),
        (
            json!({"service_tier": ["ultrafast"]}),
            "overridable.service_tier must be one of auto, default, flex, priority, fast, as gpt-6-luna takes",
        ),
        (
            json!({"service_tier": ["scale"]}),
            "overridable.service_tier must be one of auto, default, flex, priority, fast, as gpt-6-luna takes",
        ),
        (
            json!({"service_tier": "flex"}),
            "overridable.service_tier must be a list of at most 16 of auto, default, flex, priority, fast, ultrafast",
        ),
        (
            json!({"reasoning_effort": ["minimal"]}),
            "overridable.reasoning_effort must be one of none, low, medium, high, xhigh, max, as gpt-6-luna takes",
        ),
        (json!({"max_output_tokens": 64}), "overridable.max_output_tokens must be an object"),
        (json!({"max_output_tokens": {}}), "overridable.max_output_tokens.max is required"),
        (
            json!({"max_output_tokens": {"max": 128_001}}),
            "overridable.max_output_tokens.max must be a whole number from 16 to 128000",
        ),
        (
            json!({"max_output_tokens": {"min": 20, "max": 64}}),
            "overridable.max_output_tokens.min is not a field of this request",
        ),
        (
            json!({"model": ["gpt-5.5-pro"]}),
            "overridable.model must take the type's own reasoning_effort, which must be one of medium, high, xhigh, as gpt-5.5-pro takes",
        ),
        (json!({"window": ["2h"]}), "overridable.window must be left out, as gpt-6-luna has no completion windows"),
        (json!({"window": "2h"}), "overridable.window must be a list of at most 16 of 2h, 8h"),
        (json!({"flexible": "yes"}), "overridable.flexible must be true or false"),
    ] {
        assert_eq!(of(overridable), [line]);
    }
    let small = json!({"max_output_tokens": 20_000, "overridable": {"model": ["gpt-4o-mini"]}});
    assert_eq!(said(small), ["overridable.model must take the type's own max_output_tokens; gpt-4o-mini takes 16384"]);
}

#[test]
fn a_type_names_a_tier_or_a_window_that_its_model_has_and_its_run_has_time_for() {
    let sol = |more: Value| {
        let mut fields = json!({"model": "gpt-6.2-sol"});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        said(fields)
    };
    assert_eq!(sol(json!({"window": "2h", "run_deadline_seconds": 7_200})), [""; 0]);
    assert_eq!(sol(json!({"service_tier": "priority", "window": null})), [""; 0]);
    assert_eq!(
        sol(json!({"window": "8h", "run_deadline_seconds": 28_799})),
        ["run_deadline_seconds must be at least 28800, which the window may take"]
    );
    assert_eq!(
        sol(json!({"window": "2h", "service_tier": "default", "run_deadline_seconds": 7_200})),
        ["window must be left out beside service_tier: a window is in the standard tier"]
    );
    assert_eq!(sol(json!({"window": "24h"})), ["window must be one of 2h, 8h, or null"]);
    assert_eq!(
        sol(json!({"service_tier": "flex"})),
        ["service_tier must be one of auto, default, priority, fast, ultrafast, as gpt-6.2-sol takes"]
    );
    assert_eq!(
        said(json!({"window": "2h", "run_deadline_seconds": 7_200})),
        ["window must be left out, as gpt-6-luna has no completion windows"]
    );
    let mut newer = read(&least()).unwrap();
    assert!(newer.is_understood());
    newer.window = Some("24h".to_owned());
    assert!(!newer.is_understood(), "a window of a newer release is nobody's to ask for here");
}
