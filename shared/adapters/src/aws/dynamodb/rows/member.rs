//! Member rows: who is in a workspace, with which roles.

use domain::value::id::{Principal, WorkspaceId};
use domain::value::member::Member;

use super::{BadRow, Item, RowDecoder, RowEncoder, row, workspace};
use crate::aws::dynamodb::keys::Key;

pub(in super::super) const PREFIX: &str = "MEMBER#";

/// The condition that a member has the role `:role`, now; `:yes` is true.
pub(in super::super) const HAS_ROLE: &str = "active = :yes AND contains(#roles, :role)";

pub fn key(workspace: &WorkspaceId, principal: &Principal) -> Key {
    Key { sk: format!("{PREFIX}{principal}"), ..workspace::key(workspace) }
}

pub(in super::super) fn encode(workspace: &WorkspaceId, member: &Member) -> RowEncoder {
    let mut row = RowEncoder::new(key(workspace, &member.principal), "member");
    write(member, &mut row);
    row
}

/// The row of a member who is new.
pub fn item(workspace: &WorkspaceId, member: &Member) -> Item {
    encode(workspace, member).item()
}

pub(in super::super) fn decode(item: &Item) -> Result<Member, BadRow> {
    read(&RowDecoder { entity: "member", item })
}

/// With the workspace that it lies in.
pub fn decode_with_workspace(item: &Item) -> Result<(WorkspaceId, Member), BadRow> {
    let row = RowDecoder { entity: "member", item };
    Ok((row.parsed("PK", workspace::parse_pk)?, read(&row)?))
}

row! {
    Member as member in row;
    write {}
    read { let principal = row.parsed("SK", |sk| Principal::parse(sk.strip_prefix(PREFIX)?).ok())?; }
    given { principal }
    stored { issuer: "issuer", roles: "roles", active: ("active" or false), name: "name", }
}
