//! Forged, oversized and odd webhooks: what each of them costs, counted in MACs and lines of the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adapters::aws::secrets::CachedSecret;
use adapters::webhook_signature::{Mac, Signer, WebhookSecret, sign};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::contract::route::Route;
use domain::port::Clock as _;
use ingest_webhook::{Delivery, MAX_BODY};
use serde_json::{Value, json};

use super::secrecy::{listen, logged};
use super::{PREVIOUS_SECRET, SECRET, Scene};

const BODY: &str = r#"{"type":"response.completed","data":{"id":"resp_nobody_has"}}"#;

/// A secret that counts the MACs it makes.
#[derive(Clone)]
struct Counted {
    secret: WebhookSecret,
    made: Arc<AtomicUsize>,
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.secret == other.secret
    }
}

impl Signer for Counted {
    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Mac {
        self.made.fetch_add(1, Ordering::SeqCst);
        self.secret.mac(id, timestamp, body)
    }
}

/// The function with secrets that count, and what a delivery came to: status, MACs, lines of the log.
struct Door {
    scene: Scene,
    secrets: CachedSecret<Vec<Counted>>,
    made: Arc<AtomicUsize>,
}

impl Door {
    /// The store has one secret more at each read.
    async fn new(secrets: &'static [&'static str]) -> Self {
        listen();
        let scene = Scene::new().await;
        let made = Arc::new(AtomicUsize::new(0));
        let reads = AtomicUsize::new(0);
        let counter = made.clone();
        let read = move || {
            let known = secrets.len().min(3 + reads.fetch_add(1, Ordering::SeqCst));
            let counted = |text: &&str| Counted { secret: WebhookSecret::parse(text).unwrap(), made: counter.clone() };
            let value: Vec<Counted> = secrets[..known].iter().map(counted).collect();
            Box::pin(async move { Ok(value) }) as _
        };
        let secrets = CachedSecret::start(read, scene.world.clock()).await.unwrap();
        Self { scene, secrets, made }
    }

    async fn deliver(&self, event: &Value) -> (u16, usize, usize) {
        let delivery: Delivery = serde_json::from_str(&event.to_string()).unwrap();
        let lines = || logged().matches(r#""message":"webhook"#).count();
        let before = (self.made.load(Ordering::SeqCst), lines());
        let world = &self.scene.world;
        let answer =
            ingest_webhook::handle(world.table(), world.queues(), &self.secrets, world.clock(), delivery).await;
        (answer.status().as_u16(), self.made.load(Ordering::SeqCst) - before.0, lines() - before.1)
    }

    /// A delivery of now with this signature header.
    fn event(&self, signatures: &str, body: &str) -> Value {
        let now = self.scene.world.clock().now().seconds().to_string();
        let headers = json!({"webhook-id": "wh_1", "webhook-timestamp": now, "webhook-signature": signatures});
        let context = json!({"requestId": "r", "routeKey": Route::ReceiveWebhook.key()});
        json!({"headers": headers, "body": body, "requestContext": context, "isBase64Encoded": false})
    }

    fn signed(&self, secret: &str, body: &str) -> Value {
        let secret = WebhookSecret::parse(secret).unwrap();
        let signature = sign(&secret, "wh_1", self.scene.world.clock().now().seconds(), body.as_bytes());
        self.event(&signature, body)
    }
}

const THIRD: &str = "whsec_QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=";
const FOURTH: &str = "whsec_YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8=";

fn forged(byte: u8, length: usize) -> String {
    format!("v1,{}", STANDARD.encode(vec![byte; length]))
}

#[tokio::test]
async fn a_forged_webhook_costs_one_mac_for_each_secret_whatever_its_header_holds() {
    let door = Door::new(&[SECRET, PREVIOUS_SECRET, THIRD]).await;
    let many = |n: u8| (0..n).map(|byte| forged(byte, 32)).collect::<Vec<_>>().join(" ");
    let (plain, macs, lines) = door.deliver(&door.event(&forged(7, 32), BODY)).await;
    assert_eq!((plain, macs, lines), (401, 3, 1));
    let large = "x".repeat(MAX_BODY);
    for (signatures, body, macs) in [
        (many(8), BODY, 3),
        (many(200), BODY, 3),
        (many(200), large.as_str(), 3),
        (many(200).replace(' ', "  "), BODY, 3),
        // What is no MAC of 32 bytes can match nothing.
        (forged(7, 31), BODY, 0),
        (forged(7, 33), BODY, 0),
        (forged(7, 64), large.as_str(), 0),
        (forged(7, 32).replace("v1,", "v2,"), BODY, 0),
        (forged(7, 32).replace("v1,", ""), BODY, 0),
        (" ".repeat(5_000), BODY, 0),
        (format!("v1,{}", "A".repeat(9_000)), BODY, 0),
        ("v1,".to_owned(), BODY, 0),
    ] {
        assert_eq!(door.deliver(&door.event(&signatures, body)).await, (401, macs, 1), "{signatures:.40}");
    }
    // Old, new and nameless ones cost none at all.
    for (name, value) in [("webhook-timestamp", "1"), ("webhook-timestamp", "soon"), ("webhook-timestamp", "1.5")] {
        let mut event = door.event(&many(8), BODY);
        event["headers"][name] = json!(value);
        assert_eq!(door.deliver(&event).await, (401, 0, 1), "{name} {value}");
    }
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut event = door.event(&many(8), BODY);
        event["headers"].as_object_mut().unwrap().remove(name);
        assert_eq!(door.deliver(&event).await, (401, 0, 1), "{name}");
    }
}

#[tokio::test]
async fn the_right_signature_is_found_among_eight_and_not_behind_them() {
    let door = Door::new(&[SECRET, PREVIOUS_SECRET, THIRD]).await;
    let right = door.signed(THIRD, BODY)["headers"]["webhook-signature"].as_str().unwrap().to_owned();
    let behind = |n: u8| (0..n).map(|byte| forged(byte, 32)).chain([right.clone()]).collect::<Vec<_>>().join(" ");
    assert_eq!(door.deliver(&door.event(&behind(7), BODY)).await, (200, 3, 0));
    assert_eq!(door.deliver(&door.event(&behind(8), BODY)).await, (401, 3, 1));
}

#[tokio::test]
async fn a_secret_that_came_since_is_asked_for_once_in_half_a_minute_and_makes_one_mac() {
    let door = Door::new(&[SECRET, PREVIOUS_SECRET, THIRD, FOURTH]).await;
    assert_eq!(door.deliver(&door.signed(FOURTH, BODY)).await, (401, 3, 1), "the store was asked a moment ago");
    door.scene.world.clock().advance(Duration::from_secs(31));
    assert_eq!(door.deliver(&door.signed(FOURTH, BODY)).await, (200, 4, 0), "only the new one is tried");
    assert_eq!(door.deliver(&door.event(&forged(7, 32), BODY)).await, (401, 4, 1));
}

#[tokio::test]
async fn a_body_over_64_kb_is_refused_before_any_of_it_is_decoded_or_hashed() {
    let door = Door::new(&[SECRET, PREVIOUS_SECRET, THIRD]).await;
    let encoded = |bytes: usize| {
        let mut event = door.event(&forged(7, 32), &STANDARD.encode(vec![b'x'; bytes]));
        event["isBase64Encoded"] = json!(true);
        event
    };
    for event in [
        door.event(&forged(7, 32), &"x".repeat(MAX_BODY + 1)),
        door.event(&forged(7, 32), &"\u{1}".repeat(6_000_000 / 6)),
        encoded(MAX_BODY + 1),
        encoded(4_000_000),
    ] {
        assert_eq!(door.deliver(&event).await, (413, 0, 1));
    }
    assert_eq!(door.deliver(&encoded(MAX_BODY)).await, (401, 3, 1));
    assert_eq!(door.deliver(&door.event(&forged(7, 32), &"\u{1}".repeat(MAX_BODY))).await, (401, 3, 1));
    let mut broken = encoded(100);
    broken["body"] = json!("no base64!");
    assert_eq!(door.deliver(&broken).await, (400, 0, 1));
}

#[tokio::test]
async fn a_signed_webhook_of_an_odd_form_is_acknowledged_with_one_line_and_not_sent_for_three_days() {
    let door = Door::new(&[SECRET]).await;
    for body in [
        r#"{"type":"response.completed","data":{"id":17}}"#,
        r#"{"type":"response.completed","data":{"id":null}}"#,
        r#"{"type":"response.completed","data":{"id":["resp_1"]}}"#,
        r#"{"type":"response.completed","data":{"id":""}}"#,
        r#"{"type":"response.completed","data":{"id":"\ud83d"}}"#,
        r#"{"type":"response.completed","data":"resp_1"}"#,
        r#"{"type":"response.completed","data":[]}"#,
        r#"{"type":"response.completed"}"#,
        r#"{"type":7,"data":{"id":"resp_1"}}"#,
        r#"{"type":"\udfff","data":{"id":"resp_1"}}"#,
        r#"{"type":"response.completed","type":"x","data":{"id":"resp_1"}}"#,
        r#"{"data":{"id":"resp_1"}}"#,
        r#"{"type":"batch.completed","data":{"id":"batch_1"}}"#,
        "{}",
        "[]",
        "null",
        "\"hello\"",
        "1e999",
    ] {
        assert_eq!(door.deliver(&door.signed(SECRET, body)).await, (200, 1, 1), "{body}");
    }
    for body in ["", "hello", "{", "{\"type\":\"response.completed\"", "{} {}"] {
        assert_eq!(door.deliver(&door.signed(SECRET, body)).await, (400, 1, 1), "{body}");
    }
    let odd_elsewhere = r#"{"type":"response.completed","note":"\ud83d","data":{"id":"resp_1","n":1e999}}"#;
    for body in [odd_elsewhere, &format!("\u{feff}{BODY}")] {
        assert_eq!(door.deliver(&door.signed(SECRET, body)).await, (200, 1, 0), "{body}");
    }
    let now = door.scene.world.clock().now().millis();
    assert_eq!(door.scene.world.queues().observe.receive(10, now).len(), 2);
}
