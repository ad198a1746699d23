//! Every key of the jobs table. Nothing else builds one.
//!
//! | row | PK | SK | written by | read by |
//! |---|---|---|---|---|
//! | job | `WS#<workspace>#JOB#<job>` | `JOB` | every flow that moves a job | every flow |
//! | event | the job's | `EVENT#<version, ten digits>` | the same transaction | `read-jobs`, the stream, the publish duty |
//! | input | the job's | `INPUT#<digest>` | `create-job`, before its transaction | `submit-job` |
//! | result | the job's | `RESULT#<attempt>#<digest>` | `observe-job`, before its transaction | `read-jobs` |
//! | edit | the job's | `EDIT#<attempt>#<digest>` | `control-job`, before its transaction | `read-jobs`, `control-job` |
//! | note | the job's | `NOTE#<version, ten digits>` | the decision's transaction | `read-jobs`, `submit-job` |
//! | notice | the job's | `NOTICE#<version, ten digits>` | `notify`, before it tells people and after | `notify` |
//! | response | `RESP#<response>` | `RESPONSE` | attach, adopt, settle | `ingest-webhook`, `observe-job` |
//! | denied | `RESP#<response>` | `DENIED` | `observe-job`, once for an id that nobody has | `observe-job` |
//! | member | `WS#<workspace>` | `MEMBER#<principal>` | `control-job` | every API function |
//! | job type | `WS#<workspace>` | `TYPE#<name>#<version, ten digits>` | `control-job` | every flow of a job of that type |
//! | workspace | `WS#<workspace>` | `WORKSPACE` | a member's or type's transaction, `publish-events`, `observe-job` | `control-job`, `read-jobs`, they |
//! | member event, type event | `WS#<workspace>` | `EVENT#<version, ten digits>` | the same transaction | `control-job`, `read-jobs`, the stream, who loads a type |
//! | breaker | `SYSTEM` | `LANE#<lane>` or `LOOKS` | `submit-job`, `observe-job` | they, `reconcile`, `create-job`, `control-job`, `read-jobs` |
//!
//! Payload rows hold at most [`INLINE_BYTES`]; larger payloads are objects of the same name. `<digest>` is the first 16
//! hexadecimal digits of the content's SHA-256, so two writers never overwrite each other with different bytes.
//!
//! | index | hash | range | answers | holds |
//! |---|---|---|---|---|
//! | `due` | `due_shard` | `due_at` | what is overdue? (`reconcile`) | jobs, responses with a duty of their own, and workspaces with changes to publish |
//! | `listing` | `listing` | `created` | the jobs of a workspace, newest first | all jobs |
//! | `creator` | `creator` | `created` | those that somebody created, newest first | all jobs |
//! | `open` | `open` | `created` | those that are not over | jobs that are not terminal, or failed or expired and not put away |

use domain::job::PayloadRef;
use domain::port::PayloadKind;
use domain::provider::breaker::Circuit;
use domain::value::id::{Issuer, JobId, Principal, ResponseId, TypeName, WorkspaceId};

/// Partition and sort key of one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

/// Payloads up to this size lie in the table; larger ones cost less as objects.
pub const INLINE_BYTES: u64 = 4_096;

/// Shards of the due index; a job's shard never changes.
pub const SHARDS: u8 = 16;

pub const EVENT_PREFIX: &str = "EVENT#";

pub const MEMBER_PREFIX: &str = "MEMBER#";

pub const NOTE_PREFIX: &str = "NOTE#";

pub const TYPE_PREFIX: &str = "TYPE#";

pub fn job(workspace: &WorkspaceId, job: &JobId) -> Key {
    Key { pk: format!("WS#{workspace}#JOB#{job}"), sk: "JOB".to_owned() }
}

pub fn event(workspace: &WorkspaceId, id: &JobId, version: u32) -> Key {
    Key { sk: format!("{EVENT_PREFIX}{version:010}"), ..job(workspace, id) }
}

pub fn payload(workspace: &WorkspaceId, id: &JobId, kind: PayloadKind, stored: &PayloadRef) -> Key {
    Key { sk: payload_name(kind, stored), ..job(workspace, id) }
}

/// The object that holds a payload too large for a row: `<workspace>/<job>/<the row's sort key>`.
pub fn object(workspace: &WorkspaceId, id: &JobId, kind: PayloadKind, stored: &PayloadRef) -> String {
    format!("{workspace}/{id}/{}", payload_name(kind, stored))
}

/// What the names of all of a job's objects start with.
pub fn objects(workspace: &WorkspaceId, id: &JobId) -> String {
    format!("{workspace}/{id}/")
}

fn payload_name(kind: PayloadKind, stored: &PayloadRef) -> String {
    let hex = stored.digest.hex();
    let (digest, _) = hex.split_at(16);
    match kind {
        PayloadKind::Input => format!("INPUT#{digest}"),
        PayloadKind::Result { attempt } => format!("RESULT#{attempt}#{digest}"),
        PayloadKind::Edit { attempt } => format!("EDIT#{attempt}#{digest}"),
    }
}

pub fn note(workspace: &WorkspaceId, id: &JobId, version: u32) -> Key {
    Key { sk: format!("{NOTE_PREFIX}{version:010}"), ..job(workspace, id) }
}

pub fn notice(workspace: &WorkspaceId, id: &JobId, version: u32) -> Key {
    Key { sk: format!("NOTICE#{version:010}"), ..job(workspace, id) }
}

pub fn response(id: &ResponseId) -> Key {
    Key { pk: format!("RESP#{id}"), sk: "RESPONSE".to_owned() }
}

/// The row that remembers who looks at a response that the provider denied.
pub fn denied(id: &ResponseId) -> Key {
    Key { sk: "DENIED".to_owned(), ..response(id) }
}

/// What the index of a creator's jobs has them under; written once.
pub fn creator(workspace: &WorkspaceId, principal: &Principal, issuer: Option<Issuer>) -> String {
    let issuer = issuer.map(|issuer| issuer.to_string()).unwrap_or_default();
    format!("{workspace}#{issuer}#{principal}")
}

/// What the rows of a workspace itself lie under.
pub fn workspace(workspace: &WorkspaceId) -> String {
    format!("WS#{workspace}")
}

/// The row that counts a workspace's changes.
pub fn workspace_row(workspace: &WorkspaceId) -> Key {
    Key { pk: self::workspace(workspace), sk: "WORKSPACE".to_owned() }
}

pub fn workspace_event(workspace: &WorkspaceId, version: u32) -> Key {
    Key { pk: self::workspace(workspace), sk: format!("{EVENT_PREFIX}{version:010}") }
}

pub fn member(workspace: &WorkspaceId, principal: &Principal) -> Key {
    Key { pk: self::workspace(workspace), sk: format!("{MEMBER_PREFIX}{principal}") }
}

/// What the sort keys of every version of a type start with.
pub fn job_type_prefix(name: &TypeName) -> String {
    format!("{TYPE_PREFIX}{name}#")
}

pub fn job_type(workspace: &WorkspaceId, name: &TypeName, version: u32) -> Key {
    Key { pk: self::workspace(workspace), sk: format!("{}{version:010}", job_type_prefix(name)) }
}

pub fn breaker(circuit: Circuit) -> Key {
    let sk = match circuit {
        Circuit::Starts(lane) => format!("LANE#{}", lane.word()),
        Circuit::Looks => "LOOKS".to_owned(),
    };
    Key { pk: "SYSTEM".to_owned(), sk }
}

/// The shard of a row in the due index, from a hash of its partition key.
pub fn shard(pk: &str) -> String {
    let [first, ..] = domain::value::id::Digest::of(pk.as_bytes()).0;
    shard_name(first % SHARDS)
}

pub fn shard_name(shard: u8) -> String {
    format!("{shard:02}")
}

/// The principal and the issuer that a creator's key was built from.
pub fn parse_creator(creator: &str) -> Option<(Principal, Option<Issuer>)> {
    let (issuer, principal) = creator.split_once('#')?.1.split_once('#')?;
    let issuer = if issuer.is_empty() { None } else { Some(Issuer::from_hex(issuer)?) };
    Some((Principal::parse(principal).ok()?, issuer))
}

/// The workspace that a partition key of its own rows was built from.
pub fn parse_workspace_pk(pk: &str) -> Option<WorkspaceId> {
    WorkspaceId::parse(pk.strip_prefix("WS#")?).ok()
}

/// The ids that a job's or event's partition key was built from.
pub fn parse_job_pk(pk: &str) -> Option<(WorkspaceId, JobId)> {
    let (workspace, job) = pk.strip_prefix("WS#")?.split_once("#JOB#")?;
    Some((WorkspaceId::parse(workspace).ok()?, JobId::parse(job).ok()?))
}
