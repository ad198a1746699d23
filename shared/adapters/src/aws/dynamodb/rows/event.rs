//! Event rows: the sealed records of jobs and of workspaces, from the table or from its stream.

use domain::job::Transition;
use domain::job::record::SealedRecord;
use domain::people::workspace::{Entry, WorkspaceChange};
use domain::value::id::{JobId, WorkspaceId};

use super::{BadRow, Item, RowDecoder, RowEncoder, job, row, workspace};
use crate::aws::dynamodb::keys::Key;

pub(in super::super) const PREFIX: &str = "EVENT#";

pub fn key(workspace: &WorkspaceId, id: &JobId, version: u32) -> Key {
    Key { sk: format!("{PREFIX}{version:010}"), ..job::key(workspace, id) }
}

pub fn workspace_key(workspace: &WorkspaceId, version: u32) -> Key {
    Key { sk: format!("{PREFIX}{version:010}"), ..workspace::key(workspace) }
}

row! {
    SealedRecord as record in row;
    write {}
    read {}
    given {}
    stored { body: "body", previous: "previous", hash: "hash", }
}

fn encode(key: Key, entity: &'static str, sealed: &SealedRecord) -> Item {
    let mut row = RowEncoder::new(key, entity);
    write(sealed, &mut row);
    row.item()
}

/// The event row of a transition.
pub fn item(change: &Transition) -> Item {
    encode(key(&change.job.workspace, &change.job.id, change.record.version), "event", &change.sealed)
}

/// The event row of a workspace's change.
pub fn workspace_item(change: &WorkspaceChange) -> Item {
    let entity = match change.entry {
        Entry::Member(_) => "member_event",
        Entry::Type(_) => "type_event",
    };
    encode(workspace_key(&change.workspace.id, change.workspace.version), entity, &change.sealed)
}

/// Reads a job's.
pub fn decode(item: &Item) -> Result<(WorkspaceId, JobId, SealedRecord), BadRow> {
    let row = RowDecoder { entity: "event", item };
    let (workspace, id) = row.parsed("PK", job::parse_pk)?;
    Ok((workspace, id, read(&row)?))
}

/// Reads a workspace's.
pub(in super::super) fn decode_workspace(item: &Item) -> Result<SealedRecord, BadRow> {
    read(&RowDecoder { entity: "workspace event", item })
}

/// A record that the stream has shown, and whose it is.
#[derive(Debug)]
pub enum StreamedRecord {
    Job(WorkspaceId, JobId, SealedRecord),
    Workspace(WorkspaceId, SealedRecord),
}

/// Reads a record of either kind.
pub fn decode_streamed(item: &Item) -> Result<StreamedRecord, BadRow> {
    let row = RowDecoder { entity: "record", item };
    match row.get::<String>("entity")?.as_str() {
        "member_event" | "type_event" => {
            Ok(StreamedRecord::Workspace(row.parsed("PK", workspace::parse_pk)?, read(&row)?))
        }
        _ => decode(item).map(|(workspace, job, sealed)| StreamedRecord::Job(workspace, job, sealed)),
    }
}
