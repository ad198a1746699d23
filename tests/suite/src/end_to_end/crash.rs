//! A process that dies at the worst moment: the provider has the request, and nobody here has its answer.

use serde_json::json;

use super::stage::{Need, Stage, pause};

#[tokio::test]
async fn submit_job_killed_while_the_provider_accepts_and_never_answers_pays_once() {
    let Some(stage) = Stage::open(&[Need::Processes, Need::Simulator, Need::Solitude]).await else { return };
    let slow =
        json!({"create": {"trouble": "hangs", "created": true}, "life": [{"status": "completed", "after_ms": 3_000}]});
    stage.plan(json!({"document-analysis": slow})).await;
    let id = stage.create(json!({})).await;
    let mut posts = 0;
    for _ in 0..1_500 {
        posts = stage.made(&id).await.0;
        if posts > 0 {
            break;
        }
        pause().await;
    }
    assert_eq!(posts, 1);
    assert!(stage.inside().kill("submit-job") > 0, "there was nothing to kill");
    assert_eq!(stage.see(&id).await["phase"], "starting");

    let job = stage.ended(&id, "completed").await;
    assert_eq!((&job["attempt"], &job["cost"]["state"]), (&json!(1), &json!("known")));
    let (posts, responses) = stage.made(&id).await;
    assert_eq!((posts, responses.len()), (1, 1));
    let trail = stage.trail(&id).await;
    let causes: Vec<_> = trail.iter().map(|event| event["cause"].as_str().unwrap()).collect();
    assert!(causes.contains(&"webhook") && !causes.contains(&"answer"), "adopted, not attached: {causes:?}");
}
