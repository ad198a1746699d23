//! Archive: out of sight, and there for whoever asks for it.

use local::world::Call;
use serde_json::{Value, json};

use super::super::review::refused;
use super::{Scene, distinct};

impl Scene {
    /// A page of the workspace's jobs as an operator asks for it.
    pub(super) async fn page(&self, query: &[(&str, &str)]) -> Vec<Value> {
        let (route, path) = ("GET /v1/workspaces/{workspace}/jobs", [("workspace", "acme")]);
        let call = Call { route, principal: "otto", issuer: None, path: &path, query, ..Call::default() };
        let answer = self.world.call(call).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["jobs"].as_array().unwrap().clone()
    }
}

fn ids(jobs: &[Value]) -> Vec<String> {
    jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_put_away_is_out_of_every_list_and_still_there() {
    let scene = Scene::new().await;
    scene.plans(json!(["fails-by-policy", "default"]));
    let (failed, kept) = (scene.create().await, scene.create().await);
    scene.pass(60).await;
    let before = scene.see(&failed).await;
    assert_eq!(ids(&scene.page(&[("attention", "true")]).await), [failed.as_str()]);
    let archived = scene.does("alice", &failed, "archive").await;
    assert!(archived["archived_at"].is_string() && archived["attention"].is_null(), "{archived}");
    assert_eq!((&archived["status"], &archived["allowed_actions"]), (&json!("failed"), &json!(["retry", "escalate"])));

    for query in [vec![], vec![("status", "failed")], vec![("attention", "true")]] {
        assert!(!ids(&scene.page(&query).await).contains(&failed), "{query:?}");
    }
    let all = scene.page(&[("archived", "true")]).await;
    assert_eq!(distinct(ids(&all)), distinct([failed.clone(), kept]));
    assert!(ids(&scene.page(&[("archived", "true"), ("attention", "true")]).await).is_empty());
    let seen = scene.see(&failed).await;
    assert_eq!((&seen["archived_at"], &seen["reason"]), (&archived["archived_at"], &before["reason"]));
    assert_eq!(scene.world.read("acme", "audrey", &failed, "/events").await.unwrap().body["chain_intact"], true);

    let again = scene.order("otto", &failed, "archive", &[], json!({})).await;
    assert_eq!((again.status, &again.body["version"]), (200, &archived["version"]));
    scene.pass(60).await;
    scene.ended(&failed, "failed").await;
    assert_eq!(scene.heard(&failed).last().unwrap().0, "job.archived");

    // Whoever tries it again wants to see it.
    assert_eq!(scene.does("alice", &failed, "retry").await["archived_at"], Value::Null);
    scene.pass(60).await;
    assert!(ids(&scene.page(&[("status", "completed")]).await).contains(&failed));
}

#[tokio::test]
async fn a_job_that_has_not_ended_is_not_put_away() {
    let scene = Scene::new().await;
    let draft = scene.draft().await;
    let queued = scene.create().await;
    for (id, allowed) in [(&queued, json!(["cancel", "escalate"])), (&draft, json!(["cancel", "escalate"]))] {
        let answer = scene.order("otto", id, "archive", &[], json!({})).await;
        refused(&answer, 409, "not_ended");
        assert_eq!(answer.body["allowed_actions"], allowed);
    }
    let answer = scene.order("rita", &queued, "archive", &[], json!({})).await;
    refused(&answer, 403, "forbidden");
}
