//! What is left to publish of a workspace's changes: claimed by one, and confirmed version by version.

use domain::people::workspace::Workspace;
use domain::port::WriteOutcome;
use domain::value::failure::Failure;
use domain::value::id::WorkspaceId;

use super::{Table, keys, number, time};

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
                .update(&keys::workspace(workspace))
                .update_expression(expression)
                .condition_expression(condition)
                .expression_attribute_values(":to", number(to))
                .expression_attribute_values(":before", number(from.saturating_sub(1)))
                .expression_attribute_values(":none", number(0));
            if self.amended("confirm the changes", update).await? == WriteOutcome::Committed {
                return Ok(WriteOutcome::Committed);
            }
        }
        Ok(WriteOutcome::Conflict)
    }

    pub(super) async fn claim_changes(&self, seen: &Workspace, claimed: &Workspace) -> Result<WriteOutcome, Failure> {
        let update = self
            .update(&keys::workspace(&seen.id))
            .update_expression("SET due_at = :due, tries = :tries")
            .condition_expression("version = :version AND tries = :seen AND attribute_exists(due_at)")
            .expression_attribute_values(":due", claimed.due.map_or_else(|| number(0), time))
            .expression_attribute_values(":tries", number(claimed.tries))
            .expression_attribute_values(":version", number(seen.version))
            .expression_attribute_values(":seen", number(seen.tries));
        self.amended("claim the changes", update).await
    }
}
