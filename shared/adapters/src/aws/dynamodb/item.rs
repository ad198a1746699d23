//! Rows as items and back. Attribute names are short, because a job row has to stay within one kilobyte.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::record::SealedRecord;
use domain::job::{Attempt, Job, PayloadRef, ResultRef, ReviewClock, State, Transition};
use domain::policy::cost::{CostState, Usd};
use domain::policy::lane::LaneReason;
use domain::provider::ErrorWords;
use domain::value::id::{JobId, Nonce, Principal, ResponseId, TypeName, WorkspaceId};
use domain::value::word::Closed as _;

use super::keys::{self, Key};
use super::row::{BadRow, Item, Reader, bytes, number, text, time};

/// What only a publisher moves.
pub(super) const PUBLISHED: &str = "pb";

/// The attributes of a job row that come and go.
pub(super) const OPTIONAL: [&str; 36] = [
    "ac",
    "ar",
    "ca",
    "cb",
    "cg",
    "cl",
    "cs",
    "due_at",
    "due_shard",
    "ed",
    "er",
    "he",
    "kb",
    "kd",
    "lt",
    "lv",
    "md",
    "mi",
    "nm",
    "nt",
    "ob",
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
    set("creator", text(keys::creator(&job.workspace, &job.created_by, job.issuer)));
    set("created", time(job.created_at));
    let waits_for_person = matches!(job.state, State::Failed | State::Expired) || job.is_over_budget();
    if !job.state.is_terminal() || (waits_for_person && job.archived_at.is_none()) {
        set("open", text(job.workspace.as_str()));
    }
    if let Some(due_index_at) = job.due_index_at {
        set("due_shard", text(keys::shard(&key.pk)));
        set("due_at", time(due_index_at));
    }
    set("ty", text(job.job_type.as_str()));
    set("tv", number(job.type_version));
    set("ln", text(job.lane.code()));
    let reasons: Vec<&str> = job.lane_reasons.iter().map(LaneReason::code).collect();
    set("lr", text(reasons.join(" ")));
    if let Some(person) = &job.on_behalf_of {
        set("ob", text(person.as_str()));
    }
    set("up", time(job.updated_at));
    // How long before that, which is shorter.
    set("si", number(job.updated_at.since(job.since).as_millis()));
    set("vn", number(job.version));
    set("st", text(job.state.code()));
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
    if let Some(named) = &job.attempt.named {
        set("nm", text(named.as_str()));
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
    if !job.attempt.error.is_empty() {
        set("er", text(error_words(&job.attempt.error)));
    }
    if let Some(answer) = job.attempt.answer {
        set("kd", bytes(&answer.digest.0));
        set("kb", number(answer.bytes));
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
        set("ca", time(review.next_reminder_at));
        set("mi", number(review.missing));
    }
    if let Some(cost) = job.attempt_cost {
        set("ac", number(cost.pico()));
    }
    set("co", number(job.cost_usd.pico()));
    if job.cost_state != CostState::Known {
        set("cs", text(job.cost_state.code()));
    }
    set("cn", number(job.cost_open));
    set("pb", number(job.published));
    set("hd", bytes(&job.head.0));
    if let Some(at) = job.archived_at {
        set("ar", time(at));
    }
    if job.escalation_level > 0 {
        set("lv", number(job.escalation_level));
    }
    if let Some((class, tries)) = job.streak {
        set("sc", text(class.code()));
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
    let creator = keys::parse_creator(row.text("creator")?);
    let (created_by, issuer) = creator.ok_or_else(|| row.bad("creator"))?;
    let stored = |digest, length| -> Result<PayloadRef, BadRow> {
        Ok(PayloadRef { digest: row.digest(digest)?, bytes: row.number(length)? })
    };
    Ok(Job {
        workspace,
        id,
        job_type: row.parsed("ty", TypeName::parse)?,
        type_version: row.number("tv")?,
        lane: row.word("ln")?,
        lane_reasons: row
            .text("lr")?
            .split_whitespace()
            .map(|reason| LaneReason::read(reason).ok_or_else(|| row.bad("lr")))
            .collect::<Result<_, _>>()?,
        created_by,
        issuer,
        on_behalf_of: row
            .optional_text("ob")
            .map(|person| Principal::parse(person).map_err(|_| row.bad("ob")))
            .transpose()?,
        created_at: row.time("created")?,
        updated_at: row.time("up")?,
        since: row.time("up")? - Duration::from_millis(row.optional_number("si").unwrap_or_default()),
        version: row.number("vn")?,
        state: row.word("st")?,
        reason: row.optional_word("rs")?,
        attempt: Attempt {
            number: row.number("an")?,
            start: row.optional_bytes("sn").and_then(|start| start.try_into().ok()).map(Nonce),
            response: row.optional_text("rp").map(|id| ResponseId::parse(id).map_err(|_| row.bad("rp"))).transpose()?,
            prior: row.optional_text("pr").map(|id| ResponseId::parse(id).map_err(|_| row.bad("pr"))).transpose()?,
            named: row.optional_text("nm").map(|id| ResponseId::parse(id).map_err(|_| row.bad("nm"))).transpose()?,
            heard_at: row.optional_time("he"),
            provider_status: row.optional_text("ps").map(str::to_owned),
            model: row.optional_text("md").map(str::to_owned),
            service_tier: row.optional_text("tr").map(str::to_owned),
            error: row.optional_text("er").map(read_error_words).unwrap_or_default(),
            answer: match row.optional_bytes("kd") {
                Some(_) => Some(stored("kd", "kb")?),
                None => None,
            },
            note: row.optional_number("nt"),
        },
        due: row.time("du")?,
        tries: row.number("tn")?,
        deadline: row.time("dl")?,
        complete_by: row.optional_time("cb"),
        due_index_at: row.optional_time("due_at"),
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
        cost_state: row.optional_word("cs")?.unwrap_or(CostState::Known),
        cost_open: row.number("cn")?,
        cost_guess: Usd::from_pico(row.optional_number("cg").unwrap_or_default()),
        cost_limit: row.optional_number("cl").map(Usd::from_pico),
        attempt_cost: row.optional_number("ac").map(Usd::from_pico),
        published: row.number("pb")?,
        head: row.digest("hd")?,
        archived_at: row.optional_time("ar"),
        escalation_level: row.optional_number("lv").unwrap_or_default(),
        review: match row.optional_time("ov") {
            Some(overdue_at) => {
                Some(ReviewClock { overdue_at, next_reminder_at: row.time("ca")?, missing: row.number("mi")? })
            }
            None => None,
        },
        streak: match row.optional_word("sc")? {
            Some(class) => Some((class, row.number("sk")?)),
            None => None,
        },
        refused: row.optional_number("rf").unwrap_or_default(),
    })
}

/// Code and type with a space between them, which neither has.
fn error_words(words: &ErrorWords) -> String {
    let [code, kind] = [&words.code, &words.kind].map(|word| word.as_deref().unwrap_or_default());
    format!("{code} {kind}")
}

fn read_error_words(text: &str) -> ErrorWords {
    let (code, kind) = text.split_once(' ').unwrap_or((text, ""));
    ErrorWords::checked(Some(kind.to_owned()), Some(code.to_owned()))
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
pub fn event(change: &Transition) -> Item {
    sealed(&keys::event(&change.job.workspace, &change.job.id, change.record.version), "event", &change.sealed)
}

/// Reads an event row, from the table or from its stream.
pub fn read_event(item: &Item) -> Result<(WorkspaceId, JobId, SealedRecord), BadRow> {
    let row = Reader { entity: "event", item };
    let (workspace, job) = keys::parse_job_pk(row.text("PK")?).ok_or_else(|| row.bad("PK"))?;
    Ok((workspace, job, read_sealed(&row)?))
}

/// The row of a record, a job's or a workspace's.
pub(super) fn sealed(key: &Key, entity: &str, sealed: &SealedRecord) -> Item {
    let mut item = keyed(key, entity);
    item.insert("body".to_owned(), text(&sealed.body));
    item.insert("previous".to_owned(), bytes(&sealed.previous.0));
    item.insert("hash".to_owned(), bytes(&sealed.hash.0));
    item
}

/// Reads the record in such a row back, as it is sealed.
pub(super) fn read_sealed(row: &Reader<'_>) -> Result<SealedRecord, BadRow> {
    Ok(SealedRecord {
        body: row.text("body")?.to_owned(),
        previous: row.digest("previous")?,
        hash: row.digest("hash")?,
    })
}
