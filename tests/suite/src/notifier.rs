//! Where people are told: what a target may be, that it never shows itself, and what each kind of target is told.

use adapters::notifier::{Format, Target, subject, text};
use domain::event::notice::{Notice, Occasion};
use domain::job::Status;
use domain::policy::reason::Reason;
use domain::value::id::{TypeName, WorkspaceId};
use domain::value::word::Word;
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

fn notice(occasion: Occasion) -> Notice {
    Notice {
        id: "job_1-3".to_owned(),
        occasion,
        workspace: WorkspaceId::parse("acme").unwrap(),
        job_type: TypeName::parse("support-reply-draft").unwrap(),
        attempt: 1,
        reason: Some(Reason::ReviewRequired),
        link: "https://jobs.example/v1/workspaces/acme/jobs/job_1".to_owned(),
    }
}

#[test]
fn a_notice_in_words_says_what_happened_to_which_job_and_why() {
    const OF: &str = "support-reply-draft in acme";
    let needed = notice(Occasion::NeedsReview);
    assert_eq!(subject(&needed), format!("Needs review: {OF}"));
    let why = "The result waits for a person's decision.";
    assert_eq!(text(&needed), format!("Needs review: {OF}, attempt 1: {why}"));
    assert_eq!(text(&notice(Occasion::Reminder)), format!("Reminder, needs review: {OF}, attempt 1: {why}"));
    let escalated = |level, status| notice(Occasion::Escalated { level, status });
    let running = Notice { reason: None, ..escalated(2, Status::Running) };
    assert_eq!(text(&running), format!("Escalated to level 2: {OF}, attempt 1, running."));
    let waiting = Notice { reason: None, ..escalated(1, Status::NeedsReview) };
    assert_eq!(text(&waiting), format!("Escalated to level 1: {OF}, attempt 1, needs review."));
    let failed = Notice { reason: Some(Reason::ProviderFailed), ..escalated(0, Status::Failed) };
    assert_eq!(text(&failed), format!("Escalated: {OF}, attempt 1, failed: The run failed on the provider's side."));
}

#[test]
fn every_format_holds_the_text_and_the_link_and_no_more() {
    let notice = notice(Occasion::NeedsReview);
    let (text, link) = (text(&notice), &notice.link);
    let slack = format!("{text}\n<{link}|Open the job>");
    assert_eq!(Format::Slack.body(&notice), json!({"text": slack}));
    let email = json!({"subject": subject(&notice), "text": format!("{text}\n\n{link}\n")});
    assert_eq!(Format::Email.body(&notice), email);
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": text, "wrap": true}],
        "actions": [{"type": "Action.OpenUrl", "title": "Open the job", "url": link}],
    });
    let attachment =
        json!({"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card});
    assert_eq!(Format::Teams.body(&notice), json!({"type": "message", "attachments": [attachment]}));
}

#[test]
fn every_format_reads_back_by_its_name() {
    for format in Format::ALL {
        assert_eq!(Format::parse(format.name()), Some(format));
        assert_eq!(serde_json::from_value::<Format>(json!(format.name())).unwrap(), format);
    }
    assert_eq!(Format::parse("pager"), None);
}

#[test]
fn markup_in_a_notice_is_text_in_slack() {
    // No name of ours can hold any; a status of a newer release is any word.
    let status = Status::Other(Word::parse("<!channel>&b").unwrap());
    let link = "https://x/?a&b|c>".to_owned();
    let notice = Notice { reason: None, link, ..notice(Occasion::Escalated { level: 0, status }) };
    let said = "Escalated: support-reply-draft in acme, attempt 1, &lt;!channel&gt;&amp;b.";
    let expected = json!({"text": format!("{said}\n<https://x/?a&amp;b%7Cc&gt;|Open the job>")});
    assert_eq!(Format::Slack.body(&notice), expected);
}
