//! Published events: each kind has a schema, real ones keep it, and a consumer that drops repeats has the audit trail.

mod consumer;
mod life;
mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use domain::event::published::{Published, PublishedChangeKind, PublishedKind, published_change};
use domain::people::workspace::{Workspace, WorkspaceRecord};
use domain::policy::job_type::shipped;
use domain::value::id::{Digest, JobId, Principal, TypeName, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::Timestamp;
use jsonschema::Validator;
use serde_json::{Value, json};

use self::life::Life;
use self::shape::{change_schema, schema};

fn folder() -> PathBuf {
    PathBuf::from("../../events/schema")
}

fn file(kind: &str) -> String {
    format!("{kind}.v1.json")
}

fn validator(kind: &str) -> Validator {
    let text = fs::read_to_string(folder().join(file(kind))).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "{kind}");
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// Which of the schemas accept a value.
fn accepted(validators: &BTreeMap<&str, Validator>, value: &Value) -> Vec<String> {
    let accepting = validators.iter().filter(|(_, validator)| validator.is_valid(value));
    accepting.map(|(kind, _)| (*kind).to_owned()).collect()
}

fn validators() -> BTreeMap<&'static str, Validator> {
    PublishedKind::WORDS.into_iter().map(|kind| (kind, validator(kind))).collect()
}

#[test]
fn the_schemas_are_those_of_the_code() {
    #[expect(clippy::disallowed_methods, reason = "the variable with which snapshots are accepted")]
    let accept = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    let jobs = PublishedKind::WORDS.map(|kind| (kind, schema(kind)));
    let changes = PublishedChangeKind::WORDS.map(|kind| (kind, change_schema(kind)));
    for (kind, schema) in jobs.into_iter().chain(changes) {
        let (path, text) = (folder().join(file(kind)), serde_json::to_string_pretty(&schema).unwrap() + "\n");
        if accept {
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, text, "{}: INSTA_UPDATE=always accepts it; a change needs a new version", path.display());
    }
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let kinds = PublishedKind::WORDS.iter().chain(&PublishedChangeKind::WORDS);
    assert_eq!(files.collect::<BTreeSet<_>>(), kinds.map(|kind| file(kind)).collect());
}

#[test]
fn changes_of_people_and_types_keep_their_schema_and_a_damaged_one_does_not() {
    let (id, ada) = (WorkspaceId::parse("acme").unwrap(), Principal::parse("ada").unwrap());
    let now = Timestamp::from_millis(1_795_000_000_000);
    let mut workspace = Workspace::untouched(id.clone());
    let rita = |roles: &[Role]| {
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        Member {
            principal: Principal::parse("rita").unwrap(),
            issuer: None,
            active: !roles.is_empty(),
            roles,
            name: None,
        }
    };
    let all = [Role::Submitter, Role::Reviewer, Role::Operator, Role::Auditor, Role::Admin];
    let mut seen = BTreeSet::new();
    for number in 0..3 {
        let change = match number {
            0 => workspace.set_member(rita(&all), &ada, now),
            1 => workspace.set_member(rita(&[]), &ada, now),
            _ => workspace.set_type(shipped("quick-answer").unwrap(), &ada, now),
        };
        let change = change.unwrap();
        workspace = change.workspace;
        let record = WorkspaceRecord::decode(&change.sealed).unwrap();
        let event = published_change(&id, &record, &change.sealed).unwrap();
        let validators: BTreeMap<&str, Validator> =
            PublishedChangeKind::WORDS.map(|kind| (kind, validator(kind))).into();
        let value = json!(event);
        assert_eq!(accepted(&validators, &value), [event.kind.word()], "{value}");
        for field in value.as_object().unwrap().keys() {
            let mut damaged = value.clone();
            damaged.as_object_mut().unwrap().remove(field);
            assert_eq!(accepted(&validators, &damaged), [""; 0], "without {field}");
            damaged[field] = json!({"another": "kind of value"});
            assert_eq!(accepted(&validators, &damaged), [""; 0], "{field} is something else");
        }
        for field in ["instructions", "description", "document", "note"] {
            let mut more = value.clone();
            more[field] = json!("Dear customer");
            assert_eq!(accepted(&validators, &more), [""; 0], "{field}");
        }
        seen.insert(event.kind);
    }
    assert_eq!(seen, PublishedChangeKind::ALL.into());
}

#[tokio::test]
async fn real_events_of_every_kind_keep_their_own_schema_and_read_back_as_they_were() {
    let (life, validators) = (Life::whole().await, validators());
    let mut seen = BTreeSet::new();
    for event in life.heard() {
        let bytes = serde_json::to_string(&event).unwrap();
        let value: Value = serde_json::from_str(&bytes).unwrap();
        if let Err(error) = validators[event.kind.word()].validate(&value) {
            panic!("{error}: {bytes}");
        }
        assert_eq!(accepted(&validators, &value), [event.kind.word()]);
        let read: Published = serde_json::from_str(&bytes).unwrap();
        assert!(read.is_ours(), "{bytes}");
        assert_eq!((serde_json::to_string(&read).unwrap(), &read), (bytes.clone(), &event));
        assert!(!bytes.contains("canary") && !bytes.contains("alice") && !bytes.contains("rita"), "{bytes}");
        seen.insert(event.kind);
    }
    assert_eq!(seen, PublishedKind::ALL.into());
}

/// One event of each kind.
async fn one_of_each() -> BTreeMap<String, Value> {
    let heard = Life::whole().await.heard();
    heard.into_iter().map(|event| (event.kind.word().to_owned(), serde_json::to_value(event).unwrap())).collect()
}

#[tokio::test]
async fn a_damaged_event_is_refused() {
    let validators = validators();
    for (kind, event) in one_of_each().await {
        let refused = |what: &str, change: &dyn Fn(&mut Value)| {
            let mut damaged = event.clone();
            change(&mut damaged);
            assert_eq!(accepted(&validators, &damaged), [""; 0], "{kind}: {what}: {damaged}");
        };
        for field in event.as_object().unwrap().keys() {
            refused(field, &|event| drop(event.as_object_mut().unwrap().remove(field)));
            refused(field, &|event| event[field] = json!(["another kind of value"]));
        }
        for field in ["input", "output", "result", "summary", "tags", "note", "text", "created_by", "ID"] {
            refused(field, &|event| event[field] = json!("Dear customer"));
        }
        refused("cost", &|event| event["cost"]["note"] = json!("dear"));
        let spoiled = [
            ("type", json!("job.unheard_of")),
            ("schema", json!(2)),
            ("reason", json!("The customer is angry.")),
            ("lane", json!("fast")),
            ("to", json!("in_progress")),
            ("link", json!("https://elsewhere.example/v1/workspaces/acme/jobs/job_1")),
            ("head_hash", json!("sha256:0")),
            ("at", json!("2026-13-41T11:06:40.000Z")),
            ("at", json!("yesterday")),
            ("version", json!(0)),
            ("attempt", json!(0)),
            ("escalation_level", json!(256)),
            ("job_id", json!("job_1\n")),
            ("workspace", json!("acme#")),
        ];
        for (field, value) in spoiled {
            refused(field, &|event| event[field] = value.clone());
        }
        for usd in [json!("0.1"), json!("1,000000"), json!("-0.000000"), json!("0.1234560"), json!(0.1)] {
            refused("cost.usd", &|event| event["cost"]["usd"] = usd.clone());
        }
        for other in PublishedKind::WORDS.into_iter().filter(|other| *other != kind) {
            let mut renamed = event.clone();
            renamed["type"] = json!(other);
            assert!(!validators[kind.as_str()].is_valid(&renamed), "{kind} as {other}");
        }
    }
}

/// The patterns are written beside the rules of the ids, so each is held against the other.
#[test]
fn a_schema_takes_the_names_that_the_code_takes() {
    let schema = schema("job.created");
    let takes = |field: &str, text: &str| jsonschema::is_valid(&schema["properties"][field], &json!(text));
    let long = ["a".repeat(32), "a".repeat(33), "a".repeat(40), "a".repeat(41)];
    let names = ["", "a", "acme", "a-1", "A", "a#b", "a b", "a_b", "a\n", "ä", "-", "_"].map(str::to_owned);
    for name in names.iter().chain(&long) {
        assert_eq!(takes("workspace", name), WorkspaceId::parse(name).is_ok(), "{name:?}");
        assert_eq!(takes("job_type", name), TypeName::parse(name).is_ok(), "{name:?}");
        let id = format!("job_{name}");
        assert_eq!(takes("job_id", &id), JobId::parse(&id).is_ok(), "{id:?}");
    }
}

#[tokio::test]
async fn a_consumer_that_drops_repeats_by_id_has_exactly_the_audit_set() {
    let life = Life::whole().await;
    let owed: BTreeMap<String, Published> =
        life.owed().await.into_iter().map(|event| (event.id.clone(), event)).collect();
    assert!(owed.len() > 12 && life.jobs.len() == 5, "{owed:?}");
    for round in 0..50 {
        let dice = |event: &Published, copy: u8| Digest::of(format!("{round} {} {copy}", event.id).as_bytes());
        let mut deliveries: Vec<(Digest, Published)> = Vec::new();
        for event in life.heard() {
            let [times, ..] = dice(&event, u8::MAX).0;
            deliveries.extend((0..=times % 3).map(|copy| (dice(&event, copy), event.clone())));
        }
        deliveries.sort_by_key(|(place, _)| *place);
        let arrived = deliveries.len();
        let mut kept: BTreeMap<String, Published> = BTreeMap::new();
        for (_, event) in deliveries {
            kept.entry(event.id.clone()).or_insert(event);
        }
        assert!(arrived > owed.len());
        assert_eq!(kept, owed);
    }
}
