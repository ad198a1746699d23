//! The row that leads from a person to a workspace. What they may do there is said by the member row alone.

use domain::value::id::{Principal, WorkspaceId};
use domain::value::member::Member;

use super::{BadRow, Item, RowDecoder, RowEncoder, workspace};
use crate::aws::dynamodb::keys::Key;

/// The sort key is what the rows of the workspace lie under.
pub(in super::super) const PREFIX: &str = "WS#";

pub fn key(principal: &Principal, workspace: &WorkspaceId) -> Key {
    Key { pk: partition(principal), sk: workspace::key(workspace).pk }
}

/// What all of a person's memberships lie under.
pub(in super::super) fn partition(principal: &Principal) -> String {
    format!("PRINCIPAL#{principal}")
}

pub(in super::super) fn encode(workspace: &WorkspaceId, member: &Member) -> RowEncoder {
    let mut row = RowEncoder::new(key(&member.principal, workspace), "membership");
    row.put("active", &member.active);
    row
}

/// The row of a membership that is new.
pub fn item(workspace: &WorkspaceId, member: &Member) -> Item {
    encode(workspace, member).item()
}

/// Where it leads to; `None` once the person is no member any more.
pub(in super::super) fn decode(item: &Item) -> Result<Option<WorkspaceId>, BadRow> {
    let row = RowDecoder { entity: "membership", item };
    let workspace = row.parsed("SK", workspace::parse_pk)?;
    Ok(row.get::<Option<bool>>("active")?.unwrap_or(false).then_some(workspace))
}
