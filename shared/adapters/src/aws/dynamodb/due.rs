//! What is due, from the sixteen shards of the due index.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::port::{DueIndex, DueRow};
use domain::value::failure::Failure;
use domain::value::time::Timestamp;

use super::keys::{SHARDS, shard_name};
use super::read::readable;
use super::rows::{Item, job, response, workspace};
use super::{Table, failure, time};

impl DueIndex for Table {
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<DueRow>, Failure> {
        const WHAT: &str = "read the due index";
        let mut entries = Vec::new();
        for shard in 0..SHARDS {
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
            let mut left = usize::from(limit);
            while left > 0
                && let Some(page) = pages.next().await
            {
                let page = page.map_err(|error| failure(WHAT, error))?;
                self.meter.read("Query", page.consumed_capacity.as_slice());
                let found: Vec<Item> = page.items.unwrap_or_default().into_iter().take(left).collect();
                left -= found.len();
                entries.extend(found);
            }
        }
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
