//! Each sample, sent to its function in a new world, gets the answer that it is kept for.

use adapters::aws::eventbridge::delivered;
use serde_json::{Value, json};

use super::stream::is_readable;
use super::{Kind, Sample, invoke, of_kind, world_in};

/// Status in a new world, and how many messages the call puts on a queue at once.
const ANSWERS: [(&str, u16, u64); 33] = [
    ("console/page.json", 200, 0),
    ("console/screen.json", 200, 0),
    ("control-job/approve.json", 404, 0),
    ("control-job/archive.json", 404, 0),
    ("control-job/cancel.json", 404, 0),
    ("control-job/edit.json", 404, 0),
    ("control-job/escalate.json", 404, 0),
    ("control-job/reject.json", 404, 0),
    ("control-job/remove-member.json", 200, 0),
    ("control-job/republish.json", 200, 0),
    ("control-job/request-changes.json", 404, 0),
    ("control-job/retry.json", 404, 0),
    ("control-job/set-job-type.json", 200, 0),
    ("control-job/set-member.json", 200, 0),
    ("create-job/base64-body.json", 202, 0),
    ("create-job/classify.json", 200, 0),
    ("create-job/document-analysis.json", 202, 0),
    ("create-job/no-key.json", 202, 0),
    ("ingest-webhook/base64-body.json", 200, 1),
    ("ingest-webhook/forged.json", 401, 0),
    ("ingest-webhook/response-completed.json", 200, 1),
    ("ingest-webhook/unknown-type.json", 200, 0),
    ("read-jobs/events.json", 404, 0),
    ("read-jobs/health.json", 200, 0),
    ("read-jobs/input.json", 404, 0),
    ("read-jobs/job.json", 404, 0),
    ("read-jobs/job-type.json", 200, 0),
    ("read-jobs/list.json", 200, 0),
    ("read-jobs/me.json", 200, 0),
    ("read-jobs/members.json", 200, 0),
    ("read-jobs/result.json", 404, 0),
    ("read-jobs/waiting.json", 404, 0),
    ("read-jobs/workspace-events.json", 200, 0),
];

#[tokio::test]
async fn every_http_sample_gets_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    for sample in of_kind(Kind::Http) {
        let name = sample.name.as_str();
        let expected = ANSWERS.iter().find(|(listed, ..)| *listed == name);
        let (_, status, messages) = expected.unwrap_or_else(|| panic!("say in suite/samples what {name} answers"));
        let world = world_in(&folder).await;
        let answer = invoke(&world, &sample).await;
        assert_eq!(answer["statusCode"], *status, "events/{name}: {answer}");
        assert_eq!(world.counts().queue_messages, *messages, "events/{name}");
    }
}

#[tokio::test]
async fn of_a_batch_only_what_is_poisoned_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    for sample in of_kind(Kind::Queue) {
        let world = world_in(&folder).await;
        let answer = invoke(&world, &sample).await;
        let poison = |record: &Value| sample.rewritten(record["body"].as_str().unwrap()).is_none();
        assert_eq!(answer, failures(&sample, poison, "/messageId"), "events/{}", sample.name);
    }
}

#[tokio::test]
async fn of_a_rule_s_events_only_what_is_poisoned_comes_back_and_people_are_told_of_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    for sample in of_kind(Kind::Rule) {
        let world = world_in(&folder).await;
        let poison = |record: &Value| delivered(record["body"].as_str().unwrap()).is_err();
        let failed = failures(&sample, poison, "/messageId");
        let before = world.counts().write_units;
        assert_eq!(invoke(&world, &sample).await, failed, "events/{}", sample.name);
        let units = world.counts().write_units;
        assert_eq!(invoke(&world, &sample).await, failed, "events/{}: again", sample.name);
        let told = sample.json()["Records"].as_array().unwrap().iter().filter(|record| !poison(record)).count();
        assert_eq!((units - before, world.counts().write_units), (2.0 * told as f64, units), "events/{}", sample.name);
    }
}

#[tokio::test]
async fn of_the_stream_only_what_is_poisoned_comes_back_and_the_rest_is_published() {
    let folder = tempfile::tempdir().unwrap();
    for sample in of_kind(Kind::Stream) {
        let world = world_in(&folder).await;
        let answer = invoke(&world, &sample).await;
        let poison = |record: &Value| !is_readable(record);
        assert_eq!(answer, failures(&sample, poison, "/dynamodb/SequenceNumber"), "events/{}", sample.name);
        let readable = sample.json()["Records"].as_array().unwrap().iter().filter(|record| is_readable(record)).count();
        assert_eq!(world.bus().events().len(), readable, "events/{}", sample.name);
    }
}

#[tokio::test]
async fn the_schedule_finds_nothing_to_do_in_a_new_world() {
    let folder = tempfile::tempdir().unwrap();
    for sample in of_kind(Kind::Schedule) {
        let world = world_in(&folder).await;
        let answer = invoke(&world, &sample).await;
        assert_eq!((&answer["sent"], &answer["refused"]), (&json!(0), &json!(0)), "events/{}: {answer}", sample.name);
    }
}

/// The answer that names every record for which `poison` holds, by the id at `place`.
fn failures(sample: &Sample, poison: impl Fn(&Value) -> bool, place: &str) -> Value {
    let event = sample.json();
    let records = event["Records"].as_array().unwrap().iter();
    let failed: Vec<Value> = records
        .filter(|record| poison(record))
        .map(|record| json!({"itemIdentifier": record.pointer(place).unwrap()}))
        .collect();
    assert_eq!(!failed.is_empty(), sample.is_poisoned(), "events/{}", sample.name);
    json!({"batchItemFailures": failed})
}
