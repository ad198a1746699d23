//! Payloads: small ones as rows beside their job, large ones as objects, both named by their content.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::contract::result::{RawPlace, SignedLink};
use domain::job::PayloadRef;
use domain::port::{Links, PayloadKind, Payloads};
use domain::value::failure::Failure;
use domain::value::id::{JobId, WorkspaceId};
use domain::value::time::Timestamp;

use super::keys::{self, INLINE_BYTES};
use super::rows::payload;
use super::{Table, bad, failure};

/// Where large payloads lie: S3, or a folder in the local edition.
pub trait Objects {
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure>;
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Failure>;
    /// Removes every object whose name starts so.
    async fn erase(&self, prefix: &str) -> Result<(), Failure>;
}

/// Where an object is had without a token for a short while.
pub trait ObjectLinks {
    /// `file` is what a browser is to save it as.
    async fn link(&self, name: &str, file: &str, now: Timestamp) -> Result<SignedLink, Failure>;
}

/// Payloads over the jobs table and a place for objects.
#[derive(Debug, Clone)]
pub struct PayloadStore<O> {
    table: Table,
    objects: O,
}

impl<O> PayloadStore<O> {
    pub fn new(table: Table, objects: O) -> Self {
        Self { table, objects }
    }

    pub fn objects(&self) -> &O {
        &self.objects
    }
}

impl<O: Objects> Payloads for PayloadStore<O> {
    async fn put(
        &self,
        (workspace, id): (&WorkspaceId, &JobId),
        kind: PayloadKind,
        bytes: &[u8],
    ) -> Result<PayloadRef, Failure> {
        let stored = PayloadRef::of(bytes);
        if stored.bytes > INLINE_BYTES {
            self.objects.put(&keys::object(workspace, id, kind, &stored), bytes).await?;
            return Ok(stored);
        }
        let item = payload::item(keys::payload(workspace, id, kind, &stored), bytes);
        let output = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| failure("write the payload", error))?;
        self.table.meter.write("PutItem", output.consumed_capacity.as_slice());
        Ok(stored)
    }

    async fn get(
        &self,
        (workspace, id): (&WorkspaceId, &JobId),
        kind: PayloadKind,
        stored: &PayloadRef,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let bytes = if stored.bytes > INLINE_BYTES {
            self.objects.get(&keys::object(workspace, id, kind, stored)).await?
        } else {
            const WHAT: &str = "read the payload";
            let item = self.table.read(WHAT, &keys::payload(workspace, id, kind, stored)).await?;
            item.as_ref().map(payload::decode).transpose().map_err(bad(WHAT))?.flatten()
        };
        // What is not what it was named is as good as gone, and must not be delivered.
        Ok(bytes.filter(|bytes| PayloadRef::of(bytes) == *stored))
    }

    async fn erase(&self, (workspace, id): (&WorkspaceId, &JobId)) -> Result<(), Failure> {
        const WHAT: &str = "erase the payloads";
        let Table { client, name, meter, .. } = &self.table;
        let mut start = None;
        loop {
            let page = client
                .query()
                .table_name(name)
                .key_condition_expression("PK = :pk")
                .filter_expression("entity = :payload")
                .projection_expression("PK, SK")
                .expression_attribute_values(":pk", AttributeValue::S(keys::job(workspace, id).pk))
                .expression_attribute_values(":payload", AttributeValue::S(payload::ENTITY.to_owned()))
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| failure(WHAT, error))?;
            meter.read("Query", page.consumed_capacity.as_slice());
            for row in page.items.unwrap_or_default() {
                // Rows are emptied and never deleted: what was there stays visible. Without its salt the hash of a note
                // shows nobody what it may have said.
                let emptied = client
                    .update_item()
                    .table_name(name)
                    .set_key(Some(row))
                    .update_expression("REMOVE #bytes, #salt")
                    .expression_attribute_names("#bytes", "bytes")
                    .expression_attribute_names("#salt", "salt")
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
                    .await
                    .map_err(|error| failure(WHAT, error))?;
                meter.write("UpdateItem", emptied.consumed_capacity.as_slice());
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return self.objects.erase(&payload::objects(workspace, id)).await;
            }
        }
    }
}

impl<O: ObjectLinks> Links for PayloadStore<O> {
    async fn link(&self, place: &RawPlace, now: Timestamp) -> Result<Option<SignedLink>, Failure> {
        let RawPlace { workspace, job, attempt, stored } = place;
        if stored.bytes <= INLINE_BYTES {
            return Ok(None);
        }
        let name = keys::object(workspace, job, PayloadKind::Result { attempt: *attempt }, stored);
        self.objects.link(&name, &format!("{job}-{attempt}.json"), now).await.map(Some)
    }
}
