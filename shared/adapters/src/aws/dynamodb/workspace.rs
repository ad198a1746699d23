//! The row that counts a workspace's changes, and what is left to publish of them.

use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, TransactWriteItem, Update};
use domain::people::workspace::Workspace;
use domain::port::WriteOutcome;
use domain::value::failure::Failure;
use domain::value::id::WorkspaceId;

use super::row::{BadRow, Item, Reader, bytes, number, text, time};
use super::store::is_condition;
use super::{Table, failure, keys, primary};

/// Reads the row.
pub(super) fn read_workspace(id: WorkspaceId, item: &Item) -> Result<Workspace, BadRow> {
    let row = Reader { entity: "workspace", item };
    Ok(Workspace {
        id,
        version: row.number("version")?,
        head: row.digest("head")?,
        published: row.optional_number("published").unwrap_or_default(),
        due: row.optional_time("due_at"),
        tries: row.optional_number("tries").unwrap_or_default(),
    })
}

/// Reads a row that an index named.
pub(super) fn read_named(item: &Item) -> Result<Workspace, BadRow> {
    let row = Reader { entity: "workspace", item };
    let id = keys::parse_workspace_pk(row.text("PK")?).ok_or_else(|| row.bad("PK"))?;
    read_workspace(id, item)
}

/// The row at its next version. An update and not a put, because `published` is moved by others meanwhile.
pub(super) fn counted(table: &str, workspace: &Workspace) -> Result<TransactWriteItem, Failure> {
    let key = keys::workspace_row(&workspace.id);
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(primary(&key)))
        .update_expression(
            "SET entity = :entity, version = :version, head = :head, tries = :none, due_shard = :shard, due_at = :due",
        )
        .condition_expression("attribute_not_exists(PK) OR version = :before")
        .expression_attribute_values(":entity", text("workspace"))
        .expression_attribute_values(":version", number(workspace.version))
        .expression_attribute_values(":head", bytes(&workspace.head.0))
        .expression_attribute_values(":none", number(0))
        .expression_attribute_values(":shard", text(keys::shard(&key.pk)))
        .expression_attribute_values(":due", workspace.due.map_or_else(|| number(0), time))
        .expression_attribute_values(":before", number(workspace.version.saturating_sub(1)))
        .build()
        .map_err(|error| Failure::permanent("build the write", error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

impl Table {
    /// Confirms the last version, with which nothing is due any more, or else one below it.
    pub(super) async fn confirm_changes(
        &self,
        workspace: &WorkspaceId,
        from: u32,
        to: u32,
    ) -> Result<WriteOutcome, Failure> {
        let all = ("SET published = :to REMOVE due_shard, due_at", "version = :to");
        let some = ("SET published = :to", "version > :to");
        for (expression, reached) in [all, some] {
            let condition = format!(
                "({reached}) AND (published = :before OR (attribute_not_exists(published) AND :before = :none))"
            );
            let update = self
                .client
                .update_item()
                .table_name(&self.name)
                .set_key(Some(primary(&keys::workspace_row(workspace))))
                .update_expression(expression)
                .condition_expression(condition)
                .expression_attribute_values(":to", number(to))
                .expression_attribute_values(":before", number(from.saturating_sub(1)))
                .expression_attribute_values(":none", number(0))
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            match update.send().await {
                Ok(output) => {
                    self.meter.write("UpdateItem", output.consumed_capacity.as_slice());
                    return Ok(WriteOutcome::Committed);
                }
                Err(error) if is_condition(&error) => {}
                Err(error) => return Err(failure("confirm the changes", error)),
            }
        }
        Ok(WriteOutcome::Conflict)
    }

    pub(super) async fn claim_changes(&self, seen: &Workspace, claimed: &Workspace) -> Result<WriteOutcome, Failure> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(primary(&keys::workspace_row(&seen.id))))
            .update_expression("SET due_at = :due, tries = :tries")
            .condition_expression("version = :version AND tries = :seen AND attribute_exists(due_at)")
            .expression_attribute_values(":due", claimed.due.map_or_else(|| number(0), time))
            .expression_attribute_values(":tries", number(claimed.tries))
            .expression_attribute_values(":version", number(seen.version))
            .expression_attribute_values(":seen", number(seen.tries))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        self.amended("claim the changes", update).await
    }
}
