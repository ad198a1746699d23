//! A provider that takes no calls: it is left alone, nobody is called stuck for it, and nothing is lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use domain::event::published::PublishedKind;
use domain::port::Clock as _;
use openai_simulator::WebhookDelivery;
use serde_json::{Value, json};

use super::server::{denied, done, queued, server};
use super::{SECRET, Scene, signed};

/// A provider whose starts answer so while the switch is on.
pub(super) async fn while_on(status: StatusCode, body: Value) -> (Scene, super::server::Asked, Arc<AtomicBool>) {
    let on = Arc::new(AtomicBool::new(true));
    let switch = on.clone();
    let start = move |number, _| {
        if switch.load(Ordering::SeqCst) { (status, body.clone()) } else { queued(number) }
    };
    let (provider, asked) = server(start, |_, id| (StatusCode::OK, done(&id))).await;
    (Scene::with(provider).await, asked, on)
}

#[tokio::test]
async fn a_used_up_quota_is_met_once_holds_its_lane_and_asks_for_a_person_once() {
    let quota = json!({"error": {"type": "insufficient_quota", "code": "project_spend_limit_exceeded"}});
    let (scene, asked, on) = while_on(StatusCode::TOO_MANY_REQUESTS, quota).await;
    let mut ids = vec![];
    for _ in 0..5 {
        ids.push(scene.create().await);
    }
    scene.pass(500).await;
    assert_eq!(asked.starts(), 1, "the other four never called");
    let mut attention = vec![];
    for id in &ids {
        let job = scene.see(id).await;
        assert_eq!((&job["status"], &job["phase"]), (&json!("queued"), &json!("held")));
        assert_eq!(job["reason"]["code"], "provider_quota");
        attention.extend(job["attention"]["code"].as_str().map(str::to_owned));
    }
    assert_eq!(attention, ["provider_quota"]);
    let listed = scene.attention().await;
    assert_eq!(listed.len(), 1, "{listed:?}");

    scene.pass(1_500).await;
    assert!((3..=4).contains(&asked.starts()), "a probe every ten minutes: {}", asked.starts());
    assert_eq!(scene.attention().await, listed, "the same job probes");
    on.store(false, Ordering::SeqCst);
    scene.pass(1_200).await;
    for id in &ids {
        scene.ended(id, "completed").await;
    }
}

#[tokio::test]
async fn a_wrong_address_is_met_once_holds_its_lane_and_pays_no_attempt_until_it_is_right() {
    let (scene, asked, on) = while_on(StatusCode::NOT_FOUND, json!("no such page")).await;
    let ids = [scene.create().await, scene.create().await];
    scene.pass(500).await;
    assert_eq!(asked.starts(), 1, "the other one never called");
    for id in &ids {
        let job = scene.see(id).await;
        assert_eq!((&job["status"], &job["phase"]), (&json!("queued"), &json!("held")));
        assert_eq!(job["reason"]["code"], "provider_address");
        assert_eq!(job["cost"], json!({"usd": "0.000000", "state": "known"}));
    }
    let listed = scene.attention().await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    on.store(false, Ordering::SeqCst);
    scene.pass(1_200).await;
    for id in &ids {
        scene.ended(id, "completed").await;
    }
}

#[tokio::test]
async fn a_challenge_page_of_a_proxy_is_not_the_providers_verdict() {
    let (scene, _, on) = while_on(StatusCode::FORBIDDEN, json!("Checking your browser")).await;
    let id = scene.create().await;
    scene.pass(60).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["status"], &job["reason"]["code"]), (&json!("queued"), &json!("provider_unreachable")));
    on.store(false, Ordering::SeqCst);
    scene.pass(600).await;
    scene.ended(&id, "completed").await;
}

#[tokio::test]
async fn a_provider_that_answers_503_for_hours_loses_no_job_that_waits() {
    let (scene, asked, on) = while_on(StatusCode::SERVICE_UNAVAILABLE, json!({})).await;
    let mut ids = vec![];
    for _ in 0..10 {
        ids.push(scene.create().await);
    }
    scene.pass(600).await;
    assert!(asked.starts() <= 10, "{}", asked.starts());
    on.store(false, Ordering::SeqCst);
    scene.pass(1_800).await;
    for id in &ids {
        scene.ended(id, "completed").await;
    }
}

#[tokio::test]
async fn a_busy_provider_costs_no_attempt_and_the_start_deadline_is_the_end() {
    let (scene, _, _on) = while_on(StatusCode::TOO_MANY_REQUESTS, json!({})).await;
    let id = scene.create().await;
    scene.pass(1_800).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["status"], &job["reason"]["code"]), (&json!("queued"), &json!("provider_busy")));
    // Hours in one step: what is due in between is overdue after it.
    scene.world.clock().advance(std::time::Duration::from_secs(6 * 3_600));
    scene.pass(300).await;
    scene.ended(&id, "expired").await;
    assert_eq!(scene.see(&id).await["cost"], json!({"usd": "0.000000", "state": "known"}));
}

#[tokio::test]
async fn looks_that_fail_for_all_are_made_by_one_until_the_provider_is_back() {
    let on = Arc::new(AtomicBool::new(true));
    let switch = on.clone();
    let look = move |_, id: String| {
        let status = if switch.load(Ordering::SeqCst) { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
        (status, done(&id))
    };
    let (provider, asked) = server(|number, _| queued(number), look).await;
    let scene = Scene::with(provider).await;
    let mut ids = vec![];
    for _ in 0..10 {
        ids.push(scene.create().await);
    }
    scene.pass(1_800).await;
    assert!(asked.looks() <= 45, "three and a probe a minute: {}", asked.looks());
    on.store(false, Ordering::SeqCst);
    scene.pass(300).await;
    for id in &ids {
        scene.ended(id, "completed").await;
    }
}

#[tokio::test]
async fn a_response_that_only_its_webhook_names_and_the_provider_denies_for_minutes_is_adopted() {
    let kept: Arc<Mutex<Value>> = Arc::default();
    let metadata = kept.clone();
    let start = move |_, request: Value| {
        *metadata.lock().unwrap() = request["metadata"].clone();
        (StatusCode::INTERNAL_SERVER_ERROR, json!({}))
    };
    let look = move |number, id: String| {
        let mut answer = done(&id);
        answer["metadata"] = kept.lock().unwrap().clone();
        if number <= 2 { denied() } else { (StatusCode::OK, answer) }
    };
    let (provider, asked) = server(start, look).await;
    let scene = Scene::with(provider).await;
    let id = scene.create().await;
    scene.pass(5).await;
    let body = json!({"id": "evt_1", "type": "response.completed", "data": {"id": "resp_1"}}).to_string();
    let headers = signed(SECRET, "wh_1", scene.world.clock().now(), body.as_bytes());
    let answer = scene.world.deliver_webhook(&WebhookDelivery { headers, body: body.into() }).await;
    assert_eq!(answer, 200);
    scene.pass(400).await;
    scene.ended(&id, "completed").await;
    assert_eq!((scene.see(&id).await["attempt"].as_u64(), asked.starts()), (Some(1), 1));
}

#[tokio::test]
async fn a_test_event_about_a_response_that_nobody_has_ends_after_six_looks() {
    let (provider, asked) = server(|number, _| queued(number), |_, _| denied()).await;
    let scene = Scene::with(provider).await;
    let body = json!({"id": "evt_1", "type": "response.completed", "data": {"id": "resp_test"}}).to_string();
    let headers = signed(SECRET, "wh_1", scene.world.clock().now(), body.as_bytes());
    scene.world.deliver_webhook(&WebhookDelivery { headers, body: body.into() }).await;
    scene.pass(2_400).await;
    assert_eq!(asked.looks(), 6);
    assert!(scene.world.queues().observe.is_empty() && scene.world.queues().observe.dead().is_empty());
}

#[tokio::test]
async fn usage_that_comes_after_the_end_is_booked_and_usage_that_never_comes_stays_unknown() {
    for comes in [true, false] {
        let metadata: Arc<Mutex<Value>> = Arc::default();
        let kept = metadata.clone();
        let look = move |number, id: String| {
            let mut answer = done(&id);
            answer["model"] = json!("gpt-6.1-terra");
            answer["metadata"] = kept.lock().unwrap().clone();
            if comes && number > 1 {
                answer["usage"] = json!({"input_tokens": 1_000, "output_tokens": 1_000});
            }
            (StatusCode::OK, answer)
        };
        let start = move |number, request: Value| {
            *metadata.lock().unwrap() = request["metadata"].clone();
            queued(number)
        };
        let (provider, asked) = server(start, look).await;
        let scene = Scene::with(provider).await;
        let id = scene.create().await;
        scene.pass(120).await;
        assert_eq!(scene.see(&id).await["cost"]["state"], "unknown");
        scene.pass(1_500).await;
        scene.ended(&id, "completed").await;
        assert_eq!(scene.see(&id).await["cost"]["state"], if comes { "known" } else { "unknown" });
        assert_eq!(asked.looks(), 2, "once more, and not again");
    }
}

#[tokio::test]
async fn a_response_denied_by_turns_with_errors_is_lost_in_the_same_five_minutes() {
    let look = |number, _| if number % 2 == 0 { denied() } else { (StatusCode::BAD_GATEWAY, json!({})) };
    let (provider, _) = server(|number, _| queued(number), look).await;
    let scene = Scene::with(provider).await;
    let id = scene.create().await;
    scene.pass(900).await;
    let trail = scene.world.read("acme", "alice", &id, "/events").await.unwrap();
    assert!(trail.text.contains("provider_lost"), "{}", trail.text);
}

#[tokio::test]
async fn the_news_of_running_jobs_get_out_while_no_look_does() {
    let (provider, _) = server(|number, _| queued(number), |_, _| (StatusCode::BAD_GATEWAY, json!({}))).await;
    let scene = Scene::with(provider).await;
    scene.world.bus().fail_next(u32::MAX);
    let mut ids = vec![];
    for _ in 0..20 {
        ids.push(scene.create().await);
    }
    scene.pass(600).await;
    assert!(scene.world.bus().events().is_empty());
    scene.world.bus().fail_next(0);
    scene.pass(240).await;
    let running = scene.world.bus().events().into_iter().filter(|event| event.kind == PublishedKind::Running);
    let told: std::collections::BTreeSet<_> = running.map(|event| event.id).collect();
    assert_eq!(told.len(), ids.len());
}
