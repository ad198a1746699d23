//! The row that counts a workspace's changes, and says what is left to publish of them.

use domain::people::workspace::Workspace;
use domain::value::id::WorkspaceId;

use super::{BadRow, Item, RowDecoder, RowEncoder, row};
use crate::aws::dynamodb::keys::Key;

pub fn key(workspace: &WorkspaceId) -> Key {
    Key { pk: format!("WS#{workspace}"), sk: "WORKSPACE".to_owned() }
}

/// The workspace that a partition key of its own rows was built from.
pub(in super::super) fn parse_pk(pk: &str) -> Option<WorkspaceId> {
    WorkspaceId::parse(pk.strip_prefix("WS#")?).ok()
}

pub(in super::super) fn encode(workspace: &Workspace) -> RowEncoder {
    let mut row = RowEncoder::new(key(&workspace.id), "workspace");
    write(workspace, &mut row);
    row
}

pub(in super::super) fn decode(item: &Item) -> Result<Workspace, BadRow> {
    read(&RowDecoder { entity: "workspace", item })
}

row! {
    Workspace as workspace in row;
    write { row.put("due_shard", &workspace.due.map(|_| row.shard())); }
    read { let id = row.parsed("PK", parse_pk)?; }
    given { id }
    stored {
        version: "version",
        head: "head",
        published: (for others "published" or 0),
        due: "due_at",
        claim_count: ("claim_count" or 0),
    }
}
