//! Every key of the jobs table. Each is built in the file of its row, in `rows/`, beside the table of its attributes.
//!
//! | row | PK | SK | written by | read by |
//! |---|---|---|---|---|
//! | job | `WS#<workspace>#JOB#<job>` | `JOB` | every flow that moves a job | every flow |
//! | event | the job's | `EVENT#<version, ten digits>` | the same transaction | `read-jobs`, the stream, the publish duty |
//! | input | the job's | `INPUT#<digest>` | `create-job`, before its transaction | `submit-job`, `read-jobs` |
//! | result | the job's | `RESULT#<attempt>#<digest>` | `observe-job`, before its transaction | `read-jobs` |
//! | edit | the job's | `EDIT#<attempt>#<digest>` | `control-job`, before its transaction | `read-jobs`, `control-job` |
//! | note | the job's | `NOTE#<version, ten digits>` | the decision's transaction | `read-jobs`, `submit-job` |
//! | notice | the job's | `NOTICE#<version, ten digits>` | `notify`, before it notifies people and after | `notify` |
//! | response | `RESP#<response>` | `RESPONSE` | attach, adopt, settle | `ingest-webhook`, `observe-job` |
//! | denied | `RESP#<response>` | `DENIED` | `observe-job`, once for an id that nobody has | `observe-job` |
//! | member | `WS#<workspace>` | `MEMBER#<principal>` | `control-job` | every API function |
//! | membership | `PRINCIPAL#<principal>` | `WS#<workspace>` | the member's transaction | `read-jobs` |
//! | job type | `WS#<workspace>` | `TYPE#<name>#<version, ten digits>` | `control-job` | every flow of a job of that type |
//! | workspace | `WS#<workspace>` | `WORKSPACE` | a member's or type's transaction, `publish-events`, `observe-job` | `control-job`, `read-jobs`, they |
//! | member event, type event | `WS#<workspace>` | `EVENT#<version, ten digits>` | the same transaction | `control-job`, `read-jobs`, the stream, who loads a type |
//! | breaker | `SYSTEM` | `LANE#<lane>` or `LOOKS` | `submit-job`, `observe-job` | they, `reconcile`, `create-job`, `control-job`, `read-jobs` |
//!
//! `rows/job.rs` is the legend of the short names in a job row.
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

use aws_sdk_dynamodb::types::AttributeValue;
use domain::value::id::Digest;

use super::rows::Item;
use super::rows::{
    breaker, denied, event, job, job_type, member, membership, note, notice, payload, response, workspace,
};

pub use breaker::key as breaker;
pub use denied::key as denied;
pub use event::{key as event, workspace_key as workspace_event};
pub use job::key as job;
pub use job_type::key as job_type;
pub use member::key as member;
pub use membership::key as membership;
pub use note::key as note;
pub use notice::key as notice;
pub use payload::{INLINE_BYTES, key as payload, object};
pub use response::key as response;
pub use workspace::key as workspace;

/// Partition and sort key of one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    pub(super) fn attributes(&self) -> Item {
        let [pk, sk] = [&self.pk, &self.sk].map(|part| AttributeValue::S(part.clone()));
        Item::from([("PK".to_owned(), pk), ("SK".to_owned(), sk)])
    }
}

/// Shards of the due index; a job's shard never changes.
pub const SHARDS: u8 = 16;

/// The shard of a row in the due index, from a hash of its partition key.
pub(super) fn shard(pk: &str) -> String {
    let [first, ..] = Digest::of(pk.as_bytes()).0;
    shard_name(first % SHARDS)
}

pub(super) fn shard_name(shard: u8) -> String {
    format!("{shard:02}")
}
