//! A batch between its queue and its function, as Lambda's event source mapping carries it.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{MemoryQueue, Received};

/// The event that a function receives for a batch.
pub fn event(received: &[Received], queue_arn: &str) -> String {
    let region = queue_arn.split(':').nth(3).unwrap_or_default();
    let records: Vec<Value> = received
        .iter()
        .map(|message| {
            json!({
                "messageId": message.id,
                "receiptHandle": message.receipt,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": message.receive_count.to_string(),
                    "SentTimestamp": message.sent_ms.to_string(),
                    "SenderId": "AIDAIT2UOQQY3AUEKVGXU",
                    "ApproximateFirstReceiveTimestamp": message.first_received_ms.to_string(),
                },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": region,
            })
        })
        .collect();
    json!({"Records": records}).to_string()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchResponse {
    batch_item_failures: Option<Vec<BatchItemFailure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure {
    item_identifier: String,
}

impl MemoryQueue {
    /// Deletes what a function's answer says was done, and returns how many messages that were. All are done when it
    /// names no failure; none when it cannot be read or names a message that was not in the batch, as on AWS.
    pub fn apply(&self, response: &str, received: &[Received]) -> usize {
        let Some(failed) = failures(response) else { return 0 };
        let known: BTreeSet<&str> = received.iter().map(|message| message.id.as_str()).collect();
        if !failed.iter().all(|id| known.contains(id.as_str())) {
            return 0;
        }
        let done = received.iter().filter(|message| !failed.contains(&message.id));
        done.filter(|message| self.delete(&message.receipt)).count()
    }
}

fn failures(response: &str) -> Option<BTreeSet<String>> {
    // A handler that returns nothing has done everything.
    let response = if response.trim().is_empty() { "null" } else { response };
    let response: Option<BatchResponse> = serde_json::from_str(response).ok()?;
    let failures = response.and_then(|response| response.batch_item_failures).unwrap_or_default();
    Some(failures.into_iter().map(|failure| failure.item_identifier).collect())
}
