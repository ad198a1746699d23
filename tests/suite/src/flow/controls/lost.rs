//! A response that the provider denied for so long that it counts as lost: alive, it is taken over and paid once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use axum::http::StatusCode;
use domain::port::Clock as _;
use serde_json::{Value, json};

use super::super::server::{Asked, denied, queued, server};
use super::Scene;

/// What the provider shows of any response.
#[derive(Clone)]
struct Sight {
    is_denied: Arc<AtomicBool>,
    runs: Arc<AtomicBool>,
    /// Looks that were answered with the response itself.
    seen: Arc<AtomicU32>,
}

/// A provider that denies every response for as long as it is told to.
async fn denying() -> (Scene, Asked, Sight) {
    denying_with("gpt-6.1-terra").await
}

async fn denying_with(model: &'static str) -> (Scene, Asked, Sight) {
    let sight = Sight {
        is_denied: Arc::new(AtomicBool::new(true)),
        runs: Arc::new(AtomicBool::new(true)),
        seen: Arc::default(),
    };
    let shown = sight.clone();
    let look = move |_, id: String| {
        if shown.is_denied.load(Ordering::SeqCst) {
            return denied();
        }
        shown.seen.fetch_add(1, Ordering::SeqCst);
        let text = json!([{"type": "output_text", "text": "Done."}]);
        let usage = json!({"input_tokens": 1_000, "output_tokens": 500});
        let done = json!({
            "id": id, "status": "completed", "model": model, "usage": usage,
            "output": [{"type": "message", "content": text}],
        });
        let runs = json!({"id": id, "status": "in_progress", "output": []});
        (StatusCode::OK, if shown.runs.load(Ordering::SeqCst) { runs } else { done })
    };
    let (provider, asked) = server(|number, _| queued(number), look).await;
    (Scene::with(provider).await, asked, sight)
}

/// A job of a type that tries nothing again by itself, whose response was lost from sight.
async fn lost(scene: &Scene) -> (String, Value) {
    scene.own_type("check", json!({"retry": {"attempts": 3, "gaps_seconds": {}}})).await;
    let id = scene.create_of("check").await;
    for _ in 0..20 {
        scene.pass(30).await;
        let job = scene.see(&id).await;
        if job["status"] == "failed" {
            assert_eq!(job["reason"]["code"], "provider_lost");
            return (id, job);
        }
    }
    panic!("{}", scene.see(&id).await);
}

#[tokio::test]
async fn a_retry_after_a_lost_response_takes_it_over_when_it_is_alive_and_pays_once() {
    for over in [false, true] {
        let (scene, asked, sight) = denying().await;
        let (id, failed) = lost(&scene).await;
        assert_ne!(failed["cost"], json!({"usd": "0.000000", "state": "known"}), "what it costs is not known");
        sight.is_denied.store(false, Ordering::SeqCst);
        sight.runs.store(!over, Ordering::SeqCst);
        scene.does("alice", &id, "retry").await;
        scene.pass(20).await;
        let seen = scene.see(&id).await;
        let status = if over { "completed" } else { "running" };
        assert_eq!((&seen["status"], &seen["attempt"]), (&json!(status), &json!(2)), "{seen}");
        assert_eq!(seen["provider"]["response_id"], "resp_1");
        sight.runs.store(false, Ordering::SeqCst);
        scene.pass(1_800).await;
        let done = scene.see(&id).await;
        assert_eq!((&done["status"], asked.starts()), (&json!("completed"), 1), "{done}");
        assert_eq!(done["cost"], json!({"usd": "0.003500", "state": "known"}), "once");
        let events = scene.whole(&id).await;
        let count = |name: &str| events.iter().filter(|event| *event == name).count();
        assert_eq!((count("attached"), count("reattached"), count("cost_settled")), (1, 1, 0), "{events:?}");
    }
}

#[tokio::test]
async fn a_lost_response_that_is_still_denied_is_given_up_and_the_retry_starts_anew() {
    let (scene, asked, sight) = denying().await;
    let (id, _) = lost(&scene).await;
    scene.does("alice", &id, "retry").await;
    scene.pass(5).await;
    assert_eq!((asked.starts(), &scene.see(&id).await["provider"]["response_id"]), (2, &json!("resp_2")));
    // It was alive after all: booked beside the one that counts.
    sight.is_denied.store(false, Ordering::SeqCst);
    sight.runs.store(false, Ordering::SeqCst);
    scene.pass(3_600).await;
    let done = scene.see(&id).await;
    assert_eq!((&done["status"], asked.starts()), (&json!("completed"), 2));
    assert_eq!(done["cost"], json!({"usd": "0.007000", "state": "known"}), "both are paid");
    scene.whole(&id).await;
}

#[tokio::test]
async fn a_lost_response_whose_stop_was_due_is_not_taken_over_and_is_billed_all_the_same() {
    let (scene, asked, sight) = denying().await;
    let (id, _) = lost(&scene).await;
    // Nothing runs while its time goes by, and then somebody retries before it was stopped.
    scene.world.clock().advance(std::time::Duration::from_secs(601));
    sight.is_denied.store(false, Ordering::SeqCst);
    scene.does("alice", &id, "retry").await;
    scene.pass(5).await;
    assert_eq!((asked.starts(), &scene.see(&id).await["provider"]["response_id"]), (2, &json!("resp_2")));
    sight.runs.store(false, Ordering::SeqCst);
    scene.pass(3_600).await;
    let done = scene.see(&id).await;
    assert_eq!((&done["status"], asked.starts()), (&json!("completed"), 2));
    assert_eq!(done["cost"], json!({"usd": "0.007000", "state": "known"}));
    let events = scene.whole(&id).await;
    assert!(!events.contains(&"reattached".to_owned()), "{events:?}");
}

#[tokio::test]
async fn a_retry_that_is_canceled_before_it_took_the_response_over_leaves_it_stopped_and_booked() {
    let (scene, asked, sight) = denying().await;
    let (id, _) = lost(&scene).await;
    sight.is_denied.store(false, Ordering::SeqCst);
    scene.does("alice", &id, "retry").await;
    // Canceled before it was taken over: what may be alive is stopped and booked.
    let canceled = scene.does("alice", &id, "cancel").await;
    assert_eq!(canceled["status"], "canceled");
    sight.runs.store(false, Ordering::SeqCst);
    scene.pass(600).await;
    let seen = scene.see(&id).await;
    assert_eq!((&seen["status"], asked.starts()), (&json!("canceled"), 1));
    assert_eq!(seen["cost"], json!({"usd": "0.003500", "state": "known"}));
    assert!(sight.seen.load(Ordering::SeqCst) >= 1);
    scene.whole(&id).await;
}

#[tokio::test]
async fn a_response_that_was_taken_over_is_not_billed_by_what_the_later_attempt_would_have_asked_for() {
    let (scene, asked, sight) = denying_with("gpt-6.2-sol").await;
    let fields = json!({
        "model": "gpt-6.2-sol", "run_deadline_seconds": 36_000, "start_deadline_seconds": 36_000,
        "retry": {"attempts": 3, "gaps_seconds": {}},
    });
    scene.own_type("check", fields).await;
    // Eight hours and a minute: the first attempt asks for 8 hours, and any later one for 2.
    let deadline = (scene.world.clock().now() + std::time::Duration::from_secs(28_860)).to_string();
    let body = json!({"type": "check", "input": "x", "flexible": true, "deadline": deadline}).to_string();
    let created = scene.world.create("acme", "alice", None, &body).await.unwrap();
    assert_eq!(created.status, 202, "{}", created.text);
    let id = created.body["id"].as_str().unwrap().to_owned();
    for _ in 0..20 {
        scene.pass(30).await;
    }
    assert_eq!(scene.see(&id).await["reason"]["code"], "provider_lost");
    sight.is_denied.store(false, Ordering::SeqCst);
    scene.does("alice", &id, "retry").await;
    scene.pass(20).await;
    sight.runs.store(false, Ordering::SeqCst);
    scene.pass(1_800).await;
    let done = scene.see(&id).await;
    assert_eq!((&done["status"], &done["attempt"], asked.starts()), (&json!("completed"), &json!(2), 1), "{done}");
    // 1,000 at 2 and 500 at 10, times 0.6 as the window of 8 hours has it; that of 2 hours would make it 0.0049.
    assert_eq!(done["cost"], json!({"usd": "0.004200", "state": "estimated"}));
}
