//! What is due, from the sixteen shards of the due index.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::port::{DueIndex, DueRow};
use domain::value::failure::Failure;
use domain::value::time::Timestamp;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::keys::{SHARDS, shard_name};
use super::read::readable;
use super::rows::{Item, job, response, workspace};
use super::{Table, failure, time};

const WHAT: &str = "read the due index";

/// Shards that are read side by side. Each needs a connection of its own, and a first one to AWS costs a TLS handshake.
const AT_ONCE: usize = 4;

impl DueIndex for Table {
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<DueRow>, Failure> {
        // On the heap: the SDK's futures are large.
        let shards = stream::iter(0..SHARDS).map(|shard| Box::pin(self.due_in(shard, now, limit)));
        let entries: Vec<Vec<Item>> = shards.buffered(AT_ONCE).try_collect().await?;
        let entries = entries.into_iter().flatten().collect();
        let mut rows = Vec::new();
        for item in self.read_all(WHAT, entries).await? {
            let row = match item.get("SK").and_then(|sk| sk.as_s().ok()).map(String::as_str) {
                Some("JOB") => job::decode(&item).map(|job| DueRow::Job(Box::new(job))),
                Some("WORKSPACE") => workspace::decode(&item).map(|row| DueRow::Workspace(Box::new(row))),
                _ => response::decode(&item).map(|row| DueRow::Response(Box::new(row))),
            };
            rows.extend(readable(row, &item));
        }
        Ok(rows)
    }
}

impl Table {
    /// The entries of one shard. A page ends at a megabyte, so a long shard takes several.
    async fn due_in(&self, shard: u8, now: Timestamp, limit: u16) -> Result<Vec<Item>, Failure> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("due")
            .key_condition_expression("due_shard = :shard AND due_at <= :now")
            .expression_attribute_values(":shard", AttributeValue::S(shard_name(shard)))
            .expression_attribute_values(":now", time(now))
            .limit(i32::from(limit))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .into_paginator()
            .send();
        let mut entries: Vec<Item> = Vec::new();
        while entries.len() < usize::from(limit)
            && let Some(page) = pages.next().await
        {
            let page = page.map_err(|error| failure(WHAT, error))?;
            self.meter.read("Query", page.consumed_capacity.as_slice());
            let left = usize::from(limit) - entries.len();
            entries.extend(page.items.unwrap_or_default().into_iter().take(left));
        }
        Ok(entries)
    }
}
