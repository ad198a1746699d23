//! The people that a new installation on this machine knows.

use std::error::Error;

use adapters::dynamodb::Table;
use domain::id::{Principal, WorkspaceId};
use domain::port::{Member, Role};

/// Writes their member rows.
pub async fn settle(table: &Table) -> Result<(), Box<dyn Error + Send + Sync>> {
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
        let member = Member { principal, roles: roles.iter().copied().collect(), active: true };
        table.put_member(&WorkspaceId::parse(workspace)?, &member).await?;
    }
    Ok(())
}
