//! The people that a new installation on this machine knows.

use std::error::Error;

use adapters::aws::dynamodb::Table;
use domain::port::{JobReader as _, JobStore as _};
use domain::value::id::{Issuer, Principal, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::Timestamp;

use crate::identity::ISSUER;

/// Writes their member rows. Nobody is told of them: there was nobody before.
pub async fn settle(table: &Table, now: Timestamp) -> Result<(), Box<dyn Error + Send + Sync>> {
    use Role::{Admin, Auditor, Operator, Reviewer, Submitter};
    let everything = [Submitter, Reviewer, Operator, Auditor, Admin];
    let people: [(&str, &str, &[Role]); 7] = [
        ("acme", "alice", &[Submitter]),
        ("acme", "rita", &[Reviewer]),
        ("acme", "remy", &[Reviewer]),
        ("acme", "otto", &[Operator]),
        ("acme", "ada", &[Admin]),
        ("acme", "audrey", &[Auditor]),
        ("rival", "mallory", &everything),
    ];
    for (workspace, principal, roles) in people {
        let principal = Principal::parse(principal)?;
        let member = Member {
            principal,
            roles: roles.iter().copied().collect(),
            issuer: Some(Issuer::of(ISSUER)),
            active: true,
            name: None,
        };
        table.put_member(&WorkspaceId::parse(workspace)?, &member, now).await?;
    }
    for workspace in ["acme", "rival"] {
        let workspace = WorkspaceId::parse(workspace)?;
        let last = table.workspace(&workspace).await?.version;
        let _ = table.confirm_workspace(&workspace, 1, last).await?;
    }
    Ok(())
}
