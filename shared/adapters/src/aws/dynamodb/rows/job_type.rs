//! Type rows: one for each version of a workspace's job types. Its document is what the record of it has the digest of.

use domain::policy::job_type::JobType;
use domain::value::id::{Digest, TypeName, WorkspaceId};

use super::{BadRow, Item, RowDecoder, RowEncoder, workspace};
use crate::aws::dynamodb::keys::Key;

pub(in super::super) const PREFIX: &str = "TYPE#";

pub fn key(workspace: &WorkspaceId, name: &TypeName, version: u32) -> Key {
    Key { sk: sk(name, version), ..workspace::key(workspace) }
}

fn sk(name: &TypeName, version: u32) -> String {
    format!("{PREFIX}{name}#{version:010}")
}

fn parse_sk(sk: &str) -> Option<(TypeName, u32)> {
    let (name, version) = sk.strip_prefix(PREFIX)?.rsplit_once('#')?;
    Some((TypeName::parse(name).ok()?, version.parse().ok()?))
}

/// With the version of the workspace whose record is about it.
pub fn item(workspace: &WorkspaceId, job_type: &JobType, record: u32) -> Item {
    let mut row = RowEncoder::new(key(workspace, &job_type.name, job_type.version), "type");
    row.put("document", &job_type.document());
    row.put("record", &record);
    row.item()
}

fn row(item: &Item) -> RowDecoder<'_> {
    RowDecoder { entity: "type", item }
}

pub(in super::super) fn decode(item: &Item) -> Result<JobType, BadRow> {
    let row = row(item);
    let job_type: JobType = row.parsed("document", |text| serde_json::from_str(text).ok())?;
    row.parsed("SK", |key| (key == sk(&job_type.name, job_type.version)).then_some(()))?;
    Ok(job_type)
}

/// The name and the version in its key, and the digest of its document.
pub(in super::super) fn decode_digest(item: &Item) -> Result<(TypeName, u32, Digest), BadRow> {
    let row = row(item);
    let (name, version) = row.parsed("SK", parse_sk)?;
    let document: Option<String> = row.get("document")?;
    Ok((name, version, Digest::of(document.unwrap_or_default().as_bytes())))
}

/// The version of the workspace whose record is about it.
pub(in super::super) fn decode_record(item: &Item) -> Result<Option<u32>, BadRow> {
    row(item).get("record")
}
