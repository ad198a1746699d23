//! What a newer release has moved on is shown, and nobody here acts on it: not a function, not the clock, not a person.

use std::time::Duration;

use adapters::aws::dynamodb::Item;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::{Job, State};
use domain::policy::job_type::JobType;
use domain::policy::lane::{Lane, LaneReason};
use domain::policy::reason::{ErrorClass, Reason};
use domain::port::{Clock as _, Commit, Jobs as _, Responses as _, WorkspaceReader as _, WriteOutcome};
use domain::value::id::{ResponseId, TypeName};
use domain::value::word::Word;
use local::embedded::TABLE;
use local::world::{Answer, Call};
use openai_simulator::{Plan, Status, WebhookDelivery};
use serde_json::{Value, json};

use super::{SECRET, Scene, signed};
use crate::contract::make::{next, workspace};
use crate::contract::words::set_newer_type;

const HOUR: u64 = 3_600;

fn newer() -> Word {
    Word::parse("known_later").unwrap()
}

type Alter = fn(&mut Job);

/// Each word of a job that a newer release may have its own for.
const WORDS: [(&str, Alter); 5] = [
    ("state", |job| job.state = State::Other(newer())),
    ("reason", |job| job.reason = Some(Reason::Other(newer()))),
    ("lane", |job| job.lane = Lane::Other(newer())),
    ("lane_reasons", |job| job.lane_reasons.push(LaneReason::Other(newer()))),
    ("class", |job| job.consecutive_retries = Some((ErrorClass::Other(newer()), 1))),
];

/// Where a job stands when the newer release takes it.
const STAGES: [&str; 4] = ["queued", "running", "needs_review", "completed"];

async fn job_at(scene: &Scene, stage: &str) -> String {
    let job_type = if stage == "needs_review" { "support-reply-draft" } else { "document-analysis" };
    let body = json!({"type": job_type, "input": "Where is my parcel?"}).to_string();
    let made = scene.world.create("acme", "alice", None, &body).await.unwrap();
    if stage != "queued" {
        scene.pass(if stage == "running" { 5 } else { 20 }).await;
    }
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(scene.see(&id).await["status"], stage);
    id
}

/// Another release moves the job on, with a record of its own, and its duty is due at once.
async fn taken(scene: &Scene, id: &str, alter: Alter) -> Job {
    let job = scene.row(id).await;
    let moved = next(&job, |job| {
        job.since = job.updated_at;
        job.due_index_at = Some(scene.world.clock().now());
        alter(job);
    });
    assert_eq!(scene.world.table().commit(Commit::of(&moved, None)).await.unwrap(), WriteOutcome::Committed);
    moved.job
}

async fn raw(scene: &Scene, id: &str) -> Item {
    let key = [("PK", format!("WS#acme#JOB#{id}")), ("SK", "JOB".to_owned())];
    let key = key.map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
    let read = scene.world.embedded().client().get_item().table_name(TABLE).set_key(Some(key.into()));
    read.send().await.unwrap().item.unwrap()
}

async fn asked(scene: &Scene, who: &str, id: &str, action: &str, digest: &Value) -> Answer {
    let version = format!("\"{}\"", scene.row(id).await.version);
    let body = match action {
        "approve" => json!({"digest": digest}),
        "edit" => json!({"digest": digest, "text": "On Thursday."}),
        "reject" | "request-changes" => json!({"digest": digest, "note": "No."}),
        _ => json!({}),
    };
    scene.decide(who, id, action, Some(&version), &body).await
}

#[tokio::test]
async fn a_job_with_a_word_of_a_newer_release_is_shown_and_nobody_acts_on_it() {
    let (scene, mut taken_on) = (Scene::new().await, Vec::new());
    for stage in ["completed", "needs_review", "running", "queued"] {
        for (word, alter) in WORDS {
            let id = job_at(&scene, stage).await;
            let job = taken(&scene, &id, alter).await;
            taken_on.push((format!("{stage}, {word}"), id, job));
        }
    }
    // A record says nothing of a class: it is understood, and confirmed.
    scene.world.pump_stream().await;
    let mut rows = Vec::new();
    for (_, id, _) in &taken_on {
        rows.push(raw(&scene, id).await);
    }
    // Every function and the schedule, through the webhooks of what runs and past every deadline.
    let calls = scene.posts();
    scene.pass(HOUR + 120).await;
    assert_eq!((scene.posts(), scene.world.stream_dead().len()), (calls, 0));
    scene.world.clock().advance(Duration::from_secs(40 * 24 * HOUR));
    scene.pass(HOUR + 120).await;
    assert_eq!((scene.posts(), scene.world.stream_dead().len()), (calls, 0), "the stream is not held");
    let ledger = scene.world.simulator().unwrap().ledger();
    assert!(ledger.responses.iter().all(|made| made.terminal_status == Some(Status::Completed)), "a run was stopped");
    assert!(scene.world.queues().submit.is_empty() && scene.world.queues().observe.is_empty());
    for ((case, id, job), before) in taken_on.iter().zip(rows) {
        let after = raw(&scene, id).await;
        let moved: Vec<&str> =
            after.keys().filter(|name| after.get(*name) != before.get(*name)).map(String::as_str).collect();
        assert_eq!((moved, after.len()), (vec!["due_at"], before.len()), "{case}");
        assert!(scene.row(id).await.due_index_at.unwrap() > scene.world.clock().now(), "{case}: met every minute");
        let heard = scene.world.bus().events().into_iter().filter(|event| event.job_id == job.id);
        assert!(heard.clone().all(|event| event.version < job.version), "{case}: {:?}", heard.collect::<Vec<_>>());

        let seen = scene.see(id).await;
        assert!(case.ends_with("class") || seen.to_string().contains("known_later"), "{case}: {seen}");
        assert_eq!(seen["attention"]["code"], "newer_release", "{case}");
        assert_eq!((&seen["allowed_actions"], &seen["next_step"]), (&json!([]), &Value::Null), "{case}");
        let trail = scene.world.read("acme", "audrey", id, "/events").await.unwrap().body;
        assert_eq!(trail["events"].as_array().unwrap().len() as u64, u64::from(job.version), "{case}: {trail}");
    }
    // What is over is in the open list only if the release that wrote it put it there.
    let is_open = |case: &str| !case.starts_with("completed") || case == "completed, state";
    let open = taken_on.iter().filter(|(case, ..)| is_open(case));
    assert_eq!(scene.attention().await.len(), open.count());
    // Nobody is held up by them.
    let other = job_at(&scene, "completed").await;
    scene.ended(&other, "completed").await;
}

#[tokio::test]
async fn nobody_decides_about_or_controls_what_a_newer_release_looks_after() {
    for stage in STAGES {
        for (word, alter) in WORDS {
            let scene = Scene::new().await;
            let id = job_at(&scene, stage).await;
            let job = taken(&scene, &id, alter).await;
            let digest = scene.world.read("acme", "rita", &id, "").await.unwrap().body["result"]["digest"].clone();
            for action in ["approve", "edit", "reject", "request-changes", "cancel", "retry", "escalate", "archive"] {
                let digest =
                    if digest.is_null() { json!(format!("sha256:{}", "0".repeat(64))) } else { digest.clone() };
                let who = if ["cancel", "retry", "escalate", "archive"].contains(&action) { "otto" } else { "remy" };
                let answer = asked(&scene, who, &id, action, &digest).await;
                let told = (answer.status, answer.body["code"].as_str());
                assert_eq!(told, (409, Some("newer_release")), "{stage}, {word}, {action}: {}", answer.text);
                assert_eq!(answer.body["allowed_actions"], json!([]), "{stage}, {word}, {action}");
            }
            assert_eq!(scene.row(&id).await, job, "{stage}, {word}");
        }
    }
}

#[tokio::test]
async fn a_result_that_a_newer_release_looks_after_is_for_reviewers_only() {
    for stage in ["needs_review", "completed"] {
        for (word, alter) in WORDS {
            let scene = Scene::new().await;
            let id = job_at(&scene, stage).await;
            taken(&scene, &id, alter).await;
            for (who, status) in [("alice", 403), ("rita", 200)] {
                let answer = scene.world.read("acme", who, &id, "/result").await.unwrap();
                assert_eq!(answer.status, status, "{stage}, {word}, {who}: {}", answer.text);
            }
        }
    }
}

#[tokio::test]
async fn a_webhook_about_a_run_that_a_newer_release_looks_after_stops_and_books_nothing() {
    for (word, alter) in WORDS {
        let scene = Scene::new().await;
        let id = job_at(&scene, "running").await;
        let job = taken(&scene, &id, alter).await;
        let response = scene.response_id();
        let row = scene.world.table().response(job.attempt.response.as_ref().unwrap()).await.unwrap();
        let body = json!({"id": "evt_1", "type": "response.completed", "data": {"id": response}}).to_string();
        let headers = signed(SECRET, "wh_1", scene.world.clock().now(), body.as_bytes());
        scene.world.deliver_webhook(&WebhookDelivery { headers, body: body.into() }).await;
        scene.pass(60).await;
        assert_eq!(scene.world.table().response(job.attempt.response.as_ref().unwrap()).await.unwrap(), row, "{word}");
        assert_eq!(scene.gets(), 0, "{word}");
        let ledger = scene.world.simulator().unwrap().ledger();
        assert_eq!(ledger.responses[0].terminal_status, Some(Status::Completed), "{word}: it was stopped");
    }
}

#[tokio::test]
async fn a_start_that_a_newer_release_made_is_not_taken_for_an_orphan() {
    let scene = Scene::new().await;
    scene.world.simulator().unwrap().plan_next(Plan::ServerErrorCreated);
    let id = job_at(&scene, "queued").await;
    scene.world.pump_stream().await;
    scene.world.pump_queue(&scene.world.queues().submit, "submit-job", 10).await;
    let job = taken(&scene, &id, |job| job.state = State::Other(newer())).await;
    assert!(job.attempt.submit_token.is_some() && job.attempt.response.is_none());
    scene.pass(30).await;
    let ledger = scene.world.simulator().unwrap().ledger();
    let made = &ledger.responses[0];
    assert_eq!((ledger.responses.len(), made.terminal_status), (1, Some(Status::Completed)), "it was stopped");
    let of = ResponseId::parse(&made.id).unwrap();
    assert_eq!(scene.world.table().response(&of).await.unwrap(), None, "the webhook waits for who knows the job");
    assert!(!scene.world.queues().observe.is_empty());
}

#[tokio::test]
async fn a_job_of_a_type_with_a_word_of_a_newer_release_is_left_alone_and_no_other_is_created() {
    for stage in ["queued", "running", "completed"] {
        let scene = Scene::new().await;
        let body = json!({
            "description": "Checks.", "lane": "background", "model": "gpt-6.1-terra", "instructions": "Check it.",
        });
        assert_eq!(scene.set_type("ada", "check", &body.to_string()).await.status, 200);
        let create = json!({"type": "check", "input": "The parties agree."}).to_string();
        let made = scene.world.create("acme", "alice", None, &create).await.unwrap();
        let id = made.body["id"].as_str().unwrap().to_owned();
        match stage {
            "queued" => {}
            "running" => scene.pass(5).await,
            _ => scene.pass(20).await,
        }
        assert_eq!(scene.see(&id).await["status"], stage);
        // A newer release sets the next version and moves the job to it.
        let table = scene.world.table();
        let check = table.job_type(&workspace(), &TypeName::parse("check").unwrap(), Some(1)).await.unwrap().unwrap();
        let second = JobType { version: 2, ..check };
        let panel = |document: &mut Value| document["review"] = json!({"panel": {"of": 3}});
        set_newer_type(table, &scene.world.embedded().client(), &second, panel).await;
        taken(&scene, &id, |job| job.type_version = 2).await;
        let (before, calls) = (scene.row(&id).await, (scene.posts(), scene.gets()));
        scene.pass(2 * HOUR).await;
        let after = scene.row(&id).await;
        assert_eq!(
            Job { due_index_at: before.due_index_at, published: before.published, ..after.clone() },
            before,
            "{stage}"
        );
        assert!(
            after.due_index_at.is_none_or(|due_index_at| due_index_at > scene.world.clock().now()),
            "{stage}: met every minute"
        );
        assert_eq!((scene.posts(), scene.gets()), calls, "{stage}");
        assert!(scene.world.queues().submit.dead().is_empty() && scene.world.queues().observe.dead().is_empty());
        assert_eq!(scene.see(&id).await["allowed_actions"], json!([]), "{stage}");
        let answer = asked(&scene, "otto", &id, "cancel", &Value::Null).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (409, Some("newer_release")), "{stage}");
        if stage == "completed" {
            assert_eq!(scene.world.read("acme", "alice", &id, "/result").await.unwrap().status, 403);
        }
        let answer = scene.world.create("acme", "alice", None, &create).await.unwrap();
        assert_eq!((answer.status, answer.body["errors"][0]["field"].as_str()), (400, Some("type")), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_request_that_a_newer_release_accepted_is_not_started_without_its_fields() {
    let scene = Scene::new().await;
    let id = job_at(&scene, "queued").await;
    let job = scene.row(&id).await;
    // The bytes that a newer release wrote, under the digest of those.
    let input = br#"{"effects":["known_later"],"input":"x","type":"document-analysis"}"#;
    let place = (&job.workspace, &job.id);
    let kind = domain::port::PayloadKind::Input;
    let stored = domain::port::Payloads::put(scene.world.payloads(), place, kind, input).await.unwrap();
    let moved = next(&job, |job| job.input = stored);
    assert_eq!(scene.world.table().commit(Commit::of(&moved, None)).await.unwrap(), WriteOutcome::Committed);
    scene.pass(600).await;
    let row = scene.row(&id).await;
    assert_eq!((row.state, row.attempt.submit_token, row.claim_count, scene.posts()), (State::Waiting, None, 0, 0));
    assert!(scene.world.queues().submit.is_empty() && scene.world.queues().submit.dead().is_empty());
}

#[tokio::test]
async fn a_role_of_a_newer_release_allows_nothing_and_is_shown() {
    let scene = Scene::new().await;
    let id = job_at(&scene, "completed").await;
    let member = json!(["known_later"]);
    let roles = AttributeValue::L(vec![AttributeValue::S("known_later".to_owned())]);
    let row = [
        ("PK", AttributeValue::S("WS#acme".to_owned())),
        ("SK", AttributeValue::S("MEMBER#nora".to_owned())),
        ("entity", AttributeValue::S("member".to_owned())),
        ("roles", roles),
        ("active", AttributeValue::Bool(true)),
    ];
    let row: Item = row.map(|(name, value)| (name.to_owned(), value)).into();
    scene.world.embedded().client().put_item().table_name(TABLE).set_item(Some(row)).send().await.unwrap();
    assert_eq!(scene.world.read("acme", "nora", &id, "").await.unwrap().status, 404);
    let (route, path) = ("GET /v1/workspaces/{workspace}/members", [("workspace", "acme")]);
    let list = async |who| {
        scene.world.call(Call { route, principal: who, issuer: None, path: &path, ..Call::default() }).await.unwrap()
    };
    assert_eq!(list("nora").await.status, 404);
    let members = list("ada").await.body["members"].as_array().unwrap().clone();
    let nora = members.iter().find(|member| member["principal"] == "nora").unwrap();
    assert_eq!(nora["roles"], member);
    assert!(members.len() > 3, "{members:?}");
}

#[tokio::test]
async fn a_record_of_a_newer_release_waits_and_what_came_before_it_is_sent() {
    let scene = Scene::new().await;
    let id = job_at(&scene, "completed").await;
    let seen = taken(&scene, &id, |job| job.reason = Some(Reason::Other(newer()))).await;
    // The newer release has gone on with a word that is known here.
    let moved = next(&seen, |job| job.reason = None);
    assert_eq!(scene.world.table().commit(Commit::of(&moved, None)).await.unwrap(), WriteOutcome::Committed);
    scene.pass(HOUR).await;
    let row = scene.row(&id).await;
    assert_eq!(row.published, seen.version - 1, "nothing is confirmed past what nobody here can send");
    assert!(scene.world.stream_dead().is_empty());
    assert_eq!(scene.see(&id).await["result"]["partial"], false);
    let trail = scene.world.read("acme", "audrey", &id, "/events").await.unwrap().body;
    assert!(trail.to_string().contains("known_later"), "{trail}");
}

#[test]
fn a_type_that_ships_has_no_word_that_it_does_not_know() {
    for name in domain::policy::job_type::SHIPPED {
        assert!(domain::policy::job_type::shipped(name).as_ref().is_some_and(JobType::is_understood), "{name}");
    }
}
