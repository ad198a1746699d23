//! Members: who is in a workspace, and what an admin changes about it.

use std::ops::ControlFlow::{Break, Continue};

use super::retry::retry_on_conflict;
use super::{Caller, FlowError, admin, counts, member};
use crate::contract::request::decision::MemberRequest;
use crate::port::{Clock, WorkspaceReader, Workspaces, WriteOutcome};
use crate::value::failure::Failure;
use crate::value::id::{Issuer, Principal, WorkspaceId};
use crate::value::member::{Member, Role};

/// Everybody who has a row, active or not.
pub async fn list(reader: &impl WorkspaceReader, caller: &Caller) -> Result<Vec<Member>, FlowError> {
    member(reader, caller).await?;
    let rows = reader.members(&caller.workspace).await?;
    // Whom another issuer vouched for can do nothing, until an admin sets them again.
    Ok(rows.into_iter().map(|row| Member { active: row.active && row.is_of(caller.issuer), ..row }).collect())
}

/// The workspaces that let this person in, by name, each with the row that does.
pub async fn of(
    reader: &impl WorkspaceReader,
    principal: &Principal,
    issuer: Issuer,
) -> Result<Vec<(WorkspaceId, Member)>, FlowError> {
    let mut rows = reader.memberships(principal).await?;
    rows.retain(|(_, member)| counts(member, issuer));
    Ok(rows)
}

/// Sets what somebody may do and is called; without roles they are not a member any more.
pub async fn set(
    store: &impl Workspaces,
    clock: &impl Clock,
    caller: &Caller,
    principal: &Principal,
    given: &MemberRequest,
) -> Result<Member, FlowError> {
    let issuer = Some(caller.issuer);
    let MemberRequest { roles, name } = given.clone();
    let active = !roles.is_empty();
    let wanted = &Member { principal: principal.clone(), issuer, roles, active, name };
    retry_on_conflict("change the member", (), |_, ()| async move {
        // Before the members are read: whoever changes one of them meanwhile makes this change stale.
        let workspace = store.workspace(&caller.workspace).await?;
        let (has_row, standing) = admin(store, caller, "Only an admin changes who is in a workspace.").await?;
        let members = store.members(&caller.workspace).await?;
        // A row that no record speaks of is set once more, and right from then on.
        if members.contains(wanted) && standing.members.get(principal) == Some(wanted) {
            return Ok(Break(wanted.clone()));
        }
        if !wanted.active && members.iter().all(|member| member.principal != *principal) {
            return Err(FlowError::NotFound);
        }
        let is_admin =
            |member: &&Member| member.active && member.roles.contains(&Role::Admin) && member.is_of(caller.issuer);
        let others = members.iter().filter(is_admin).filter(|admin| admin.principal != *principal);
        if members.iter().any(|admin| is_admin(&admin)) && others.count() == 0 && !is_admin(&wanted) {
            return Err(FlowError::LastAdmin);
        }
        let change = workspace.set_member(wanted.clone(), &caller.principal, clock.now()).map_err(Failure::from)?;
        if store.change_workspace(&change, has_row.then_some(&caller.principal)).await? == WriteOutcome::Committed {
            return Ok(Break(wanted.clone()));
        }
        Ok(Continue(()))
    })
    .await
}
