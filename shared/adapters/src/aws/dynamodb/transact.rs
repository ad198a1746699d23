//! Several writes of which all are done or none, and what their answer tells.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnConsumedCapacity, TransactWriteItem};
use domain::value::failure::Failure;

use super::{Table, failure};
use crate::aws::error::class;

/// How a transaction ended, as far as its answer tells.
pub(super) enum Answer {
    Done,
    /// A condition failed: nothing was written.
    Refused,
    /// It may have been written.
    Unclear(Failure),
}

impl Table {
    pub(super) async fn transact(&self, what: &'static str, writes: Vec<TransactWriteItem>) -> Answer {
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match sent {
            Ok(output) => {
                self.meter.write("TransactWriteItems", output.consumed_capacity());
                Answer::Done
            }
            Err(error) if is_refused(&error) => Answer::Refused,
            Err(error) => {
                let class = canceled(&error).iter().map(|reason| class(reason.code())).max();
                Answer::Unclear(match class {
                    Some(class) => Failure::of(class, what, error),
                    None => failure(what, error),
                })
            }
        }
    }
}

/// Whether a condition was the reason, whatever other reasons stand beside it.
fn is_refused<R>(error: &SdkError<TransactWriteItemsError, R>) -> bool {
    canceled(error).iter().any(|reason| reason.code() == Some("ConditionalCheckFailed"))
}

fn canceled<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled.cancellation_reasons(),
        _ => &[],
    }
}
