//! Reads of rows of any kind.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use domain::value::failure::Failure;

use super::keys::Key;
use super::rows::{BadRow, Item};
use super::{Table, failure};

/// The most keys that one BatchGetItem takes.
const BATCH: usize = 100;

const FIRST_WAIT: Duration = Duration::from_millis(25);
const LAST_WAIT: Duration = Duration::from_secs(1);

/// A row among others: one that does not read is logged and left out, so that it holds up no other.
pub(super) fn readable<T>(row: Result<T, BadRow>, item: &Item) -> Option<T> {
    row.inspect_err(|error| {
        let key = item.get("PK").and_then(|key| key.as_s().ok()).map_or("?", String::as_str);
        tracing::error!(key, "a row was left out: {error}");
    })
    .ok()
}

impl Table {
    /// Every row of a partition whose sort key starts so.
    pub(super) async fn below(&self, what: &'static str, pk: String, prefix: &str) -> Result<Vec<Item>, Failure> {
        let query = self
            .partition("PK = :pk AND begins_with(SK, :prefix)", pk)
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
        self.every(what, query).await
    }

    /// The rows of a partition from one sort key to another.
    pub(super) fn between(&self, from: &Key, to: &str) -> QueryFluentBuilder {
        self.partition("PK = :pk AND SK BETWEEN :from AND :to", from.pk.clone())
            .expression_attribute_values(":from", AttributeValue::S(from.sk.clone()))
            .expression_attribute_values(":to", AttributeValue::S(to.to_owned()))
    }

    fn partition(&self, condition: &str, pk: String) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .key_condition_expression(condition)
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// All that a query finds, however many pages that takes.
    pub(super) async fn every(&self, what: &'static str, query: QueryFluentBuilder) -> Result<Vec<Item>, Failure> {
        let mut pages = query.into_paginator().send();
        let mut rows = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(what, error))?;
            self.meter.read("Query", page.consumed_capacity.as_slice());
            rows.extend(page.items.unwrap_or_default());
        }
        Ok(rows)
    }

    /// The last row of a partition from one sort key to another.
    pub(super) async fn last_between(&self, what: &'static str, from: &Key, to: &str) -> Result<Option<Item>, Failure> {
        let query = self.between(from, to).scan_index_forward(false).limit(1);
        let page = query.send().await.map_err(|error| failure(what, error))?;
        self.meter.read("Query", page.consumed_capacity.as_slice());
        Ok(page.items.unwrap_or_default().into_iter().next())
    }

    /// Strongly consistent reads of the rows that index entries name. A row that is gone is left out.
    pub(super) async fn read_all(&self, what: &'static str, entries: Vec<Item>) -> Result<Vec<Item>, Failure> {
        let mut wanted: Vec<Item> = entries
            .iter()
            .filter_map(|entry| {
                let part = |name: &str| entry.get(name).and_then(|value| value.as_s().ok()).cloned();
                Some(Key { pk: part("PK")?, sk: part("SK")? }.attributes())
            })
            .collect();
        let mut rows = Vec::with_capacity(wanted.len());
        let mut wait = FIRST_WAIT;
        while !wanted.is_empty() {
            let rest = wanted.split_off(wanted.len().min(BATCH));
            let request = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(true)
                .build()
                .map_err(|error| Failure::permanent(what, error))?;
            let output = self
                .client
                .batch_get_item()
                .request_items(&self.name, request)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| failure(what, error))?;
            self.meter.read("BatchGetItem", output.consumed_capacity());
            rows.extend(output.responses.into_iter().flat_map(HashMap::into_values).flatten());
            wanted = rest;
            // What a busy table left over is asked for again.
            let left = output.unprocessed_keys.into_iter().flat_map(HashMap::into_values);
            let left: Vec<Item> = left.flat_map(|left| left.keys).collect();
            if !left.is_empty() {
                if wait > LAST_WAIT {
                    return Err(Failure::transient(what, "the table is too busy"));
                }
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            wanted.extend(left);
        }
        Ok(rows)
    }
}
