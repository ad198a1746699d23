//! A caller as they see themselves: who they are, and what they may do where.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::people::workspace::WorkspaceAction;
use crate::value::id::{Principal, WorkspaceId};
use crate::value::member::{Member, MemberName, Role};

/// The caller, and the workspaces that they are a member of, by name.
#[derive(Debug, Serialize)]
pub struct MeView<'a> {
    pub principal: &'a Principal,
    pub workspaces: Vec<MembershipView<'a>>,
}

#[derive(Debug, Serialize)]
pub struct MembershipView<'a> {
    pub workspace: &'a WorkspaceId,
    pub name: Option<&'a MemberName>,
    pub roles: &'a BTreeSet<Role>,
    /// What is done with one job is said by that job.
    pub allowed_actions: Vec<WorkspaceAction>,
}

impl<'a> MeView<'a> {
    pub fn of(principal: &'a Principal, memberships: &'a [(WorkspaceId, Member)]) -> Self {
        let view = |(workspace, member): &'a (WorkspaceId, Member)| MembershipView {
            workspace,
            name: member.name.as_ref(),
            roles: &member.roles,
            allowed_actions: WorkspaceAction::allowed(member),
        };
        Self { principal, workspaces: memberships.iter().map(view).collect() }
    }
}
