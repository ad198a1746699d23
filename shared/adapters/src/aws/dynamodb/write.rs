//! The writing half of the jobs table: one conditional write for each method, and a second look when its answer is lost.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use domain::job::note::Note;
use domain::job::response::ResponseRow;
use domain::job::{Job, Transition};
use domain::people::workspace::{Entry, Workspace, WorkspaceChange};
use domain::port::{Confirmation, Creation, DueRow, JobReader as _, JobStore, ResponseWrite, WriteOutcome};
use domain::provider::breaker::Breaker;
use domain::value::failure::Failure;
use domain::value::id::{Nonce, Principal, ResponseId, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::Timestamp;

use super::keys::{self, Key, SHARDS, shard_name};
use super::log_lines::{log_breaker, log_transition};
use super::read::readable;
use super::rows::{
    Amendment, Item, RowEncoder, breaker, denied, event, expression, job, job_type, note, response, workspace,
};
use super::transact::{
    ABSENT, TransactOutcome, has_role, put, response_write, set_member, set_membership, set_own, transition,
    workspace_change,
};
use super::{Table, bad, failure, number, time};

impl JobStore for Table {
    async fn create(&self, change: &Transition) -> Result<Creation, Failure> {
        let writes = vec![put(&self.name, job::item(&change.job))?, put(&self.name, event::item(change))?];
        let answer = self.transact("create the job", writes).await;
        if matches!(answer, TransactOutcome::Done) {
            log_transition(change);
            return Ok(Creation::Created);
        }
        match (self.job(&change.job.workspace, &change.job.id).await?, answer) {
            // The head alone does not tell two requests of one millisecond apart.
            (Some(row), TransactOutcome::Unclear(_))
                if row.head == change.job.head && row.input == change.job.input =>
            {
                log_transition(change);
                Ok(Creation::Created)
            }
            (Some(row), _) => Ok(Creation::Existing(Box::new(row))),
            (None, TransactOutcome::Unclear(failure)) => Err(failure),
            (None, _) => Err(Failure::transient("create the job", "the row that stood in the way is gone")),
        }
    }

    async fn commit(&self, change: &Transition, response: Option<&ResponseWrite>) -> Result<WriteOutcome, Failure> {
        let beside = response.map(|write| response_write(&self.name, write)).transpose()?;
        self.commit_with(change, beside.into_iter().collect()).await
    }

    async fn decide(
        &self,
        change: &Transition,
        response: Option<&ResponseWrite>,
        note: Option<&Note>,
        reviewers: &[Principal],
    ) -> Result<WriteOutcome, Failure> {
        let Job { workspace, id, .. } = &change.job;
        let response = response.map(|write| response_write(&self.name, write));
        let note = note.map(|note| put(&self.name, note::item(workspace, id, note)));
        let checks = reviewers.iter().map(|principal| has_role(&self.name, workspace, principal, Role::Reviewer));
        let with = response.into_iter().chain(note).chain(checks).collect::<Result<_, _>>()?;
        self.commit_with(change, with).await
    }

    async fn change_workspace(
        &self,
        change: &WorkspaceChange,
        admin: Option<&Principal>,
    ) -> Result<WriteOutcome, Failure> {
        let WorkspaceChange { workspace, entry, .. } = change;
        let mut writes =
            vec![workspace_change(&self.name, workspace)?, put(&self.name, event::workspace_item(change))?];
        let check = || admin.map(|admin| has_role(&self.name, &workspace.id, admin, Role::Admin)).transpose();
        if let Entry::Member(member) = entry {
            writes.push(set_membership(&self.name, &workspace.id, member)?);
        }
        match entry {
            // A row cannot be both checked and written.
            Entry::Member(own) if admin == Some(&own.principal) => {
                writes.push(set_own(&self.name, &workspace.id, own)?);
            }
            Entry::Member(member) => {
                writes.push(set_member(&self.name, &workspace.id, member)?);
                writes.extend(check()?);
            }
            Entry::Type(set) => {
                writes.push(put(&self.name, job_type::item(&workspace.id, set, workspace.version))?);
                writes.extend(check()?);
            }
        }
        match self.transact("change the workspace", writes).await {
            TransactOutcome::Done => Ok(WriteOutcome::Committed),
            TransactOutcome::Refused => Ok(WriteOutcome::Conflict),
            TransactOutcome::Unclear(failure) => match self.workspace(&workspace.id).await? {
                row if row.head == workspace.head => Ok(WriteOutcome::Committed),
                row if row.version >= workspace.version => Ok(WriteOutcome::Conflict),
                _ => Err(failure),
            },
        }
    }

    async fn claim(&self, seen: &Job, claimed: &Job) -> Result<WriteOutcome, Failure> {
        const WHAT: &str = "claim the job";
        let (before, item) = (job::item(seen), job::item(claimed));
        let mut update = self
            .update(&keys::job(&seen.workspace, &seen.id))
            // `tries` only ever grows within a version, so two claims can never look alike.
            .condition_expression("vn = :version AND tn = :seen")
            .expression_attribute_values(":version", number(seen.version))
            .expression_attribute_values(":seen", number(seen.tries))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (mut sets, mut removed) = (Vec::new(), Vec::new());
        let clock = job::CLOCK.into_iter().filter(|name| item.get(*name) != before.get(*name));
        for name in clock.chain(job::DUE_INDEX) {
            match item.get(name) {
                Some(value) => {
                    update = update.expression_attribute_values(format!(":{name}"), value.clone());
                    sets.push(format!("{name} = :{name}"));
                }
                None => removed.push(name.to_owned()),
            }
        }
        match update.update_expression(expression(&sets, &removed)).send().await {
            Ok(output) => {
                self.meter.write("UpdateItem", output.consumed_capacity.as_slice());
                Ok(WriteOutcome::Committed)
            }
            // The SDK's own second try meets what its first one wrote; only a fresh `start` proves that it was ours.
            Err(error) if is_condition(&error) => Ok(match row_in_the_way(&error) {
                Some(row) if claimed.attempt.start != seen.attempt.start && is_held(&row, claimed) => {
                    WriteOutcome::Committed
                }
                Some(_) | None => WriteOutcome::Conflict,
            }),
            Err(error) => match self.job(&seen.workspace, &seen.id).await? {
                Some(row) if claimed.tries > seen.tries && is_held(&row, claimed) => Ok(WriteOutcome::Committed),
                Some(row) if (row.version, row.tries) != (seen.version, seen.tries) => Ok(WriteOutcome::Conflict),
                Some(_) | None => Err(failure(WHAT, error)),
            },
        }
    }

    async fn confirm(&self, confirmed: &Confirmation) -> Result<WriteOutcome, Failure> {
        let update = self
            .update(&keys::job(&confirmed.workspace, &confirmed.job))
            .update_expression("SET pb = :to")
            .condition_expression("pb = :before AND vn >= :to")
            .expression_attribute_values(":before", number(confirmed.from.saturating_sub(1)))
            .expression_attribute_values(":to", number(confirmed.to));
        self.amended("confirm the events", update).await
    }

    async fn confirm_workspace(&self, workspace: &WorkspaceId, from: u32, to: u32) -> Result<WriteOutcome, Failure> {
        self.confirm_changes(workspace, from, to).await
    }

    async fn claim_workspace(&self, seen: &Workspace, claimed: &Workspace) -> Result<WriteOutcome, Failure> {
        self.claim_changes(seen, claimed).await
    }

    async fn response(&self, id: &ResponseId) -> Result<Option<ResponseRow>, Failure> {
        const WHAT: &str = "read the response row";
        let item = self.read(WHAT, &keys::response(id)).await?;
        item.as_ref().map(response::decode).transpose().map_err(bad(WHAT))
    }

    async fn put_response(&self, seen: Option<&ResponseRow>, row: &ResponseRow) -> Result<WriteOutcome, Failure> {
        const WHAT: &str = "write the response row";
        if let Some(seen) = seen {
            let update = self
                .amending(response::encode(row))
                .condition_expression("#tries = :seen AND #settled = :open")
                .expression_attribute_values(":seen", number(seen.tries))
                .expression_attribute_values(":open", AttributeValue::Bool(false));
            return self.amended(WHAT, update).await;
        }
        self.put_new(WHAT, response::item(row)).await
    }

    async fn watcher(&self, id: &ResponseId) -> Result<Option<Nonce>, Failure> {
        const WHAT: &str = "read who polls the response";
        let item = self.read(WHAT, &keys::denied(id)).await?;
        item.as_ref().map(denied::decode).transpose().map_err(bad(WHAT))
    }

    async fn put_watcher(&self, id: &ResponseId, watcher: Nonce) -> Result<WriteOutcome, Failure> {
        self.put_new("write who polls the response", denied::item(id, watcher)).await
    }

    async fn put_breaker(&self, next: &Breaker) -> Result<WriteOutcome, Failure> {
        let update = self
            .amending(breaker::encode(next))
            .condition_expression("attribute_not_exists(PK) OR #version = :before")
            .expression_attribute_values(":before", number(next.version.saturating_sub(1)));
        let write = self.amended("write the breaker", update).await?;
        if write == WriteOutcome::Committed {
            log_breaker(next);
        }
        Ok(write)
    }

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

impl Table {
    /// An update of one row, with its expression and its condition still to come.
    pub(super) fn update(&self, key: &Key) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().table_name(&self.name).set_key(Some(key.attributes()));
        update.return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// An amendment of its own, with the condition still to come.
    fn amending(&self, row: RowEncoder) -> UpdateItemFluentBuilder {
        let Amendment { key, expression, names, values } = row.amendment();
        self.update(&key)
            .update_expression(expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
    }

    /// Writes a row that must be new.
    async fn put_new(&self, what: &'static str, item: Item) -> Result<WriteOutcome, Failure> {
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

    /// The transaction of a transition, with what goes beside it.
    async fn commit_with(&self, change: &Transition, beside: Vec<TransactWriteItem>) -> Result<WriteOutcome, Failure> {
        let mut writes = vec![transition(&self.name, change)?, put(&self.name, event::item(change))?];
        writes.extend(beside);
        match self.transact("commit the transition", writes).await {
            TransactOutcome::Done => {
                log_transition(change);
                Ok(WriteOutcome::Committed)
            }
            TransactOutcome::Refused => Ok(WriteOutcome::Conflict),
            // The table knows: our own head is there, somebody else's, or still the one before.
            TransactOutcome::Unclear(failure) => match self.job(&change.job.workspace, &change.job.id).await? {
                Some(row) if row.head == change.job.head => {
                    log_transition(change);
                    Ok(WriteOutcome::Committed)
                }
                Some(row) if row.version >= change.job.version => Ok(WriteOutcome::Conflict),
                Some(_) | None => Err(failure),
            },
        }
    }

    /// Sets a member's roles past every rule, by a record all the same: for tests, and for the first people of a
    /// machine's own.
    pub async fn put_member(&self, workspace: &WorkspaceId, member: &Member, now: Timestamp) -> Result<(), Failure> {
        const WHAT: &str = "write the member";
        let by = Principal::parse("installation").map_err(|error| Failure::permanent(WHAT, error))?;
        loop {
            let change = self.workspace(workspace).await?.set_member(member.clone(), &by, now)?;
            if self.change_workspace(&change, None).await? == WriteOutcome::Committed {
                return Ok(());
            }
        }
    }
}

fn row_in_the_way<R>(error: &SdkError<UpdateItemError, R>) -> Option<Job> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => job::decode(failed.item()?).ok(),
        _ => None,
    }
}

/// Whether the row shows exactly this claim.
fn is_held(row: &Job, claimed: &Job) -> bool {
    let claim = |job: &Job| (job.version, job.tries, job.due, job.attempt.start);
    claim(row) == claim(claimed)
}

pub(super) fn is_condition<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("ConditionalCheckFailedException")
}
