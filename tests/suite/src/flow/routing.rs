//! What is not a function's own: a route is not found, and a message is neither done nor lost.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::contract::route::{ApiFunction, Route};
use domain::port::{Clock as _, WorkspaceReader as _};
use domain::value::id::WorkspaceId;
use local::queue::MemoryQueue;
use local::world::Call;
use serde_json::json;

use super::Scene;

const FUNCTIONS: [ApiFunction; 5] = [
    ApiFunction::Console,
    ApiFunction::ControlJob,
    ApiFunction::CreateJob,
    ApiFunction::IngestWebhook,
    ApiFunction::ReadJobs,
];

/// Keys that the gateway may have and that the code does not know, among them near misses.
const UNKNOWN: [&str; 8] = [
    "",
    "$default",
    "ANY /{proxy+}",
    "PATCH /v1/workspaces/{workspace}/members/{principal}",
    "PUT /v1/workspaces/{workspace}/members/{principal}/roles",
    "DELETE /v1/workspaces/{workspace}/jobs/{id}",
    "GET /v1/workspaces/{workspace}/jobs/{id}/cost",
    "POST /v1/workspaces/{workspace}/jobs/{id}/approve/",
];

#[tokio::test]
async fn a_route_that_a_function_does_not_know_is_not_taken_for_another_one() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(15).await;
    let acme = WorkspaceId::parse("acme").unwrap();
    let state = async || {
        let members = scene.world.table().members(&acme).await.unwrap();
        let workspace = scene.world.table().workspace(&acme).await.unwrap();
        format!("{members:?} {workspace:?} {:?} {}", scene.row(&id).await, scene.posts())
    };
    let before = state().await;
    // An admin, and a body with which members are set and jobs are created.
    let body = json!({"roles": ["auditor"], "type": "document-analysis", "input": "x"}).to_string();
    let path = [("workspace", "acme"), ("id", id.as_str()), ("principal", "alice"), ("name", "document-analysis")];
    for function in FUNCTIONS {
        let foreign = Route::ALL.into_iter().filter(|route| route.served_by() != function).map(Route::key);
        for route in foreign.chain(UNKNOWN) {
            for principal in ["ada", "alice"] {
                let call = Call { route, principal, path: &path, body: Some(&body), ..Call::default() };
                let answer = scene.world.call_function(function.name(), call).await.unwrap();
                let case = format!("{} {route:?}: {} {}", function.name(), answer.status, answer.text);
                assert_eq!((answer.status, &answer.body["code"]), (404, &json!("not_found")), "{case}");
                assert_eq!(answer.headers["content-type"], "application/problem+json", "{case}");
            }
        }
    }
    assert_eq!(state().await, before);
}

#[tokio::test]
async fn a_message_in_the_other_queue_is_kept_as_a_dead_letter_and_does_nothing() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(15).await;
    let before = (scene.row(&id).await.version, scene.posts(), scene.gets());
    let queues = scene.world.queues();
    let submit = json!({"kind": "submit_v1", "workspace": "acme", "job_id": id}).to_string();
    let polls = [
        json!({"kind": "observe_v1", "workspace": "acme", "job_id": id}).to_string(),
        json!({"kind": "response_v1", "response_id": scene.response_id(), "denials": 0}).to_string(),
        json!({"kind": "workspace_v1", "workspace": "acme"}).to_string(),
    ];
    let unknown = json!({"kind": "submit_v9", "workspace": "acme"}).to_string();
    let now = scene.world.clock().now().millis();
    for body in polls.iter().chain([&unknown]) {
        queues.submit.send(body, Duration::ZERO, now);
    }
    for body in [&submit, &unknown] {
        queues.observe.send(body, Duration::ZERO, now);
    }
    // Five times, every six minutes.
    scene.pass(3_600).await;
    let dead = |queue: &MemoryQueue| queue.dead().into_iter().map(|message| message.body).collect::<BTreeSet<_>>();
    assert_eq!(dead(&queues.submit), polls.into_iter().chain([unknown.clone()]).collect());
    assert_eq!(dead(&queues.observe), [submit, unknown].into());
    assert_eq!((scene.row(&id).await.version, scene.posts(), scene.gets()), before);
}
