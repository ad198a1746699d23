//! Note rows: what reviewers wrote. A note is a payload: at the end of retention its bytes go, like those of results.

use domain::job::note::Note;
use domain::value::id::{JobId, Nonce, WorkspaceId};

use super::{BadRow, Item, RowDecoder, RowEncoder, job};
use crate::aws::dynamodb::keys::Key;

pub(in super::super) const PREFIX: &str = "NOTE#";

pub fn key(workspace: &WorkspaceId, id: &JobId, version: u32) -> Key {
    Key { sk: format!("{PREFIX}{version:010}"), ..job::key(workspace, id) }
}

pub(in super::super) fn item(workspace: &WorkspaceId, id: &JobId, note: &Note) -> Item {
    let mut row = RowEncoder::new(key(workspace, id, note.version), super::payload::ENTITY);
    row.put("salt", &note.salt);
    row.put("bytes", &note.text.clone().into_bytes());
    row.item()
}

/// `None` when its words are gone.
pub(in super::super) fn decode(item: &Item) -> Result<Option<Note>, BadRow> {
    let row = RowDecoder { entity: "note", item };
    let Some(words) = row.get::<Option<Vec<u8>>>("bytes")? else { return Ok(None) };
    let version = row.parsed("SK", |sk| sk.strip_prefix(PREFIX)?.parse().ok())?;
    let salt: Nonce = row.get("salt")?;
    let text = String::from_utf8(words).map_err(|_| row.bad("bytes"))?;
    Ok(Some(Note { version, salt, text }))
}
