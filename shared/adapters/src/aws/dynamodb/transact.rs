//! Transactions: the writes they are made of, and what their answer says.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use domain::job::Transition;
use domain::people::workspace::Workspace;
use domain::policy::cost::CostState;
use domain::port::ResponseWrite;
use domain::value::failure::Failure;
use domain::value::id::{Principal, WorkspaceId};
use domain::value::member::{Member, Role};

use super::rows::{Amendment, Item, RowEncoder, job, member, membership, response, workspace};
use super::{Table, failure, number};
use crate::aws::error::class;

/// For rows that must be new.
pub(super) const ABSENT: &str = "attribute_not_exists(PK)";

/// How a transaction ended, as far as its answer says.
pub(super) enum TransactOutcome {
    Done,
    /// A condition failed: nothing was written.
    Refused,
    /// It may have been written.
    Unclear(Failure),
}

impl Table {
    pub(super) async fn transact(&self, what: &'static str, writes: Vec<TransactWriteItem>) -> TransactOutcome {
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match sent {
            Ok(output) => {
                self.meter.write("TransactWriteItems", output.consumed_capacity());
                TransactOutcome::Done
            }
            Err(error) if is_refused(&error) => TransactOutcome::Refused,
            Err(error) => {
                let class = canceled(&error).iter().map(|reason| class(reason.code())).max();
                TransactOutcome::Unclear(match class {
                    Some(class) => Failure::of(class, what, error),
                    None => failure(what, error),
                })
            }
        }
    }
}

/// Whether a condition was the reason, whatever other reasons stand beside it.
fn is_refused<R>(error: &SdkError<TransactWriteItemsError, R>) -> bool {
    canceled(error).iter().any(|reason| reason.code() == Some("ConditionalCheckFailed"))
}

fn canceled<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled.cancellation_reasons(),
        _ => &[],
    }
}

pub(super) fn put(table: &str, item: Item) -> Result<TransactWriteItem, Failure> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression(ABSENT)
        .build()
        .map_err(|error| Failure::permanent("build the write", error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// An amendment as a part of a transaction, with the condition still to come.
fn amend(table: &str, row: RowEncoder) -> UpdateBuilder {
    let Amendment { key, expression, names, values } = row.amendment();
    Update::builder()
        .table_name(table)
        .set_key(Some(key.attributes()))
        .update_expression(expression)
        .set_expression_attribute_names(Some(names))
        .set_expression_attribute_values(Some(values))
}

fn part(update: UpdateBuilder) -> Result<TransactWriteItem, Failure> {
    let update = update.build().map_err(|error| Failure::permanent("build the write", error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// The job row at its next version.
pub(super) fn transition(table: &str, change: &Transition) -> Result<TransactWriteItem, Failure> {
    let before = number(change.job.version.saturating_sub(1));
    let update = amend(table, job::encode(&change.job)).expression_attribute_values(":before", before);
    // Within a version only a claim can come between: one that started the attempt must not be wiped out.
    part(match change.submit_token_seen {
        Some(start) => update
            .condition_expression("#vn = :before AND #sn = :seen")
            .expression_attribute_values(":seen", AttributeValue::B(Blob::new(start.0))),
        None => update.condition_expression("#vn = :before AND attribute_not_exists(#sn)"),
    })
}

pub(super) fn response_write(table: &str, write: &ResponseWrite) -> Result<TransactWriteItem, Failure> {
    let open =
        |row| amend(table, response::encode(row)).expression_attribute_values(":no", AttributeValue::Bool(false));
    match write {
        ResponseWrite::Put(row) => put(table, response::item(row)),
        ResponseWrite::Move(row) => part(
            open(row)
                .condition_expression("settled = :no AND claim_count = :none")
                .expression_attribute_values(":none", number(0)),
        ),
        // A newer release's word is not written over.
        ResponseWrite::Settle(row) => part(
            open(row)
                .condition_expression("settled = :no AND cost_state IN (:unknown, :estimated)")
                .expression_attribute_values(":unknown", AttributeValue::S(CostState::Unknown.code().to_owned()))
                .expression_attribute_values(":estimated", AttributeValue::S(CostState::Estimated.code().to_owned())),
        ),
    }
}

/// The workspace's row at its next version.
pub(super) fn workspace_change(table: &str, workspace: &Workspace) -> Result<TransactWriteItem, Failure> {
    let before = number(workspace.version.saturating_sub(1));
    part(
        amend(table, workspace::encode(workspace))
            .condition_expression("attribute_not_exists(PK) OR version = :before")
            .expression_attribute_values(":before", before),
    )
}

pub(super) fn set_member(table: &str, workspace: &WorkspaceId, member: &Member) -> Result<TransactWriteItem, Failure> {
    part(amend(table, member::encode(workspace, member)))
}

/// Makes the membership say what the member row does.
pub(super) fn set_membership(
    table: &str,
    workspace: &WorkspaceId,
    member: &Member,
) -> Result<TransactWriteItem, Failure> {
    part(amend(table, membership::encode(workspace, member)))
}

/// An admin's own row, if it says so still.
pub(super) fn set_own(table: &str, workspace: &WorkspaceId, own: &Member) -> Result<TransactWriteItem, Failure> {
    part(
        amend(table, member::encode(workspace, own))
            .condition_expression(member::HAS_ROLE)
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":role", AttributeValue::S(Role::Admin.code().to_owned())),
    )
}

/// Refuses the transaction unless this principal has this role, now.
pub(super) fn has_role(
    table: &str,
    workspace: &WorkspaceId,
    principal: &Principal,
    role: Role,
) -> Result<TransactWriteItem, Failure> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(member::key(workspace, principal).attributes()))
        .condition_expression(member::HAS_ROLE)
        .expression_attribute_names("#roles", "roles")
        .expression_attribute_values(":yes", AttributeValue::Bool(true))
        .expression_attribute_values(":role", AttributeValue::S(role.code().to_owned()))
        .build()
        .map_err(|error| Failure::permanent("build the check", error))?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}
