//! Rows as items and back. Attribute names are short, because a job row has to stay within one kilobyte.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::cost::Usd;
use domain::id::{JobId, Nonce, ResponseId, TypeName, WorkspaceId};
use domain::job::{Attempt, Change, Job, ResultRef, ReviewClock, State, Stored};
use domain::lane::{Lane, LaneReason};
use domain::reason::{ErrorClass, Reason};
use domain::record::Sealed;

use super::keys::{self, Key};
use super::row::{BadRow, Item, Reader, bytes, number, text, time};

/// The attributes of a job row that a transition never writes: its keys, and what only a publisher moves.
pub(super) const KEPT: [&str; 3] = ["PK", "SK", "pb"];

/// The attributes of a job row that come and go.
pub(super) const OPTIONAL: [&str; 29] = [
    "ar",
    "ca",
    "cb",
    "cg",
    "cl",
    "due_at",
    "due_shard",
    "ed",
    "he",
    "lt",
    "lv",
    "md",
    "mi",
    "nt",
    "open",
    "ov",
    "pr",
    "ps",
    "rb",
    "rd",
    "rf",
    "rp",
    "rs",
    "rx",
    "sc",
    "sk",
    "sn",
    "tg",
    "tr",
];

const STATES: [(State, &str); 10] = [
    (State::Waiting, "wait"),
    (State::RetryScheduled, "retry"),
    (State::Held, "held"),
    (State::InProgress, "run"),
    (State::AwaitingDecision, "decide"),
    (State::AwaitingAction, "action"),
    (State::Completed, "done"),
    (State::Failed, "fail"),
    (State::Canceled, "cancel"),
    (State::Expired, "expire"),
];

const LANES: [(Lane, &str); 4] =
    [(Lane::Interactive, "i"), (Lane::Background, "b"), (Lane::Batch, "n"), (Lane::Approval, "a")];

const LANE_REASONS: [(LaneReason, &str); 10] = [
    (LaneReason::ConsequentialEffect, "ce"),
    (LaneReason::PreApprovedEffect, "pe"),
    (LaneReason::ManyIndependentRecords, "mr"),
    (LaneReason::ValueAfterSession, "va"),
    (LaneReason::SeveralStepsOrSlowTools, "ss"),
    (LaneReason::StatusCanBeShown, "sc"),
    (LaneReason::UserSteers, "us"),
    (LaneReason::ShortWithFastTools, "sf"),
    (LaneReason::JobType, "jt"),
    (LaneReason::NothingLost, "nl"),
];

const CLASSES: [(ErrorClass, &str); 5] = [
    (ErrorClass::Busy, "b"),
    (ErrorClass::Unreachable, "u"),
    (ErrorClass::Lost, "l"),
    (ErrorClass::ProviderError, "e"),
    (ErrorClass::Permanent, "p"),
];

pub(super) fn code<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
    table.iter().find(|(known, _)| known == value).map_or("?", |(_, code)| code)
}

pub(super) fn decode<T: Copy>(table: &[(T, &'static str)], code: &str) -> Option<T> {
    table.iter().find(|(_, known)| *known == code).map(|(value, _)| *value)
}

pub(super) fn keyed(key: &Key, entity: &str) -> Item {
    Item::from([
        ("PK".to_owned(), text(&key.pk)),
        ("SK".to_owned(), text(&key.sk)),
        ("entity".to_owned(), text(entity)),
    ])
}

/// The job row.
pub fn job(job: &Job) -> Item {
    let key = keys::job(&job.workspace, &job.id);
    let mut item = keyed(&key, "job");
    let mut set = |name: &str, value: AttributeValue| {
        item.insert(name.to_owned(), value);
    };
    set("listing", text(job.workspace.as_str()));
    set("creator", text(keys::creator(&job.workspace, &job.created_by)));
    set("created", time(job.created_at));
    let waits_for_person = matches!(job.state, State::Failed | State::Expired) || job.is_over_budget();
    if !job.state.is_terminal() || (waits_for_person && job.archived_at.is_none()) {
        set("open", text(job.workspace.as_str()));
    }
    if let Some(hint) = job.hint {
        set("due_shard", text(keys::shard(&key.pk)));
        set("due_at", time(hint));
    }
    set("ty", text(job.job_type.as_str()));
    set("tv", number(job.type_version));
    set("ln", text(code(&LANES, &job.lane)));
    let reasons: Vec<&str> = job.lane_reasons.iter().map(|reason| code(&LANE_REASONS, reason)).collect();
    set("lr", text(reasons.join(" ")));
    set("up", time(job.updated_at));
    // How long before that, which is shorter.
    set("si", number(job.updated_at.since(job.since).as_millis()));
    set("vn", number(job.version));
    set("st", text(code(&STATES, &job.state)));
    if let Some(reason) = job.reason {
        set("rs", text(reason.code()));
    }
    set("an", number(job.attempt.number));
    if let Some(start) = job.attempt.start {
        set("sn", bytes(&start.0));
    }
    if let Some(response) = &job.attempt.response {
        set("rp", text(response.as_str()));
    }
    if let Some(prior) = &job.attempt.prior {
        set("pr", text(prior.as_str()));
    }
    if let Some(at) = job.attempt.heard_at {
        set("he", time(at));
    }
    for (name, value) in
        [("ps", &job.attempt.provider_status), ("md", &job.attempt.model), ("tr", &job.attempt.service_tier)]
    {
        if let Some(value) = value {
            set(name, text(value));
        }
    }
    if let Some(note) = job.attempt.note {
        set("nt", number(note));
    }
    set("du", time(job.due));
    set("tn", number(job.tries));
    set("dl", time(job.deadline));
    if let Some(at) = job.complete_by {
        set("cb", time(at));
    }
    set("sm", text(&job.summary));
    if !job.tags.is_empty() {
        set("tg", AttributeValue::M(job.tags.iter().map(|(key, value)| (key.clone(), text(value))).collect()));
    }
    set("id", bytes(&job.input.digest.0));
    set("ib", number(job.input.bytes));
    if let Some(result) = job.result {
        set("rd", bytes(&result.stored.digest.0));
        set("rb", number(result.stored.bytes));
        if result.partial {
            set("rx", AttributeValue::Bool(true));
        }
        if result.edited {
            set("ed", AttributeValue::Bool(true));
        }
        if result.late {
            set("lt", AttributeValue::Bool(true));
        }
    }
    if job.cost_guess > Usd::default() {
        set("cg", number(job.cost_guess.pico()));
    }
    if let Some(limit) = job.cost_limit {
        set("cl", number(limit.pico()));
    }
    if let Some(review) = job.review {
        set("ov", time(review.overdue_at));
        set("ca", time(review.call_at));
        set("mi", number(review.missing));
    }
    set("co", number(job.cost_usd.pico()));
    set("cn", number(job.cost_open));
    set("pb", number(job.published));
    set("hd", bytes(&job.head.0));
    if let Some(at) = job.archived_at {
        set("ar", time(at));
    }
    if job.level > 0 {
        set("lv", number(job.level));
    }
    if let Some((class, tries)) = job.streak {
        set("sc", text(code(&CLASSES, &class)));
        set("sk", number(tries));
    }
    if job.refused > 0 {
        set("rf", number(job.refused));
    }
    item
}

/// Reads a job row back.
pub fn read_job(item: &Item) -> Result<Job, BadRow> {
    let row = Reader { entity: "job", item };
    let (workspace, id) = keys::parse_job_pk(row.text("PK")?).ok_or_else(|| row.bad("PK"))?;
    let stored = |digest, length| -> Result<Stored, BadRow> {
        Ok(Stored { digest: row.digest(digest)?, bytes: row.number(length)? })
    };
    Ok(Job {
        workspace,
        id,
        job_type: row.parsed("ty", TypeName::parse)?,
        type_version: row.number("tv")?,
        lane: decode(&LANES, row.text("ln")?).ok_or_else(|| row.bad("ln"))?,
        lane_reasons: row
            .text("lr")?
            .split_whitespace()
            .map(|reason| decode(&LANE_REASONS, reason).ok_or_else(|| row.bad("lr")))
            .collect::<Result<_, _>>()?,
        created_by: keys::parse_creator(row.text("creator")?).ok_or_else(|| row.bad("creator"))?,
        created_at: row.time("created")?,
        updated_at: row.time("up")?,
        since: row.time("up")? - Duration::from_millis(row.optional_number("si").unwrap_or_default()),
        version: row.number("vn")?,
        // A state from a newer version of the code is not guessed at.
        state: decode(&STATES, row.text("st")?).ok_or_else(|| row.bad("st"))?,
        reason: row.optional_text("rs").map(|code| Reason::parse(code).ok_or_else(|| row.bad("rs"))).transpose()?,
        attempt: Attempt {
            number: row.number("an")?,
            start: row.optional_bytes("sn").and_then(|start| start.try_into().ok()).map(Nonce),
            response: row.optional_text("rp").map(|id| ResponseId::parse(id).map_err(|_| row.bad("rp"))).transpose()?,
            prior: row.optional_text("pr").map(|id| ResponseId::parse(id).map_err(|_| row.bad("pr"))).transpose()?,
            heard_at: row.optional_time("he"),
            provider_status: row.optional_text("ps").map(str::to_owned),
            model: row.optional_text("md").map(str::to_owned),
            service_tier: row.optional_text("tr").map(str::to_owned),
            note: row.optional_number("nt"),
        },
        due: row.time("du")?,
        tries: row.number("tn")?,
        deadline: row.time("dl")?,
        complete_by: row.optional_time("cb"),
        hint: row.optional_time("due_at"),
        summary: row.text("sm")?.to_owned(),
        tags: tags(item),
        input: stored("id", "ib")?,
        result: match row.optional_bytes("rd") {
            Some(_) => Some(ResultRef {
                stored: stored("rd", "rb")?,
                partial: row.is_set("rx"),
                edited: row.is_set("ed"),
                late: row.is_set("lt"),
            }),
            None => None,
        },
        cost_usd: Usd::from_pico(row.number("co")?),
        cost_open: row.number("cn")?,
        cost_guess: Usd::from_pico(row.optional_number("cg").unwrap_or_default()),
        cost_limit: row.optional_number("cl").map(Usd::from_pico),
        published: row.number("pb")?,
        head: row.digest("hd")?,
        archived_at: row.optional_time("ar"),
        level: row.optional_number("lv").unwrap_or_default(),
        review: match row.optional_time("ov") {
            Some(overdue_at) => Some(ReviewClock { overdue_at, call_at: row.time("ca")?, missing: row.number("mi")? }),
            None => None,
        },
        streak: match row.optional_text("sc") {
            Some(class) => Some((decode(&CLASSES, class).ok_or_else(|| row.bad("sc"))?, row.number("sk")?)),
            None => None,
        },
        refused: row.optional_number("rf").unwrap_or_default(),
    })
}

fn tags(item: &Item) -> BTreeMap<String, String> {
    item.get("tg")
        .and_then(|tags| tags.as_m().ok())
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_s().ok()?.clone())))
        .collect()
}

/// The event row of a transition.
pub fn event(change: &Change) -> Item {
    sealed(&keys::event(&change.job.workspace, &change.job.id, change.record.version), "event", &change.sealed)
}

/// Reads an event row, from the table or from its stream.
pub fn read_event(item: &Item) -> Result<(WorkspaceId, JobId, Sealed), BadRow> {
    let row = Reader { entity: "event", item };
    let (workspace, job) = keys::parse_job_pk(row.text("PK")?).ok_or_else(|| row.bad("PK"))?;
    Ok((workspace, job, read_sealed(&row)?))
}

/// The row of a record, a job's or a workspace's.
pub(super) fn sealed(key: &Key, entity: &str, sealed: &Sealed) -> Item {
    let mut item = keyed(key, entity);
    item.insert("body".to_owned(), text(&sealed.body));
    item.insert("previous".to_owned(), bytes(&sealed.previous.0));
    item.insert("hash".to_owned(), bytes(&sealed.hash.0));
    item
}

/// Reads the record in such a row back, as it is sealed.
pub(super) fn read_sealed(row: &Reader<'_>) -> Result<Sealed, BadRow> {
    Ok(Sealed { body: row.text("body")?.to_owned(), previous: row.digest("previous")?, hash: row.digest("hash")? })
}
