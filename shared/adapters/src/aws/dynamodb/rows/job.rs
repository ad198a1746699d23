//! The job row. Its attributes have short names, because it has to stay within one kilobyte.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::job::{Attempt, Job, PayloadRef, ResultRef, ReviewClock, State};
use domain::policy::cost::{CostState, Usd};
use domain::provider::ErrorWords;
use domain::value::id::{Issuer, JobId, Principal, WorkspaceId};
use domain::value::time::Timestamp;

use super::{BadRow, Item, RowDecoder, RowEncoder, row};
use crate::aws::dynamodb::keys::Key;

pub fn key(workspace: &WorkspaceId, job: &JobId) -> Key {
    Key { pk: format!("WS#{workspace}#JOB#{job}"), sk: "JOB".to_owned() }
}

/// The ids that a job's or event's partition key was built from.
pub(in super::super) fn parse_pk(pk: &str) -> Option<(WorkspaceId, JobId)> {
    let (workspace, job) = pk.strip_prefix("WS#")?.split_once("#JOB#")?;
    Some((WorkspaceId::parse(workspace).ok()?, JobId::parse(job).ok()?))
}

/// What the index of a creator's jobs has them under; written once.
pub(in super::super) fn creator(workspace: &WorkspaceId, principal: &Principal, issuer: Option<Issuer>) -> String {
    let issuer = issuer.map(|issuer| issuer.to_string()).unwrap_or_default();
    format!("{workspace}#{issuer}#{principal}")
}

/// The principal and the issuer that a creator's key was built from.
fn parse_creator(creator: &str) -> Option<(Principal, Option<Issuer>)> {
    let (issuer, principal) = creator.split_once('#')?.1.split_once('#')?;
    let issuer = if issuer.is_empty() { None } else { Some(Issuer::from_hex(issuer)?) };
    Some((Principal::parse(principal).ok()?, issuer))
}

/// What a claim may write: the job's clock and what its POST asks for, and nothing that has a record.
pub(in super::super) const CLOCK: [&str; 5] = ["du", "tn", "sn", "aw", "he"];

/// Where the due index has the job.
pub(in super::super) const DUE_INDEX: [&str; 2] = ["due_at", "due_shard"];

pub(in super::super) fn encode(job: &Job) -> RowEncoder {
    let mut row = RowEncoder::new(key(&job.workspace, &job.id), "job");
    write(job, &mut row);
    row
}

/// The row of a job that is new.
pub fn item(job: &Job) -> Item {
    encode(job).item()
}

pub fn decode(item: &Item) -> Result<Job, BadRow> {
    read(&RowDecoder { entity: "job", item })
}

/// Whether it is in the list of open jobs.
fn is_open(job: &Job) -> bool {
    let waits_for_person = matches!(job.state, State::Failed | State::Expired) || job.is_over_budget();
    !job.state.is_terminal() || (waits_for_person && job.archived_at.is_none())
}

row! {
    Job as job in row;
    write {
        row.put("listing", &job.workspace);
        row.put("open", &is_open(job).then(|| job.workspace.clone()));
        row.put("creator", &creator(&job.workspace, &job.created_by, job.issuer));
        row.put("due_shard", &job.due_index_at.map(|_| row.shard()));
        // How long before `up`, which is shorter.
        row.put("si", &u64::try_from(job.updated_at.since(job.since).as_millis()).unwrap_or(u64::MAX));
    }
    read {
        let (workspace, id) = row.parsed("PK", parse_pk)?;
        let (created_by, issuer) = row.parsed("creator", parse_creator)?;
        let stood: Option<u64> = row.get("si")?;
        let since = row.get::<Timestamp>("up")? - Duration::from_millis(stood.unwrap_or_default());
    }
    given { workspace, id, created_by, issuer, since }
    stored {
        job_type: "ty",
        type_version: "tv",
        lane: "ln",
        lane_reasons: "lr",
        on_behalf_of: "ob",
        created_at: "created",
        updated_at: "up",
        version: "vn",
        state: "st",
        reason: "rs",
        attempt: (Attempt {
            number: "an",
            submit_token: "sn",
            asked: "aw",
            response: "rp",
            prior: "pr",
            named: "nm",
            last_webhook_at: "he",
            provider_status: "ps",
            model: "md",
            service_tier: "tr",
            error: ("er" unless ErrorWords::default()),
            answer: (if "kd" (PayloadRef { digest: "kd", bytes: "kb", })),
            note: "nt",
        }),
        due: "du",
        claim_count: "tn",
        deadline: "dl",
        complete_by: "cb",
        due_index_at: "due_at",
        summary: "sm",
        tags: ("tg" unless BTreeMap::new()),
        input: (PayloadRef { digest: "id", bytes: "ib", }),
        result: (if "rd" (ResultRef {
            stored: (PayloadRef { digest: "rd", bytes: "rb", }),
            partial: ("rx" unless false),
            edited: ("ed" unless false),
            late: ("lt" unless false),
        })),
        cost_usd: "co",
        cost_state: ("cs" unless CostState::Known),
        unpriced_responses: "cn",
        cost_estimate: ("cg" unless Usd::default()),
        cost_limit: "cl",
        attempt_cost: "ac",
        published: (for others "pb"),
        head: "hd",
        archived_at: "ar",
        escalation_level: ("lv" unless 0),
        review: (if "ov" (ReviewClock { overdue_at: "ov", next_reminder_at: "ca", approvals_missing: "mi", })),
        consecutive_retries: (if "sc" ("sc", "sk")),
        uncounted_attempts: ("rf" unless 0),
    }
}
