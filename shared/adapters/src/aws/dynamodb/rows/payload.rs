//! Payload rows, and the names of the objects that hold what is too large for a row.

use domain::job::PayloadRef;
use domain::port::PayloadKind;
use domain::value::id::{JobId, WorkspaceId};

use super::{BadRow, Item, RowDecoder, RowEncoder, job};
use crate::aws::dynamodb::keys::Key;

/// Payloads up to this size lie in the table; larger ones cost less as objects.
pub const INLINE_BYTES: u64 = 4_096;

/// Of all rows that are emptied at the end of retention.
pub(in super::super) const ENTITY: &str = "payload";

pub fn key(workspace: &WorkspaceId, id: &JobId, kind: PayloadKind, stored: &PayloadRef) -> Key {
    Key { sk: name(kind, stored), ..job::key(workspace, id) }
}

/// The object that holds a payload too large for a row: `<workspace>/<job>/<the row's sort key>`.
pub fn object(workspace: &WorkspaceId, id: &JobId, kind: PayloadKind, stored: &PayloadRef) -> String {
    format!("{}{}", objects(workspace, id), name(kind, stored))
}

/// What the names of all of a job's objects start with.
pub(in super::super) fn objects(workspace: &WorkspaceId, id: &JobId) -> String {
    format!("{workspace}/{id}/")
}

fn name(kind: PayloadKind, stored: &PayloadRef) -> String {
    let hex = stored.digest.hex();
    let (digest, _) = hex.split_at(16);
    match kind {
        PayloadKind::Input => format!("INPUT#{digest}"),
        PayloadKind::Result { attempt } => format!("RESULT#{attempt}#{digest}"),
        PayloadKind::Edit { attempt } => format!("EDIT#{attempt}#{digest}"),
    }
}

pub(in super::super) fn item(key: Key, bytes: &[u8]) -> Item {
    let mut row = RowEncoder::new(key, ENTITY);
    row.put("bytes", &bytes.to_vec());
    row.item()
}

/// `None` when its bytes are gone.
pub(in super::super) fn decode(item: &Item) -> Result<Option<Vec<u8>>, BadRow> {
    RowDecoder { entity: ENTITY, item }.get("bytes")
}
