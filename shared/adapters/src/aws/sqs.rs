//! The two queues on SQS.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata as _;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use domain::port::{LONGEST_DELAY, Message, PollMessage, PollQueue, SubmitMessage, SubmitQueue};
use domain::value::failure::Failure;

use super::error::class;

/// The queue in front of `observe-job`, for a function that sends to no other.
#[derive(Debug, Clone)]
pub struct SqsPollQueue(SqsQueue);

/// The queues in front of `submit-job` and `observe-job`.
#[derive(Debug, Clone)]
pub struct SqsQueues {
    submit: SqsQueue,
    poll: SqsPollQueue,
}

impl SqsPollQueue {
    pub fn new(client: Client, url: String) -> Self {
        Self(SqsQueue { client, url })
    }
}

impl SqsQueues {
    pub fn new(client: Client, submit_url: String, poll_url: String) -> Self {
        Self { submit: SqsQueue { client: client.clone(), url: submit_url }, poll: SqsPollQueue::new(client, poll_url) }
    }
}

impl SubmitQueue for SqsQueues {
    async fn send_submits(&self, messages: &[(SubmitMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.submit.send(messages).await
    }

    async fn submits_waiting(&self) -> Result<usize, Failure> {
        self.submit.waiting().await
    }
}

impl PollQueue for SqsQueues {
    async fn send_polls(&self, messages: &[(PollMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.poll.send_polls(messages).await
    }

    async fn polls_waiting(&self) -> Result<usize, Failure> {
        self.poll.polls_waiting().await
    }
}

impl PollQueue for SqsPollQueue {
    async fn send_polls(&self, messages: &[(PollMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.0.send(messages).await
    }

    async fn polls_waiting(&self) -> Result<usize, Failure> {
        self.0.waiting().await
    }
}

/// One queue. Which messages it takes is for its owner to say.
#[derive(Debug, Clone)]
struct SqsQueue {
    client: Client,
    url: String,
}

/// The most entries of one batch.
const BATCH: usize = 10;

impl SqsQueue {
    async fn send<M: Message>(&self, messages: &[(M, Duration)]) -> Vec<Result<(), Failure>> {
        let mut results = Vec::with_capacity(messages.len());
        for batch in messages.chunks(BATCH) {
            results.extend(self.send_batch(batch).await);
        }
        results
    }

    async fn send_batch<M: Message>(&self, batch: &[(M, Duration)]) -> Vec<Result<(), Failure>> {
        const WHAT: &str = "send the message";
        let mut request = self.client.send_message_batch().queue_url(&self.url);
        for (place, (message, delay)) in batch.iter().enumerate() {
            let entry = serde_json::to_string(message).map_err(|error| error.to_string()).and_then(|body| {
                SendMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .message_body(body)
                    .set_delay_seconds(i32::try_from(delay.min(&LONGEST_DELAY).as_secs()).ok())
                    // Fair queues: one workspace's flood does not hold up the others.
                    .set_message_group_id(message.workspace().map(ToString::to_string))
                    .build()
                    .map_err(|error| error.to_string())
            });
            match entry {
                Ok(entry) => request = request.entries(entry),
                Err(error) => return batch.iter().map(|_| Err(Failure::permanent(WHAT, error.clone()))).collect(),
            }
        }
        // On the heap: the futures of the flows around it are deep enough without the SDK's own.
        match Box::pin(request.send()).await {
            Ok(output) => (0..batch.len())
                .map(|place| {
                    let sent = output.successful().iter().any(|entry| entry.id() == place.to_string());
                    if sent { Ok(()) } else { Err(Failure::transient(WHAT, "the queue refused the entry")) }
                })
                .collect(),
            Err(error) => {
                let class = class(error.code());
                let error = error.into_service_error().to_string();
                batch.iter().map(|_| Err(Failure::of(class, WHAT, error.clone()))).collect()
            }
        }
    }

    async fn waiting(&self) -> Result<usize, Failure> {
        const WHAT: &str = "read how much waits in the queue";
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let answer = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone()).send().await;
        let answer = answer.map_err(|error| Failure::of(class(error.code()), WHAT, error.into_service_error()))?;
        let depth = answer.attributes.and_then(|mut attributes| attributes.remove(&name));
        depth.and_then(|depth| depth.parse().ok()).ok_or_else(|| Failure::transient(WHAT, "the queue does not say"))
    }
}
