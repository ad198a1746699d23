//! The table's stream: send each new event to the bus, and what became due to its queue.

use adapters::aws::dynamodb::{Item, StreamedRecord, decode_streamed};
use adapters::lambda::diagnostic::chain;
use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::flow::announce::{StreamedChange, announce};
use domain::flow::publish::{Sent, StreamRecord, publish};
use domain::port::{Clock, EventBus, PollQueue, Store, SubmitQueue};
use domain::value::failure::Failure;

pub async fn handle(
    store: &impl Store,
    bus: &impl EventBus,
    queues: &(impl SubmitQueue + PollQueue),
    clock: &impl Clock,
    event: Event,
) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    let (mut shown, mut numbers) = (Vec::new(), Vec::new());
    let (mut changes, mut numbers_of_changes) = (Vec::new(), Vec::new());
    for record in event.records {
        let number = record.change.sequence_number.unwrap_or_default();
        let item: Item = record.change.new_image.into();
        match decode_streamed(&item) {
            Ok(StreamedRecord::Job(workspace, job, sealed)) => {
                shown.push(StreamRecord { workspace, job, sealed });
                numbers.push(number);
            }
            Ok(StreamedRecord::Workspace(workspace, sealed)) => {
                changes.push(StreamedChange { workspace, sealed });
                numbers_of_changes.push(number);
            }
            Err(error) => fail(&mut response, number, &Failure::permanent("read the stream record", error)),
        }
    }
    let results = publish(store, bus, queues, clock.now(), &shown).await;
    let results_of_changes = announce(store, bus, &changes).await;
    let numbers = numbers.into_iter().chain(numbers_of_changes);
    for (number, result) in numbers.zip(results.into_iter().chain(results_of_changes)) {
        match result {
            Ok(Sent::Confirmed) => {}
            Ok(Sent::Left) => {
                tracing::warn!(sequence_number = number, "record {number} is left for the newer release that wrote it");
            }
            Err(failure) => fail(&mut response, number, &failure),
        }
    }
    response
}

/// Lambda sends the batch again from the lowest number that failed.
fn fail(response: &mut DynamoDbEventResponse, number: String, failure: &Failure) {
    tracing::error!(sequence_number = number, class = ?failure.class, "record {number} failed: {}", chain(failure));
    let mut failed = DynamoDbBatchItemFailure::default();
    failed.item_identifier = Some(number);
    response.batch_item_failures.push(failed);
}
