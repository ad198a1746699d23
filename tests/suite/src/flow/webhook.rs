//! Webhooks: doubled, early, late, lost and forged ones end in one completed job with its cost booked once.

use domain::event::published::PublishedKind;
use domain::flow::DENIALS;
use domain::port::Clock as _;
use openai_simulator::{Plan, WebhookDelivery};
use serde_json::json;

use super::{SECRET, Scene, signed};

#[tokio::test]
async fn a_job_completes_by_its_webhook_with_one_post_and_one_get() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(15).await;
    scene.ended(&id, "completed").await;
    assert_eq!((scene.posts(), scene.gets()), (1, 1));
    let job = scene.see(&id).await;
    assert_eq!(job["cost"]["state"], "known");
    let kinds: Vec<_> = scene.world.bus().events().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [PublishedKind::Created, PublishedKind::Running, PublishedKind::Completed]);
}

#[tokio::test]
async fn a_webhook_that_comes_twice_is_one_transition_and_one_cost() {
    let once = Scene::new().await;
    let id = once.create().await;
    once.pass(15).await;
    let cost = once.see(&id).await["cost"].clone();

    let scene = Scene::planned(Plan::WebhookTwice).await;
    let id = scene.create().await;
    scene.pass(15).await;
    scene.ended(&id, "completed").await;
    assert_eq!(scene.see(&id).await["cost"], cost);
    assert_eq!(scene.gets(), 1);
}

#[tokio::test]
async fn a_hundred_repeats_of_a_settled_webhook_cause_no_further_get_and_no_write() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(15).await;
    let before =
        (scene.gets(), scene.world.counts().write_units, scene.world.counts().queue_messages, scene.row(&id).await);
    let body = json!({"id": "evt_1", "type": "response.completed", "data": {"id": scene.response_id()}}).to_string();
    for repeat in 0..100 {
        let headers = signed(SECRET, &format!("wh_{repeat}"), scene.world.clock().now(), body.as_bytes());
        let status = scene.world.deliver_webhook(&WebhookDelivery { headers, body: body.clone().into() }).await;
        assert_eq!(status, 200);
        scene.world.settle().await;
    }
    let after =
        (scene.gets(), scene.world.counts().write_units, scene.world.counts().queue_messages, scene.row(&id).await);
    assert_eq!(before, after);
    // One that was queued before the end costs one read of the response's row.
    let reads = scene.world.table().meter().readings();
    let late = json!({"kind": "response_v1", "response_id": scene.response_id()}).to_string();
    let late = json!({"Records": [{"messageId": "m", "body": late, "eventSource": "aws:sqs"}]}).to_string();
    scene.world.invoke("observe-job", &late).await.unwrap();
    let calls = scene.world.table().meter().readings().calls;
    let more: Vec<_> = calls.iter().filter(|(call, n)| **n > reads.calls(call)).collect();
    assert_eq!(more, [(&"GetItem", &(reads.calls("GetItem") + 1))]);
}

#[tokio::test]
async fn a_webhook_that_is_faster_than_the_answer_is_adopted() {
    let scene = Scene::planned(Plan::WebhookBeforeAnswer).await;
    let id = scene.create().await;
    scene.pass(15).await;
    scene.ended(&id, "completed").await;
    assert_eq!(scene.posts(), 1);
    assert_eq!(scene.see(&id).await["attempt"], 1);
}

#[tokio::test]
async fn a_job_whose_webhook_never_comes_is_finished_by_reconcile_within_five_minutes() {
    let scene = Scene::planned(Plan::WebhookNever).await;
    let id = scene.create().await;
    scene.pass(12).await;
    assert_eq!(scene.see(&id).await["status"], "running", "nobody has told us yet");
    scene.pass(300).await;
    scene.ended(&id, "completed").await;
    assert_eq!(scene.posts(), 1);
}

#[tokio::test]
async fn a_forged_webhook_causes_no_write_and_no_provider_call() {
    let scene = Scene::planned(Plan::Slow).await;
    let id = scene.create().await;
    scene.pass(1).await;
    let body = json!({"id": "evt_1", "type": "response.completed", "data": {"id": scene.response_id()}}).to_string();
    let now = scene.world.clock().now();
    let other = "whsec_//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
    let mut replayed = signed(SECRET, "wh_1", now, body.as_bytes());
    replayed[0].1 = "wh_2".to_owned();
    let stale = domain::value::time::Timestamp::from_millis(now.millis() - 301_000);
    let forgeries =
        [vec![], signed(other, "wh_1", now, body.as_bytes()), replayed, signed(SECRET, "wh_1", stale, body.as_bytes())];
    let before =
        (scene.gets(), scene.world.counts().write_units, scene.world.counts().queue_messages, scene.row(&id).await);
    for headers in forgeries {
        let status = scene.world.deliver_webhook(&WebhookDelivery { headers, body: body.clone().into() }).await;
        assert_eq!(status, 401);
        scene.world.settle().await;
    }
    let after =
        (scene.gets(), scene.world.counts().write_units, scene.world.counts().queue_messages, scene.row(&id).await);
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_signed_webhook_about_something_else_is_acknowledged_and_a_signed_non_event_is_not() {
    let scene = Scene::new().await;
    let cases = [
        (r#"{"type":"batch.completed","data":{"id":"batch_1"}}"#, 200),
        (r#"{"type":"response.completed","data":{"id":"resp_nobody_has"}}"#, 200),
        (r#"{"type":"response.completed"}"#, 200),
        (r#"{"data":{"id":"resp_1"}}"#, 200),
        ("hello", 400),
    ];
    for (body, status) in cases {
        let headers = signed(SECRET, "wh_1", scene.world.clock().now(), body.as_bytes());
        let delivery = WebhookDelivery { headers, body: body.into() };
        assert_eq!(scene.world.deliver_webhook(&delivery).await, status, "{body}");
        scene.world.settle().await;
    }
    let large = vec![b' '; 65_537];
    let headers = signed(SECRET, "wh_1", scene.world.clock().now(), &large);
    assert_eq!(scene.world.deliver_webhook(&WebhookDelivery { headers, body: large }).await, 413);
    assert!(scene.world.queues().observe.dead().is_empty());
}

#[tokio::test]
async fn the_same_signed_delivery_about_an_id_nobody_has_is_looked_at_by_one_series_however_often_it_comes() {
    let scene = Scene::new().await;
    let body = r#"{"type":"response.completed","data":{"id":"resp_nobody_has"}}"#;
    let deliver = async |id: &str| {
        let headers = signed(SECRET, id, scene.world.clock().now(), body.as_bytes());
        assert_eq!(scene.world.deliver_webhook(&WebhookDelivery { headers, body: body.into() }).await, 200);
    };
    for _ in 0..21 {
        deliver("wh_1").await;
        scene.world.settle().await;
    }
    assert_eq!(scene.gets(), 1, "the first one looked");
    // A burst that comes before any of it is handled, and under other names.
    for number in 0..21 {
        deliver(&format!("wh_{}", number % 3)).await;
    }
    scene.world.settle().await;
    assert_eq!(scene.gets(), 1);
    for _ in 0..3 {
        scene.pass(3_600).await;
        assert_eq!(scene.gets(), 1 + u64::from(DENIALS), "the series of the first one, and no other");
        for _ in 0..21 {
            deliver("wh_1").await;
        }
    }
}

#[tokio::test]
async fn a_burst_about_an_id_nobody_has_begins_one_series() {
    let scene = Scene::new().await;
    let body = r#"{"type":"response.completed","data":{"id":"resp_nobody_has"}}"#;
    for number in 0..21 {
        let headers = signed(SECRET, &format!("wh_{number}"), scene.world.clock().now(), body.as_bytes());
        assert_eq!(scene.world.deliver_webhook(&WebhookDelivery { headers, body: body.into() }).await, 200);
    }
    // All at once: those that looked before the first series was written down begin others, which end at once.
    let records = scene.world.queues().observe.receive(10, scene.world.clock().now().millis());
    let at_once = records.iter().map(|message| {
        let record = json!({"messageId": "m", "body": message.body, "eventSource": "aws:sqs"});
        let event = json!({"Records": [record]}).to_string();
        let world = scene.world.clone();
        async move { world.invoke("observe-job", &event).await.unwrap() }
    });
    crate::contract::all(at_once).await;
    let first = scene.gets();
    assert!((1..=10).contains(&first), "{first}");
    scene.pass(3_600).await;
    assert_eq!(scene.gets(), first + u64::from(DENIALS));
}
