//! Members, job types and the records about them.

use domain::job::record::SealedRecord;
use domain::people::workspace::{Entry, Workspace, WorkspaceChange};
use domain::policy::job_type::JobType;
use domain::port::{WorkspaceReader, Workspaces, WriteOutcome};
use domain::value::failure::Failure;
use domain::value::id::{Digest, Principal, TypeName, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::Timestamp;

use super::keys::{self, Key};
use super::read::readable;
use super::rows::{event, job_type, member, membership, workspace};
use super::transact::{TransactOutcome, has_role, put, set_member, set_membership, set_own, workspace_change};
use super::{Table, bad, number, time};

impl WorkspaceReader for Table {
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

    async fn type_digests(&self, workspace: &WorkspaceId) -> Result<Vec<(TypeName, u32, Digest)>, Failure> {
        const WHAT: &str = "read the job types";
        let rows = self.below(WHAT, workspace::key(workspace).pk, job_type::PREFIX).await?;
        Ok(rows.iter().filter_map(|item| readable(job_type::decode_digest(item), item)).collect())
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
}

impl Workspaces for Table {
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

    /// Confirms the last version, with which nothing is due any more, or else one below it.
    async fn confirm_workspace(&self, workspace: &WorkspaceId, from: u32, to: u32) -> Result<WriteOutcome, Failure> {
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

    async fn claim_workspace(&self, seen: &Workspace, claimed: &Workspace) -> Result<WriteOutcome, Failure> {
        let update = self
            .update(&keys::workspace(&seen.id))
            .update_expression("SET due_at = :due, claim_count = :claim_count")
            .condition_expression("version = :version AND claim_count = :seen AND attribute_exists(due_at)")
            .expression_attribute_values(":due", claimed.due.map_or_else(|| number(0), time))
            .expression_attribute_values(":claim_count", number(claimed.claim_count))
            .expression_attribute_values(":version", number(seen.version))
            .expression_attribute_values(":seen", number(seen.claim_count));
        self.amended("claim the changes", update).await
    }
}

impl Table {
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
