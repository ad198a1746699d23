//! What people are told: each thing once, however often it comes, and not a word of what a job is about.

use std::time::Duration;

use adapters::notifier::{Format, Target};
use axum::http::StatusCode;
use domain::event::notice::Notice;
use domain::event::published::PublishedKind;
use domain::port::Clock as _;
use local::bus::envelope;
use local::queue::MemoryQueue;
use local::sink::Sink;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::Scene;
use super::secrecy::{listen, logged};

const CANARY: &str = "canary-41c0";

/// A scene whose people are told at a sink.
struct Told {
    scene: Scene,
    sink: Sink,
}

impl Told {
    async fn new(format: Format) -> Self {
        let (scene, sink) = (Scene::new().await, Sink::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/notices", listener.local_addr().unwrap());
        tokio::spawn(sink.clone().serve(listener));
        scene.world.tell(Some(Target::new(format, &url).unwrap()));
        Self { scene, sink }
    }

    fn review(&self) -> &MemoryQueue {
        self.scene.world.fed("review").unwrap()
    }

    /// The envelope of the last event that asked for a review.
    fn asked_for(&self) -> Value {
        let events = self.scene.world.bus().events();
        envelope(events.iter().rfind(|event| event.kind == PublishedKind::NeedsReview).unwrap())
    }

    fn deliver(&self, body: &str) {
        self.review().send(body, Duration::ZERO, self.scene.world.clock().now().millis());
    }
}

/// A draft with a canary wherever people write, which waits for its reviewer.
async fn draft(scene: &Scene) -> String {
    let body = json!({
        "type": "support-reply-draft",
        "input": format!("Where is my parcel? {CANARY}"),
        "summary": CANARY,
        "tags": {"team": CANARY},
    });
    let answer = scene.world.create("acme", "alice", None, &body.to_string()).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text);
    scene.pass(60).await;
    answer.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_draft_that_waits_is_told_once_however_often_its_event_comes() {
    let told = Told::new(Format::Slack).await;
    let id = draft(&told.scene).await;
    let text = format!(
        "Needs review: support-reply-draft in acme, attempt 1: The result waits for a person's decision.\n\
         <http://127.0.0.1/v1/workspaces/acme/jobs/{id}|Open the job>"
    );
    assert_eq!(told.sink.taken(), [json!({"text": text})]);
    for _ in 0..5 {
        told.deliver(&told.asked_for().to_string());
    }
    told.scene.pass(1_000).await;
    assert_eq!((told.sink.asked(), told.review().len(), told.review().dead().len()), (1, 0, 0));
    draft(&told.scene).await;
    assert_eq!(told.sink.taken().len(), 2, "another job is another notice");
}

#[tokio::test]
async fn a_draft_that_nobody_decides_about_is_told_again_as_a_reminder_and_as_an_escalation() {
    let told = Told::new(Format::Email).await;
    draft(&told.scene).await;
    told.scene.world.skip(Duration::from_secs(12 * 3_600)).await.unwrap();
    let notices = told.scene.world.bus().events().into_iter();
    let notices = notices.filter_map(|event| Notice::of(&event, "http://127.0.0.1"));
    let mut expected: Vec<_> = notices.map(|notice| Format::Email.body(&notice)["text"].to_string()).collect();
    let mut taken: Vec<_> = told.sink.taken().iter().map(|notice| notice["text"].to_string()).collect();
    expected.sort();
    taken.sort();
    assert_eq!(taken, expected);
    for what in ["Needs review: ", "Reminder, needs review: ", "Escalated to level 1: "] {
        assert!(taken.iter().any(|text| text.starts_with(&format!("\"{what}"))), "{what}: {taken:?}");
    }
}

#[tokio::test]
async fn no_format_holds_anything_that_was_written_by_or_for_a_customer() {
    for format in Format::ALL {
        let told = Told::new(format).await;
        let id = draft(&told.scene).await;
        let taken = serde_json::to_string(&told.sink.taken()).unwrap();
        assert!(taken.contains(&id) && taken.contains("support-reply-draft in acme"), "{taken}");
        for secret in [CANARY, "parcel", "canned", "alice", "sha256"] {
            assert!(!taken.contains(secret), "{secret} in {taken}");
        }
    }
}

#[tokio::test]
async fn a_target_that_is_down_is_told_when_it_is_back() {
    for status in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS] {
        let told = Told::new(Format::Email).await;
        told.sink.answer(status);
        draft(&told.scene).await;
        told.scene.pass(170).await;
        assert_eq!((told.sink.asked(), told.sink.taken().len()), (2, 0), "{status}: once in three minutes");
        told.sink.answer(StatusCode::OK);
        told.scene.pass(180).await;
        assert_eq!((told.sink.asked(), told.sink.taken().len(), told.review().len()), (3, 1, 0), "{status}");
    }
}

#[tokio::test]
async fn a_target_that_refuses_for_good_leaves_a_dead_letter_that_can_be_put_back() {
    let told = Told::new(Format::Teams).await;
    told.sink.answer(StatusCode::NOT_FOUND);
    draft(&told.scene).await;
    told.scene.pass(1_000).await;
    assert_eq!((told.sink.asked(), told.sink.taken().len()), (5, 0));
    let dead = told.review().dead();
    let bodies: Vec<Value> = dead.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect();
    assert_eq!(bodies, [told.asked_for()]);
    told.sink.answer(StatusCode::ACCEPTED);
    told.deliver(&dead[0].body);
    told.scene.pass(10).await;
    assert_eq!(told.sink.taken().len(), 1);
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    for status in [StatusCode::FOUND, StatusCode::PERMANENT_REDIRECT] {
        let told = Told::new(Format::Slack).await;
        told.sink.answer(status);
        draft(&told.scene).await;
        assert_eq!(told.sink.asked(), 1, "{status}: the place behind it was asked");
        assert_eq!(told.review().len(), 1, "{status}: the message comes back");
    }
}

#[tokio::test]
async fn a_target_that_nobody_can_reach_is_a_message_that_comes_back_and_shows_no_url() {
    listen();
    let told = Told::new(Format::Slack).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{closed}/services/T0/B0/{CANARY}");
    told.scene.world.tell(Some(Target::new(Format::Slack, &url).unwrap()));
    draft(&told.scene).await;
    assert_eq!(told.review().len(), 1);
    let log = logged();
    assert!(log.contains("could not post the notice") && !log.contains(CANARY), "{log}");
}

#[tokio::test]
async fn without_a_target_the_log_is_told_and_that_counts() {
    listen();
    let scene = Scene::new().await;
    let id = draft(&scene).await;
    let log = logged();
    let text = "Needs review: support-reply-draft in acme, attempt 1: The result waits for a person's decision.";
    assert!(log.contains(text) && log.contains(&format!("http://127.0.0.1/v1/workspaces/acme/jobs/{id}")), "{log}");
    assert!(!log.contains(CANARY), "{log}");
    assert!(scene.world.fed("review").unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_event_of_ours_is_a_dead_letter_and_holds_up_nobody() {
    listen();
    let told = Told::new(Format::Slack).await;
    draft(&told.scene).await;
    let altered = |path: &str, value: Value| {
        let mut message = told.asked_for();
        *message.pointer_mut(path).unwrap() = value;
        message.to_string()
    };
    let poison = [
        String::new(),
        format!("{{\"detail\":\"{CANARY}\"}}"),
        json!({"kind": "submit_v1", "workspace": "acme", "job_id": "job_1"}).to_string(),
        altered("/source", json!("somebody")),
        altered("/detail-type", json!("job.escalated")),
        altered("/detail-type", json!(CANARY)),
        altered("/detail/link", json!(format!("//elsewhere.example/{CANARY}"))),
        altered("/detail/reason", json!([CANARY])),
        altered("/detail/id", json!("job_1-1")),
        told.asked_for().to_string().replace("job.needs_review", "job.completed"),
    ];
    for message in &poison {
        told.deliver(message);
    }
    draft(&told.scene).await;
    assert_eq!(told.sink.taken().len(), 2);
    told.scene.pass(1_000).await;
    let mut dead: Vec<_> = told.review().dead().into_iter().map(|message| message.body).collect();
    dead.sort();
    let mut expected = poison.to_vec();
    expected.sort();
    assert_eq!(dead, expected);
    assert_eq!(told.sink.taken().len(), 2);
    assert!(!logged().contains(CANARY), "{}", logged());
}
