//! Payloads: small ones as rows beside their job, large ones as objects, both named by their content.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::id::{JobId, WorkspaceId};
use domain::job::Stored;
use domain::port::{Failure, PayloadKind, Payloads};

use super::keys::{self, INLINE_BYTES};
use super::{Table, failure, primary};

/// Where large payloads lie: S3, or a folder in the local edition.
pub trait Objects {
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure>;
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Failure>;
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
}

impl<O: Objects> Payloads for PayloadStore<O> {
    async fn put(
        &self,
        (workspace, id): (&WorkspaceId, &JobId),
        kind: PayloadKind,
        bytes: &[u8],
    ) -> Result<Stored, Failure> {
        let stored = Stored::of(bytes);
        if stored.bytes > INLINE_BYTES {
            self.objects.put(&keys::object(workspace, id, kind, &stored), bytes).await?;
            return Ok(stored);
        }
        let mut item = primary(&keys::payload(workspace, id, kind, &stored));
        item.insert("entity".to_owned(), AttributeValue::S("payload".to_owned()));
        item.insert("bytes".to_owned(), AttributeValue::B(Blob::new(bytes)));
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
        stored: &Stored,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let bytes = if stored.bytes > INLINE_BYTES {
            self.objects.get(&keys::object(workspace, id, kind, stored)).await?
        } else {
            let item = self.table.read("read the payload", &keys::payload(workspace, id, kind, stored)).await?;
            item.and_then(|mut item| match item.remove("bytes") {
                Some(AttributeValue::B(bytes)) => Some(bytes.into_inner()),
                _ => None,
            })
        };
        // What is not what it was named is as good as gone, and must not be delivered.
        Ok(bytes.filter(|bytes| Stored::of(bytes) == *stored))
    }
}
