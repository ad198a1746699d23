//! The event bus on EventBridge. `PutEvents` answers 200 with failed entries inside, so each entry is looked at.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::ProvideErrorMetadata as _;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::port::{EventBus, Failure};
use domain::published::Published;

use crate::aws;

#[derive(Debug, Clone)]
pub struct Bus {
    client: Client,
    name: String,
}

/// The source of every event, for consumers' rules.
pub const SOURCE: &str = "lanekeeper";

/// The most entries of one call.
const BATCH: usize = 10;

impl Bus {
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }
}

impl EventBus for Bus {
    async fn publish(&self, events: &[Published]) -> Vec<Result<(), Failure>> {
        const WHAT: &str = "publish the event";
        let mut results = Vec::with_capacity(events.len());
        for batch in events.chunks(BATCH) {
            let mut request = self.client.put_events();
            for event in batch {
                request = request.entries(
                    PutEventsRequestEntry::builder()
                        .event_bus_name(&self.name)
                        .source(SOURCE)
                        .detail_type(&event.kind)
                        .detail(serde_json::to_string(event).unwrap_or_default())
                        .time(DateTime::from_millis(event.at.millis()))
                        .build(),
                );
            }
            match request.send().await {
                Ok(output) => {
                    let entries = output.entries();
                    results.extend((0..batch.len()).map(|place| match entries.get(place) {
                        Some(entry) if entry.event_id().is_some() && entry.error_code().is_none() => Ok(()),
                        Some(entry) => {
                            let code = entry.error_code().unwrap_or("without a code").to_owned();
                            Err(Failure::transient(WHAT, format!("the bus refused the entry: {code}")))
                        }
                        None => Err(Failure::transient(WHAT, "the bus did not answer for the entry")),
                    }));
                }
                Err(error) => {
                    let class = aws::class(error.code());
                    let error = error.into_service_error().to_string();
                    results.extend(batch.iter().map(|_| Err(Failure::of(class, WHAT, error.clone()))));
                }
            }
        }
        results
    }
}
