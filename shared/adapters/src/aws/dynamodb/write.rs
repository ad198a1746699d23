//! Writes of rows of any kind.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use domain::port::WriteOutcome;
use domain::value::failure::Failure;

use super::keys::Key;
use super::rows::{Amendment, Item, RowEncoder};
use super::transact::ABSENT;
use super::{Table, failure};

impl Table {
    /// An update of one row, with its expression and its condition still to come.
    pub(super) fn update(&self, key: &Key) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().table_name(&self.name).set_key(Some(key.attributes()));
        update.return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// An amendment of its own, with the condition still to come.
    pub(super) fn amending(&self, row: RowEncoder) -> UpdateItemFluentBuilder {
        let Amendment { key, expression, names, values } = row.amendment();
        self.update(&key)
            .update_expression(expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
    }

    /// Writes a row that must be new.
    pub(super) async fn put_new(&self, what: &'static str, item: Item) -> Result<WriteOutcome, Failure> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item)).condition_expression(ABSENT);
        match put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await {
            Ok(output) => {
                self.meter.write("PutItem", output.consumed_capacity.as_slice());
                Ok(WriteOutcome::Committed)
            }
            Err(error) if is_condition(&error) => Ok(WriteOutcome::Conflict),
            Err(error) => Err(failure(what, error)),
        }
    }

    pub(super) async fn amended(
        &self,
        what: &'static str,
        update: UpdateItemFluentBuilder,
    ) -> Result<WriteOutcome, Failure> {
        match update.send().await {
            Ok(output) => {
                self.meter.write("UpdateItem", output.consumed_capacity.as_slice());
                Ok(WriteOutcome::Committed)
            }
            Err(error) if is_condition(&error) => Ok(WriteOutcome::Conflict),
            Err(error) => Err(failure(what, error)),
        }
    }
}

pub(super) fn is_condition<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("ConditionalCheckFailedException")
}
