//! A batch of messages, taken one by one.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use domain::event::published::Published;
use domain::port::Work;
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

fn subject(work: &Work) -> String {
    match work {
        Work::SubmitV1 { job_id, .. } | Work::ObserveV1 { job_id, .. } => job_id.to_string(),
        Work::ResponseV1 { response_id, .. } => response_id.to_string(),
        Work::WorkspaceV1 { workspace } => workspace.to_string(),
    }
}

impl Batch {
    pub fn new(event: SqsEvent) -> Self {
        let records = event.records.into_iter();
        Self { records, current: String::new(), about: String::new(), response: SqsBatchResponse::default() }
    }

    /// The next piece of work. A body that is not [`Work`] is poison: it is named as failed, comes back, and ends in
    /// the dead-letter queue.
    pub fn next_work(&mut self) -> Option<Work> {
        let read = |body: &str| {
            serde_json::from_str::<Work>(body).map_err(|error| match serde_json::from_str::<Kind>(body) {
                // Not poison: it stays in its queue until the release that sent it takes it.
                Ok(Kind { kind }) if !Work::KINDS.contains(&kind.as_str()) => {
                    Failure::transient("read the message", "a newer release asks for it")
                }
                Ok(_) | Err(_) => Failure::permanent("read the message", WhereOnly::from(&error)),
            })
        };
        self.next(read, subject)
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
                Err(failure) => self.note(Err(failure)),
            }
        }
    }

    /// What came of the last piece of work. A failed one comes back.
    pub fn note(&mut self, outcome: Result<(), Failure>) {
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

/// Of a message whose kind is not known here.
#[derive(Deserialize)]
struct Kind {
    kind: Word,
}
