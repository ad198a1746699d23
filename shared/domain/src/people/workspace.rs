//! A workspace's people and job types: each change is a version, with a record chained to the one before, as a job's
//! transitions are.

mod action;
mod standing;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::job::record::{Actor, SealError, SealedRecord, body_of, is_chain, millis};
use crate::policy::job_type::JobType;
use crate::value::id::{Digest, Issuer, Principal, TypeName, WorkspaceId};
use crate::value::member::{Member, MemberName, Role};
use crate::value::time::{Timestamp, Timing, gap};
use crate::value::word::{Closed, words};

pub use self::action::WorkspaceAction;
pub use self::standing::Standing;

/// How long the stream has to show a record before it is published without it.
const HEARD_WITHIN: Duration = Duration::from_secs(60);

/// How often a workspace has changed. One without a row has never been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub version: u32,
    /// Hash of the last record.
    pub head: Digest,
    /// Records up to this version are confirmed as published.
    pub published: u32,
    /// When those after it are published by whoever looks; `None` once there are none.
    pub due: Option<Timestamp>,
    /// Claims since the last change.
    pub claim_count: u16,
}

words! {
    /// What kind of change a record is of.
    pub enum ChangeKind {
        MemberSet "member_set",
        MemberRemoved "member_removed",
        TypeSet "type_set",
    }
}

/// The record of one change: who did it, and what the member row says since, or which type was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceRecord {
    pub version: u32,
    pub event: ChangeKind,
    #[serde(with = "millis")]
    pub at: Timestamp,
    pub actor: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    /// Whose subject that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Issuer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// What the member is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<MemberName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_type: Option<TypeName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_version: Option<u32>,
    /// Of the type's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// The row that a change writes.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    Member(Member),
    /// A version that has to be new.
    Type(Box<JobType>),
}

/// A change to commit.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkspaceChange {
    pub workspace: Workspace,
    pub entry: Entry,
    pub sealed: SealedRecord,
}

impl Workspace {
    pub fn untouched(id: WorkspaceId) -> Self {
        Self { id, version: 0, head: Digest::ZERO, published: 0, due: None, claim_count: 0 }
    }

    /// The member as it is to be from now on.
    pub fn set_member(&self, member: Member, actor: &Principal, now: Timestamp) -> Result<WorkspaceChange, SealError> {
        let event = if member.active { ChangeKind::MemberSet } else { ChangeKind::MemberRemoved };
        let record = WorkspaceRecord {
            principal: Some(member.principal.clone()),
            issuer: member.issuer,
            roles: Some(member.roles.iter().copied().collect()),
            active: Some(member.active),
            name: member.name.clone(),
            ..self.next_record(event, actor, now)
        };
        self.change(&record, Entry::Member(member))
    }

    /// A version of a type, for the jobs that are created from now on.
    pub fn set_type(&self, job_type: JobType, actor: &Principal, now: Timestamp) -> Result<WorkspaceChange, SealError> {
        let record = WorkspaceRecord {
            job_type: Some(job_type.name.clone()),
            type_version: Some(job_type.version),
            digest: Some(job_type.digest()),
            ..self.next_record(ChangeKind::TypeSet, actor, now)
        };
        self.change(&record, Entry::Type(Box::new(job_type)))
    }

    /// Nobody has confirmed the last record.
    pub fn is_publish_overdue(&self) -> bool {
        self.published < self.version
    }

    /// The row as it is once this consumer holds the claim; `None` when there is nothing to publish now.
    pub fn claim(&self, timing: &Timing, now: Timestamp) -> Option<Self> {
        let is_due = self.is_publish_overdue() && self.due.is_none_or(|due| due <= now);
        let due = now + gap(&timing.backoff, self.claim_count);
        is_due.then(|| Self { due: Some(due), claim_count: self.claim_count.saturating_add(1), ..self.clone() })
    }

    fn next_record(&self, event: ChangeKind, actor: &Principal, now: Timestamp) -> WorkspaceRecord {
        WorkspaceRecord {
            version: self.version.saturating_add(1),
            event,
            at: now,
            actor: Actor::principal(actor),
            principal: None,
            issuer: None,
            roles: None,
            active: None,
            name: None,
            job_type: None,
            type_version: None,
            digest: None,
        }
    }

    fn change(&self, record: &WorkspaceRecord, entry: Entry) -> Result<WorkspaceChange, SealError> {
        let sealed = SealedRecord::of_workspace(&self.id, self.head, body_of(record)?);
        let workspace = Self {
            version: record.version,
            head: sealed.hash,
            due: Some(record.at + HEARD_WITHIN),
            claim_count: 0,
            ..self.clone()
        };
        Ok(WorkspaceChange { workspace, entry, sealed })
    }

    /// Whether the trail is whole: versions 1 to the workspace's without a gap, each sealed to the one before, the last
    /// one being its head.
    pub fn chain_intact(&self, trail: &[SealedRecord]) -> bool {
        let version = |sealed: &SealedRecord| WorkspaceRecord::decode(sealed).ok().map(|record| record.version);
        let seal = |previous, body| SealedRecord::of_workspace(&self.id, previous, body);
        is_chain(trail, (self.version, self.head), version, seal)
    }
}

impl WorkspaceRecord {
    /// Whether its words are known here; else nothing is published of it but by the release that wrote it.
    pub fn is_understood(&self) -> bool {
        self.event.is_known() && self.roles.iter().flatten().all(Closed::is_known)
    }

    /// Reads the record inside.
    pub fn decode(sealed: &SealedRecord) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&sealed.body)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::policy::job_type::shipped;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn principal(name: &str) -> Principal {
        Principal::parse(name).unwrap()
    }

    fn rita(roles: &[Role]) -> Member {
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        Member { principal: principal("rita"), issuer: None, active: !roles.is_empty(), roles, name: None }
    }

    /// Four changes, and the workspace after them.
    fn story() -> (Workspace, Vec<SealedRecord>) {
        let mut workspace = Workspace::untouched(WorkspaceId::parse("acme").unwrap());
        let mut trail = Vec::new();
        let mut draft = shipped("support-reply-draft").unwrap();
        draft.version = 2;
        for number in 0..4 {
            let change = match number {
                0 => workspace.set_member(rita(&[Role::Reviewer, Role::Submitter]), &principal("ada"), NOW),
                1 => workspace.set_type(draft.clone(), &principal("ada"), NOW),
                2 => workspace.set_member(rita(&[]), &principal("ada"), NOW),
                _ => workspace.set_type(JobType { version: 3, ..draft.clone() }, &principal("ada"), NOW),
            };
            let change = change.unwrap();
            trail.push(change.sealed);
            workspace = change.workspace;
        }
        (workspace, trail)
    }

    #[test]
    fn a_record_says_who_set_what_and_never_a_text() {
        let (_, trail) = story();
        let actor = r#""actor":{"kind":"principal","id":"ada"}"#;
        let member = format!(
            r#"{{"version":1,"event":"member_set","at":1795000000000,{actor},"principal":"rita","roles":["submitter","reviewer"],"active":true}}"#
        );
        assert_eq!(trail[0].body, member);
        let mut draft = shipped("support-reply-draft").unwrap();
        draft.version = 2;
        let set = format!(
            r#"{{"version":2,"event":"type_set","at":1795000000000,{actor},"job_type":"support-reply-draft","type_version":2,"digest":"{}"}}"#,
            Digest::of(serde_json::to_string(&draft).unwrap().as_bytes())
        );
        assert_eq!(trail[1].body, set);
    }

    #[test]
    fn a_chain_holds_until_a_record_is_altered_moved_or_taken_away() {
        let (workspace, trail) = story();
        assert!(workspace.chain_intact(&trail));
        assert!(Workspace::untouched(workspace.id.clone()).chain_intact(&[]));
        for number in 0..trail.len() {
            let mut without = trail.clone();
            without.remove(number);
            assert!(!workspace.chain_intact(&without));
            let mut altered = trail.clone();
            altered[number].body = altered[number].body.replace("ada", "eve");
            assert!(!workspace.chain_intact(&altered));
            // Sealed anew, as who can write the row could.
            let resealed =
                SealedRecord::of_workspace(&workspace.id, altered[number].previous, altered[number].body.clone());
            altered[number] = resealed;
            assert!(!workspace.chain_intact(&altered));
        }
        let mut swapped = trail.clone();
        swapped.swap(1, 2);
        assert!(!workspace.chain_intact(&swapped));
        let other = Workspace { id: WorkspaceId::parse("rival").unwrap(), ..workspace };
        assert!(!other.chain_intact(&trail));
    }
}
