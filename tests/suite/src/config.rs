//! Configuration: a wrong variable fails by its name, and nothing falls back to a stand-in.

use std::time::Duration;

use adapters::config::Environment;
use adapters::config::console::ConsoleLogin;
use adapters::openai::ApiKey;
use aws_config::{BehaviorVersion, SdkConfig};
use domain::value::time::Timing;

fn aws() -> SdkConfig {
    SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build()
}

fn environment(variables: &'static [(&'static str, &'static str)]) -> Environment<impl Fn(&str) -> Option<String>> {
    let find = |wanted: &str| variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned());
    Environment::new(find, aws())
}

#[test]
fn a_missing_variable_is_named() {
    let empty = environment(&[]);
    assert_eq!(empty.table().err().unwrap().to_string(), "TABLE_NAME is not set");
    assert_eq!(empty.bus().err().unwrap().to_string(), "EVENT_BUS_NAME is not set");
    assert_eq!(empty.queues().err().unwrap().to_string(), "SUBMIT_QUEUE_URL is not set");
    assert_eq!(empty.observe_queue().err().unwrap().to_string(), "OBSERVE_QUEUE_URL is not set");
    assert_eq!(empty.setting("f").err().unwrap().to_string(), "DEPLOYMENT is not set");
}

#[test]
fn timing_is_what_aws_needs_unless_it_is_said() {
    assert_eq!(environment(&[]).timing().unwrap(), Timing::aws());
    let said = environment(&[("TIMING", "lease=60 checks=5,10 missing_limit=7")]).timing().unwrap();
    let expected = Timing {
        lease: Duration::from_secs(60),
        checks: vec![Duration::from_secs(5), Duration::from_secs(10)],
        missing_limit: Duration::from_secs(7),
        ..Timing::aws()
    };
    assert_eq!(said, expected);
}

#[test]
fn a_timing_that_does_not_read_is_refused_by_the_variables_name() {
    for text in ["lease", "lease=soon", "lease=1,2", "leese=1", "checks=", "lease=-1"] {
        let find = move |_: &str| Some(text.to_owned());
        let error = Environment::new(find, aws()).timing().err().unwrap();
        assert!(error.to_string().starts_with("TIMING must be"), "{text}: {error}");
    }
}

#[test]
fn a_price_that_does_not_read_fails_the_first_start_by_its_row_and_field() {
    let read =
        |text: &'static str| Environment::new(move |name: &str| (name == "PRICES").then(|| text.to_owned()), aws());
    assert!(!environment(&[]).prices().unwrap().has("gpt-7"));
    let good = r#"{"models":[{"model":"gpt-7","valid_from":"2026-12-01","checked_on":"2026-12-01","source":"page","usd_per_million":{"input":"3","output":"12"}}]}"#;
    assert!(read(good).prices().unwrap().has("gpt-7"));
    let bad = r#"{"tools":[{"tool":"web_search","valid_from":"2026-12-01","checked_on":"2026-12-01","source":"page","usd_per_thousand":10}]}"#;
    let error = read(bad).prices().unwrap_err().to_string();
    assert!(error.starts_with("PRICES: tools[0] (web_search): usd_per_thousand must be a decimal number"), "{error}");
}

#[test]
fn links_start_with_a_url() {
    let base = |text: &'static str| {
        let find = move |_: &str| Some(text.to_owned());
        Environment::new(find, aws()).link_base()
    };
    assert_eq!(base("https://jobs.example").unwrap(), "https://jobs.example");
    assert_eq!(base("http://127.0.0.1:8787/").unwrap(), "http://127.0.0.1:8787");
    for text in [
        "jobs.example",
        "ftp://jobs.example",
        "http://jobs.example",
        "https://jobs.example/ a",
        "https://jobs.example/|x>",
        "https://ä",
    ] {
        let error = base(text).unwrap_err();
        assert!(error.to_string().starts_with("LINK_BASE must "), "{text}: {error}");
    }
}

#[test]
fn keys_and_content_go_over_https_unless_everything_is_on_this_machine() {
    let provider = |text: &'static str, aws: SdkConfig| {
        let environment = Environment::new(move |_: &str| Some(text.to_owned()), aws);
        environment.provider(ApiKey::parse("sk-test").unwrap()).map(drop).map_err(|error| error.to_string())
    };
    for text in ["https://api.openai.com/v1", "http://127.0.0.1:9/v1", "http://localhost:9/v1", "http://[::1]:9/v1"] {
        assert_eq!(provider(text, aws()), Ok(()), "{text}");
    }
    for text in [
        "http://api.openai.com/v1",
        "HTTP://api.openai.com/v1",
        "http://localhost.example/v1",
        "http://127.0.0.1.example/v1",
        "http://127.0.0.1@api.example/v1",
        "http://10.0.0.7/v1",
        "http://[::2]/v1",
        "ftp://api.openai.com/v1",
        "api.openai.com/v1",
        "https://name:s3cr3t@api.example/v1",
        "https://api.example/v1?key=1",
    ] {
        let error = provider(text, aws()).unwrap_err();
        assert!(error.starts_with("OPENAI_BASE_URL must "), "{text}: {error}");
        assert!(!error.contains("s3cr3t") && !error.contains("key=1"), "{error}");
    }
    let emulated = aws().into_builder().endpoint_url("http://172.17.0.1:4566").build();
    assert_eq!(provider("http://172.17.0.1:9/v1", emulated), Ok(()));
}

/// The login of the console with one variable said otherwise.
fn console(name: &str, value: &str) -> Result<Option<serde_json::Value>, String> {
    let login = ConsoleLogin::read(|wanted| {
        if wanted == name {
            return Some(value.to_owned());
        }
        let usual = match wanted {
            "TOKEN_ISSUER" => "https://login.example/pool",
            "CONSOLE_CLIENT_ID" => "client",
            "CONSOLE_AUTHORIZE_URL" => "https://login.example/authorize",
            "CONSOLE_TOKEN_URL" => "https://login.example:444/token",
            _ => return None,
        };
        Some(usual.to_owned())
    });
    login.map(|login| login.map(|login| serde_json::to_value(login).unwrap())).map_err(|error| error.to_string())
}

#[test]
fn the_login_of_the_console_is_whole_or_none_and_goes_over_https() {
    let login = console("", "").unwrap().unwrap();
    assert_eq!(login["scope"], "openid");
    assert_eq!(login.as_object().unwrap().len(), 5, "{login}");
    assert_eq!(console("CONSOLE_CLIENT_ID", ""), Ok(None));
    let extra = console("CONSOLE_AUTHORIZE_EXTRA", "audience=https%3A%2F%2Fapi.example&resource=a+b").unwrap().unwrap();
    assert_eq!(extra["authorize_extra"], serde_json::json!({"audience": "https://api.example", "resource": "a b"}));
    let logout = "https://login.example/logout?client_id=c&logout_uri=https%3A%2F%2Fapi.example";
    assert_eq!(console("CONSOLE_LOGOUT_URL", logout).unwrap().unwrap()["logout_url"], logout);
    let here = console("CONSOLE_TOKEN_URL", "http://127.0.0.1:8787/token").unwrap().unwrap();
    assert_eq!(here["token_url"], "http://127.0.0.1:8787/token");
    for (variable, value) in [
        ("TOKEN_ISSUER", ""),
        ("CONSOLE_AUTHORIZE_URL", ""),
        ("CONSOLE_AUTHORIZE_URL", "login.example"),
        ("CONSOLE_AUTHORIZE_URL", "javascript:alert(1)"),
        ("CONSOLE_AUTHORIZE_URL", "http://login.example/authorize"),
        ("CONSOLE_TOKEN_URL", "http://10.0.0.7/token"),
        ("CONSOLE_TOKEN_URL", "https://name:s3cr3t@login.example/token"),
        ("CONSOLE_LOGOUT_URL", "https://login.example/logout#x"),
        ("CONSOLE_REVOCATION_URL", "https://login.example/revoke"),
        ("CONSOLE_AUTHORIZE_EXTRA", "audience"),
        ("CONSOLE_AUTHORIZE_EXTRA", "audience=a&audience=b"),
        ("CONSOLE_AUTHORIZE_EXTRA", "redirect_uri=https://evil.example"),
    ] {
        let error = console(variable, value).unwrap_err();
        assert!(error.starts_with(variable) && !error.contains("s3cr3t"), "{variable}={value}: {error}");
    }
}
