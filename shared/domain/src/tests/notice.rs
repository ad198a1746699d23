//! What people are told: a sentence of ids and codes, a link, and nothing that anybody wrote.

use serde_json::json;

use super::make::a_job;
use super::published::events_of;
use crate::event::notice::{Format, Notice};
use crate::event::published::{Published, PublishedKind};
use crate::job::{Event, PersonInput, State, Status};
use crate::policy::lane::Lane;
use crate::policy::reason::Reason;
use crate::value::word::Closed as _;

const BASE: &str = "https://jobs.example";

/// The event of a draft that waits for its reviewer.
fn waiting() -> Published {
    let made = a_job().in_lane(Lane::Approval).created().in_state(State::AwaitingDecision);
    events_of(&made).pop().unwrap()
}

fn escalated(state: State) -> Published {
    events_of(&a_job().created().in_state(state).then(Event::Escalated(PersonInput::default()))).pop().unwrap()
}

fn text(event: &Published) -> String {
    Notice::of(event, BASE).unwrap().text
}

#[test]
fn a_notice_says_what_happened_to_which_job_and_why() {
    let event = waiting();
    let of = format!("{} in {}", event.job_type, event.workspace);
    let notice = Notice::of(&event, BASE).unwrap();
    assert_eq!(notice.id, event.id);
    assert_eq!(notice.subject, format!("Needs review: {of}"));
    assert_eq!(notice.text, format!("Needs review: {of}, attempt 1: The result waits for a person's decision."));
    assert_eq!(notice.link, format!("{BASE}/v1/workspaces/{}/jobs/{}", event.workspace, event.job_id));

    let reminder = Published { from: Some(Status::NeedsReview), ..event };
    let expected = format!("Reminder, needs review: {of}, attempt 1: The result waits for a person's decision.");
    assert_eq!(text(&reminder), expected);

    let running = Published { escalation_level: 2, reason: None, ..escalated(State::InProgress) };
    assert_eq!(text(&running), format!("Escalated to level 2: {of}, attempt 1, running."));
    let failed = Published { escalation_level: 0, reason: Some(Reason::ProviderFailed), ..escalated(State::Failed) };
    assert_eq!(text(&failed), format!("Escalated: {of}, attempt 1, failed: The run failed on the provider's side."));
}

fn unheard_of() -> PublishedKind {
    PublishedKind::read("job.unheard_of").unwrap()
}

#[test]
fn people_are_told_of_reviews_and_escalations_and_of_nothing_else() {
    for kind in PublishedKind::ALL.into_iter().chain([unheard_of()]) {
        let is_told = Notice::of(&Published { kind, ..waiting() }, BASE).is_some();
        assert_eq!(is_told, [PublishedKind::NeedsReview, PublishedKind::Escalated].contains(&kind), "{kind:?}");
    }
}

#[test]
fn every_format_holds_the_text_and_the_link_and_no_more() {
    let notice = Notice::of(&waiting(), BASE).unwrap();
    let slack = format!("{}\n<{}|Open the job>", notice.text, notice.link);
    assert_eq!(Format::Slack.body(&notice), json!({"text": slack}));
    let email = json!({"subject": notice.subject, "text": format!("{}\n\n{}\n", notice.text, notice.link)});
    assert_eq!(Format::Email.body(&notice), email);
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": notice.text, "wrap": true}],
        "actions": [{"type": "Action.OpenUrl", "title": "Open the job", "url": notice.link}],
    });
    let attachment =
        json!({"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card});
    assert_eq!(Format::Teams.body(&notice), json!({"type": "message", "attachments": [attachment]}));
}

#[test]
fn an_event_is_ours_by_its_name_its_id_and_its_link() {
    assert!(waiting().is_ours());
    let altered = |alter: fn(&mut Published)| {
        let mut event = waiting();
        alter(&mut event);
        event.is_ours()
    };
    assert!(!altered(|event| event.kind = unheard_of()));
    assert!(!altered(|event| event.id = "job_1-1".to_owned()));
    assert!(!altered(|event| event.link = "//elsewhere.example".to_owned()));
    assert!(!altered(|event| event.schema = 2));
}
