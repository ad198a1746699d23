//! Tools as admins give them: what is taken, and each refusal by its path.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::secrets::{NoSecret, filled, named};
use super::*;
use crate::policy::job_type::{SHIPPED, shipped};

const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:lanekeeper/tools/acme/crm-AbCdEf";

fn paths(tools: &[Value]) -> Vec<String> {
    let workspace = WorkspaceId::parse("acme").unwrap();
    let found = check(tools, &SecretPlace::new("lanekeeper", &workspace));
    let mut paths: Vec<String> = found.into_iter().map(|error| error.field).collect();
    paths.sort();
    paths
}

#[track_caller]
fn refused(tool: Value, by: &[&str]) {
    let mut by: Vec<String> = by.iter().map(|name| format!("tools[0]{name}")).collect();
    by.sort();
    assert_eq!(paths(std::slice::from_ref(&tool)), by, "{tool}");
}

fn mcp(with: Value) -> Value {
    let mut tool = json!({"type": "mcp", "server_label": "crm", "server_url": "https://crm.example.com/mcp"});
    tool.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    tool
}

#[test]
fn every_kind_that_the_provider_runs_is_taken_with_its_fields() {
    let tools = [
        json!({"type": "web_search"}),
        json!({"type": "web_search_2025_08_26", "external_web_access": false, "search_context_size": "low",
               "filters": {"allowed_domains": ["pubmed.ncbi.nlm.nih.gov"]},
               "user_location": {"type": "approximate", "country": "DE", "city": "Köln", "region": null}}),
        json!({"type": "web_search_preview_2025_03_11", "search_content_types": ["text"]}),
        json!({"type": "file_search", "vector_store_ids": ["vs_68f0a1b2c3d4e5f60718293a4b5c6d7e"], "max_num_results": 50,
               "ranking_options": {"ranker": "auto", "score_threshold": 0.5},
               "filters": {"type": "and", "filters": [{"type": "eq", "key": "year", "value": 2026},
                                                      {"type": "in", "key": "kind", "value": ["a", "b"]}]}}),
        json!({"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "4g", "file_ids": ["file-1"],
               "network_policy": {"type": "allowlist", "allowed_domains": ["example.com"]}}}),
        json!({"type": "code_interpreter", "container": {"type": "auto", "network_policy": {"type": "disabled"}}}),
        json!({"type": "image_generation", "quality": "high", "size": "1536x864", "output_compression": 80,
               "svg": {"model": "gpt-6-luna", "reasoning": {"effort": "low"}},
               "input_image_mask": {"image_url": "data:image/png;base64,aGk="}}),
        json!({"type": "shell", "environment": {"type": "container_auto",
               "skills": [{"type": "skill_reference", "skill_id": "skill_1", "version": "2"}]}}),
        json!({"type": "tool_search"}),
        json!({"type": "tool_search", "execution": "server"}),
        json!({"type": "programmatic_tool_calling"}),
        mcp(json!({"require_approval": {"never": {"read_only": true}, "always": {"tool_names": ["pay"]}},
                   "allowed_tools": ["find", "pay"], "allowed_callers": ["direct"], "defer_loading": true,
                   "server_description": "Our customers.", SECRET: ARN, HEADER_SECRETS: {"X-Api-Key": ARN},
                   "headers": {"X-MCP-Toolsets": "repos,issues", "X-MCP-Readonly": "true", "Accept-Language": "de"}})),
        json!({"type": "mcp", "server_label": "mail", "connector_id": "connector_gmail", SECRET: ARN}),
        json!({"type": "mcp", "server_label": "inside", "tunnel_id": "tunnel_1", "require_approval": "never"}),
    ];
    assert_eq!(paths(&tools), [""; 0]);
}

#[test]
fn every_shipped_type_keeps_the_rules_for_tools() {
    for name in SHIPPED {
        assert_eq!(paths(&shipped(name).unwrap().tools), [""; 0], "{name}");
    }
}

#[test]
fn a_tool_whose_calls_nobody_can_answer_is_refused() {
    for kind in [
        "function",
        "custom",
        "namespace",
        "computer",
        "computer_use_preview",
        "local_shell",
        "apply_patch",
        "Web_search",
        "web_search_2099_01_01",
        "mcp ",
        "what comes next",
        "",
    ] {
        refused(json!({"type": kind, "name": "x"}), &[".type"]);
    }
    refused(json!({"name": "x"}), &[".type"]);
    refused(json!({"type": ["web_search"]}), &[".type"]);
    refused(json!("web_search"), &[""]);
    refused(json!({"type": "tool_search", "execution": "client"}), &[".execution"]);
    refused(json!({"type": "tool_search", "parameters": {}, "description": "x"}), &[".description", ".parameters"]);
    refused(json!({"type": "shell", "environment": {"type": "local"}}), &[".environment.type"]);
    refused(json!({"type": "shell"}), &[".environment"]);
}

#[test]
fn what_one_job_leaves_behind_no_other_job_finds() {
    refused(json!({"type": "code_interpreter", "container": "cntr_1"}), &[".container"]);
    let shared = json!({"type": "container_reference", "container_id": "cntr_1"});
    refused(json!({"type": "shell", "environment": shared}), &[".environment.type"]);
}

#[test]
fn an_unknown_field_is_refused_by_its_path() {
    refused(
        json!({"type": "web_search", "blocked": [], "filters": {"denied_domains": ["a"]}}),
        &[".blocked", ".filters.denied_domains"],
    );
    refused(json!({"type": "file_search"}), &[".vector_store_ids"]);
    refused(json!({"type": "file_search", "vector_store_ids": []}), &[".vector_store_ids"]);
    refused(
        json!({"type": "file_search", "vector_store_ids": ["a", 7], "max_num_results": 51}),
        &[".vector_store_ids[1]", ".max_num_results"],
    );
    refused(json!({"type": "code_interpreter"}), &[".container"]);
    refused(
        json!({"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "2g"}}),
        &[".container.memory_limit"],
    );
    refused(json!({"type": "programmatic_tool_calling", "x": 1}), &[".x"]);
    refused(mcp(json!({"require_approval": "sometimes"})), &[".require_approval"]);
    refused(mcp(json!({"require_approval": {"never": "*"}})), &[".require_approval.never"]);
    refused(mcp(json!({"server_label": "my crm"})), &[".server_label"]);
    refused(mcp(json!({"connector_id": "connector_gmail"})), &[""]);
    refused(json!({"type": "mcp", "server_label": "crm"}), &[""]);
    let deep = (0..20)
        .fold(json!({"type": "eq", "key": "a", "value": 1}), |inner, _| json!({"type": "or", "filters": [inner]}));
    assert_eq!(paths(&[json!({"type": "file_search", "vector_store_ids": ["vs_1"], "filters": deep})]).len(), 1);
}

#[test]
fn a_credential_in_a_header_is_refused_however_it_is_written() {
    for (name, value) in [
        ("Authorization", "Bearer abc"),
        ("authorization", "x"),
        ("AUTHORIZATION", "x"),
        ("Proxy-Authorization", "x"),
        ("X-Api-Key", "hunter2"),
        ("x_api_key", "hunter2"),
        ("apikey", "x"),
        ("ApiKey", "x"),
        ("Private-Token", "x"),
        ("Cookie", "a=b"),
        ("X-Access-Token", "x"),
        ("X-Session", "x"),
        ("X-Sig", "x"),
        ("sig", "x"),
        ("pass", "x"),
        ("X-Amz-Security-Token", "x"),
        ("Ocp-Apim-Subscription-Key", "x"),
        ("X-Password", "x"),
        ("X-Auth", "x"),
        ("X-Tenant", "Bearer 9f8a7c6d5e"),
        ("X-Tenant", "Basic dXNlcjpwdw=="),
        ("X-Tenant", "9f8a7c6d5e4f3a2b1c0d"),
        ("X-Tenant", "550e8400-e29b-41d4-a716-446655440000"),
        ("X-Tenant", "sk-proj-aaaaaaaaaaaa"),
        ("X-Tenant", "eyJhbGciOiJIUzI1NiJ9.eyJ"),
        ("X-Tenant", "acme; ghp_aaaaaaaaaaaaaaaa"),
        ("User-Agent", "AKIAIOSFODNN7EXAMPLE"),
        ("X-Tenant", "dGhpcyBpcyBhIHNlY3JldA"),
    ] {
        refused(mcp(json!({"headers": {name: value}})), &[&format!(".headers.{name}")]);
    }
    refused(mcp(json!({"authorization": "x"})), &[".authorization"]);
    refused(mcp(json!({"headers": {"X-Tenant": 7}})), &[".headers.X-Tenant"]);
    refused(mcp(json!({"headers": {"X Tenant": "a"}})), &[".headers.X Tenant"]);
    refused(mcp(json!({"headers": ["x"]})), &[".headers"]);
    refused(mcp(json!({"headers": {"X-Tenant": "a\r\nAuthorization: b"}})), &[".headers.X-Tenant"]);
    let network = json!({"type": "allowlist", "allowed_domains": ["a"], "domain_secrets": [{"domain": "a", "name": "b", "value": "c"}]});
    let tool = json!({"type": "code_interpreter", "container": {"type": "auto", "network_policy": network}});
    refused(tool, &[".container.network_policy.domain_secrets"]);
}

#[test]
fn a_credential_in_an_address_is_refused_however_it_is_written() {
    for url in [
        "https://user:pw@crm.example.com/mcp",
        "https://token@crm.example.com/mcp",
        "https://a/mcp?api_key=x",
        "https://a/mcp?apiKey=x",
        "https://a/mcp?x=1&TOKEN=y",
        "https://a/mcp?api%5Fkey=x",
        "https://a/mcp?%61pikey=x",
        "https://a/mcp?%2561pikey=x",
        "https://a/mcp#access_token=x",
        "https://a/mcp?a;key=x",
        "https://a/mcp?t=9f8a7c6d5e4f3a2b1c0d",
        "https://a/mcp?9f8a7c6d5e4f3a2b1c0d",
        "https://a/s/NzY1Zjk4ZmUtMmQxYy00YTk/mcp",
        "https://a/sk-proj-aaaaaaaaaaaa/mcp",
        "https://a?sig=x",
    ] {
        refused(mcp(json!({"server_url": url})), &[".server_url"]);
    }
    for url in ["http://crm.example.com", "crm.example.com", "https://a b", "", "ftp://a"] {
        refused(mcp(json!({"server_url": url})), &[".server_url"]);
    }
    for url in [
        "https://a/v1/customers/550e8400-e29b-41d4-a716-446655440000/mcp?region=eu&toolset=repos,issues",
        "https://A:8443",
    ] {
        refused(mcp(json!({"server_url": url})), &[]);
    }
}

#[test]
fn a_credential_is_refused_wherever_it_stands() {
    refused(mcp(json!({"server_description": "Use the key sk-proj-aaaaaaaaaaaa."})), &[".server_description"]);
    let place = json!({"type": "web_search", "user_location": {"city": "ghp_aaaaaaaaaaaaaaaa"}});
    refused(place, &[".user_location.city"]);
    refused(mcp(json!({"allowed_tools": ["find", "xoxb-aaaaaaaaaaaa"]})), &[".allowed_tools[1]"]);
}

#[test]
fn a_secret_is_named_by_an_arn_of_its_own_workspace() {
    for arn in [
        ARN.replace("/acme/", "/rival/"),
        ARN.replace("lanekeeper/", "other/"),
        ARN.replace("tools/acme/crm-AbCdEf", "openai-key-AbCdEf"),
        ARN.replace("secret:lanekeeper", "secret:x/lanekeeper"),
        ARN.replace("secretsmanager", "ssm"),
        ARN.replace("123456789012", "12345678901"),
        ARN.replace("crm-AbCdEf", ""),
        ARN.replace("crm", "crm*"),
        ARN.replace("arn:aws:", ""),
        format!("{ARN} "),
        format!("{ARN}:json:key"),
        "sk-proj-aaaaaaaaaaaa".to_owned(),
    ] {
        let found = paths(&[mcp(json!({SECRET: arn}))]);
        assert_eq!(found[0], format!("tools[0].{SECRET}"), "{arn}");
        let found = paths(&[mcp(json!({HEADER_SECRETS: {"X-Api-Key": arn}}))]);
        assert_eq!(found[0], format!("tools[0].{HEADER_SECRETS}.X-Api-Key"), "{arn}");
    }
    refused(mcp(json!({SECRET: ARN.replace("aws", "aws-us-gov")})), &[]);
    refused(mcp(json!({SECRET: 7})), &[".authorization_secret_arn"]);
    refused(mcp(json!({HEADER_SECRETS: {}})), &[".header_secret_arns"]);
    let twice = json!({HEADER_SECRETS: {"X-Tenant": ARN}, "headers": {"x-tenant": "a"}});
    refused(mcp(twice), &[".header_secret_arns.X-Tenant"]);
    refused(json!({"type": "web_search", SECRET: ARN}), &[".authorization_secret_arn"]);
}

#[test]
fn the_provider_is_given_the_value_of_a_secret_and_never_its_arn() {
    let workspace = WorkspaceId::parse("acme").unwrap();
    let place = SecretPlace::new("lanekeeper", &workspace);
    let other = ARN.replace("crm", "key");
    let tools = [
        json!({"type": "web_search"}),
        mcp(json!({SECRET: ARN, HEADER_SECRETS: {"X-Api-Key": other}, "headers": {"X-MCP-Readonly": "true"}})),
    ];
    assert_eq!(named(&tools).into_iter().collect::<Vec<_>>(), [ARN.to_owned(), other.clone()]);
    let values = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let all: BTreeMap<String, String> = values(&[(ARN, "one\n"), (other.as_str(), "two")]);
    let whole = filled(&tools, &place, &all).unwrap();
    assert_eq!(whole[0], tools[0]);
    let headers = json!({"X-Api-Key": "two", "X-MCP-Readonly": "true"});
    assert_eq!(whole[1], mcp(json!({"authorization": "one", "headers": headers})));
    for missing in [
        values(&[]),
        values(&[(ARN, "one")]),
        values(&[(ARN, ""), (&other, "two")]),
        values(&[(ARN, "a\nb"), (&other, "two")]),
    ] {
        assert_eq!(filled(&tools, &place, &missing), Err(NoSecret));
    }
    // The row may have been altered since the type was checked.
    let rival = WorkspaceId::parse("rival").unwrap();
    assert_eq!(filled(&tools, &SecretPlace::new("lanekeeper", &rival), &all), Err(NoSecret));
}

#[test]
fn no_tool_is_so_odd_that_the_answer_has_no_end() {
    let many: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("f{n}"), json!(1))).collect();
    let mut tool = json!({"type": "web_search"});
    tool.as_object_mut().unwrap().extend(many);
    assert_eq!(paths(&[tool]).len(), super::super::fields::MOST_ERRORS);
    assert_eq!(paths(&vec![json!({"type": "web_search"}); 17]), ["tools"]);
    assert_eq!(paths(&[json!({"type": "mcp", "x": "y".repeat(65_536)})]), ["tools"]);
}
