//! Rows of a workspace: who is in it, its job types, the record of each change, and what reviewers wrote.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use domain::job::note::Note;
use domain::job::record::SealedRecord;
use domain::people::workspace::{Entry, WorkspaceChange};
use domain::policy::job_type::JobType;
use domain::value::failure::Failure;
use domain::value::id::{Digest, Issuer, JobId, Nonce, Principal, TypeName, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::word::Closed as _;

use super::item::{keyed, read_sealed, sealed};
use super::row::{BadRow, Item, Reader, bytes, number, text};
use super::write::{amend, part};
use super::{keys, primary};

/// Of a member row.
const HAS_ROLE: &str = "active = :yes AND contains(#roles, :role)";

/// What a member row may lose.
pub(super) const MEMBER_MAY_GO: [&str; 1] = ["issuer"];

/// The member row.
pub fn member(workspace: &WorkspaceId, member: &Member) -> Item {
    let mut item = keyed(&keys::member(workspace, &member.principal), "member");
    let roles = member.roles.iter().map(|role| text(role.code())).collect();
    item.insert("roles".to_owned(), AttributeValue::L(roles));
    item.insert("active".to_owned(), AttributeValue::Bool(member.active));
    if let Some(issuer) = member.issuer {
        item.insert("issuer".to_owned(), text(issuer.to_string()));
    }
    item
}

/// Reads a member row back.
pub(super) fn read_member(item: &Item) -> Result<Member, BadRow> {
    let row = Reader { entity: "member", item };
    let principal = row.text("SK")?.strip_prefix(keys::MEMBER_PREFIX).ok_or_else(|| row.bad("SK"))?;
    Ok(Member {
        principal: Principal::parse(principal).map_err(|_| row.bad("SK"))?,
        issuer: match row.optional_text("issuer") {
            Some(issuer) => Some(Issuer::from_hex(issuer).ok_or_else(|| row.bad("issuer"))?),
            None => None,
        },
        roles: item
            .get("roles")
            .and_then(|roles| roles.as_l().ok())
            .ok_or_else(|| row.bad("roles"))?
            .iter()
            .map(|role| role.as_s().ok().and_then(|role| Role::read(role)).ok_or_else(|| row.bad("roles")))
            .collect::<Result<_, _>>()?,
        active: row.is_set("active"),
    })
}

/// Refuses the transaction unless this principal has this role, now.
pub(super) fn has_role(
    table: &str,
    workspace: &WorkspaceId,
    principal: &Principal,
    role: Role,
) -> Result<TransactWriteItem, Failure> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(primary(&keys::member(workspace, principal))))
        .condition_expression(HAS_ROLE)
        .expression_attribute_names("#roles", "roles")
        .expression_attribute_values(":yes", AttributeValue::Bool(true))
        .expression_attribute_values(":role", text(role.code()))
        .build()
        .map_err(|error| Failure::permanent("build the check", error))?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

/// An admin's own row, if it says so still.
pub(super) fn set_own(table: &str, workspace: &WorkspaceId, own: &Member) -> Result<TransactWriteItem, Failure> {
    let update = amend(table, &keys::member(workspace, &own.principal), member(workspace, own), &MEMBER_MAY_GO)
        .condition_expression(HAS_ROLE)
        .expression_attribute_values(":yes", AttributeValue::Bool(true))
        .expression_attribute_values(":role", text(Role::Admin.code()));
    part(update)
}

/// The record of a change.
pub fn event(change: &WorkspaceChange) -> Item {
    let entity = match change.entry {
        Entry::Member(_) => "member_event",
        Entry::Type(_) => "type_event",
    };
    sealed(&keys::workspace_event(&change.workspace.id, change.workspace.version), entity, &change.sealed)
}

/// Reads the record of a change back, as it is sealed.
pub(super) fn read_event(item: &Item) -> Result<SealedRecord, BadRow> {
    read_sealed(&Reader { entity: "workspace event", item })
}

/// The row of one version of a type, with the version of the workspace whose record tells of it.
pub fn job_type(workspace: &WorkspaceId, job_type: &JobType, record: u32) -> Item {
    let mut item = keyed(&keys::job_type(workspace, &job_type.name, job_type.version), "type");
    item.insert("document".to_owned(), text(job_type.document()));
    item.insert("record".to_owned(), number(record));
    item
}

/// The name and the version in a type row's key, and the digest of its document.
pub(super) fn read_type_digest(item: &Item) -> Result<(TypeName, u32, Digest), BadRow> {
    let row = Reader { entity: "type", item };
    let key = row.text("SK")?.strip_prefix(keys::TYPE_PREFIX).and_then(|key| key.rsplit_once('#'));
    let (name, version) = key.ok_or_else(|| row.bad("SK"))?;
    let name = TypeName::parse(name).map_err(|_| row.bad("SK"))?;
    let version = version.parse().map_err(|_| row.bad("SK"))?;
    Ok((name, version, Digest::of(row.optional_text("document").unwrap_or_default().as_bytes())))
}

/// Reads it back.
pub(super) fn read_job_type(item: &Item) -> Result<JobType, BadRow> {
    let row = Reader { entity: "type", item };
    let job_type: JobType = row.parsed("document", |text| serde_json::from_str(text))?;
    let sk = format!("{}{:010}", keys::job_type_prefix(&job_type.name), job_type.version);
    if row.text("SK")? == sk { Ok(job_type) } else { Err(row.bad("SK")) }
}

/// A note. It is a payload: at the end of retention its bytes go, like those of results.
pub(super) fn note(workspace: &WorkspaceId, id: &JobId, note: &Note) -> Item {
    let mut item = keyed(&keys::note(workspace, id, note.version), "payload");
    item.insert("salt".to_owned(), bytes(&note.salt.0));
    item.insert("bytes".to_owned(), AttributeValue::B(Blob::new(note.text.as_bytes())));
    item
}

/// Reads a note back; `None` when its words are gone.
pub(super) fn read_note(item: &Item) -> Result<Option<Note>, BadRow> {
    let row = Reader { entity: "note", item };
    let version = row.text("SK")?.strip_prefix(keys::NOTE_PREFIX).and_then(|version| version.parse().ok());
    let salt = row.optional_bytes("salt").and_then(|salt| salt.try_into().ok()).map(Nonce);
    let Some(words) = row.optional_bytes("bytes") else { return Ok(None) };
    let (Some(version), Some(salt)) = (version, salt) else { return Err(row.bad("salt")) };
    let text = String::from_utf8(words.to_vec()).map_err(|_| row.bad("bytes"))?;
    Ok(Some(Note { version, salt, text }))
}
