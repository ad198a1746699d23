//! The samples that name a job name the same one, and in their order they are its life.

use std::time::Duration;

use domain::port::Clock as _;
use serde_json::{Value, json};

use super::stream::event_row;
use super::{NOW, Sample, invoke, world_in};

#[tokio::test]
async fn the_samples_in_their_order_are_the_life_of_one_job() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_in(&folder).await;
    let send = async |name: &str| invoke(&world, &Sample::read(name)).await;
    let read = async |name: &str| {
        let answer = send(name).await;
        assert_eq!(answer["statusCode"], 200, "events/{name}: {answer}");
        serde_json::from_str::<Value>(answer["body"].as_str().unwrap()).unwrap()
    };

    let created = send("create-job/document-analysis.json").await;
    assert_eq!(created["statusCode"], 202, "{created}");
    let repeated = send("create-job/base64-body.json").await;
    assert_eq!(repeated["headers"]["idempotent-replayed"], "true", "{repeated}");
    assert_eq!(read("read-jobs/job.json").await["status"], "queued");

    // The caller has version 1 and waits in vain: the clock has moved by the wait.
    assert_eq!(send("read-jobs/waiting.json").await["statusCode"], 304);
    assert_eq!(world.clock().now(), NOW + Duration::from_secs(20));

    let done = json!({"batchItemFailures": []});
    assert_eq!(send("publish-events/created.json").await, done);
    assert_eq!(world.queues().submit.len(), 1);
    assert_eq!(send("submit-job/one-message.json").await, done);
    assert_eq!(read("read-jobs/job.json").await["status"], "running");
    assert_eq!(read("read-jobs/list.json").await["jobs"].as_array().unwrap().len(), 1);

    while world.simulator().unwrap().drain() > 0 {}
    world.clock().advance(Duration::from_secs(30));
    assert_eq!(send("observe-job/due.json").await, done);
    let job = read("read-jobs/job.json").await;
    assert_eq!((&job["status"], &job["version"]), (&json!("completed"), &json!(3)), "{job}");
    assert_eq!(read("read-jobs/result.json").await["digest"], job["result"]["digest"]);
    assert_eq!(read("read-jobs/events.json").await["chain_intact"], true);
    let row = event_row(&world, 3);
    let answer = send("publish-events/completed.json").await;
    assert_eq!(answer, done, "paste this into events/publish-events/completed.json:\n{row:#}");
    let published = world.bus().counts();
    assert_eq!((published["job.created"], published["job.completed"]), (1, 1), "{published:?}");
}
