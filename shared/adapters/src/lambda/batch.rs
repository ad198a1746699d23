//! A batch of messages, taken one by one.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use domain::event::published::Published;
use domain::port::{Message, PollMessage, SubmitMessage};
use domain::value::failure::Failure;
use domain::value::word::Word;
use serde::Deserialize;

use super::diagnostic::chain;
use crate::aws::eventbridge;
use crate::json_position::WhereOnly;

/// A batch of messages, taken one by one, so that one bad message is one bad message.
#[derive(Debug)]
pub struct Batch {
    records: std::vec::IntoIter<SqsMessage>,
    current: String,
    /// The id of the job, response or workspace that the current message is about.
    about: String,
    response: SqsBatchResponse,
}

impl Batch {
    pub fn new(event: SqsEvent) -> Self {
        let records = event.records.into_iter();
        Self { records, current: String::new(), about: String::new(), response: SqsBatchResponse::default() }
    }

    /// The next message of this queue. A body that is none is named as failed, comes back, and ends in the dead-letter
    /// queue.
    pub fn next_message<M: Message>(&mut self) -> Option<M> {
        self.next(read_message, |message: &M| message.subject().to_owned())
    }

    /// The same for a queue that rules of the bus fill.
    pub fn next_event(&mut self) -> Option<Published> {
        self.next(eventbridge::delivered, |event| event.job_id.to_string())
    }

    fn next<T>(&mut self, read: fn(&str) -> Result<T, Failure>, about: fn(&T) -> String) -> Option<T> {
        loop {
            let record = self.records.next()?;
            self.current = record.message_id.unwrap_or_default();
            match read(record.body.as_deref().unwrap_or_default()) {
                Ok(item) => {
                    self.about = about(&item);
                    return Some(item);
                }
                Err(failure) => self.record(Err(failure)),
            }
        }
    }

    /// What came of the last piece of work. A failed one comes back.
    pub fn record(&mut self, outcome: Result<(), Failure>) {
        if let Err(failure) = outcome {
            let id = std::mem::take(&mut self.current);
            let about = std::mem::take(&mut self.about);
            tracing::error!(message_id = id, about, class = ?failure.class, "message {id} failed: {}", chain(&failure));
            let mut failed = BatchItemFailure::default();
            failed.item_identifier = id;
            self.response.batch_item_failures.push(failed);
        }
    }

    /// The answer to Lambda, once there is no work left.
    pub fn answer(self) -> SqsBatchResponse {
        self.response
    }
}

/// The message in a body, if it is one of this queue.
fn read_message<M: Message>(body: &str) -> Result<M, Failure> {
    const WHAT: &str = "read the message";
    serde_json::from_str::<M>(body).map_err(|error| {
        let kind = serde_json::from_str::<Kind>(body).ok().map(|Kind { kind }| kind);
        let is_of = |kinds: &[&str]| kind.is_some_and(|kind| kinds.contains(&kind.as_str()));
        match kind {
            Some(_) if is_of(M::KINDS) => Failure::permanent(WHAT, WhereOnly::from(&error)),
            // Whoever takes it here does nothing for it, and it must not be lost.
            Some(_) if is_of(SubmitMessage::KINDS) || is_of(PollMessage::KINDS) => {
                Failure::permanent(WHAT, "it is one of the other queue")
            }
            // Not poison: it stays in its queue until the release that sent it takes it.
            Some(_) => Failure::transient(WHAT, "a newer release asks for it"),
            None => Failure::permanent(WHAT, WhereOnly::from(&error)),
        }
    })
}

/// Of a message that cannot be read.
#[derive(Deserialize)]
struct Kind {
    kind: Word,
}
