//! The event bus on EventBridge. `PutEvents` answers 200 with failed entries inside, so each entry is looked at.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::ProvideErrorMetadata as _;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::event::published::{Published, PublishedChange};
use domain::port::EventBus;
use domain::value::failure::Failure;
use domain::value::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::class;
use crate::json_position::WhereOnly;

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

/// An event as a rule hands it on.
#[derive(Deserialize)]
struct Envelope {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    detail: Published,
}

/// The event in a message that a rule put on a queue. What is not one of ours is refused without a word of what it says.
pub fn delivered(message: &str) -> Result<Published, Failure> {
    const WHAT: &str = "read the message";
    let Envelope { source, detail_type, detail } =
        serde_json::from_str(message).map_err(|error| Failure::permanent(WHAT, WhereOnly::from(&error)))?;
    if source == SOURCE && detail_type == detail.kind.word() && detail.is_ours() {
        return Ok(detail);
    }
    Err(Failure::permanent(WHAT, "it holds no event of ours"))
}

/// One entry of a call.
struct Entry {
    kind: String,
    detail: String,
    at: Timestamp,
}

impl Entry {
    fn new(kind: &str, event: &impl Serialize, at: Timestamp) -> Self {
        Self { kind: kind.to_owned(), detail: serde_json::to_string(event).unwrap_or_default(), at }
    }
}

impl EventBus for Bus {
    async fn publish(&self, events: &[Published]) -> Vec<Result<(), Failure>> {
        self.put(events.iter().map(|event| Entry::new(event.kind.word(), event, event.at)).collect()).await
    }

    async fn publish_changes(&self, changes: &[PublishedChange]) -> Vec<Result<(), Failure>> {
        self.put(changes.iter().map(|change| Entry::new(change.kind.word(), change, change.at)).collect()).await
    }
}

impl Bus {
    async fn put(&self, entries: Vec<Entry>) -> Vec<Result<(), Failure>> {
        const WHAT: &str = "publish the event";
        let mut results = Vec::with_capacity(entries.len());
        for batch in entries.chunks(BATCH) {
            let mut request = self.client.put_events();
            for Entry { kind, detail, at } in batch {
                request = request.entries(
                    PutEventsRequestEntry::builder()
                        .event_bus_name(&self.name)
                        .source(SOURCE)
                        .detail_type(kind)
                        .detail(detail)
                        .time(DateTime::from_millis(at.millis()))
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
                    let class = class(error.code());
                    let error = error.into_service_error().to_string();
                    results.extend(batch.iter().map(|_| Err(Failure::of(class, WHAT, error.clone()))));
                }
            }
        }
        results
    }
}
