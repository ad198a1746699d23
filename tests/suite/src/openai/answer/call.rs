//! Calls of tools: which wait for somebody, what went into them, and how they ended.

use domain::provider::{Item, Outcome, RunStatus};
use serde_json::{Value, json};

use super::{output, read, with};

#[test]
fn a_call_is_pending_until_the_list_holds_its_own_answer() {
    let pending = |item: &Item| matches!(item, Item::PendingAction { .. });
    let kinds =
        ["function_call", "custom_tool_call", "computer_call", "local_shell_call", "shell_call", "apply_patch_call"];
    for kind in kinds {
        let call = json!({"type": kind, "id": "x_1", "call_id": "call_1", "status": "completed"});
        assert!(pending(&output(json!([call]))[0]), "{kind}");
        let answer = |kind: &str, id: &str| json!({"type": format!("{kind}_output"), "call_id": id});
        assert!(!pending(&output(json!([call, answer(kind, "call_1")]))[0]), "{kind}");
        assert!(pending(&output(json!([call, answer(kind, "call_2")]))[0]), "{kind}");
        assert!(pending(&output(json!([call, answer("other_call", "call_1")]))[0]), "{kind}");
    }
    let request = json!({"type": "mcp_approval_request", "id": "mcpr_1", "name": "f", "arguments": "{}"});
    let response = |id| json!({"type": "mcp_approval_response", "approval_request_id": id, "approve": true});
    assert!(pending(&output(json!([request]))[0]));
    assert!(pending(&output(json!([request, response("mcpr_2")]))[0]));
    assert!(!pending(&output(json!([request, response("mcpr_1")]))[0]));
}

#[test]
fn what_a_call_was_given_is_shown_to_the_letter() {
    let of = |raw: &str| {
        let call =
            format!(r#"[{{"type":"function_call","id":"fc_1","call_id":"call_1","name":"pay","arguments":{raw}}}]"#);
        match with("output", &call).output.remove(0) {
            Item::PendingAction { input, .. } => input,
            other => panic!("{other:?}"),
        }
    };
    let shown = |arguments: &str| json!({"id": "fc_1", "call_id": "call_1", "name": "pay", "arguments": arguments});
    for arguments in [
        r#"{"eur": 5}"#,
        r#"{"eur": "#,
        r#"{"iban":9400000000000000000001}"#,
        r#"{"eur":5,"eur":5000}"#,
        r#"{"to":"\ud83d"}"#,
        "{ \"b\" : 1.10 ,\n \"a\":1e2}",
        "",
    ] {
        assert_eq!(of(&Value::from(arguments).to_string()), shown(arguments), "{arguments}");
    }
    assert_eq!(of(r#"{"eur":5,"eur":9400000000000000000001}"#), shown(r#"{"eur":5,"eur":9400000000000000000001}"#));
    let custom = output(json!([{"type": "custom_tool_call", "call_id": "c", "name": "sql", "input": "SELECT 1.10"}]));
    let input = json!({"call_id": "c", "name": "sql", "input": "SELECT 1.10"});
    assert_eq!(custom, [Item::PendingAction { kind: "custom_tool_call".into(), input }]);
}

#[test]
fn an_action_keeps_its_digits_and_one_with_a_doubled_name_is_shown_as_text() {
    let of = |action: &str| {
        let call = format!(r#"[{{"type":"computer_call","call_id":"c","action":{action}}}]"#);
        match with("output", &call).output.remove(0) {
            Item::PendingAction { input, .. } => input["action"].clone(),
            other => panic!("{other:?}"),
        }
    };
    let exact = r#"{"amount":0.10,"id":9400000000000000000001}"#;
    assert_eq!(of(exact).to_string(), exact);
    assert_eq!(of(r#"{"x":1,"x":2}"#), json!(r#"{"x":1,"x":2}"#));
}

#[test]
fn a_tool_search_waits_for_us_only_where_the_client_runs_it() {
    let search = |execution: Value| json!({"type": "tool_search_call", "id": "ts_1", "call_id": "call_1", "execution": execution, "arguments": {"q": "x"}});
    let found = json!({"type": "tool_search_output", "call_id": "call_1", "execution": "client", "tools": []});
    let input = json!({"id": "ts_1", "call_id": "call_1", "execution": "client", "arguments": "{\"q\":\"x\"}"});
    let items = output(json!([search(json!("client"))]));
    assert_eq!(items, [Item::PendingAction { kind: "tool_search_call".into(), input }]);
    for done in [
        json!([search(json!("client")), found]),
        json!([search(json!("server")), found]),
        json!([search(json!("server"))]),
        json!([search(json!(null))]),
    ] {
        assert!(matches!(&output(done.clone())[0], Item::ToolCall { .. }), "{done}");
    }
}

#[test]
fn a_command_in_a_container_of_the_providers_is_its_own_and_shows_how_it_ended() {
    let call = |environment: Value| {
        json!({"type": "shell_call", "id": "sh_1", "call_id": "call_1", "status": "completed", "action": {"commands": ["ls"]},
            "environment": environment})
    };
    let done = |outcome: Value| {
        json!({"type": "shell_call_output", "call_id": "call_1", "status": "completed",
            "output": [{"stdout": "", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}, {"outcome": outcome}]})
    };
    let hosted = json!({"type": "container_reference", "container_id": "cntr_1"});
    let outcome = |items: Value| match output(items).remove(0) {
        Item::ToolCall { outcome, .. } => outcome,
        other => panic!("{other:?}"),
    };
    assert_eq!(outcome(json!([call(hosted.clone())])).as_deref(), Some("completed"));
    for (said, shown) in [
        (json!({"type": "exit", "exit_code": 0}), "completed"),
        (json!({"type": "exit", "exit_code": 1}), "failed: exit code 1"),
        (json!({"type": "timeout"}), "failed: timeout"),
    ] {
        assert_eq!(outcome(json!([call(hosted.clone()), done(said.clone())])).as_deref(), Some(shown), "{said}");
        assert_eq!(outcome(json!([call(json!({"type": "local"})), done(said.clone())])).as_deref(), Some(shown));
    }
    for environment in [json!({"type": "local"}), json!(null)] {
        assert!(matches!(output(json!([call(environment)]))[0], Item::PendingAction { .. }));
    }
    let patch = json!({"type": "apply_patch_call", "call_id": "p", "status": "completed", "operation": {"type": "delete_file"}});
    let failed =
        json!({"type": "apply_patch_call_output", "call_id": "p", "status": "failed", "output": "no such file"});
    assert_eq!(outcome(json!([patch, failed])).as_deref(), Some("failed"));
}

#[test]
fn a_call_that_is_owed_an_answer_waits_even_beside_the_final_text() {
    let body = json!({"id": "resp_1", "status": "completed", "output": [
        {"type": "function_call", "call_id": "c", "name": "pay", "arguments": "{}", "async": true},
        {"type": "message", "phase": "final_answer", "content": [{"type": "output_text", "text": "Done."}]},
    ]});
    assert_eq!(read(body).read(), RunStatus::Finished(Outcome::ActionRequired));
}

#[test]
fn what_a_server_of_tools_could_not_do_is_a_sentence() {
    let cases = [
        (
            json!({"type": "mcp_protocol_error", "code": -32601, "message": "Method not found"}),
            "mcp_protocol_error -32601: Method not found",
        ),
        (
            json!({"type": "http_error", "code": 503, "message": "Service Unavailable"}),
            "http_error 503: Service Unavailable",
        ),
        (
            json!({"type": "mcp_tool_execution_error", "content": [{"type": "text", "text": "No row."}, {"type": "text", "text": "Try id 2."}]}),
            "mcp_tool_execution_error: No row.\nTry id 2.",
        ),
        (json!({"type": "mcp_tool_execution_error", "content": "No row."}), "mcp_tool_execution_error: No row."),
        (json!({"type": "mcp_tool_execution_error"}), "mcp_tool_execution_error"),
        (json!({"message": "no such tool"}), "no such tool"),
        (json!("no such tool"), "no such tool"),
        (json!({"new": {"form": 1}}), "failed"),
    ];
    for (error, sentence) in cases {
        for kind in ["mcp_call", "mcp_list_tools", "image_generation_call"] {
            let item = json!({"type": kind, "status": "failed", "server_label": "crm", "error": error});
            let input = json!({"server_label": "crm"});
            let expect = Item::ToolCall { kind: kind.into(), input, outcome: Some(sentence.into()) };
            assert_eq!(output(json!([item])), [expect], "{error}");
        }
    }
    let listed = output(json!([{"type": "mcp_list_tools", "server_label": "crm", "tools": [], "error": null}]));
    assert_eq!(listed, [super::other("mcp_list_tools")]);
}

#[test]
fn a_tool_call_shows_what_went_in_and_how_it_ended() {
    let cases = [
        (
            json!({"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}}),
            json!({"action": {"type": "search", "query": "q"}}),
            Some("completed"),
        ),
        (
            json!({"type": "file_search_call", "status": "failed", "queries": ["q"], "results": [{"text": "t"}]}),
            json!({"queries": ["q"]}),
            Some("failed"),
        ),
        (
            json!({"type": "code_interpreter_call", "code": "1+1", "container_id": "cntr_1", "outputs": null}),
            json!({"code": "1+1", "container_id": "cntr_1"}),
            None,
        ),
        (
            json!({"type": "mcp_call", "server_label": "s", "name": "f", "arguments": "{\"a\":1}", "output": "o",
                "status": "failed", "error": {"message": "no such tool"}}),
            json!({"server_label": "s", "name": "f", "arguments": "{\"a\":1}"}),
            Some("no such tool"),
        ),
        (json!({"type": "mcp_call", "status": "completed", "error": null}), json!({}), Some("completed")),
    ];
    for (item, input, outcome) in cases {
        let kind = item["type"].as_str().unwrap().to_owned();
        assert_eq!(output(json!([item])), [Item::ToolCall { kind, input, outcome: outcome.map(Into::into) }]);
    }
}

fn waits(body: Value) -> bool {
    let answer = read(body);
    answer.read() == RunStatus::Finished(Outcome::ActionRequired)
}

/// A run that is over and says "Paid." beside these fields.
fn said_beside(more: Value) -> Value {
    let said = json!({"type": "message", "content": [{"type": "output_text", "text": "Paid."}]});
    let mut body = json!({"id": "resp_1", "status": "completed", "output": [said]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn a_pending_call_is_seen_wherever_it_stands_and_however_it_is_named() {
    let call = json!({"type": "function_call", "call_id": "c", "name": "pay", "arguments": "{}"});
    let said = json!({"type": "output_text", "text": "Paid."});
    let named = |kind: Value| json!({"type": kind, "call_id": "c", "name": "pay", "arguments": "{}"});
    let message = |content: Value| json!({"type": "message", "content": content});
    for output in [
        json!([message(json!([said, call]))]),
        json!([message(json!([[said, [call]]]))]),
        json!([message(json!([said])), [[call]]]),
        json!([message(json!([said, {"type": "tool_use", "id": "t", "name": "pay", "input": {}}]))]),
        json!([message(json!([said, {"call_id": "c", "name": "pay", "arguments": "{}"}]))]),
        json!([message(json!([said])), named(json!(null))]),
        json!([message(json!([said])), named(json!("functionCall"))]),
        json!([message(json!([said])), named(json!("Function_Call "))]),
        json!([message(json!([said])), named(json!("fn_call"))]),
        json!([message(json!([said])), named(json!(["function_call"]))]),
        json!([message(json!([said])), {"type": "tool_call", "id": "t", "function": {"name": "pay"}}]),
        json!([{"type": "message", "content": [said], "tool_calls": [{"id": "t", "function": {"name": "pay"}}]}]),
        json!([{"type": "message", "content": [said], "function_call": {"name": "pay", "arguments": "{}"}}]),
    ] {
        assert!(waits(json!({"id": "resp_1", "status": "completed", "output": output})), "{output}");
    }
    assert!(waits(said_beside(json!({"required_action": {"type": "submit_tool_outputs"}}))));
    assert!(waits(said_beside(json!({"tool_calls": [{"id": "t", "function": {"name": "pay"}}]}))));
    for nothing in [json!({"required_action": null}), json!({"tool_calls": []}), json!({"tool_calls": null})] {
        assert!(!waits(said_beside(nothing)));
    }
}

#[test]
fn a_pending_call_is_not_hidden_by_a_second_field_of_the_same_name() {
    let call = r#"{"type":"function_call","call_id":"c","name":"pay","arguments":"{}"}"#;
    let said = r#"{"type":"message","content":[{"type":"output_text","text":"Paid."}]}"#;
    let masked = call.replace(r#""type":"function_call""#, r#""type":"function_call","type":"reasoning""#);
    let part = said.replace(r#"[{"type""#, &format!(r#"[{masked},{{"type""#));
    for output in [
        format!(r#"[{call}],"output":[{said}]"#),
        format!("[{masked},{said}]"),
        format!("[{part}]"),
        format!("[{}]", said.replace(r#""content":"#, &format!(r#""content":[{call}],"content":"#))),
    ] {
        assert_eq!(with("output", &output).read(), RunStatus::Finished(Outcome::ActionRequired), "{output}");
    }
}

#[test]
fn one_output_answers_one_call_and_an_approval_without_a_word_answers_none() {
    let call = |to: &str| json!({"type": "function_call", "call_id": "c", "name": "pay", "arguments": format!("{{\"to\":\"{to}\"}}")});
    let answer = json!({"type": "function_call_output", "call_id": "c", "output": "paid"});
    let pending = |items: Value| output(items).iter().filter(|item| matches!(item, Item::PendingAction { .. })).count();
    assert_eq!(pending(json!([call("a"), answer])), 0);
    assert_eq!(pending(json!([call("a"), call("b"), answer])), 1);
    let request = json!({"type": "mcp_approval_request", "id": "m", "name": "f", "arguments": "{}"});
    for (approve, open) in [(json!(true), 0), (json!(false), 0), (json!(null), 1), (json!("yes"), 1)] {
        let response = json!({"type": "mcp_approval_response", "approval_request_id": "m", "approve": approve});
        assert_eq!(pending(json!([request, response])), open, "{approve}");
    }
}

#[test]
fn an_early_call_that_asked_for_something_else_is_not_merged_away() {
    let shell = |status: &str, command: Value| json!({"type": "local_shell_call", "id": "l", "call_id": "c", "status": status, "action": {"command": command}});
    let count = |items: Value| output(items).len();
    assert_eq!(count(json!([shell("in_progress", json!(["rm"])), shell("completed", json!(["ls"]))])), 2);
    assert_eq!(count(json!([shell("in_progress", json!(["ls"])), shell("completed", json!(["ls"]))])), 1);
    let call = |status: &str, arguments: &str| json!({"type": "function_call", "call_id": "c", "status": status, "name": "pay", "arguments": arguments});
    assert_eq!(count(json!([call("in_progress", "{\"eur\""), call("completed", "{\"eur\":5}")])), 1);
    assert_eq!(count(json!([call("in_progress", "{\"usd\""), call("completed", "{\"eur\":5}")])), 2);
}

#[test]
fn a_call_is_not_lost_where_two_items_come_under_one_id() {
    let said = |text: &str| json!([{"type": "output_text", "text": text}]);
    let asks =
        json!({"type": "message", "id": "m", "content": [], "tool_calls": [{"id": "c", "function": {"name": "pay"}}]});
    let part =
        json!({"type": "message", "id": "m", "content": [{"type": "tool_use", "id": "t", "name": "pay", "input": {}}]});
    let says = json!({"type": "message", "id": "m", "content": said("Paid.")});
    let bare = json!({"id": "m", "function": {"name": "pay"}});
    for call in [asks, part, bare] {
        for output in [json!([call, says]), json!([says, call])] {
            assert!(waits(json!({"id": "resp_1", "status": "completed", "output": output})), "{output}");
        }
    }
    for kind in ["tool_use", "Function_Call", "function", "tool_calls", "pay_call"] {
        let call = |eur: u32| json!({"type": kind, "id": "t", "call_id": "t", "name": "pay", "input": {"eur": eur}, "arguments": "{}"});
        assert_eq!(output(json!([call(1), call(9_000)])).len(), 2, "{kind}");
        assert_eq!(output(json!([call(1), call(1)])).len(), 1, "{kind}");
    }
}
