//! Records as the table's stream shows them: those of jobs, and those of workspaces.

use domain::job::record::SealedRecord;
use domain::value::id::{JobId, WorkspaceId};

use super::item::{read_event, read_sealed};
use super::keys;
use super::row::{BadRow, Item, Reader};

/// A record, and whose it is.
#[derive(Debug)]
pub enum Read {
    Job(WorkspaceId, JobId, SealedRecord),
    Workspace(WorkspaceId, SealedRecord),
}

/// Reads a record of either kind.
pub fn read_record(item: &Item) -> Result<Read, BadRow> {
    let row = Reader { entity: "record", item };
    match row.text("entity")? {
        "member_event" | "type_event" => {
            let workspace = keys::parse_workspace_pk(row.text("PK")?).ok_or_else(|| row.bad("PK"))?;
            Ok(Read::Workspace(workspace, read_sealed(&row)?))
        }
        _ => read_event(item).map(|(workspace, job, sealed)| Read::Job(workspace, job, sealed)),
    }
}
