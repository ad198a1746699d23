//! What a caller may not see looks and costs like what is not there, on every route.

use domain::value::member::Role;
use local::template::Route;
use local::world::Call;
use serde_json::json;

use super::routes;
use super::stage::{TYPE, UNKNOWN, appoint, shipped_as_given};
use crate::flow::Scene;

/// A body that the route would take.
fn body(route: &str) -> Option<String> {
    let digest = format!("sha256:{}", "0".repeat(64));
    let body = match route.rsplit('/').next().unwrap() {
        _ if route.starts_with("GET ") => return None,
        "edit" => json!({"digest": digest, "text": "On Friday."}),
        "reject" | "request-changes" => json!({"digest": digest, "note": "No."}),
        "{principal}" => json!({"roles": ["auditor"]}),
        "{name}" => shipped_as_given(),
        "cancel" | "retry" | "escalate" | "archive" => json!({"note": "Now."}),
        "republish" => json!({"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}),
        "jobs" => json!({"type": "document-analysis", "input": "x"}),
        _ => json!({"digest": digest}),
    };
    Some(body.to_string())
}

/// The answer, and what the table was asked for it.
async fn ask(scene: &Scene, route: &str, who: &str, workspace: &str, id: &str) -> String {
    let path = [("workspace", workspace), ("id", id), ("principal", "kept"), ("name", TYPE)];
    let body = body(route);
    let headers = [("if-match", "\"3\"")];
    let call =
        Call { route, principal: who, issuer: None, path: &path, headers: &headers, body: body.as_deref(), query: &[] };
    let before = scene.world.table().meter().readings();
    let answer = scene.world.call(call).await.unwrap();
    let after = scene.world.table().meter().readings();
    let cost: Vec<_> = after.calls.iter().map(|(call, n)| (*call, n - before.calls(call))).collect();
    let units = (after.read_units - before.read_units, after.write_units - before.write_units);
    format!("{} {} {} {cost:?} {units:?}", answer.status, answer.text, json!(answer.headers))
}

#[tokio::test]
async fn a_foreign_a_missing_and_a_malformed_name_cannot_be_told_apart() {
    let scene = Scene::new().await;
    // Large enough that a read of it would cost more than one of nothing.
    let draft = json!({"type": "support-reply-draft", "input": "Where is my parcel?", "summary": "s".repeat(120)});
    let made = scene.world.create("acme", "alice", None, &draft.to_string()).await.unwrap();
    let id = made.body["id"].as_str().unwrap();
    scene.pass(20).await;
    appoint(&scene, "rival", "stan", &[Role::Submitter], true).await;
    appoint(&scene, "acme", "sue", &[Role::Submitter], true).await;
    appoint(&scene, "acme", "ina", &[Role::Submitter, Role::Reviewer], false).await;
    let long = "x".repeat(5_000);
    let strange = [UNKNOWN, "job_#", "job_", "", "../../acme", "JOB_1\u{202e}", "job_\0", "job_1\n", &long];
    let mut compared = 0;
    for route in routes().iter().map(Route::key).filter(|route| route.contains("{workspace}")) {
        let mut alike = async |what: &str, who: &str, asked: &[(&str, &str)]| {
            let mut answers = Vec::new();
            for (workspace, id) in asked {
                answers.push(ask(&scene, &route, who, workspace, id).await);
            }
            compared += answers.len();
            assert!(answers[0].starts_with("404 "), "{route} by {who}: {}", answers[0]);
            for (answer, (workspace, id)) in answers.iter().zip(asked) {
                assert_eq!(*answer, answers[0], "{route} by {who}, {what}: {workspace} {id:?}");
            }
        };
        if route.contains("{id}") {
            let ids: Vec<&str> = strange.iter().copied().chain([id]).collect();
            // Members of another workspace, in theirs; whoever has no row that counts, here.
            for (who, workspace) in [("mallory", "rival"), ("stan", "rival"), ("mallory", "acme"), ("ina", "acme")] {
                let asked: Vec<_> = ids.iter().map(|id| (workspace, *id)).collect();
                alike("the id", who, &asked).await;
            }
            // Ids that nothing has, by somebody who is let in.
            let asked: Vec<_> = strange.iter().map(|id| ("acme", *id)).collect();
            alike("the id", "rita", &asked).await;
        }
        let workspaces = ["acme", "nowhere"].map(|workspace| (workspace, id));
        alike("the workspace", "nobody", &workspaces).await;
        let text = |answer: &str| answer.split(" [").next().unwrap().to_owned();
        let known = text(&ask(&scene, &route, "nobody", "acme", id).await);
        for malformed in ["ACME", "acme#", "", &long, "acme/..", "acm\u{435}"] {
            assert_eq!(text(&ask(&scene, &route, "nobody", malformed, id).await), known, "{route}: {malformed:?}");
        }
    }
    assert!(compared > 300, "{compared}");
}

/// The row of somebody else's job is read before it is known to be theirs: this costs what a job of that size costs, and
/// what is answered is the same.
#[tokio::test]
async fn a_submitter_is_told_of_another_s_job_what_it_is_told_of_none() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(20).await;
    appoint(&scene, "acme", "sue", &[Role::Submitter], true).await;
    for route in routes().iter().map(Route::key).filter(|route| route.contains("{id}")) {
        let answers =
            [ask(&scene, &route, "sue", "acme", UNKNOWN).await, ask(&scene, &route, "sue", "acme", &id).await];
        let calls = answers.map(|answer| answer.rsplit_once(" (").unwrap().0.to_owned());
        assert_eq!(calls[0], calls[1], "{route}");
    }
}
