//! The jobs table on DynamoDB.

mod circuits;
mod due;
mod jobs;
pub mod keys;
mod log_lines;
mod meter;
mod notice_ledger;
mod payload_store;
mod read;
mod responses;
mod rows;
mod transact;
mod verified_type;
mod workspaces;
mod write;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::value::failure::Failure;
use domain::value::time::Timestamp;

use crate::aws::error::failure;

pub use meter::{Meter, Readings};
pub use payload_store::{ObjectLinks, Objects, PayloadStore};
pub use rows::event::{
    StreamedRecord, decode as read_event, decode_streamed, item as event_item, workspace_item as workspace_event_item,
};
pub use rows::job::{decode as read_job, item as job_item};
pub use rows::job_type::item as type_item;
pub use rows::member::{decode_with_workspace as read_member, item as member_item};
pub use rows::membership::item as membership_item;
pub use rows::response::item as response_item;
pub use rows::{BadRow, Item};

use keys::Key;

/// The table, and what talking to it has cost so far.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    meter: Meter,
    types: verified_type::KnownDigests,
}

impl Table {
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into(), meter: Meter::default(), types: verified_type::KnownDigests::default() }
    }

    /// What all calls through this table and its clones have consumed.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// One strongly consistent read.
    async fn read(&self, what: &'static str, key: &Key) -> Result<Option<Item>, Failure> {
        let output = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .return_consumed_capacity(aws_sdk_dynamodb::types::ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| failure(what, error))?;
        self.meter.read("GetItem", output.consumed_capacity.as_slice());
        Ok(output.item)
    }
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn time(value: Timestamp) -> AttributeValue {
    number(value.millis())
}

fn bad(what: &'static str) -> impl Fn(BadRow) -> Failure {
    move |error| Failure::permanent(what, error)
}
