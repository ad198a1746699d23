//! The stream's samples are event rows as the code writes them today.

use adapters::aws::dynamodb::{BadRow, keys, read_event};
use aws_lambda_events::dynamodb::EventRecord;
use domain::event::published::published;
use domain::job::record::SealedRecord;
use domain::value::id::{JobId, WorkspaceId};
use local::world::World;
use serde_json::{Value, json};

use super::{Kind, Sample, invoke, of_kind, world_in};

fn opened(record: &Value) -> Result<(WorkspaceId, JobId, SealedRecord), BadRow> {
    let record: EventRecord = serde_json::from_value(record.clone()).unwrap();
    read_event(&record.change.new_image.into())
}

/// Whether the record's image is an event row.
pub(super) fn is_readable(record: &Value) -> bool {
    opened(record).is_ok_and(|(_, _, sealed)| sealed.decode().is_ok())
}

#[test]
fn every_image_is_an_event_row_that_the_code_would_write_and_publish() {
    for sample in of_kind(Kind::Stream) {
        let name = &sample.name;
        for record in sample.json()["Records"].as_array().unwrap() {
            let (workspace, job, sealed) = match opened(record) {
                Ok(row) => row,
                Err(_) if sample.is_poisoned() => continue,
                Err(error) => panic!("events/{name}: {error}"),
            };
            let inside = sealed.decode().unwrap_or_else(|error| panic!("events/{name}: its body: {error}"));
            assert_eq!(serde_json::to_string(&inside).unwrap(), sealed.body, "events/{name}: the form of its body");
            let again = SealedRecord::new(&workspace, &job, sealed.previous, sealed.body.clone());
            assert_eq!(again.hash, sealed.hash, "events/{name}: the hash does not hold");
            let key = keys::event(&workspace, &job, inside.version);
            let expected = json!({"PK": {"S": key.pk}, "SK": {"S": key.sk}});
            assert_eq!(record["dynamodb"]["Keys"], expected, "events/{name}");
            assert_eq!(record["eventName"], "INSERT", "events/{name}");
            assert!(published(&workspace, &job, &inside, &sealed).is_some(), "events/{name} is not published");
        }
    }
}

#[tokio::test]
async fn a_create_call_makes_the_row_of_the_created_sample() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_in(&folder).await;
    invoke(&world, &Sample::read("create-job/document-analysis.json")).await;
    let image = event_row(&world, 1);
    let kept = &Sample::read("publish-events/created.json").json()["Records"][0]["dynamodb"]["NewImage"];
    assert_eq!(image, *kept, "paste this into events/publish-events/created.json:\n{image:#}");
}

/// The image of one of the event rows that the stream has not shown before.
pub(super) fn event_row(world: &World, version: u32) -> Value {
    let records = serde_json::to_value(world.embedded().records().unwrap()).unwrap();
    let sort_key = format!("EVENT#{version:010}");
    let is_row = |record: &&Value| record["dynamodb"]["Keys"]["SK"]["S"] == sort_key;
    let found = records.as_array().unwrap().iter().find(is_row);
    found.unwrap_or_else(|| panic!("no event row {version} in {records}"))["dynamodb"]["NewImage"].clone()
}
