//! Deliver: a job's result, or a part of it, to whoever may read it.

use super::{Caller, FlowError, policy, true_notes, visible_job};
pub use crate::contract::result::Part;
use crate::contract::result::{Edited, ResultView, StoredResult, last_word, report, text, whole};
use crate::job::delivery::{Access, Reader, access, words_for};
use crate::job::record::Record;
use crate::job::{Job, ResultRef};
use crate::policy::output_schema::keeps;
use crate::port::{PayloadKind, Payloads, StoreReader};
use crate::provider::evidence::Gathered;
use crate::provider::{Item, ProviderResponse};
use crate::value::failure::{Class, Failure};
use crate::value::lenient;
use crate::value::member::{Member, Role};

/// Reads what was kept of an answer.
pub trait ReadAnswer {
    /// The answer again, from its bytes.
    fn answer(&self, raw: &[u8]) -> Result<ProviderResponse, Failure>;
    /// What its tools were asked and answered.
    fn gathered(&self, _raw: &[u8]) -> Gathered {
        Gathered::default()
    }
}

impl<F: Fn(&[u8]) -> Result<ProviderResponse, Failure>> ReadAnswer for F {
    fn answer(&self, raw: &[u8]) -> Result<ProviderResponse, Failure> {
        self(raw)
    }
}

/// That part.
#[derive(Debug)]
pub enum Delivered {
    All(Box<ResultView>),
    Text(String),
    /// The provider's own bytes.
    Raw(Vec<u8>),
    /// The JSON of the final answer, digit for digit.
    Structured(String),
    /// Any other part, as JSON.
    Json(String),
    /// Markdown.
    Report(String),
}

/// A part of the job's result.
pub async fn result(
    reader: &impl StoreReader,
    payloads: &impl Payloads,
    parse: impl ReadAnswer,
    caller: &Caller,
    id: &str,
    part: Part,
) -> Result<Delivered, FlowError> {
    let (job, member) = visible_job(reader, caller, id).await?;
    if job.result.is_none() {
        return evidence(reader, payloads, parse, job, &member, part).await;
    }
    deliver(reader, payloads, parse, job, Reader::of(&member), part).await
}

/// The same of a job that this reader sees.
pub async fn deliver(
    reader: &impl StoreReader,
    payloads: &impl Payloads,
    parse: impl ReadAnswer,
    job: Job,
    who: Reader,
    part: Part,
) -> Result<Delivered, FlowError> {
    let Some(result) = job.result else { return Err(FlowError::NoResult) };
    let policy = match policy(reader, &job).await {
        Ok(policy) => Some(policy),
        Err(failure) if failure.class == Class::Permanent => None,
        Err(failure) => return Err(failure.into()),
    };
    // Whoever may read nothing of it costs no read of it.
    permits(&job, access(who, &job, &result, policy.as_ref(), false), part)?;
    let (place, attempt) = ((&job.workspace, &job.id), job.attempt.number);
    let edited = match result.edited {
        false => None,
        true => {
            let bytes = payloads.get(place, PayloadKind::Edit { attempt }, &result.stored).await?;
            Some(Edited::read(&bytes.ok_or(FlowError::NoResult)?)?)
        }
    };
    let proposed = edited.as_ref().map_or(result.stored, Edited::of);
    let raw = payloads.get(place, PayloadKind::Result { attempt }, &proposed).await?.ok_or(FlowError::NoResult)?;
    let answer = parse.answer(&raw);
    // Bytes that do not read as an answer may hold anything.
    let is_open = |item: &Item| matches!(item, Item::PendingAction { .. });
    let pending = answer.as_ref().map_or(true, |answer| answer.output.iter().any(is_open));
    let access = access(who, &job, &result, policy.as_ref(), pending);
    permits(&job, access, part)?;
    if part == Part::Raw {
        return Ok(Delivered::Raw(raw));
    }
    let answer = answer?;
    let (notes, mut records) = true_notes(reader, &job).await?;
    if records.is_empty() {
        records = trail(reader, &job, part).await?;
    }
    let output_schema = policy.and_then(|policy| policy.output_schema);
    let (notes, gathered) = (words_for(who, notes, &records), gathered(&parse, &raw, part));
    shown(StoredResult { job, result, raw, edited, output_schema, notes, records, gathered }, &answer, access, part)
}

/// What the provider answered to a run of which nothing is a result. It says why, and is delivered to nobody.
async fn evidence(
    reader: &impl StoreReader,
    payloads: &impl Payloads,
    parse: impl ReadAnswer,
    job: Job,
    member: &Member,
    part: Part,
) -> Result<Delivered, FlowError> {
    let looks_into_it = [Role::Reviewer, Role::Auditor, Role::Operator];
    let stored = job.attempt.answer.filter(|_| looks_into_it.iter().any(|role| member.roles.contains(role)));
    let stored = stored.ok_or(FlowError::NoResult)?;
    let kind = PayloadKind::Result { attempt: job.attempt.number };
    let raw = payloads.get((&job.workspace, &job.id), kind, &stored).await?.ok_or(FlowError::NoResult)?;
    if part == Part::Raw {
        return Ok(Delivered::Raw(raw));
    }
    let answer = parse.answer(&raw)?;
    let result = ResultRef { stored, partial: true, edited: false, late: false };
    let (records, gathered) = (trail(reader, &job, part).await?, gathered(&parse, &raw, part));
    let kept = StoredResult { job, result, raw, edited: None, output_schema: None, notes: vec![], records, gathered };
    shown(kept, &answer, Access::Everything, part)
}

/// The job's records, for the parts that tell of them.
async fn trail(reader: &impl StoreReader, job: &Job, part: Part) -> Result<Vec<Record>, Failure> {
    if !matches!(part, Part::All | Part::Report | Part::Decisions) {
        return Ok(Vec::new());
    }
    let trail = reader.trail(&job.workspace, &job.id, 0).await?;
    Ok(trail.iter().filter_map(|sealed| sealed.decode().ok()).collect())
}

/// What tools answered, for the parts that tell of it.
fn gathered(parse: &impl ReadAnswer, raw: &[u8], part: Part) -> Gathered {
    match part {
        Part::All | Part::Evidence | Part::Other => parse.gathered(raw),
        _ => Gathered::default(),
    }
}

fn shown(kept: StoredResult, answer: &ProviderResponse, access: Access, part: Part) -> Result<Delivered, FlowError> {
    match part {
        Part::Text => return Ok(Delivered::Text(text(&kept, answer).0)),
        Part::Structured => {
            let last = last_word(&kept, answer);
            let is_object = lenient::exact(&last).is_some_and(|value| value.is_object());
            // Whoever reads this part alone reads nothing that would tell them.
            let is_kept = kept.output_schema.as_ref().is_none_or(|schema| keeps(schema, &last));
            let json = (is_object && is_kept).then(|| lenient::mend(&last).into_owned());
            return Ok(Delivered::Structured(json.ok_or(FlowError::NotStructured)?));
        }
        _ => {}
    }
    let view = whole(kept, answer);
    let view = if access == Access::Edit { view.edit_alone() } else { view };
    Ok(match part {
        Part::Report => Delivered::Report(report(&view)),
        part => match view.json(part)? {
            Some(json) => Delivered::Json(json),
            None => Delivered::All(Box::new(view.within_bounds()?)),
        },
    })
}

fn permits(job: &Job, access: Access, part: Part) -> Result<(), FlowError> {
    match access {
        Access::Nothing if job.state.is_terminal() => Err(FlowError::Withheld),
        Access::Nothing => Err(FlowError::AwaitingReview),
        Access::Edit if part == Part::Raw => Err(FlowError::Edited),
        Access::Edit | Access::Everything => Ok(()),
    }
}
