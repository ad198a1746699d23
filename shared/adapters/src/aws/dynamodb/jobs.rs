//! Jobs and their records: one conditional write for each method, and a second look when its answer is lost.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure};
use domain::job::note::Note;
use domain::job::record::SealedRecord;
use domain::job::{Job, Transition};
use domain::port::{
    Commit, Confirmation, Creation, JobReader, Jobs, Listing, Order, Page, Position, Span, WriteOutcome,
};
use domain::value::failure::Failure;
use domain::value::id::{JobId, WorkspaceId};
use domain::value::member::Role;
use domain::value::time::Timestamp;

use super::keys;
use super::log_lines::log_transition;
use super::read::readable;
use super::rows::{Item, event, expression, job, note};
use super::transact::{TransactOutcome, has_role, put, response_write, transition};
use super::write::is_condition;
use super::{Table, bad, failure, number};

impl JobReader for Table {
    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Option<Job>, Failure> {
        const WHAT: &str = "read the job";
        let item = self.read(WHAT, &keys::job(workspace, id)).await?;
        item.as_ref().map(job::decode).transpose().map_err(bad(WHAT))
    }

    async fn trail(&self, workspace: &WorkspaceId, id: &JobId, after: u32) -> Result<Vec<SealedRecord>, Failure> {
        const WHAT: &str = "read the events";
        let from = keys::event(workspace, id, after.saturating_add(1));
        let to = keys::event(workspace, id, u32::MAX);
        let rows = self.every(WHAT, self.between(&from, &to.sk)).await?;
        rows.iter()
            .map(|item| event::decode(item).map(|(_, _, sealed)| sealed))
            .collect::<Result<_, _>>()
            .map_err(bad(WHAT))
    }

    async fn notes(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Vec<Note>, Failure> {
        let rows = self.below("read the notes", keys::job(workspace, id).pk, note::PREFIX).await?;
        Ok(rows.iter().filter_map(|item| readable(note::decode(item), item).flatten()).collect())
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
}

impl Jobs for Table {
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

    async fn commit(&self, commit: Commit<'_>) -> Result<WriteOutcome, Failure> {
        let Commit { transition: change, response, note, reviewers } = commit;
        let Job { workspace, id, .. } = &change.job;
        let mut writes = vec![transition(&self.name, change)?, put(&self.name, event::item(change))?];
        let response = response.map(|write| response_write(&self.name, write));
        let note = note.map(|note| put(&self.name, note::item(workspace, id, note)));
        let checks = reviewers.iter().map(|principal| has_role(&self.name, workspace, principal, Role::Reviewer));
        for write in response.into_iter().chain(note).chain(checks) {
            writes.push(write?);
        }
        match self.transact("commit the transition", writes).await {
            TransactOutcome::Done => {
                log_transition(change);
                Ok(WriteOutcome::Committed)
            }
            TransactOutcome::Refused => Ok(WriteOutcome::Conflict),
            // The table knows: our own head is there, somebody else's, or still the one before.
            TransactOutcome::Unclear(failure) => match self.job(workspace, id).await? {
                Some(row) if row.head == change.job.head => {
                    log_transition(change);
                    Ok(WriteOutcome::Committed)
                }
                Some(row) if row.version >= change.job.version => Ok(WriteOutcome::Conflict),
                Some(_) | None => Err(failure),
            },
        }
    }

    async fn claim(&self, seen: &Job, claimed: &Job) -> Result<WriteOutcome, Failure> {
        const WHAT: &str = "claim the job";
        let (before, item) = (job::item(seen), job::item(claimed));
        let mut update = self
            .update(&keys::job(&seen.workspace, &seen.id))
            // `claim_count` only ever grows within a version, so two claims can never look alike.
            .condition_expression("vn = :version AND tn = :seen")
            .expression_attribute_values(":version", number(seen.version))
            .expression_attribute_values(":seen", number(seen.claim_count))
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
                Some(row) if claimed.attempt.submit_token != seen.attempt.submit_token && is_held(&row, claimed) => {
                    WriteOutcome::Committed
                }
                Some(_) | None => WriteOutcome::Conflict,
            }),
            Err(error) => match self.job(&seen.workspace, &seen.id).await? {
                Some(row) if claimed.claim_count > seen.claim_count && is_held(&row, claimed) => {
                    Ok(WriteOutcome::Committed)
                }
                Some(row) if (row.version, row.claim_count) != (seen.version, seen.claim_count) => {
                    Ok(WriteOutcome::Conflict)
                }
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
}

fn position(key: &Item) -> Option<Position> {
    let (_, job) = job::parse_pk(key.get("PK")?.as_s().ok()?)?;
    Some(Position { created_ms: key.get("created")?.as_n().ok()?.parse().ok()?, job })
}

fn row_in_the_way<R>(error: &SdkError<UpdateItemError, R>) -> Option<Job> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => job::decode(failed.item()?).ok(),
        _ => None,
    }
}

/// Whether the row shows exactly this claim.
fn is_held(row: &Job, claimed: &Job) -> bool {
    let claim = |job: &Job| (job.version, job.claim_count, job.due, job.attempt.submit_token);
    claim(row) == claim(claimed)
}
