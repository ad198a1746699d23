//! What is read of what a run used, and what it comes to: everything that is billed has a count, or is not called known.

use adapters::openai::wire::parse;
use domain::policy::cost::{Bill, CostState, PriceList, Usage};
use domain::value::time::Timestamp;
use serde_json::{Value, json};

static SHIPPED: std::sync::LazyLock<PriceList> = std::sync::LazyLock::new(PriceList::shipped);

/// A thousand tokens in and a hundred out, which gpt-6.1-terra does for 0.0015 dollars.
fn body(more: Value) -> Value {
    let mut body = json!({
        "id": "resp_1", "status": "completed", "model": "gpt-6.1-terra", "created_at": 1_795_000_000, "tools": [],
        "completed_at": 1_795_000_060, "service_tier": "default", "output": [],
        "usage": {"input_tokens": 1_000, "output_tokens": 100, "total_tokens": 1_100},
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn usage(more: Value) -> Usage {
    parse(body(more).to_string().as_bytes(), None).unwrap().usage.unwrap()
}

#[track_caller]
fn costs(more: Value, dollars: &str, state: CostState) {
    let answer = parse(body(more.clone()).to_string().as_bytes(), None).unwrap();
    let bill = Bill {
        model: answer.model.as_deref(),
        tier: answer.service_tier.as_deref(),
        usage: answer.usage.as_ref(),
        has_output: true,
        ..Bill::at(&SHIPPED, Timestamp::parse("2026-11-30T12:00:00Z").unwrap())
    };
    let cost = bill.cost().map(|cost| (cost.usd.to_string(), cost.state));
    assert_eq!(cost, Some((dollars.to_owned(), state)), "{more}");
}

use CostState::{Estimated, Known, Unknown};

#[test]
fn searches_that_the_provider_does_not_count_are_no_known_cost() {
    let call = |id: &str| json!({"type": "web_search_call", "id": id, "status": "completed"});
    let with = |tool_usage: Value| json!({"tools": [{"type": "web_search"}], "output": [call("a"), call("b"), call("b")], "tool_usage": tool_usage});
    costs(json!({}), "0.001500", Known);
    costs(json!({"tools": [{"type": "web_search"}]}), "0.001500", Known);
    costs(with(json!({"web_search": {"num_requests": 1}})), "0.011500", Known);
    costs(with(json!({"web_search": {"num_requests": 0}})), "0.001500", Known);
    costs(with(json!(null)), "0.021500", Estimated);
    costs(with(json!({})), "0.021500", Estimated);
    costs(with(json!({"image_gen": {"input_tokens": 0, "output_tokens": 0}})), "0.021500", Estimated);
    costs(with(json!("none")), "0.021500", Estimated);
    for odd in [json!(-1), json!("1"), json!(0.5), json!(null)] {
        costs(with(json!({"web_search": {"num_requests": odd}})), "0.021500", Unknown);
    }
    costs(json!({"tool_usage": {"web_search": []}}), "0.001500", Unknown);
    let preview = json!({"tools": [{"type": "web_search_preview_2025_03_11"}], "model": "gpt-4.1",
        "tool_usage": {"web_search": {"num_requests": 2}}});
    costs(preview, "0.052800", Known);
    // Which of two tools it was that searched is not told; the dearer one may have been it.
    let both = json!({"tools": [{"type": "web_search"}, {"type": "web_search_preview"}], "model": "gpt-4.1",
        "tool_usage": {"web_search": {"num_requests": 2}}});
    costs(both, "0.052800", Estimated);
}

#[test]
fn file_searches_are_counted_by_the_items_of_the_answer() {
    let output = json!([{"type": "file_search_call", "id": "a"}, {"type": "file_search_call", "id": "a"}]);
    costs(json!({"output": output}), "0.004000", Estimated);
    costs(json!({"output": [{"type": "file_search_call"}, {"type": "file_search_call"}]}), "0.006500", Estimated);
}

#[test]
fn each_container_costs_by_its_memory_and_its_time() {
    let call = |container: &str| json!({"type": "code_interpreter_call", "container_id": container, "code": "1"});
    let with = |tool: Value, output: Value| json!({"tools": [tool], "output": output});
    let auto =
        |memory: Value| json!({"type": "code_interpreter", "container": {"type": "auto", "memory_limit": memory}});
    costs(with(auto(json!("64g")), json!([call("c1")])), "1.921500", Estimated);
    costs(with(auto(json!("4g")), json!([call("c1"), call("c1")])), "0.121500", Estimated);
    costs(with(auto(json!("16g")), json!([call("c1"), call("c2")])), "0.961500", Estimated);
    costs(with(auto(json!(null)), json!([call("c1")])), "0.031500", Estimated);
    // As large as there are, where nobody says how large.
    costs(with(auto(json!("128g")), json!([call("c1")])), "1.921500", Estimated);
    costs(with(json!({"type": "code_interpreter", "container": "c1"}), json!([call("c1")])), "1.921500", Estimated);
    costs(json!({"output": [call("c1")]}), "1.921500", Estimated);
    let long = json!({"completed_at": 1_795_002_401, "tools": [auto(json!("1g"))], "output": [call("c1")]});
    costs(long, "0.091500", Estimated);

    let shell = json!({"type": "shell", "environment": {"type": "container_auto", "memory_limit": "4g"}});
    let hosted = json!({"type": "shell_call", "environment": {"type": "container_reference", "container_id": "c1"}});
    costs(with(shell.clone(), json!([hosted])), "0.121500", Estimated);
    costs(with(shell, json!([{"type": "shell_call"}])), "0.121500", Estimated);
    let local = json!({"type": "shell", "environment": {"type": "local"}});
    costs(with(local, json!([{"type": "shell_call", "environment": {"type": "local"}}])), "0.001500", Known);
}

#[test]
fn images_cost_by_the_tokens_of_their_model_and_without_its_price_nobody_knows() {
    let made = |model: Value, tokens: Value| {
        json!({"tools": [{"type": "image_generation", "model": model}], "tool_usage": {"image_gen": tokens},
            "output": [{"type": "image_generation_call", "id": "i", "result": "AAAA"}]})
    };
    let tokens = json!({"input_tokens": 50, "output_tokens": 1_000, "total_tokens": 1_050});
    costs(made(json!("gpt-image-2"), tokens.clone()), "0.031900", Estimated);
    costs(made(json!("gpt-image-2.5-sunburst-2026-09-08"), tokens.clone()), "0.031900", Estimated);
    costs(made(json!("gpt-image-9"), tokens.clone()), "0.001500", Unknown);
    costs(made(json!(null), tokens), "0.001500", Unknown);
    costs(made(json!("gpt-image-2"), json!(null)), "0.001500", Unknown);
    costs(json!({"output": [{"type": "image_generation_call", "id": "i"}]}), "0.001500", Unknown);
}

#[test]
fn a_count_of_something_new_is_no_known_cost() {
    costs(json!({"tool_usage": {"video_gen": {"seconds": 0}}}), "0.001500", Known);
    costs(json!({"tool_usage": {"video_gen": {"seconds": 4}}}), "0.001500", Unknown);
}

#[test]
fn cache_writes_cost_by_how_long_they_are_kept() {
    let writes = |details: Value| {
        json!({"usage": {"input_tokens": 100_000, "output_tokens": 0,
            "input_tokens_details": {"cache_write_tokens": 100_000, "cache_write_tokens_details": details}}})
    };
    let read = usage(writes(json!({"ttl_30m_tokens": 40_000, "ttl_12h_tokens": 60_000})));
    assert_eq!((read.cache_write_30m_tokens, read.cache_write_12h_tokens, read.untold), (40_000, 60_000, 0));
    assert_eq!(usage(writes(json!("x"))).untold, 1);
    assert_eq!(usage(writes(json!(null))).untold, 0);
    let with_text = |details| {
        let mut body = writes(details);
        body["usage"]["output_tokens"] = json!(100);
        body
    };
    costs(with_text(json!({"ttl_12h_tokens": 100_000})), "0.200500", Estimated);
    costs(with_text(json!({"ttl_30m_tokens": 100_000})), "0.125500", Known);
    costs(with_text(json!(null)), "0.125500", Estimated);
}

#[test]
fn how_long_a_run_took_is_read_where_both_ends_are_told() {
    assert_eq!(usage(json!({})).seconds, 60);
    assert_eq!(usage(json!({"created_at": 1_795_000_000.25, "completed_at": 1_795_000_000.5})).seconds, 1);
    assert_eq!(usage(json!({"completed_at": null})).seconds, 0);
    assert_eq!(usage(json!({"completed_at": "soon"})).seconds, 0);
    assert_eq!(usage(json!({"completed_at": 5})).seconds, 0, "a clock that went back tells nothing");
}

/// The bill of a body whose `usage` is this text.
fn state_of(usage: &str) -> Option<CostState> {
    let text = body(json!({})).to_string().replacen(r#""usage":{"#, &format!(r#""usage":{usage},"was":{{"#), 1);
    assert!(text.contains(usage), "{text}");
    let answer = parse(text.as_bytes(), None).unwrap();
    let bill = Bill {
        model: answer.model.as_deref(),
        tier: answer.service_tier.as_deref(),
        usage: answer.usage.as_ref(),
        has_output: true,
        ..Bill::at(&SHIPPED, Timestamp::parse("2026-11-30T12:00:00Z").unwrap())
    };
    bill.cost().map(|cost| cost.state)
}

#[test]
fn a_counter_that_came_after_this_was_written_leaves_no_cost_known() {
    let with = |more: &str| state_of(&format!(r#"{{"input_tokens":9,"output_tokens":9{more}}}"#));
    assert_eq!(with(""), Some(Known));
    assert_eq!(with(r#","total_tokens":18"#), Some(Known));
    assert_eq!(with(r#","total_tokens":19"#), Some(Estimated), "something is in the sum that nobody names");
    assert_eq!(with(r#","audio_tokens":0"#), Some(Known));
    assert_eq!(with(r#","audio_tokens":4"#), Some(Estimated));
    assert_eq!(with(r#","input_tokens_details":{"video_tokens":4}"#), Some(Estimated));
    assert_eq!(with(r#","output_tokens_details":{"reasoning_tokens":4,"speech_tokens":1}"#), Some(Estimated));
    let tool = |usage: Value| costs_state(json!({"tool_usage": usage}));
    assert_eq!(tool(json!({"web_search": {"num_requests": 0, "num_pages": 7}})), Some(Unknown));
    assert_eq!(tool(json!({"image_gen": {"input_tokens": 0, "output_tokens": 0, "thumbnails": 2}})), Some(Unknown));
    assert_eq!(tool(json!({"web_search": {"num_requests": 0, "num_pages": 0}})), Some(Known));
}

fn costs_state(more: Value) -> Option<CostState> {
    let answer = parse(body(more).to_string().as_bytes(), None).unwrap();
    let at = Timestamp::parse("2026-11-30T12:00:00Z").unwrap();
    let bill = Bill {
        model: answer.model.as_deref(),
        usage: answer.usage.as_ref(),
        has_output: true,
        ..Bill::at(&SHIPPED, at)
    };
    bill.cost().map(|cost| cost.state)
}

#[test]
fn two_figures_under_one_name_are_no_known_cost() {
    for usage in [
        r#"{"input_tokens":9000,"input_tokens":9,"output_tokens":9}"#,
        r#"{"input_tokens":9,"output_tokens":9,"output_tokens_details":{"reasoning_tokens":1,"reasoning_tokens":2}}"#,
        r#"{"input_tokens":9,"output_tokens":9},"usage":{"input_tokens":1,"output_tokens":1}"#,
        r#"{"input_tokens":9,"output_tokens":9},"tool_usage":{"web_search":{"num_requests":7,"num_requests":0}}"#,
        r#"{"input_tokens":9,"output_tokens":9},"tool_usage":{"web_search":{"num_requests":7}},"tool_usage":{}"#,
    ] {
        assert_eq!(state_of(usage), Some(Unknown), "{usage}");
    }
}

#[test]
fn searches_whose_ids_are_empty_or_shared_are_each_counted() {
    let call = |kind: &str, id: &str| json!({"type": kind, "id": id, "status": "completed"});
    let searches = |ids: [&str; 2]| usage(json!({"output": ids.map(|id| call("file_search_call", id))})).file_searches;
    assert_eq!(searches(["", ""]), 2);
    assert_eq!(searches(["a", "b"]), 2);
    assert_eq!(searches(["a", "a"]), 1);
    let mixed = json!({"output": [call("file_search_call", "a"), call("web_search_call", "a")]});
    let read = usage(mixed);
    assert_eq!((read.file_searches, read.web_searches), (1, 1));
}

#[test]
fn a_tier_that_is_no_text_or_comes_twice_is_a_tier_that_nobody_knows() {
    for tier in [r#"{"name":"priority"}"#, r#"["flex"]"#, r#""flex","service_tier":"default""#] {
        let text = body(json!({})).to_string().replacen(
            r#""service_tier":"default""#,
            &format!(r#""service_tier":{tier}"#),
            1,
        );
        let answer = parse(text.as_bytes(), None).unwrap();
        assert_eq!(answer.service_tier.as_deref(), Some("unreadable"), "{tier}");
    }
    assert_eq!(parse(body(json!({"service_tier": null})).to_string().as_bytes(), None).unwrap().service_tier, None);
}

#[test]
fn a_run_that_was_turned_away_and_tells_of_use_that_nobody_can_read_is_not_free() {
    let free = |more: Value| {
        let mut body =
            json!({"id": "resp_1", "status": "failed", "output": [], "error": {"code": "rate_limit_exceeded"}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        parse(body.to_string().as_bytes(), None).unwrap().costs_nothing()
    };
    for nothing in [
        json!({}),
        json!({"usage": null}),
        json!({"usage": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}}),
        json!({"usage": {}, "tool_usage": {"web_search": {"num_requests": 0}}}),
    ] {
        assert!(free(nothing.clone()), "{nothing}");
    }
    for some in [
        json!({"usage": {"input_tokens": 12.5, "output_tokens": 0}}),
        json!({"usage": {"input_tokens": "12", "output_tokens": "0"}}),
        json!({"usage": {"input_tokens": 12}}),
        json!({"usage": [12]}),
        json!({"usage": "12 tokens"}),
        json!({"tool_usage": {"web_search": {"num_requests": 3}}}),
        json!({"usage": {"input_tokens": 0, "output_tokens": 0}, "tool_usage": {"web_search": {"num_requests": 3}}}),
        json!({"usage": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 7}}),
    ] {
        assert!(!free(some.clone()), "{some}");
    }
}

#[test]
fn a_call_of_a_kind_that_nobody_knows_leaves_no_cost_known() {
    for kind in ["video_generation_call", "Web_Search_Call", "file_search_call "] {
        let output = json!([{"type": kind, "id": "v", "status": "completed"}]);
        assert_eq!(costs_state(json!({"output": output})), Some(Unknown), "{kind}");
    }
    for kind in ["function_call", "mcp_call", "message", "reasoning"] {
        assert_eq!(costs_state(json!({"output": [{"type": kind, "id": "v"}]})), Some(Known), "{kind}");
    }
}

#[test]
fn what_lies_in_a_list_inside_the_list_is_billed_as_well() {
    let call = json!({"type": "code_interpreter_call", "container_id": "c1", "code": "1"});
    costs(json!({"output": [[call]]}), "1.921500", Estimated);
    costs(json!({"output": [[[{"type": "file_search_call", "id": "a"}]]]}), "0.004000", Estimated);
}
