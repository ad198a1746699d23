//! The people of a data folder: those that a new one starts with, and all that are in it.

use std::collections::BTreeMap;
use std::error::Error;

use adapters::aws::dynamodb::{Table, read_member};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::port::{WorkspaceReader as _, Workspaces as _};
use domain::value::id::{Issuer, Principal, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::Timestamp;

use crate::embedded::{Embedded, TABLE};
use crate::identity::ISSUER;

/// Somebody who can log in on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub principal: String,
    /// Each workspace with the roles there, such as `acme: submitter`.
    pub places: Vec<String>,
}

/// Everybody who is a member somewhere, by name.
pub async fn all(embedded: &Embedded) -> Result<Vec<Person>, Box<dyn Error + Send + Sync>> {
    let mut people: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut from = None;
    loop {
        let scan = embedded.client().scan().table_name(TABLE).set_exclusive_start_key(from);
        let scan = scan.filter_expression("entity = :member");
        let page = scan.expression_attribute_values(":member", AttributeValue::S("member".to_owned())).send().await?;
        for item in page.items.iter().flatten() {
            let (workspace, member) = read_member(item)?;
            if member.active && member.is_of(Issuer::of(ISSUER)) {
                let roles: Vec<_> = member.roles.iter().map(|role| role.word()).collect();
                let place = format!("{workspace}: {}", roles.join(", "));
                people.entry(member.principal.to_string()).or_default().push(place);
            }
        }
        from = page.last_evaluated_key;
        if from.is_none() {
            return Ok(people.into_iter().map(|(principal, places)| Person { principal, places }).collect());
        }
    }
}

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
