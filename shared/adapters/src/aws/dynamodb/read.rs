//! The reading half of the jobs table.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use domain::job::Job;
use domain::job::note::Note;
use domain::job::record::SealedRecord;
use domain::people::workspace::Workspace;
use domain::policy::job_type::JobType;
use domain::port::{JobReader, Listing, Order, Page, Position, Span};
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::failure::Failure;
use domain::value::id::{Digest, JobId, Principal, TypeName, WorkspaceId};
use domain::value::member::Member;
use domain::value::time::Timestamp;

use super::keys::{self, Key};
use super::rows::{BadRow, Item, breaker, event, job, job_type, member, membership, note, workspace};
use super::{Table, bad, failure};

/// The most keys that one BatchGetItem takes.
const BATCH: usize = 100;

const FIRST_WAIT: Duration = Duration::from_millis(25);
const LAST_WAIT: Duration = Duration::from_secs(1);

impl JobReader for Table {
    async fn member(&self, workspace: &WorkspaceId, principal: &Principal) -> Result<Option<Member>, Failure> {
        const WHAT: &str = "read the member";
        let item = self.read(WHAT, &keys::member(workspace, principal)).await?;
        item.as_ref().map(member::decode).transpose().map_err(bad(WHAT))
    }

    async fn members(&self, workspace: &WorkspaceId) -> Result<Vec<Member>, Failure> {
        let rows = self.below("read the members", workspace::key(workspace).pk, member::PREFIX).await?;
        Ok(rows.iter().filter_map(|item| readable(member::decode(item), item)).collect())
    }

    async fn memberships(&self, principal: &Principal) -> Result<Vec<(WorkspaceId, Member)>, Failure> {
        const WHAT: &str = "read the memberships";
        let rows = self.below(WHAT, membership::partition(principal), membership::PREFIX).await?;
        let named = rows.iter().filter_map(|item| readable(membership::decode(item), item).flatten());
        let named = named.map(|workspace| keys::member(&workspace, principal).attributes()).collect();
        let rows = self.read_all(WHAT, named).await?;
        let mut members: Vec<_> =
            rows.iter().filter_map(|item| readable(member::decode_with_workspace(item), item)).collect();
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(members)
    }

    async fn workspace(&self, workspace: &WorkspaceId) -> Result<Workspace, Failure> {
        const WHAT: &str = "read the workspace";
        let item = self.read(WHAT, &keys::workspace(workspace)).await?;
        let row = item.as_ref().map(workspace::decode).transpose().map_err(bad(WHAT))?;
        Ok(row.unwrap_or_else(|| Workspace::untouched(workspace.clone())))
    }

    async fn workspace_trail(&self, workspace: &WorkspaceId) -> Result<Vec<SealedRecord>, Failure> {
        const WHAT: &str = "read the workspace's events";
        let rows = self.below(WHAT, workspace::key(workspace).pk, event::PREFIX).await?;
        rows.iter().map(event::decode_workspace).collect::<Result<_, _>>().map_err(bad(WHAT))
    }

    async fn job_type(
        &self,
        workspace: &WorkspaceId,
        name: &TypeName,
        version: Option<u32>,
    ) -> Result<Option<JobType>, Failure> {
        const WHAT: &str = "read the job type";
        let item = match version {
            Some(version) => self.read(WHAT, &keys::job_type(workspace, name, version)).await?,
            None => {
                let first = keys::job_type(workspace, name, 0);
                self.last_between(WHAT, &first, &keys::job_type(workspace, name, u32::MAX).sk).await?
            }
        };
        match item {
            Some(item) => self.verified(WHAT, workspace, &item).await.map(Some),
            None => Ok(None),
        }
    }

    async fn type_digests(&self, workspace: &WorkspaceId) -> Result<Vec<(TypeName, u32, Digest)>, Failure> {
        const WHAT: &str = "read the job types";
        let rows = self.below(WHAT, workspace::key(workspace).pk, job_type::PREFIX).await?;
        Ok(rows.iter().filter_map(|item| readable(job_type::decode_digest(item), item)).collect())
    }

    async fn job_types(&self, workspace: &WorkspaceId) -> Result<Vec<JobType>, Failure> {
        const WHAT: &str = "read the job types";
        let first = Key { sk: job_type::PREFIX.to_owned(), ..workspace::key(workspace) };
        // Versions are many and large, and only the last of each name is read: from the last name backwards.
        let mut before = format!("{}~", job_type::PREFIX);
        let mut types = Vec::new();
        while let Some(item) = self.last_between(WHAT, &first, &before).await? {
            let sk = item.get("SK").and_then(|sk| sk.as_s().ok()).and_then(|sk| sk.rsplit_once('#'));
            let Some((name, _)) = sk else { break };
            before = format!("{name}#");
            types.extend(readable(job_type::decode(&item), &item));
        }
        types.reverse();
        Ok(types)
    }

    async fn notes(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Vec<Note>, Failure> {
        let rows = self.below("read the notes", keys::job(workspace, id).pk, note::PREFIX).await?;
        Ok(rows.iter().filter_map(|item| readable(note::decode(item), item).flatten()).collect())
    }

    fn first_admin(&self) -> Option<&Principal> {
        self.first_admin.as_ref()
    }

    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Option<Job>, Failure> {
        const WHAT: &str = "read the job";
        let item = self.read(WHAT, &keys::job(workspace, id)).await?;
        item.as_ref().map(job::decode).transpose().map_err(bad(WHAT))
    }

    async fn trail(&self, workspace: &WorkspaceId, id: &JobId, after: u32) -> Result<Vec<SealedRecord>, Failure> {
        const WHAT: &str = "read the events";
        let from = keys::event(workspace, id, after.saturating_add(1));
        let to = keys::event(workspace, id, u32::MAX);
        let mut trail = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :to")
                .expression_attribute_values(":pk", AttributeValue::S(from.pk.clone()))
                .expression_attribute_values(":from", AttributeValue::S(from.sk.clone()))
                .expression_attribute_values(":to", AttributeValue::S(to.sk.clone()))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| failure(WHAT, error))?;
            self.meter.read("Query", page.consumed_capacity.as_slice());
            for item in page.items.unwrap_or_default() {
                trail.push(event::decode(&item).map(|(_, _, sealed)| sealed).map_err(bad(WHAT))?);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(trail);
            }
        }
    }

    async fn list(
        &self,
        workspace: &WorkspaceId,
        listing: Listing<'_>,
        span: &Span,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<Page, Failure> {
        const WHAT: &str = "list the jobs";
        let (index, value) = match listing {
            Listing::All => ("listing", workspace.to_string()),
            Listing::Open => ("open", workspace.to_string()),
            Listing::By(creator, issuer) => ("creator", job::creator(workspace, creator, issuer)),
        };
        let start = after.map(|position| {
            let mut start = keys::job(workspace, &position.job).attributes();
            start.insert(index.to_owned(), AttributeValue::S(value.clone()));
            start.insert("created".to_owned(), AttributeValue::N(position.created_ms.to_string()));
            start
        });
        let mut query = self.client.query().table_name(&self.name).index_name(index);
        if span.from.is_some() || span.to.is_some() {
            let from = span.from.map_or(i64::MIN, Timestamp::millis);
            let last = span.to.map_or(i64::MAX, |to| to.millis().saturating_sub(1));
            query = query
                .key_condition_expression("#index = :value AND #created BETWEEN :from AND :last")
                .expression_attribute_names("#created", "created")
                .expression_attribute_values(":from", AttributeValue::N(from.to_string()))
                .expression_attribute_values(":last", AttributeValue::N(last.to_string()));
        } else {
            query = query.key_condition_expression("#index = :value");
        }
        let page = query
            .expression_attribute_names("#index", index)
            .expression_attribute_values(":value", AttributeValue::S(value.clone()))
            .scan_index_forward(span.order == Order::Oldest)
            .set_exclusive_start_key(start)
            .limit(i32::from(limit))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| failure(WHAT, error))?;
        self.meter.read("Query", page.consumed_capacity.as_slice());
        let next = page.last_evaluated_key.as_ref().and_then(position);
        let entries = page.items.unwrap_or_default();
        // A reader may go on from any job of a page, so jobs of one moment stay as the index has them.
        let name = |entry: &Item| Some(job::parse_pk(entry.get("PK")?.as_s().ok()?)?.1.to_string());
        let places: HashMap<Option<String>, usize> =
            entries.iter().enumerate().map(|(place, entry)| (name(entry), place)).collect();
        let mut jobs = Vec::new();
        for item in self.read_all(WHAT, entries).await? {
            jobs.extend(readable(job::decode(&item), &item));
        }
        jobs.sort_by_key(|job| places.get(&Some(job.id.to_string())).copied());
        Ok(Page { jobs, next })
    }

    async fn breaker(&self, circuit: Circuit) -> Result<Breaker, Failure> {
        const WHAT: &str = "read the breaker";
        let item = self.read(WHAT, &keys::breaker(circuit)).await?;
        let row = item.as_ref().map(breaker::decode).transpose().map_err(bad(WHAT))?;
        Ok(row.unwrap_or(Breaker::untouched(circuit)))
    }
}

/// A row among others: one that does not read is logged and left out, so that it holds up no other.
pub(super) fn readable<T>(row: Result<T, BadRow>, item: &Item) -> Option<T> {
    row.inspect_err(|error| {
        let key = item.get("PK").and_then(|key| key.as_s().ok()).map_or("?", String::as_str);
        tracing::error!(key, "a row was left out: {error}");
    })
    .ok()
}

fn position(key: &Item) -> Option<Position> {
    let (_, job) = job::parse_pk(key.get("PK")?.as_s().ok()?)?;
    Some(Position { created_ms: key.get("created")?.as_n().ok()?.parse().ok()?, job })
}

impl Table {
    /// Every row of a partition whose sort key starts so.
    async fn below(&self, what: &'static str, pk: String, prefix: &str) -> Result<Vec<Item>, Failure> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .into_paginator()
            .send();
        let mut rows = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(what, error))?;
            self.meter.read("Query", page.consumed_capacity.as_slice());
            rows.extend(page.items.unwrap_or_default());
        }
        Ok(rows)
    }

    /// The last row of a partition from one sort key to another.
    async fn last_between(&self, what: &'static str, from: &Key, to: &str) -> Result<Option<Item>, Failure> {
        let page = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(from.pk.clone()))
            .expression_attribute_values(":from", AttributeValue::S(from.sk.clone()))
            .expression_attribute_values(":to", AttributeValue::S(to.to_owned()))
            .scan_index_forward(false)
            .limit(1)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| failure(what, error))?;
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
