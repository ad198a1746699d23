//! Published events: which transitions are published, under which name, and that nothing but ids and codes goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::make::{Made, PRINCIPAL, a_job, finished};
use super::table::{rows, samples, word};
use crate::event::published::{Published, PublishedKind, detail_type, published};
use crate::job::record::Record;
use crate::job::{Event, PersonInput, State};
use crate::policy::job_type::{Conditions, ReviewPolicy};
use crate::policy::lane::Lane;
use crate::provider::Outcome;

const FIELDS: [&str; 19] = [
    "at",
    "attempt",
    "attention",
    "cost",
    "digest",
    "from",
    "head_hash",
    "id",
    "job_id",
    "job_type",
    "lane",
    "escalation_level",
    "link",
    "reason",
    "schema",
    "to",
    "type",
    "version",
    "workspace",
];

pub(super) fn events_of(made: &Made) -> Vec<Published> {
    made.records
        .iter()
        .zip(&made.trail)
        .filter_map(|(record, sealed)| published(&made.job.workspace, &made.job.id, record, sealed))
        .collect()
}

fn name_on_the_bus(record: &Record) -> Option<&'static str> {
    detail_type(record).and_then(PublishedKind::known)
}

#[test]
fn every_reachable_transition_has_its_name_on_the_bus_or_stays_in_the_house() {
    let created = a_job().created();
    assert_eq!(detail_type(&created.records[0]), Some(PublishedKind::Created));

    let mut names: BTreeMap<(State, State, Option<&str>), BTreeSet<&str>> = BTreeMap::new();
    for (_, state, starting) in rows() {
        for sample in samples() {
            let made = sample.given(state, starting);
            let event = (sample.event)(&made.job);
            let name = event.kind().known().unwrap();
            if let Ok(Some(change)) = made.job.apply(event, &made.context()) {
                names.entry((state, change.job.state, name_on_the_bus(&change.record))).or_default().insert(name);
            }
        }
    }
    let kinds: BTreeSet<&str> = names.keys().filter_map(|(_, _, kind)| *kind).chain(["job.created"]).collect();
    assert_eq!(kinds, PublishedKind::WORDS.into());
    let mut table = String::new();
    for ((from, to, kind), events) in names {
        let events: Vec<&str> = events.into_iter().collect();
        writeln!(table, "{:<17} -> {:<17} {:<17} {}", word(from), word(to), kind.unwrap_or("-"), events.join(", "))
            .unwrap();
    }
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("published_transitions", table);
    });
}

#[test]
fn a_published_event_has_the_documented_fields_and_no_other() {
    for state in State::ALL {
        for event in events_of(&a_job().created().in_state(state)) {
            let Value::Object(fields) = serde_json::to_value(&event).unwrap() else { panic!("not an object") };
            assert_eq!(fields.keys().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(FIELDS));
            let cost = fields["cost"].as_object().unwrap();
            assert_eq!(cost.keys().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(["state", "usd"]));
        }
    }
}

#[test]
fn the_same_transition_is_published_under_the_same_id_however_often() {
    let made = a_job()
        .in_lane(Lane::Approval)
        .created()
        .in_state(State::Completed)
        .then(Event::Archived(PersonInput::default()));
    let first = events_of(&made);
    let kinds: Vec<&str> = first.iter().map(|event| event.kind.word()).collect();
    assert_eq!(kinds, ["job.created", "job.running", "job.needs_review", "job.completed", "job.archived"]);
    let ids: Vec<String> = first.iter().map(|event| event.id.clone()).collect();
    let job = &made.job.id;
    assert_eq!(ids, [1, 2, 3, 4, 5].map(|version| format!("{job}-{version}")));

    // A resend knows the stored bytes only.
    let again: Vec<Published> = made
        .trail
        .iter()
        .filter_map(|sealed| published(&made.job.workspace, job, &sealed.decode().unwrap(), sealed))
        .collect();
    assert_eq!(again, first);
}

#[test]
fn no_text_that_a_person_or_the_provider_wrote_leaves_with_an_event() {
    let mut recipe = a_job().reviewed(ReviewPolicy::When(Conditions { partial: true, ..Conditions::default() }));
    recipe.summary = "canary-summary".into();
    recipe.tags = BTreeMap::from([("canary-key".into(), "canary-value".into())]);
    let event = |event: Event| match event {
        Event::Attached { response, .. } => Event::Attached {
            response,
            provider_status: Some("canary-status".into()),
            model: Some("canary-model".into()),
            service_tier: Some("canary-tier".into()),
            request_id: Some("req_1".into()),
        },
        Event::Noted { reason, .. } => Event::Noted { reason, provider_status: Some("canary-word".into()) },
        Event::Finished(finish) => Event::Finished(crate::job::Finish {
            provider_status: Some("canary-status".into()),
            model: Some("canary-model".into()),
            service_tier: Some("canary-tier".into()),
            ..finish
        }),
        other => other,
    };
    let mut sent = 0;
    for state in State::ALL {
        for sample in samples() {
            let mut made = recipe.clone().created().in_state(state);
            let happens = event((sample.event)(&made.job));
            if let Ok(Some(change)) = made.job.apply(happens, &made.context()) {
                assert!(!change.sealed.body.contains("canary"), "{}", change.sealed.body);
                made.records.push(change.record);
                made.trail.push(change.sealed);
            }
            for event in events_of(&made) {
                let json = serde_json::to_string(&event).unwrap();
                assert!(!json.contains("canary") && !json.contains(PRINCIPAL), "{json}");
                sent += 1;
            }
        }
    }
    assert!(sent > 500, "{sent}");
}

#[test]
fn a_person_is_asked_for_when_a_result_waits_or_a_job_failed_or_was_escalated() {
    let attention = |made: &Made| events_of(made).last().unwrap().attention;
    let state = |state| a_job().created().in_state(state);
    assert!(attention(&state(State::AwaitingDecision)));
    assert!(attention(&state(State::AwaitingAction)));
    assert!(attention(&state(State::Failed)));
    assert!(attention(&state(State::InProgress).then(Event::Escalated(PersonInput::default()))));
    for calm in [State::Waiting, State::InProgress, State::Completed, State::Canceled, State::Expired] {
        assert!(!attention(&state(calm)), "{calm:?}");
    }
    assert!(!attention(&state(State::AwaitingDecision).then(Event::Approved { approvals_missing: 0, note: None })));
}

#[test]
fn a_cost_that_is_not_known_is_never_published_as_known() {
    let running = a_job().created().running();
    let last = |made: &Made| serde_json::to_value(&events_of(made).last().unwrap().cost).unwrap();
    assert_eq!(last(&running)["state"], "unknown");
    let done = running.then(finished(Outcome::Completed));
    assert_eq!(last(&done), serde_json::json!({"usd": "0.123456789", "state": "known"}));
}
