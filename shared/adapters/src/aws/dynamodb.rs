//! The jobs table on DynamoDB.

mod item;
pub mod keys;
mod log;
mod meter;
mod notice;
mod payload;
mod people;
mod provider;
mod reader;
mod row;
mod store;
mod stream;
mod transact;
mod trusted;
mod workspace;
mod write;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::value::failure::Failure;
use domain::value::id::Principal;

use crate::aws::error::failure;

pub use item::{event as event_item, job as job_item, read_event, read_job};
pub use meter::{Meter, Readings};
pub use payload::{Objects, PayloadStore};
pub use people::{event as workspace_event_item, job_type as type_item, member as member_item};
pub use provider::response as response_item;
pub use row::{BadRow, Item};
pub use stream::{Read, read_record};

use keys::Key;

/// The table, and what talking to it has cost so far.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    meter: Meter,
    first_admin: Option<Principal>,
    types: trusted::Known,
}

impl Table {
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into(), meter: Meter::default(), first_admin: None, types: trusted::Known::default() }
    }

    /// The same table, with somebody who sets up workspaces that have no admin yet.
    pub fn with_first_admin(self, first_admin: Option<Principal>) -> Self {
        Self { first_admin, ..self }
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
            .set_key(Some(primary(key)))
            .consistent_read(true)
            .return_consumed_capacity(aws_sdk_dynamodb::types::ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| failure(what, error))?;
        self.meter.read("GetItem", output.consumed_capacity.as_slice());
        Ok(output.item)
    }
}

fn primary(key: &Key) -> Item {
    Item::from([
        ("PK".to_owned(), AttributeValue::S(key.pk.clone())),
        ("SK".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

fn bad(what: &'static str) -> impl Fn(BadRow) -> Failure {
    move |error| Failure::permanent(what, error)
}
