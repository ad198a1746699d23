//! The rows of the jobs table in memory, and the conditions under which they are written.

use std::collections::BTreeMap;

use domain::job::note::Note;
use domain::job::record::SealedRecord;
use domain::job::response::ResponseRow;
use domain::job::{Job, State, Transition};
use domain::people::workspace::{Entry, Workspace, WorkspaceChange};
use domain::policy::job_type::JobType;
use domain::port::{ResponseWrite, WriteOutcome};
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::id::{JobId, Nonce, Principal, ResponseId, TypeName, WorkspaceId};
use domain::value::member::{Member, Role};

use super::store::Written;

type JobKey = (WorkspaceId, JobId);

#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) members: BTreeMap<(WorkspaceId, Principal), Member>,
    pub(super) jobs: BTreeMap<JobKey, (Job, Vec<SealedRecord>)>,
    pub(super) responses: BTreeMap<ResponseId, ResponseRow>,
    pub(super) watchers: BTreeMap<ResponseId, Nonce>,
    pub(super) breakers: BTreeMap<Circuit, Breaker>,
    pub(super) types: BTreeMap<(WorkspaceId, TypeName, u32), JobType>,
    pub(super) workspaces: BTreeMap<WorkspaceId, (Workspace, Vec<SealedRecord>)>,
    pub(super) notes: BTreeMap<JobKey, Vec<Note>>,
    pub(super) stream: Vec<Transition>,
    pub(super) written: Vec<Written>,
}

impl Rows {
    /// The transaction of a transition.
    pub(super) fn commit(&mut self, change: &Transition, response: Option<&ResponseWrite>) -> WriteOutcome {
        let job = &change.job;
        let holds = self.job(&job.workspace, &job.id).is_some_and(|row| {
            row.version.checked_add(1) == Some(job.version) && row.attempt.submit_token == change.submit_token_seen
        });
        let admitted = response.is_none_or(|write| self.admits(write));
        if !(holds && admitted) {
            return WriteOutcome::Conflict;
        }
        if let Some((row, trail)) = self.job_mut(job) {
            // A transition never writes what only a publisher moves.
            *row = Job { published: row.published, ..job.clone() };
            trail.push(change.sealed.clone());
        }
        if let Some(ResponseWrite::Put(row) | ResponseWrite::Settle(row) | ResponseWrite::Move(row)) = response {
            self.put_response(row);
        }
        self.stream.push(change.clone());
        self.touched(&job.workspace, &job.id);
        WriteOutcome::Committed
    }

    /// In this version, or else in its latest.
    pub(super) fn job_type(&self, workspace: &WorkspaceId, name: &TypeName, version: Option<u32>) -> Option<&JobType> {
        let key = |version: u32| (workspace.clone(), name.clone(), version);
        let (first, last) = (key(version.unwrap_or(0)), key(version.unwrap_or(u32::MAX)));
        self.types.range(first..=last).next_back().map(|(_, it)| it)
    }

    pub(super) fn workspace(&self, id: &WorkspaceId) -> Workspace {
        self.workspaces.get(id).map_or_else(|| Workspace::untouched(id.clone()), |(row, _)| row.clone())
    }

    /// The transaction of a workspace's change.
    pub(super) fn change_workspace(&mut self, change: &WorkspaceChange) -> WriteOutcome {
        let WorkspaceChange { workspace, entry, sealed } = change;
        let id = &workspace.id;
        let is_new = match entry {
            Entry::Member(_) => true,
            Entry::Type(it) => !self.types.contains_key(&(id.clone(), it.name.clone(), it.version)),
        };
        let before = self.workspace(id);
        if before.version.checked_add(1) != Some(workspace.version) || !is_new {
            return WriteOutcome::Conflict;
        }
        let (row, trail) = self.workspaces.entry(id.clone()).or_insert_with(|| (before.clone(), Vec::new()));
        // A change never writes what only a publisher moves.
        *row = Workspace { published: before.published, ..workspace.clone() };
        trail.push(sealed.clone());
        match entry {
            Entry::Member(it) => drop(self.members.insert((id.clone(), it.principal.clone()), it.clone())),
            Entry::Type(it) => {
                drop(self.types.insert((id.clone(), it.name.clone(), it.version), JobType::clone(it)));
            }
        }
        WriteOutcome::Committed
    }

    pub(super) fn has_role(&self, workspace: &WorkspaceId, principal: &Principal, role: Role) -> bool {
        let member = self.members.get(&(workspace.clone(), principal.clone()));
        member.is_some_and(|member| member.active && member.roles.contains(&role))
    }

    pub(super) fn job(&self, workspace: &WorkspaceId, id: &JobId) -> Option<&Job> {
        self.jobs.get(&(workspace.clone(), id.clone())).map(|(job, _)| job)
    }

    pub(super) fn job_mut(&mut self, job: &Job) -> Option<&mut (Job, Vec<SealedRecord>)> {
        self.jobs.get_mut(&(job.workspace.clone(), job.id.clone()))
    }

    pub(super) fn touched(&mut self, workspace: &WorkspaceId, id: &JobId) {
        self.written.push(Written::Job(workspace.clone(), id.clone()));
    }

    pub(super) fn put_response(&mut self, row: &ResponseRow) {
        self.responses.insert(row.id.clone(), row.clone());
        self.written.push(Written::Response(row.id.clone()));
    }

    /// Whether the response row may be written along with a transition.
    pub(super) fn admits(&self, write: &ResponseWrite) -> bool {
        match write {
            ResponseWrite::Put(row) => !self.responses.contains_key(&row.id),
            ResponseWrite::Settle(row) => {
                self.responses.get(&row.id).is_some_and(|known| known.is_understood() && !known.settled)
            }
            ResponseWrite::Move(row) => {
                self.responses.get(&row.id).is_some_and(|known| !known.settled && known.claim_count == 0)
            }
        }
    }
}

pub(super) fn is_open(job: &Job) -> bool {
    let waits_for_person = matches!(job.state, State::Failed | State::Expired) || job.is_over_budget();
    !job.state.is_terminal() || (waits_for_person && job.archived_at.is_none())
}
