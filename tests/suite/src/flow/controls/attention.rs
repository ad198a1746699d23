//! What needs a person, in the list that an operator looks at, while nothing runs.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::job::EventKind;
use serde_json::{Value, json};

use super::Scene;

#[tokio::test]
async fn what_needs_a_person_is_listed_while_no_schedule_runs() {
    let scene = Scene::new().await;
    scene.plans(json!(["fails-by-policy", "default"]));
    scene.own_type("dear", json!({"cost_limit_usd": "0.0005", "max_output_tokens": 16})).await;
    let failed = scene.create().await;
    let (calm, dear) = (scene.create().await, scene.create_of("dear").await);
    let draft = scene.draft().await;
    for (id, status) in [(&failed, "failed"), (&calm, "completed"), (&dear, "completed"), (&draft, "needs_review")] {
        assert_eq!(scene.see(id).await["status"], status);
    }
    // From here on nobody does anything.
    let stuck = scene.create().await;
    let due = scene.row(&stuck).await.due;
    let waits = scene.see(&draft).await;
    scene.world.clock().advance(Duration::from_secs(4 * 3_600));
    let fresh = scene.create().await;
    let listed = scene.page(&[("attention", "true")]).await;
    let found: BTreeMap<String, Value> =
        listed.iter().map(|job| (job["id"].as_str().unwrap().to_owned(), job["attention"].clone())).collect();
    let updated = async |id: &str| scene.row(id).await.updated_at;
    let needs = |code: &str, since: Value, next: &str| json!({"code": code, "since": since, "next_step": next});
    let expected = BTreeMap::from([
        (failed.clone(), needs("content_policy", json!(updated(&failed).await), "change_request")),
        (dear.clone(), needs("over_budget", json!(updated(&dear).await), "archive")),
        (draft.clone(), needs("review_overdue", waits["review"]["overdue_at"].clone(), "decide")),
        (stuck.clone(), needs("stuck", json!(due), "escalate")),
    ]);
    assert_eq!(found, expected);
    assert_eq!(scene.see(&fresh).await["attention"], Value::Null);
    for job in listed {
        assert_eq!(scene.see(job["id"].as_str().unwrap()).await["attention"], job["attention"], "one by one as well");
        let allowed = job["allowed_actions"].as_array().unwrap();
        let next = &job["attention"]["next_step"];
        assert!(
            allowed.contains(next) || next == "decide" || next == "change_request",
            "an operator can do what is to be done: {job}"
        );
    }
}

#[tokio::test]
async fn a_job_that_has_ended_and_of_which_nobody_hears_shows_as_stuck() {
    let scene = Scene::new().await;
    scene.allow_repeats();
    let id = scene.create().await;
    scene.pass(5).await;
    scene.world.bus().fail_next(u32::MAX);
    scene.pass(300).await;
    assert_eq!(scene.see(&id).await["status"], "completed");
    assert_eq!(scene.see(&id).await["attention"], Value::Null, "it has ten minutes");
    scene.pass(400).await;
    let seen = scene.see(&id).await;
    assert_eq!(seen["attention"]["code"], "stuck");
    assert_eq!(seen["next_step"]["action"], "publish");
    scene.world.bus().fail_next(0);
    scene.pass(7_200).await;
    assert_eq!(scene.see(&id).await["attention"], Value::Null);
    scene.ended(&id, "completed").await;
}

#[tokio::test]
async fn a_run_that_nobody_can_see_is_stuck_and_one_that_takes_its_time_is_running() {
    use axum::http::StatusCode;

    use super::super::server::{queued, server};

    for hidden in [true, false] {
        let look = move |_, id: String| match hidden {
            true => (StatusCode::BAD_GATEWAY, json!({})),
            false => (StatusCode::OK, json!({"id": id, "status": "in_progress", "output": []})),
        };
        let (provider, _) = server(|number, _| queued(number), look).await;
        let scene = Scene::with(provider).await;
        let id = scene.create().await;
        scene.pass(1_200).await;
        let job = scene.see(&id).await;
        assert_eq!(job["status"], "running");
        if !hidden {
            assert_eq!(job["attention"], Value::Null, "{job}");
            continue;
        }
        // Whoever was called in since: it is as unseen as before.
        assert!(job["escalation_level"].as_u64() > Some(0), "{job}");
        let noted = scene.records(&id).await.into_iter().find(|record| record.event == EventKind::Noted).unwrap().at;
        assert_eq!(job["attention"], json!({"code": "stuck", "since": noted, "next_step": "escalate"}), "{job}");
        assert_eq!(scene.attention().await, [id.as_str()]);
        scene.does("otto", &id, "escalate").await;
        assert_eq!(scene.see(&id).await["attention"], job["attention"]);
    }
}
