//! Who is let in, and what they see.

use reqwest::Method;
use serde_json::json;

use super::stage::{ALICE, Need, Stage};

#[tokio::test]
async fn without_a_token_nothing_but_health_and_the_webhook_answers() {
    let Some(stage) = Stage::open(&[]).await else { return };
    let path = format!("/v1/workspaces/{}/jobs", stage.workspace);
    for request in [
        stage.request(Method::GET, &path),
        stage.request(Method::GET, &path).bearer_auth("nonsense"),
        stage.request(Method::POST, &path).json(&json!({"type": "document-analysis", "input": "x"})),
    ] {
        assert_eq!(Stage::send(request).await.status, 401);
    }
    let health = Stage::send(stage.request(Method::GET, "/v1/health")).await;
    assert_eq!((health.status, &health.body["status"]), (200, &json!("ok")));
    let forged = stage.request(Method::POST, "/v1/webhooks/openai").body("{}");
    assert_eq!(Stage::send(forged).await.status, 401);
}

#[tokio::test]
async fn a_person_finds_their_workspace_by_their_token_alone() {
    let Some(stage) = Stage::open(&[Need::Anybody]).await else { return };
    let answer = Stage::send(stage.request(Method::GET, "/v1/me").bearer_auth(stage.token(ALICE))).await;
    assert_eq!((answer.status, &answer.body["principal"]), (200, &json!(ALICE)), "{}", answer.body);
    let own = answer.body["workspaces"].as_array().unwrap().iter().find(|it| it["workspace"] == *stage.workspace);
    assert_eq!(own.unwrap()["allowed_actions"], json!(["create_job"]), "{}", answer.body);
    assert_eq!(Stage::send(stage.request(Method::GET, "/v1/me")).await.status, 401);
}

#[tokio::test]
async fn a_signature_of_another_key_is_refused() {
    let Some(stage) = Stage::open(&[Need::Anybody]).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let stranger = local::identity::Identity::open(folder.path()).unwrap();
    let now = domain::port::Clock::now(&adapters::system::System).seconds();
    let token = stranger.token(ALICE, std::time::Duration::from_secs(60), now).unwrap();
    // All else is as it has to be: issuer, audience, times, and the name of the key.
    let ours = stage.token(ALICE);
    let (said, _) = ours.rsplit_once('.').unwrap();
    let forged = format!("{said}.{}", token.rsplit('.').next().unwrap());
    let path = format!("/v1/workspaces/{}/jobs", stage.workspace);
    for (token, status) in [(ours.clone(), 200), (forged, 401), (token, 401)] {
        assert_eq!(Stage::send(stage.request(Method::GET, &path).bearer_auth(token)).await.status, status);
    }
}

#[tokio::test]
async fn another_workspace_and_a_job_that_is_not_there_answer_the_same() {
    let Some(stage) = Stage::open(&[Need::Anybody]).await else { return };
    let id = stage.create(json!({})).await;
    let mut bodies = Vec::new();
    for path in [format!("jobs/{id}0"), "jobs/job_0".to_owned(), "jobs/no%20job%20of%20ours".to_owned()] {
        let answer = stage.get(ALICE, &path).await;
        assert_eq!(answer.status, 404, "{path}");
        bodies.push(answer.body);
    }
    let foreign = stage.request(Method::GET, &format!("/v1/workspaces/another/jobs/{id}"));
    let answer = Stage::send(foreign.bearer_auth(stage.token(ALICE))).await;
    assert_eq!(answer.status, 404);
    bodies.push(answer.body);
    for body in &mut bodies {
        body.as_object_mut().unwrap().remove("request_id");
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn a_consequential_result_waits_for_a_person_and_only_they_can_read_it() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Simulator]).await else { return };
    let id = stage.create(json!({"type": "support-reply-draft", "input": "Where is my parcel?"})).await;
    let job = stage.ended(&id, "needs_review").await;
    assert_eq!((&job["lane"], &job["phase"]), (&json!("approval"), &json!("awaiting_decision")));
    let refused = stage.get(ALICE, &format!("jobs/{id}/result")).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("awaiting_review")));
    let shown = stage.get("rita", &format!("jobs/{id}/result")).await;
    assert_eq!((shown.status, &shown.body["digest"]), (200, &job["result"]["digest"]));
}
