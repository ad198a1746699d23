//! The work queues on SQS.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata as _;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use domain::port::{LONGEST_DELAY, Queue, Work, WorkQueue};
use domain::value::failure::Failure;

use super::error::class;

/// The queues in front of `submit-job` and `observe-job`, as far as a function sends to them.
#[derive(Debug, Clone)]
pub struct SqsQueues {
    client: Client,
    submit_url: Option<String>,
    observe_url: Option<String>,
}

/// The most entries of one batch.
const BATCH: usize = 10;

impl SqsQueues {
    pub fn new(client: Client, submit_url: Option<String>, observe_url: Option<String>) -> Self {
        Self { client, submit_url, observe_url }
    }

    fn url(&self, queue: Queue) -> Option<&str> {
        match queue {
            Queue::Submit => self.submit_url.as_deref(),
            Queue::Observe => self.observe_url.as_deref(),
        }
    }

    async fn send_batch(&self, url: &str, batch: &[(usize, &Work, Duration)]) -> Vec<(usize, Result<(), Failure>)> {
        const WHAT: &str = "send the message";
        let mut request = self.client.send_message_batch().queue_url(url);
        for (place, work, delay) in batch {
            let entry = serde_json::to_string(work).map_err(|error| error.to_string()).and_then(|body| {
                SendMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .message_body(body)
                    .set_delay_seconds(i32::try_from(delay.min(&LONGEST_DELAY).as_secs()).ok())
                    // Fair queues: one workspace's flood does not hold up the others.
                    .set_message_group_id(group(work))
                    .build()
                    .map_err(|error| error.to_string())
            });
            match entry {
                Ok(entry) => request = request.entries(entry),
                Err(error) => {
                    return batch
                        .iter()
                        .map(|(place, ..)| (*place, Err(Failure::permanent(WHAT, error.clone()))))
                        .collect();
                }
            }
        }
        match request.send().await {
            Ok(output) => batch
                .iter()
                .map(|(place, ..)| {
                    let sent = output.successful().iter().any(|entry| entry.id() == place.to_string());
                    (*place, if sent { Ok(()) } else { Err(Failure::transient(WHAT, "the queue refused the entry")) })
                })
                .collect(),
            Err(error) => {
                let class = class(error.code());
                let error = error.into_service_error().to_string();
                batch.iter().map(|(place, ..)| (*place, Err(Failure::of(class, WHAT, error.clone())))).collect()
            }
        }
    }
}

fn group(work: &Work) -> Option<String> {
    match work {
        Work::SubmitV1 { workspace, .. } | Work::ObserveV1 { workspace, .. } | Work::WorkspaceV1 { workspace } => {
            Some(workspace.to_string())
        }
        Work::ResponseV1 { .. } => None,
    }
}

impl WorkQueue for SqsQueues {
    async fn send(&self, work: &[(Work, Duration)]) -> Vec<Result<(), Failure>> {
        let mut results: Vec<Result<(), Failure>> = work
            .iter()
            .map(|_| Err(Failure::permanent("send the message", "this function has no such queue")))
            .collect();
        for queue in [Queue::Submit, Queue::Observe] {
            let of_queue: Vec<(usize, &Work, Duration)> = work
                .iter()
                .enumerate()
                .filter(|(_, (work, _))| work.queue() == queue)
                .map(|(place, (work, delay))| (place, work, *delay))
                .collect();
            let Some(url) = self.url(queue) else { continue };
            for batch in of_queue.chunks(BATCH) {
                for (place, outcome) in self.send_batch(url, batch).await {
                    if let Some(result) = results.get_mut(place) {
                        *result = outcome;
                    }
                }
            }
        }
        results
    }

    async fn waiting(&self, queue: Queue) -> Result<usize, Failure> {
        const WHAT: &str = "read how much waits in the queue";
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let url = self.url(queue).ok_or_else(|| Failure::permanent(WHAT, "this function has no such queue"))?;
        let answer = self.client.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await;
        let answer = answer.map_err(|error| Failure::of(class(error.code()), WHAT, error.into_service_error()))?;
        let depth = answer.attributes.and_then(|mut attributes| attributes.remove(&name));
        depth.and_then(|depth| depth.parse().ok()).ok_or_else(|| Failure::transient(WHAT, "the queue does not say"))
    }
}
