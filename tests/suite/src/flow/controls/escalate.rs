//! Escalate: by a person, by a review that is overdue, and by the schedule when a job is stuck.

use std::time::Duration;

use domain::event::published::PublishedKind;
use domain::job::EventKind;
use openai_simulator::Plan;
use serde_json::{Value, json};

use super::super::review::refused;
use super::Scene;

fn kinds(heard: &[(String, u8)]) -> Vec<(&str, u8)> {
    heard.iter().map(|(kind, level)| (kind.as_str(), *level)).collect()
}

#[tokio::test]
async fn people_call_in_a_level_higher_each_time_as_far_as_it_goes() {
    let scene = Scene::planned(Plan::InProgressForever).await;
    let id = scene.create().await;
    scene.pass(60).await;
    for who in ["audrey", "ada"] {
        refused(&scene.order(who, &id, "escalate", &[], json!({})).await, 403, "forbidden");
    }
    for (level, who) in [(1, "alice"), (2, "rita"), (3, "otto")] {
        let job = scene.does(who, &id, "escalate").await;
        assert_eq!(
            (&job["escalation_level"], &job["status"], &job["attempt"]),
            (&json!(level), &json!("running"), &json!(1))
        );
        assert_eq!(job["allowed_actions"].as_array().unwrap().contains(&json!("escalate")), level < 3, "{job}");
    }
    let version = scene.see(&id).await["version"].clone();
    let again = scene.order("alice", &id, "escalate", &[], json!({})).await;
    assert_eq!((again.status, &again.body["version"]), (200, &version), "nobody is left to call in");
    scene.pass(60).await;
    let heard = scene.heard(&id);
    let called = [("job.escalated", 1), ("job.escalated", 2), ("job.escalated", 3)];
    assert_eq!(kinds(&heard), [[("job.created", 0), ("job.running", 0)].as_slice(), called.as_slice()].concat());
    assert!(scene.world.fed("escalation").unwrap().is_empty(), "people were told");
    // What it comes to next is another matter.
    assert_eq!(scene.does("alice", &id, "cancel").await["escalation_level"], 0);
    refused(&scene.order("otto", &id, "escalate", &[], json!({})).await, 409, "ended");
}

#[tokio::test]
async fn an_escalation_under_the_same_key_is_one() {
    let scene = Scene::planned(Plan::FailsByPolicy).await;
    let id = scene.create().await;
    scene.pass(60).await;
    for key in ["k", "k", "other", "k"] {
        let answer = scene.order("alice", &id, "escalate", &[("idempotency-key", key)], json!({})).await;
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!("failed")), "{}", answer.text);
    }
    assert_eq!(scene.see(&id).await["escalation_level"], 2);
}

#[tokio::test]
async fn a_review_that_nobody_decides_reminds_calls_in_and_ends() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    let mut seen = Vec::new();
    for _ in 0..6 {
        scene.world.skip(hours(2) + Duration::from_secs(60)).await.unwrap();
        let job = scene.see(&id).await;
        seen.push((job["escalation_level"].as_u64().unwrap(), job["attention"]["code"].clone()));
    }
    let overdue = json!("review_overdue");
    let expected = [(0, Value::Null), (1, overdue.clone()), (1, overdue.clone()), (2, overdue.clone())];
    assert_eq!(seen[..4], expected);
    assert_eq!(seen[5], (3, overdue));
    scene.world.skip(hours(48)).await.unwrap();
    scene.pass(600).await;
    scene.ended(&id, "expired").await;
    let heard = scene.heard(&id);
    let review = [("job.needs_review", 0), ("job.needs_review", 0)];
    let called = [("job.escalated", 1), ("job.escalated", 2), ("job.escalated", 3), ("job.expired", 0)];
    assert_eq!(kinds(&heard)[2..], [review.as_slice(), called.as_slice()].concat());
    let reminder = scene.world.bus().events().into_iter().rfind(|event| event.kind == PublishedKind::NeedsReview);
    assert_eq!(reminder.map(|event| event.from), Some(Some(domain::job::Status::NeedsReview)));
    assert!(
        scene
            .records(&id)
            .await
            .iter()
            .filter(|it| it.event == EventKind::Escalated)
            .all(|it| it.actor.id == "observe-job")
    );
}

/// The schedule fires, and nobody takes what it sends.
async fn only_the_schedule(scene: &Scene, times: usize) {
    for _ in 0..times {
        scene.world.reconcile().await.unwrap();
    }
}

#[tokio::test]
async fn a_job_that_stays_stuck_calls_in_from_the_second_run_on() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    let level = async || scene.see(&id).await["escalation_level"].as_u64().unwrap();
    // Its start is due after half a minute, and five minutes are the most that it takes.
    scene.world.clock().advance(Duration::from_secs(331));
    assert_eq!(scene.see(&id).await["attention"]["code"], "stuck");
    only_the_schedule(&scene, 1).await;
    assert_eq!(
        (level().await, scene.row(&id).await.claim_count),
        (0, 1),
        "what it has sent may be all that was missing"
    );
    only_the_schedule(&scene, 3).await;
    assert_eq!(level().await, 1);
    scene.world.clock().advance(Duration::from_secs(3_600));
    only_the_schedule(&scene, 3).await;
    assert_eq!(level().await, 2);
    scene.world.clock().advance(Duration::from_secs(11 * 3_600));
    only_the_schedule(&scene, 3).await;
    assert_eq!(level().await, 3);
    scene.world.clock().advance(Duration::from_secs(24 * 3_600));
    only_the_schedule(&scene, 3).await;
    assert_eq!(level().await, 3);
    let by: Vec<_> =
        scene.records(&id).await.into_iter().skip(1).map(|record| (record.event, record.actor.id)).collect();
    assert_eq!(by, vec![(EventKind::Escalated, "reconcile".to_owned()); 3]);
    // Somebody mends it: its time is over by then.
    scene.pass(120).await;
    scene.ended(&id, "expired").await;
    let called = [("job.escalated", 1), ("job.escalated", 2), ("job.escalated", 3)];
    let heard = scene.heard(&id);
    assert_eq!(kinds(&heard), [[("job.created", 0)].as_slice(), &called, &[("job.expired", 0)]].concat());
}

#[tokio::test]
async fn an_outage_that_the_first_run_ends_calls_nobody_in() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.world.clock().advance(Duration::from_secs(4 * 3_600));
    only_the_schedule(&scene, 1).await;
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
    assert!(scene.records(&id).await.iter().all(|record| record.event != EventKind::Escalated));
}

#[tokio::test]
async fn a_person_who_was_faster_than_the_schedule_is_not_called_over_again() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.world.clock().advance(Duration::from_secs(331));
    only_the_schedule(&scene, 1).await;
    assert_eq!(scene.does("otto", &id, "escalate").await["escalation_level"], 1);
    only_the_schedule(&scene, 3).await;
    assert_eq!(scene.see(&id).await["escalation_level"], 1, "somebody is there already");
}
