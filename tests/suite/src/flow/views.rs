//! One view: whichever route answers with a job, at one moment the same caller sees the same.

use axum::http::StatusCode;
use local::world::Call;
use serde_json::{Value, json};

use super::Scene;
use super::parked::while_on;
use super::review::DRAFT;

impl Scene {
    async fn seen_by(&self, who: &str, id: &str) -> Value {
        let answer = self.world.read("acme", who, id, "").await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    async fn listed_by(&self, who: &str, id: &str) -> Value {
        let (route, path) = ("GET /v1/workspaces/{workspace}/jobs", [("workspace", "acme")]);
        let answer = self.world.call(Call { route, principal: who, path: &path, ..Call::default() }).await.unwrap();
        let jobs = answer.body["jobs"].as_array().unwrap().iter();
        jobs.clone().find(|job| job["id"] == id).unwrap_or_else(|| panic!("{}", answer.text)).clone()
    }
}

/// The job in the answer to a create, which says besides what the request could have asked for.
fn job_of(created: &Value) -> Value {
    let mut job = created.clone();
    assert!(job.as_object_mut().unwrap().remove("alternatives").is_some(), "{created}");
    job
}

#[tokio::test]
async fn a_job_that_waits_for_its_lane_is_held_in_every_answer_and_waiting_in_none() {
    let quota = json!({"error": {"type": "insufficient_quota", "code": "project_spend_limit_exceeded"}});
    let (scene, ..) = while_on(StatusCode::TOO_MANY_REQUESTS, quota).await;
    let body = json!({"type": "document-analysis", "input": "The parties agree."}).to_string();
    // The first meets the trouble, the second waits behind it.
    scene.create().await;
    let created = scene.world.create("acme", "alice", Some("key-2"), &body).await.unwrap();
    let id = created.body["id"].as_str().unwrap();
    assert_eq!(job_of(&created.body), scene.see(id).await, "as it was created");
    scene.pass(500).await;

    let seen = scene.see(id).await;
    assert_eq!((&seen["phase"], &seen["reason"]["code"]), (&json!("held"), &json!("provider_quota")));
    assert_eq!(scene.listed_by("alice", id).await, seen, "in a list");
    let replayed = scene.world.create("acme", "alice", Some("key-2"), &body).await.unwrap();
    assert_eq!((replayed.status, job_of(&replayed.body)), (200, seen), "when the request comes again");
    // As often as the job takes it, and once more, which changes nothing.
    for _ in 0..4 {
        let escalated = scene.does("alice", id, "escalate").await;
        assert_eq!(escalated["phase"], "held", "{escalated}");
        assert_eq!(escalated, scene.see(id).await, "after a control");
    }
}

#[tokio::test]
async fn a_reviewer_sees_after_a_decision_what_they_see_when_they_read() {
    let scene = Scene::new().await;
    for (action, with) in [
        ("edit", json!({"text": "On Thursday."})),
        ("request-changes", json!({"note": "Shorter."})),
        ("reject", json!({"note": "Not like this."})),
        ("approve", json!({})),
    ] {
        let id = scene.draft().await;
        let decided = scene.now("rita", &id, action, with).await;
        assert_eq!(decided.status, 200, "{}", decided.text);
        assert_eq!(decided.body, scene.seen_by("rita", &id).await, "{action}");
        let mut listed = scene.listed_by("rita", &id).await;
        if action == "edit" {
            // A list goes by the row, which does not tell who had a hand in what waits.
            let told = |job: &Value| job["allowed_actions"].as_array().unwrap().contains(&json!("approve"));
            assert!(told(&listed) && !told(&decided.body));
            listed["allowed_actions"] = decided.body["allowed_actions"].clone();
            listed["review"]["approved_by"] = json!([]);
        }
        assert_eq!(decided.body, listed, "{action}, in a list");
    }
    // A repeat changes nothing.
    let created = scene.world.create("acme", "alice", Some("key-1"), DRAFT).await.unwrap();
    let id = created.body["id"].as_str().unwrap();
    scene.waits(id).await;
    let replayed = scene.world.create("acme", "alice", Some("key-1"), DRAFT).await.unwrap();
    assert_eq!(job_of(&replayed.body), scene.see(id).await);
}
