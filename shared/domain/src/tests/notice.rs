//! What people are told of: ids and codes, a link, and nothing that anybody wrote.

use super::make::a_job;
use super::published::events_of;
use crate::event::notice::{Notice, Occasion};
use crate::event::published::{Published, PublishedKind};
use crate::job::{Event, PersonInput, State, Status};
use crate::policy::lane::Lane;
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

#[test]
fn a_notice_says_what_happened_to_which_job_and_why() {
    let event = waiting();
    let notice = Notice {
        id: event.id.clone(),
        occasion: Occasion::NeedsReview,
        workspace: event.workspace.clone(),
        job_type: event.job_type.clone(),
        attempt: 1,
        reason: event.reason,
        link: format!("{BASE}/v1/workspaces/{}/jobs/{}", event.workspace, event.job_id),
    };
    assert_eq!(Notice::of(&event, BASE).as_ref(), Some(&notice));
    let reminder = Published { from: Some(Status::NeedsReview), ..event };
    assert_eq!(Notice::of(&reminder, BASE), Some(Notice { occasion: Occasion::Reminder, ..notice }));

    let occasion = |event: &Published| Notice::of(event, BASE).unwrap().occasion;
    let running = Published { escalation_level: 2, ..escalated(State::InProgress) };
    assert_eq!(occasion(&running), Occasion::Escalated { level: 2, status: Status::Running });
    let failed = Published { escalation_level: 0, ..escalated(State::Failed) };
    assert_eq!(occasion(&failed), Occasion::Escalated { level: 0, status: Status::Failed });
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
