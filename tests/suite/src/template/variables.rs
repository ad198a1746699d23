//! Variables: what a function's `main.rs` asks the environment for, found by asking it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use adapters::aws::dynamodb::Table;
use adapters::config::Environment;
use adapters::openai::ApiKey;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::test_util::infallible_client_fn;
use axum::http::Response;

use super::functions::folder;
use super::read::{Template, entries};
use crate::tidy;

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in template.functions() {
        let mut read = BTreeSet::new();
        let path = format!("functions/{}/src/main.rs", folder(&function));
        for method in methods(&path) {
            match asked_for(&method) {
                Some(variables) => read.extend(variables),
                None => wrong.push(format!("{path}: this test does not know environment.{method}")),
            }
        }
        let set = entries(function.get("Environment.Variables")).map(|(name, _)| name.to_owned());
        let set: BTreeSet<String> = set.collect();
        let found = |name: &String, what: &str| function.wrong(&format!("Environment.Variables.{name}"), what);
        wrong.extend(read.difference(&set).map(|name| found(name, "is read and not set")));
        wrong.extend(set.difference(&read).map(|name| found(name, "is set and not read")));
    }
    wrong
}

/// The methods that are called on `environment`; none where there is no such file, which is another check's finding.
fn methods(path: &str) -> BTreeSet<String> {
    let text = if super::functions::exists(path) { tidy::read(path) } else { String::new() };
    let calls = text.split("environment.").skip(1).filter_map(|rest| rest.split_once('('));
    calls.map(|(method, _)| method.to_owned()).collect()
}

/// The variables that a method looks up, whatever it finds in them.
fn asked_for(method: &str) -> Option<BTreeSet<String>> {
    let asked = Mutex::new(BTreeSet::new());
    for value in [None, Some(""), Some("http://127.0.0.1:1")] {
        let lookup = |name: &str| {
            asked.lock().unwrap().insert(name.to_owned());
            value.map(str::to_owned)
        };
        call(&Environment::new(lookup, aws()), method)?;
    }
    Some(asked.into_inner().unwrap())
}

/// Calls a method. What comes of it does not matter.
fn call(environment: &Environment<impl Fn(&str) -> Option<String>>, method: &str) -> Option<()> {
    match method {
        "table" => drop(environment.table()),
        "payloads" => drop(environment.payloads(&Table::new(aws_sdk_dynamodb::Client::new(&aws()), "jobs"))),
        "queues" => drop(environment.queues()),
        "observe_queue" => drop(environment.observe_queue()),
        "bus" => drop(environment.bus()),
        "provider" => drop(environment.provider(ApiKey::parse("sk-test").unwrap())),
        "provider_with_key" => drop(wait(environment.provider_with_key())),
        "api_key" => drop(wait(environment.api_key())),
        "webhook_secrets" => drop(wait(environment.webhook_secrets())),
        "notice_target" => drop(wait(environment.notice_target())),
        "tool_secrets" => drop(environment.tool_secrets()),
        "console_login" => drop(environment.console_login()),
        "link_base" => drop(environment.link_base()),
        "setting" => drop(environment.setting("test")),
        "pricing_settings" => drop(environment.pricing_settings("test")),
        "prices" => drop(environment.prices()),
        "timing" => drop(environment.timing()),
        "first_admin" => drop(environment.first_admin()),
        _ => return None,
    }
    Some(())
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

/// An AWS that refuses everything at once.
fn aws() -> SdkConfig {
    let refuse = infallible_client_fn(|_| Response::builder().status(400).body("{}").unwrap());
    let credentials = Credentials::new("key", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(refuse)
        .build()
}

#[test]
fn every_method_of_the_environment_is_known_here() {
    let text = tidy::read("shared/adapters/src/config.rs");
    let public = text.lines().filter_map(|line| line.trim().strip_prefix("pub ")).filter(|line| line.contains("&self"));
    let names = public.filter_map(|line| line.split_once("fn ")?.1.split_once('('));
    let unknown: Vec<_> = names.map(|(name, _)| name.to_owned()).filter(|name| asked_for(name).is_none()).collect();
    super::none(&unknown);
}

#[test]
fn optional_variables_and_those_of_secrets_are_recorded() {
    let asked = |method| asked_for(method).unwrap().into_iter().collect::<Vec<_>>();
    assert_eq!(asked("setting"), ["DEPLOYMENT", "TIMING"]);
    assert_eq!(asked("pricing_settings"), ["DEPLOYMENT", "OPENAI_BASE_URL", "PRICES", "TIMING"]);
    assert_eq!(asked("api_key"), ["OPENAI_API_KEY_SECRET_ARN"]);
    assert_eq!(asked("notice_target"), ["NOTICE_TARGET_SECRET_ARN"]);
    assert_eq!(asked("queues"), ["OBSERVE_QUEUE_URL", "SUBMIT_QUEUE_URL"]);
    let console = asked("console_login");
    assert_eq!(console.len(), 8, "{console:?}");
    assert_eq!(asked_for("no_such_thing"), None);
}
