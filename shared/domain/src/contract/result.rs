//! A result as consumers read it: typed parts, made from the provider's own bytes each time they are asked for.

mod cited;
mod decision;
mod part;
mod placed;
mod report;
mod span;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use self::cited::still_cited;
pub use self::decision::DecisionView;
pub use self::part::{Link, Part, RawLink, RawPlace, SignedLink};
pub(crate) use self::placed::answered;
pub use self::report::report;
use self::span::Span;
use crate::contract::view::CostView;
use crate::job::delivery;
use crate::job::note::Note;
use crate::job::record::Record;
use crate::job::{Job, PayloadRef, ResultRef, Status};
use crate::policy::cost::Usage;
use crate::policy::output_schema::{SchemaError, errors_of};
use crate::policy::reason::Reason;
use crate::provider::evidence::{Evidence, Gathered};
use crate::provider::{Citation, File, Item, Outcome, ProviderResponse, RunStatus};
use crate::value::failure::Failure;
use crate::value::id::{Digest, JobId, TypeName, WorkspaceId};
use crate::value::lenient;

#[derive(Debug, Serialize)]
pub struct ResultView {
    #[serde(skip)]
    pub workspace: WorkspaceId,
    pub job_id: JobId,
    #[serde(rename = "type")]
    pub job_type: TypeName,
    pub type_version: u32,
    pub attempt: u16,
    /// Of the job: what it has come to, or that somebody has still to decide.
    pub status: Status,
    pub partial: bool,
    /// Why it is less than was asked for, as far as the provider's answer tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial_reason: Option<Reason>,
    /// It came after the job had ended, and was delivered to nobody.
    pub late: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Of the provider's bytes, or of what a reviewer put in their place: what would be, or was, delivered.
    pub digest: Digest,
    /// Of the provider's bytes, where a reviewer put another text in their place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_digest: Option<Digest>,
    pub text: Text,
    /// The final answer, where that is one JSON object.
    pub structured: Option<Value>,
    /// What the final answer does not keep of the job type's output schema.
    pub schema_errors: Vec<SchemaError>,
    pub files: Vec<FileView>,
    pub citations: Vec<CitationView>,
    pub tool_calls: Vec<ToolCallView>,
    /// What the provider's own tools were asked and what they answered.
    pub evidence: Vec<Evidence>,
    pub refusals: Vec<String>,
    /// What was said on the way to the answer, and is no part of it.
    pub commentary: Vec<CommentaryView>,
    /// Kinds of output that nobody here can read.
    pub unknown_items: Vec<String>,
    /// Those items as they stand in the provider's answer.
    pub other: Vec<Box<RawValue>>,
    pub reviewer_notes: Vec<String>,
    /// What reviewers decided about the job's results, in order.
    pub decisions: Vec<DecisionView>,
    pub usage: Option<Usage>,
    pub cost: CostView,
    /// The provider's own bytes, for whoever may read them.
    pub raw: Option<RawLink>,
    pub trace: Trace,
    /// Parts that are too large to stand here, and are left empty, by their name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<&'static str, Link>,
}

impl ResultView {
    /// What a reviewer put in the place of the provider's text, without anything else that the provider said. Whoever adds a
    /// part says here what becomes of it.
    pub(crate) fn edit_alone(self) -> Self {
        Self {
            workspace: self.workspace,
            job_id: self.job_id,
            job_type: self.job_type,
            type_version: self.type_version,
            attempt: self.attempt,
            status: self.status,
            partial: self.partial,
            partial_reason: self.partial_reason,
            late: self.late,
            reason: self.reason,
            digest: self.digest,
            proposed_digest: self.proposed_digest,
            text: self.text,
            structured: self.structured,
            schema_errors: self.schema_errors,
            files: vec![],
            citations: self.citations,
            tool_calls: vec![],
            evidence: vec![],
            refusals: vec![],
            commentary: vec![],
            unknown_items: vec![],
            other: vec![],
            reviewer_notes: self.reviewer_notes,
            decisions: self.decisions,
            usage: self.usage,
            cost: self.cost,
            raw: None,
            trace: self.trace,
            elsewhere: self.elsewhere,
        }
    }
}

/// What a reviewer put in the place of the provider's text. An edited result is the digest of this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    /// Of the provider's answer that it stands in for.
    pub digest: Digest,
    pub bytes: u64,
    pub text: String,
}

impl Edited {
    pub fn of(&self) -> PayloadRef {
        PayloadRef { digest: self.digest, bytes: self.bytes }
    }

    pub fn read(bytes: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(bytes).map_err(|error| Failure::permanent("read the edited text", error))
    }

    pub fn write(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(self).map_err(|error| Failure::permanent("write the edited text", error))
    }
}

/// A result with all that belongs to it.
#[derive(Debug)]
pub struct StoredResult {
    pub job: Job,
    pub result: ResultRef,
    /// The provider's own bytes.
    pub raw: Vec<u8>,
    pub edited: Option<Edited>,
    /// Of the job's type.
    pub output_schema: Option<Value>,
    pub notes: Vec<Note>,
    /// The job's trail.
    pub records: Vec<Record>,
    /// Of the raw answer.
    pub gathered: Gathered,
}

/// The text itself, or where to get one that is too large for an answer among others.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Text {
    Inline(String),
    Elsewhere(Link),
}

/// `kind` is the provider's own type word.
#[derive(Debug, Serialize)]
pub struct CitationView {
    pub kind: String,
    pub title: Option<String>,
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_id: Option<String>,
    /// The passage of `text` that the citation stands for. A very long one is left out.
    pub text: Option<String>,
    /// Where that stands in the result's text, in characters, its end not included. Null where the provider names a place
    /// that its text does not have.
    pub start: Option<u64>,
    pub end: Option<u64>,
    /// The same in bytes of UTF-8.
    pub start_byte: Option<u64>,
    pub end_byte: Option<u64>,
}

impl CitationView {
    /// The same citation at this place.
    pub(crate) fn at(self, span: Option<Span>) -> Self {
        Self {
            start: span.map(|span| span.start),
            end: span.map(|span| span.end),
            start_byte: span.map(|span| span.start_byte),
            end_byte: span.map(|span| span.end_byte),
            ..self
        }
    }
}

/// `kind` is the provider's own type word.
#[derive(Debug, Serialize)]
pub struct ToolCallView {
    pub kind: String,
    pub input: Value,
    pub outcome: Option<String>,
}

/// What a run made. The content is in the raw answer where `sha256` names it, or lies at the provider.
#[derive(Debug, Serialize)]
pub struct FileView {
    pub kind: String,
    pub name: Option<String>,
    pub media_type: Option<String>,
    pub bytes: Option<u64>,
    pub sha256: Option<String>,
    pub container_id: Option<String>,
    pub file_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl From<File> for FileView {
    fn from(file: File) -> Self {
        let File { kind, name, media_type, bytes, sha256, container_id, file_id, url } = file;
        Self { kind, name, media_type, bytes, sha256, container_id, file_id, url }
    }
}

/// `phase` is the provider's own word.
#[derive(Debug, Serialize)]
pub struct CommentaryView {
    pub phase: String,
    pub text: String,
}

#[derive(Debug, Serialize)]
pub struct Trace {
    pub response_id: String,
    pub model: Option<String>,
    pub service_tier: Option<String>,
    /// The provider's name for the call that brought the answer.
    pub request_id: Option<String>,
    /// The job's event that took the answer in.
    pub event_id: Option<String>,
}

/// The parts of a result, without those that are too large to stand in one answer with the others.
pub fn view(kept: StoredResult, answer: &ProviderResponse) -> Result<ResultView, Failure> {
    whole(kept, answer).within_bounds()
}

/// Sorts the items of the answer in the kept bytes into the parts of a result, however large.
pub(crate) fn whole(kept: StoredResult, answer: &ProviderResponse) -> ResultView {
    let last = last_word(&kept, answer);
    let (text, citations) = text(&kept, answer);
    let StoredResult { job, result, raw, edited, output_schema, notes, records, gathered } = kept;
    let mut refusals = Vec::new();
    let mut tool_calls = Vec::new();
    let mut commentary = Vec::new();
    let mut unknown_items = Vec::new();
    for item in &answer.output {
        match item {
            Item::Refusal(text) => refusals.push(text.clone()),
            Item::ToolCall { kind, input, outcome } => {
                tool_calls.push(ToolCallView { kind: kind.clone(), input: input.clone(), outcome: outcome.clone() });
            }
            Item::PendingAction { kind, input } => tool_calls.push(ToolCallView {
                kind: kind.clone(),
                input: input.clone(),
                outcome: Some("pending".to_owned()),
            }),
            Item::Commentary { phase, text } => {
                commentary.push(CommentaryView { phase: phase.clone(), text: text.clone() });
            }
            Item::Unknown { kind } => part::name_once(&mut unknown_items, kind),
            Item::Text { .. } | Item::File(_) | Item::Other { .. } => {}
        }
    }
    let finished = decision::finished(&job, &records);
    ResultView {
        attempt: job.attempt.number,
        status: job.state.status(),
        partial: delivery::is_partial(&job, &result),
        partial_reason: match answer.read() {
            RunStatus::Finished(Outcome::Partial(reason) | Outcome::Failed(reason)) => Some(reason),
            _ => None,
        },
        late: result.late,
        reason: job.reason,
        digest: result.stored.digest,
        proposed_digest: edited.as_ref().map(|edited| edited.digest),
        structured: lenient::exact(&last).filter(Value::is_object),
        schema_errors: output_schema.as_ref().map(|schema| errors_of(schema, &last)).unwrap_or_default(),
        text: Text::Inline(text),
        files: files(answer).into_iter().map(FileView::from).collect(),
        citations,
        tool_calls,
        evidence: gathered.evidence,
        refusals,
        commentary,
        unknown_items,
        other: gathered.other,
        decisions: decision::all(&records, &notes),
        reviewer_notes: notes.into_iter().map(|note| note.text).collect(),
        usage: answer.usage,
        cost: CostView::of(job.shown_cost()),
        raw: Some(RawLink::of(&job, PayloadRef::of(&raw))),
        trace: Trace {
            response_id: answer.id.to_string(),
            model: answer.model.clone(),
            service_tier: answer.service_tier.clone(),
            request_id: finished.and_then(|record| record.request_id.clone()),
            event_id: finished.map(|record| format!("{}-{}", job.id, record.version)),
        },
        elsewhere: BTreeMap::new(),
        job_id: job.id,
        job_type: job.job_type,
        type_version: job.type_version,
        workspace: job.workspace,
    }
}

/// What is delivered as text. A reviewer's keeps the evidence that holds for it as well.
pub fn text(kept: &StoredResult, answer: &ProviderResponse) -> (String, Vec<CitationView>) {
    let (text, citations) = answered(answer);
    match &kept.edited {
        None => (text, citations),
        Some(edited) => (edited.text.clone(), still_cited(&text, &edited.text, citations)),
    }
}

/// What `structured` is read from: the final answer, or what a reviewer put in its place.
pub(crate) fn last_word(kept: &StoredResult, answer: &ProviderResponse) -> String {
    kept.edited.as_ref().map_or_else(|| final_answer(answer), |edited| edited.text.clone())
}

/// What the provider calls the final answer; all of its text where it calls nothing so.
pub(crate) fn final_answer(answer: &ProviderResponse) -> String {
    let texts = |wanted: fn(bool) -> bool| {
        let text = |item: &Item| match item {
            Item::Text { text, is_final, .. } if wanted(*is_final) => Some(text.clone()),
            _ => None,
        };
        answer.output.iter().filter_map(text).collect::<Vec<_>>()
    };
    let named = texts(|is_final| is_final);
    let texts = if named.is_empty() { texts(|_| true) } else { named };
    texts.join(BETWEEN_MESSAGES)
}

/// What the run made, each file once.
fn files(answer: &ProviderResponse) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for item in &answer.output {
        let made = match item {
            Item::File(file) => vec![file.clone()],
            Item::Text { citations, .. } => citations.iter().filter_map(Citation::file).collect(),
            _ => vec![],
        };
        for file in made {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files
}

pub(crate) const BETWEEN_MESSAGES: &str = "\n\n";
