//! What the provider may do to a run, and the product status it ends in.

use local::world::Call;
use openai_simulator::Plan;
use serde_json::json;

use super::Scene;

#[tokio::test]
async fn a_busy_provider_is_asked_again_as_a_new_attempt_after_its_retry_after() {
    let scene = Scene::planned(Plan::RateLimitedThenOk).await;
    let id = scene.create().await;
    scene.pass(1).await;
    let waiting = scene.see(&id).await;
    assert_eq!((&waiting["phase"], &waiting["reason"]["code"]), (&json!("retry_scheduled"), &json!("provider_busy")));
    scene.pass(30).await;
    scene.ended(&id, "completed").await;
    assert_eq!((scene.posts(), &scene.see(&id).await["attempt"]), (2, &json!(2)));
}

#[tokio::test]
async fn a_retry_after_that_is_longer_than_our_own_gap_is_waited_for() {
    let scene = Scene::planned(Plan::RateLimitedForMinutes).await;
    let id = scene.create().await;
    scene.pass(175).await;
    assert_eq!((scene.posts(), &scene.see(&id).await["phase"]), (1, &json!("retry_scheduled")));
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
    assert_eq!(scene.posts(), 2);
}

#[tokio::test]
async fn a_run_that_fails_is_tried_again_and_a_second_failure_too_until_the_policy_says_no_more() {
    let scene = Scene::new().await;
    for _ in 0..3 {
        scene.world.simulator().unwrap().plan_next(Plan::Fails);
    }
    let id = scene.create().await;
    scene.pass(300).await;
    scene.ended(&id, "failed").await;
    let job = scene.see(&id).await;
    assert_eq!((&job["reason"]["code"], &job["attempt"]), (&json!("provider_failed"), &json!(3)));
    assert_eq!(job["attention"]["code"], "provider_failed");
    assert_eq!(scene.posts(), 3);
}

#[tokio::test]
async fn a_slow_run_is_watched_to_its_end() {
    let scene = Scene::planned(Plan::Slow).await;
    let id = scene.create().await;
    scene.pass(40).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["status"], &job["attention"]), (&json!("running"), &json!(null)));
    scene.pass(30).await;
    scene.ended(&id, "completed").await;
}

#[tokio::test]
async fn what_is_not_an_answer_is_never_a_success() {
    for (plan, status, reason, partial) in [
        (Plan::Refuses, "failed", "refusal", json!(true)),
        (Plan::EmptyOutput, "failed", "no_output", json!(null)),
        (Plan::Incomplete, "failed", "output_limit", json!(true)),
    ] {
        let scene = Scene::planned(plan).await;
        let id = scene.create().await;
        scene.pass(60).await;
        scene.ended(&id, status).await;
        let job = scene.see(&id).await;
        assert_eq!((&job["reason"]["code"], &job["result"]["partial"]), (&json!(reason), &partial));
        assert_eq!(scene.posts(), 1, "{reason} is not retried");
        assert_eq!(job["cost"]["state"], "known", "{reason} is paid for all the same");
    }
}

#[tokio::test]
async fn what_a_failed_run_answered_is_kept_for_those_who_look_into_it_and_is_no_result() {
    let scene = Scene::planned(Plan::FailsByPolicy).await;
    let id = scene.create().await;
    scene.pass(60).await;
    scene.ended(&id, "failed").await;
    let job = scene.see(&id).await;
    assert_eq!((&job["reason"]["code"], &job["result"]), (&json!("content_policy"), &json!(null)));
    assert_eq!(job["provider"]["error"]["code"], "invalid_prompt");
    assert_eq!(job["attention"]["next_step"], "change_request");
    let refused = scene.world.read("acme", "alice", &id, "/result").await.unwrap();
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("no_result")), "nothing is delivered");
    for who in ["rita", "audrey", "otto"] {
        let shown = scene.world.read("acme", who, &id, "/result").await.unwrap();
        assert_eq!(
            (shown.status, &shown.body["partial"], &shown.body["text"]),
            (200, &json!(true), &json!("")),
            "{who}"
        );
        assert_eq!(shown.body["digest"], job["provider"]["answer"]);
        let route = "GET /v1/workspaces/{workspace}/jobs/{id}/result";
        let (path, query) = ([("workspace", "acme"), ("id", id.as_str())], [("part", "raw")]);
        let call = Call { route, principal: who, issuer: None, path: &path, query: &query, ..Call::default() };
        let raw = scene.world.call(call).await.unwrap();
        assert_eq!((&raw.body["status"], &raw.body["error"]["code"]), (&json!("failed"), &json!("invalid_prompt")));
    }
    let events = scene.world.read("acme", "alice", &id, "/events").await.unwrap();
    let told = &events.body["events"][2];
    assert_eq!(
        (&told["provider_error"]["code"], &told["provider_answer"]),
        (&json!("invalid_prompt"), &job["provider"]["answer"])
    );
    assert_eq!(events.body["chain_intact"], true);
}

#[tokio::test]
async fn a_run_past_its_deadline_expires_and_is_stopped_and_its_cost_is_booked() {
    let scene = Scene::with(local::world::ProviderChoice::Simulator {
        mode: openai_simulator::Mode::Auto { queued_ms: 1_000, run_ms: 100_000_000 },
        webhook_url: None,
    })
    .await;
    let id = scene.create().await;
    scene.pass(3_600 + 600).await;
    scene.ended(&id, "expired").await;
    assert_eq!(scene.see(&id).await["reason"]["code"], "run_deadline");
    let ledger = scene.world.simulator().unwrap().ledger();
    assert_eq!(ledger.counts.cancels, 1);
    assert!(ledger.responses[0].terminal_status.unwrap().is_terminal());
    assert_eq!(scene.see(&id).await["cost"]["state"], "known");
}

#[tokio::test]
async fn a_consequential_result_waits_for_a_person_and_is_not_shown_to_its_submitter() {
    let scene = Scene::new().await;
    let body = json!({"type": "support-reply-draft", "input": "Where is my parcel?"}).to_string();
    let id = scene.world.create("acme", "alice", None, &body).await.unwrap().body["id"].as_str().unwrap().to_owned();
    scene.pass(60).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["status"], &job["phase"]), (&json!("needs_review"), &json!("awaiting_decision")));
    let refused = scene.world.read("acme", "alice", &id, "/result").await.unwrap();
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("awaiting_review")));
    let shown = scene.world.read("acme", "rita", &id, "/result").await.unwrap();
    assert_eq!((shown.status, &shown.body["digest"]), (200, &job["result"]["digest"]));
    // Two days in one step: nothing is due in between.
    scene.world.clock().advance(std::time::Duration::from_secs(2 * 86_400));
    scene.pass(600).await;
    scene.ended(&id, "expired").await;
    let refused = scene.world.read("acme", "alice", &id, "/result").await.unwrap();
    assert_eq!(refused.status, 403, "what nobody allowed stays with those who decide");
}
