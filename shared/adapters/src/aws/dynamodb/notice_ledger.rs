//! The notice ledger: who notifies people of an event, and that they have been.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::port::{Claim, NoticeLedger};
use domain::value::failure::Failure;
use domain::value::id::{JobId, WorkspaceId};
use domain::value::time::Timestamp;

use super::rows::notice;
use super::write::is_condition;
use super::{Table, failure, time};

impl Table {
    fn notice(&self, (workspace, id): (&WorkspaceId, &JobId), version: u32) -> UpdateItemFluentBuilder {
        let key = notice::key(workspace, id, version);
        self.update(&key).expression_attribute_values(":notice", AttributeValue::S(notice::ENTITY.to_owned()))
    }
}

impl NoticeLedger for Table {
    async fn claim(
        &self,
        job: (&WorkspaceId, &JobId),
        version: u32,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Claim, Failure> {
        let update = self
            .notice(job, version)
            .update_expression("SET entity = :notice, held_until = :until")
            .condition_expression("attribute_not_exists(told_at) AND (attribute_not_exists(PK) OR held_until <= :now)")
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":until", time(now + lease))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(output) => {
                self.meter.write("UpdateItem", output.consumed_capacity.as_slice());
                Ok(Claim::Mine)
            }
            // The SDK's own second try meets what its first one wrote, and waits for the next delivery.
            Err(error) if is_condition(&error) => Ok(match is_notified(&error) {
                true => Claim::Done,
                false => Claim::Busy,
            }),
            Err(error) => Err(failure("claim the notice", error)),
        }
    }

    async fn done(&self, job: (&WorkspaceId, &JobId), version: u32, now: Timestamp) -> Result<(), Failure> {
        let update = self
            .notice(job, version)
            .update_expression("SET entity = :notice, told_at = if_not_exists(told_at, :now)")
            .expression_attribute_values(":now", time(now));
        let output = update.send().await.map_err(|error| failure("mark the notice", error))?;
        self.meter.write("UpdateItem", output.consumed_capacity.as_slice());
        Ok(())
    }
}

/// Whether the row that stood in the way says that people have been notified.
fn is_notified<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            failed.item().is_some_and(|row| row.contains_key("told_at"))
        }
        _ => false,
    }
}
