//! Where people are told: what a target may be, and that it never shows itself.

use adapters::notifier::Target;
use domain::event::notice::Format;
use serde_json::json;

fn parse(format: &str, url: &str) -> Option<Target> {
    Target::parse(&json!({"format": format, "url": url}).to_string()).ok()
}

#[test]
fn a_target_is_https_and_http_only_on_this_machine() {
    for url in [
        "https://hooks.slack.com/services/T0/B0/x",
        "https://x.example:8443/a?sig=b",
        "http://127.0.0.1:9000/notices",
        "http://localhost/notices",
        "http://[::1]:9000/",
    ] {
        assert!(parse("slack", url).is_some(), "{url}");
    }
    for url in [
        "http://hooks.slack.com/services/T0/B0/x",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "/notices",
        "",
    ] {
        assert!(parse("slack", url).is_none(), "{url}");
    }
}

#[test]
fn a_target_says_its_format_and_nothing_that_is_unknown() {
    for format in Format::ALL {
        assert!(parse(format.name(), "https://x.example/").is_some(), "{format:?}");
    }
    assert!(parse("pager", "https://x.example/").is_none());
    for text in
        ["", "https://x.example/", "{}", r#"{"format":"slack"}"#, r#"{"format":"slack","url":"https://x/","uri":1}"#]
    {
        assert!(Target::parse(text).is_err(), "{text}");
    }
}

#[test]
fn neither_a_target_nor_its_error_shows_the_url() {
    let shown = format!("{:?}", parse("teams", "https://x.example/canary").unwrap());
    assert_eq!(shown, "Target(teams, redacted)");
    let error = Target::parse(r#"{"format":"slack","url":"http://canary"}"#).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}
