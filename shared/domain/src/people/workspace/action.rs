//! What a member may do in a workspace besides what is done with one job.

use serde::Serialize;

use crate::value::member::{Member, Role};

/// Something that a member's roles allow in their workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceAction {
    CreateJob,
    SetMember,
    SetJobType,
    ReadTrail,
}

impl WorkspaceAction {
    pub const ALL: [Self; 4] = [Self::CreateJob, Self::SetMember, Self::SetJobType, Self::ReadTrail];

    pub fn is_for(self, member: &Member) -> bool {
        let has = |role| member.active && member.roles.contains(&role);
        match self {
            Self::CreateJob => has(Role::Submitter),
            Self::SetMember | Self::SetJobType => has(Role::Admin),
            Self::ReadTrail => has(Role::Auditor) || has(Role::Admin),
        }
    }

    /// Everything that this member may do.
    pub fn allowed(member: &Member) -> Vec<Self> {
        Self::ALL.into_iter().filter(|action| action.is_for(member)).collect()
    }
}
