//! The jobs table: the conditions of the DynamoDB adapter, in one thread's memory.

use std::cell::{Ref, RefCell, RefMut};
use std::cmp::Ordering;
use std::collections::BTreeMap;

use domain::job::note::Note;
use domain::job::record::SealedRecord;
use domain::job::response::ResponseRow;
use domain::job::{Job, Transition};
use domain::people::workspace::{Workspace, WorkspaceChange};
use domain::policy::job_type::JobType;
use domain::port::{
    CircuitReader, Circuits, Commit, Confirmation, Creation, DueIndex, DueRow, JobReader, Jobs, Listing, Order, Page,
    Position, Responses, Span, WorkspaceReader, Workspaces, WriteOutcome,
};
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::failure::Failure;
use domain::value::id::{Digest, JobId, Nonce, Principal, ResponseId, TypeName, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::Timestamp;

use super::rows::{Rows, is_open};

/// What a write touched, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Written {
    Job(WorkspaceId, JobId),
    Response(ResponseId),
}

/// A table of its own for each value.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: RefCell<Rows>,
}

impl MemoryStore {
    /// Sets a member past every rule, by a record all the same.
    pub fn put_member(&self, workspace: &WorkspaceId, member: Member, now: Timestamp) {
        let mut rows = self.rows();
        let change = rows.workspace(workspace).set_member(member.clone(), &member.principal, now);
        let _ = change.map(|change| rows.change_workspace(&change));
    }

    /// Sets a version of a type past every rule, by a record all the same.
    pub fn put_type(&self, workspace: &WorkspaceId, job_type: &JobType, by: &Principal, now: Timestamp) {
        let mut rows = self.rows();
        let change = rows.workspace(workspace).set_type(job_type.clone(), by, now);
        let _ = change.map(|change| rows.change_workspace(&change));
    }

    /// A type in this version, or else in its latest.
    pub fn type_of(&self, workspace: &WorkspaceId, name: &TypeName, version: Option<u32>) -> Option<JobType> {
        self.rows.borrow().job_type(workspace, name, version).cloned()
    }

    /// Whether this principal has this role now.
    pub fn has_role(&self, workspace: &WorkspaceId, principal: &Principal, role: Role) -> bool {
        self.rows.borrow().has_role(workspace, principal, role)
    }

    /// The changes that the stream has to show since the last call.
    pub fn take_stream(&self) -> Vec<Transition> {
        std::mem::take(&mut self.rows().stream)
    }

    /// What was written since the last call.
    pub fn take_written(&self) -> Vec<Written> {
        std::mem::take(&mut self.rows().written)
    }

    /// A look at a row and its trail without a copy.
    pub fn look(&self, workspace: &WorkspaceId, id: &JobId) -> Option<Ref<'_, (Job, Vec<SealedRecord>)>> {
        let key = (workspace.clone(), id.clone());
        Ref::filter_map(self.rows.borrow(), |rows| rows.jobs.get(&key)).ok()
    }

    /// Every job with its trail, in the order of their keys.
    pub fn all_jobs<T>(&self, mut look: impl FnMut(&Job, &[SealedRecord]) -> T) -> Vec<T> {
        self.rows.borrow().jobs.values().map(|(job, trail)| look(job, trail)).collect()
    }

    pub fn all_responses(&self) -> Vec<ResponseRow> {
        self.rows.borrow().responses.values().cloned().collect()
    }

    pub fn is_settled(&self, id: &ResponseId) -> bool {
        self.rows.borrow().responses.get(id).is_some_and(|row| row.settled)
    }

    /// When the last parked circuit lets a probe out.
    pub fn parked_until(&self) -> Option<Timestamp> {
        self.rows.borrow().breakers.values().filter_map(|breaker| breaker.parked_until).max()
    }

    /// The earliest entry of the due index.
    pub fn first_due(&self) -> Option<Timestamp> {
        let rows = self.rows.borrow();
        let jobs = rows.jobs.values().filter_map(|(job, _)| job.due_index_at);
        let workspaces = rows.workspaces.values().filter_map(|(row, _)| row.due);
        jobs.chain(rows.responses.values().filter_map(|row| row.due)).chain(workspaces).min()
    }

    /// Every workspace with its trail.
    pub fn all_workspaces(&self) -> Vec<(Workspace, Vec<SealedRecord>)> {
        self.rows.borrow().workspaces.values().cloned().collect()
    }

    fn rows(&self) -> RefMut<'_, Rows> {
        self.rows.borrow_mut()
    }
}

impl JobReader for MemoryStore {
    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Option<Job>, Failure> {
        Ok(self.rows().job(workspace, id).cloned())
    }

    async fn trail(&self, workspace: &WorkspaceId, id: &JobId, after: u32) -> Result<Vec<SealedRecord>, Failure> {
        let row = self.look(workspace, id);
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(row.map(|row| row.1.iter().skip(after).cloned().collect()).unwrap_or_default())
    }

    async fn notes(&self, workspace: &WorkspaceId, id: &JobId) -> Result<Vec<Note>, Failure> {
        Ok(self.rows.borrow().notes.get(&(workspace.clone(), id.clone())).cloned().unwrap_or_default())
    }

    async fn list(
        &self,
        workspace: &WorkspaceId,
        listing: Listing<'_>,
        span: &Span,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<Page, Failure> {
        let place = |job: &Job| (job.created_at.millis(), job.id.clone());
        let rows = self.rows();
        let jobs = rows.jobs.values().map(|(job, _)| job);
        let mut jobs: Vec<&Job> = jobs
            .filter(|job| job.workspace == *workspace)
            .filter(|job| match listing {
                Listing::All => true,
                Listing::Open => is_open(job),
                Listing::By(creator, issuer) => job.created_by == *creator && job.issuer == issuer,
            })
            .filter(|job| span.holds(job.created_at))
            .filter(|job| {
                after.is_none_or(|after| {
                    let order = place(job).cmp(&(after.created_ms, after.job.clone()));
                    order == if span.order == Order::Newest { Ordering::Less } else { Ordering::Greater }
                })
            })
            .collect();
        jobs.sort_by_key(|job| place(job));
        if span.order == Order::Newest {
            jobs.reverse();
        }
        jobs.truncate(usize::from(limit));
        let next = jobs.last().filter(|_| jobs.len() == usize::from(limit));
        let next = next.map(|job| Position { created_ms: job.created_at.millis(), job: job.id.clone() });
        Ok(Page { jobs: jobs.into_iter().cloned().collect(), next })
    }
}

impl Jobs for MemoryStore {
    async fn create(&self, change: &Transition) -> Result<Creation, Failure> {
        let mut rows = self.rows();
        let job = &change.job;
        if let Some(existing) = rows.job(&job.workspace, &job.id) {
            return Ok(Creation::Existing(Box::new(existing.clone())));
        }
        rows.jobs.insert((job.workspace.clone(), job.id.clone()), (job.clone(), vec![change.sealed.clone()]));
        rows.stream.push(change.clone());
        rows.touched(&job.workspace, &job.id);
        Ok(Creation::Created)
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<WriteOutcome, Failure> {
        let Commit { transition, response, note, reviewers } = commit;
        let mut rows = self.rows();
        let job = &transition.job;
        if !reviewers.iter().all(|principal| rows.has_role(&job.workspace, principal, Role::Reviewer)) {
            return Ok(WriteOutcome::Conflict);
        }
        let done = rows.commit(transition, response);
        if let (WriteOutcome::Committed, Some(note)) = (done, note) {
            rows.notes.entry((job.workspace.clone(), job.id.clone())).or_default().push(note.clone());
        }
        Ok(done)
    }

    async fn claim(&self, seen: &Job, claimed: &Job) -> Result<WriteOutcome, Failure> {
        let mut rows = self.rows();
        let Some((row, _)) = rows.job_mut(seen) else { return Ok(WriteOutcome::Conflict) };
        if (row.version, row.claim_count) != (seen.version, seen.claim_count) {
            return Ok(WriteOutcome::Conflict);
        }
        (row.due, row.claim_count, row.due_index_at) = (claimed.due, claimed.claim_count, claimed.due_index_at);
        (row.attempt.submit_token, row.attempt.last_webhook_at) =
            (claimed.attempt.submit_token, claimed.attempt.last_webhook_at);
        row.attempt.asked.clone_from(&claimed.attempt.asked);
        rows.touched(&seen.workspace, &seen.id);
        Ok(WriteOutcome::Committed)
    }

    async fn confirm(&self, confirmed: &Confirmation) -> Result<WriteOutcome, Failure> {
        let mut rows = self.rows();
        let row = rows.jobs.get_mut(&(confirmed.workspace.clone(), confirmed.job.clone()));
        let Some((row, _)) = row else { return Ok(WriteOutcome::Conflict) };
        if row.published != confirmed.from.saturating_sub(1) || row.version < confirmed.to {
            return Ok(WriteOutcome::Conflict);
        }
        row.published = confirmed.to;
        rows.touched(&confirmed.workspace, &confirmed.job);
        Ok(WriteOutcome::Committed)
    }
}

impl Responses for MemoryStore {
    async fn response(&self, id: &ResponseId) -> Result<Option<ResponseRow>, Failure> {
        Ok(self.rows().responses.get(id).cloned())
    }

    async fn put_response(&self, seen: Option<&ResponseRow>, row: &ResponseRow) -> Result<WriteOutcome, Failure> {
        let mut rows = self.rows();
        let holds = match (seen, rows.responses.get(&row.id)) {
            (None, known) => known.is_none(),
            (Some(seen), Some(known)) => known.claim_count == seen.claim_count && !known.settled,
            (Some(_), None) => false,
        };
        if !holds {
            return Ok(WriteOutcome::Conflict);
        }
        rows.put_response(row);
        Ok(WriteOutcome::Committed)
    }

    async fn watcher(&self, id: &ResponseId) -> Result<Option<Nonce>, Failure> {
        Ok(self.rows().watchers.get(id).copied())
    }

    async fn put_watcher(&self, id: &ResponseId, watcher: Nonce) -> Result<WriteOutcome, Failure> {
        let mut rows = self.rows();
        if rows.watchers.contains_key(id) {
            return Ok(WriteOutcome::Conflict);
        }
        rows.watchers.insert(id.clone(), watcher);
        Ok(WriteOutcome::Committed)
    }
}

impl CircuitReader for MemoryStore {
    async fn breaker(&self, circuit: Circuit) -> Result<Breaker, Failure> {
        Ok(self.rows().breakers.get(&circuit).cloned().unwrap_or(Breaker::untouched(circuit)))
    }
}

impl Circuits for MemoryStore {
    async fn put_breaker(&self, next: &Breaker) -> Result<WriteOutcome, Failure> {
        let mut rows = self.rows();
        let known = rows.breakers.get(&next.circuit).map(|known| known.version);
        if known.is_some_and(|version| version != next.version.saturating_sub(1)) {
            return Ok(WriteOutcome::Conflict);
        }
        rows.breakers.insert(next.circuit, next.clone());
        Ok(WriteOutcome::Committed)
    }
}

impl WorkspaceReader for MemoryStore {
    async fn member(&self, workspace: &WorkspaceId, principal: &Principal) -> Result<Option<Member>, Failure> {
        Ok(self.rows().members.get(&(workspace.clone(), principal.clone())).cloned())
    }

    async fn members(&self, workspace: &WorkspaceId) -> Result<Vec<Member>, Failure> {
        let rows = self.rows();
        let members = rows.members.iter().filter(|((of, _), _)| of == workspace);
        Ok(members.map(|(_, member)| member.clone()).collect())
    }

    async fn memberships(&self, principal: &Principal) -> Result<Vec<(WorkspaceId, Member)>, Failure> {
        let rows = self.rows();
        let members = rows.members.iter().filter(|((_, of), member)| of == principal && member.active);
        Ok(members.map(|((workspace, _), member)| (workspace.clone(), member.clone())).collect())
    }

    async fn workspace(&self, workspace: &WorkspaceId) -> Result<Workspace, Failure> {
        Ok(self.rows().workspace(workspace))
    }

    async fn type_digests(&self, workspace: &WorkspaceId) -> Result<Vec<(TypeName, u32, Digest)>, Failure> {
        let rows = self.rows();
        let own = rows.types.iter().filter(|((of, ..), _)| of == workspace);
        Ok(own.map(|((_, name, version), it)| (name.clone(), *version, it.digest())).collect())
    }

    async fn workspace_trail(&self, workspace: &WorkspaceId) -> Result<Vec<SealedRecord>, Failure> {
        Ok(self.rows().workspaces.get(workspace).map(|(_, trail)| trail.clone()).unwrap_or_default())
    }

    async fn job_type(
        &self,
        workspace: &WorkspaceId,
        name: &TypeName,
        version: Option<u32>,
    ) -> Result<Option<JobType>, Failure> {
        Ok(self.rows.borrow().job_type(workspace, name, version).cloned())
    }

    async fn job_types(&self, workspace: &WorkspaceId) -> Result<Vec<JobType>, Failure> {
        let rows = self.rows();
        let own = rows.types.iter().filter(|((of, ..), _)| of == workspace);
        let latest: BTreeMap<_, _> = own.map(|((_, name, _), it)| (name, it.clone())).collect();
        Ok(latest.into_values().collect())
    }
}

impl Workspaces for MemoryStore {
    async fn change_workspace(
        &self,
        change: &WorkspaceChange,
        admin: Option<&Principal>,
    ) -> Result<WriteOutcome, Failure> {
        let mut rows = self.rows();
        if admin.is_some_and(|admin| !rows.has_role(&change.workspace.id, admin, Role::Admin)) {
            return Ok(WriteOutcome::Conflict);
        }
        Ok(rows.change_workspace(change))
    }

    async fn confirm_workspace(&self, workspace: &WorkspaceId, from: u32, to: u32) -> Result<WriteOutcome, Failure> {
        let mut rows = self.rows();
        let Some((row, _)) = rows.workspaces.get_mut(workspace) else { return Ok(WriteOutcome::Conflict) };
        if row.published != from.saturating_sub(1) || row.version < to {
            return Ok(WriteOutcome::Conflict);
        }
        row.published = to;
        row.due = row.due.filter(|_| row.published < row.version);
        Ok(WriteOutcome::Committed)
    }

    async fn claim_workspace(&self, seen: &Workspace, claimed: &Workspace) -> Result<WriteOutcome, Failure> {
        let mut rows = self.rows();
        let Some((row, _)) = rows.workspaces.get_mut(&seen.id) else { return Ok(WriteOutcome::Conflict) };
        if (row.version, row.claim_count) != (seen.version, seen.claim_count) || row.due.is_none() {
            return Ok(WriteOutcome::Conflict);
        }
        (row.due, row.claim_count) = (claimed.due, claimed.claim_count);
        Ok(WriteOutcome::Committed)
    }
}

impl DueIndex for MemoryStore {
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<DueRow>, Failure> {
        let rows = self.rows();
        let jobs = rows.jobs.values().filter_map(|(job, _)| Some((job.due_index_at?, Found::Job(job))));
        let responses = rows.responses.values().filter_map(|row| Some((row.due?, Found::Response(row))));
        let workspaces = rows.workspaces.values().filter_map(|(row, _)| Some((row.due?, Found::Workspace(row))));
        let mut found: Vec<_> = jobs.chain(responses).chain(workspaces).filter(|(at, _)| *at <= now).collect();
        found.sort_by_key(|(at, _)| *at);
        let found = found.into_iter().take(usize::from(limit));
        let rows = found.map(|(_, row)| match row {
            Found::Response(response) => DueRow::Response(Box::new(response.clone())),
            Found::Job(job) => DueRow::Job(Box::new(job.clone())),
            Found::Workspace(row) => DueRow::Workspace(Box::new(row.clone())),
        });
        Ok(rows.collect())
    }
}

/// A row that the due index names.
enum Found<'a> {
    Job(&'a Job),
    Response(&'a ResponseRow),
    Workspace(&'a Workspace),
}
