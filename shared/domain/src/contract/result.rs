//! A result as consumers read it: typed parts, made from the provider's own bytes each time they are asked for.

mod cited;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::cited::still_cited;
use crate::contract::view::CostView;
use crate::job::delivery;
use crate::job::note::Note;
use crate::job::{Job, PayloadRef, ResultRef};
use crate::policy::cost::Usage;
use crate::policy::output_schema::{SchemaError, errors_of};
use crate::policy::reason::Reason;
use crate::provider::{Citation, File, Item, ProviderResponse};
use crate::value::failure::Failure;
use crate::value::id::{Digest, JobId};
use crate::value::lenient;

#[derive(Debug, Serialize)]
pub struct ResultView {
    pub job_id: JobId,
    pub attempt: u16,
    pub partial: bool,
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
    pub refusals: Vec<String>,
    /// What was said on the way to the answer, and is no part of it.
    pub commentary: Vec<CommentaryView>,
    /// Kinds of output that nobody here can read; `raw` has them.
    pub unknown_items: Vec<String>,
    pub reviewer_notes: Vec<String>,
    pub usage: Option<Usage>,
    pub cost: CostView,
    /// The provider's own bytes, for whoever may read them.
    pub raw: Option<Link>,
    pub trace: Trace,
}

impl ResultView {
    /// What a reviewer put in the place of the provider's text, without anything else that the provider said. Whoever adds a
    /// part says here what becomes of it.
    pub(crate) fn edit_alone(self) -> Self {
        Self {
            job_id: self.job_id,
            attempt: self.attempt,
            partial: self.partial,
            reason: self.reason,
            digest: self.digest,
            proposed_digest: self.proposed_digest,
            text: self.text,
            structured: self.structured,
            schema_errors: self.schema_errors,
            files: vec![],
            citations: self.citations,
            tool_calls: vec![],
            refusals: vec![],
            commentary: vec![],
            unknown_items: vec![],
            reviewer_notes: self.reviewer_notes,
            usage: self.usage,
            cost: self.cost,
            raw: None,
            trace: self.trace,
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
}

/// The text itself, or where to get one that is too large for an answer among others.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Text {
    Inline(String),
    Elsewhere(Link),
}

/// A path under the API's address.
#[derive(Debug, Serialize)]
pub struct Link {
    pub href: String,
}

/// The largest text that is shown inside a result, in bytes.
const INLINE_TEXT: usize = 256_000;

/// `kind` is the provider's own type word.
#[derive(Debug, Serialize)]
pub struct CitationView {
    pub kind: String,
    pub title: Option<String>,
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_id: Option<String>,
    /// The passage of `text` that the citation stands for.
    pub text: Option<String>,
    pub start: Option<u64>,
    pub end: Option<u64>,
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
}

/// Sorts the items of the answer in the kept bytes into the parts of a result.
pub fn view(kept: &StoredResult, answer: &ProviderResponse) -> ResultView {
    let StoredResult { job, result, edited, output_schema, notes, .. } = kept;
    let last = last_word(kept, answer);
    let (text, citations) = text(kept, answer);
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
            Item::Unknown { kind } => unknown_items.push(kind.clone()),
            Item::Text { .. } | Item::File(_) | Item::Other { .. } => {}
        }
    }
    let part =
        |part: &str| Link { href: format!("/v1/workspaces/{}/jobs/{}/result?part={part}", job.workspace, job.id) };
    ResultView {
        job_id: job.id.clone(),
        attempt: job.attempt.number,
        partial: delivery::is_partial(job, result),
        reason: job.reason,
        digest: result.stored.digest,
        proposed_digest: edited.as_ref().map(|edited| edited.digest),
        structured: lenient::exact(&last).filter(Value::is_object),
        schema_errors: output_schema.as_ref().map(|schema| errors_of(schema, &last)).unwrap_or_default(),
        text: if text.len() > INLINE_TEXT { Text::Elsewhere(part("text")) } else { Text::Inline(text) },
        files: files(answer).into_iter().map(FileView::from).collect(),
        citations,
        tool_calls,
        refusals,
        commentary,
        unknown_items,
        reviewer_notes: notes.iter().map(|note| note.text.clone()).collect(),
        usage: answer.usage,
        cost: CostView::of(job.shown_cost()),
        raw: Some(part("raw")),
        trace: Trace {
            response_id: answer.id.to_string(),
            model: answer.model.clone(),
            service_tier: answer.service_tier.clone(),
        },
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

const BETWEEN_MESSAGES: &str = "\n\n";

/// All text of an answer, with the citations at their places in it.
pub(crate) fn answered(answer: &ProviderResponse) -> (String, Vec<CitationView>) {
    let mut whole = String::new();
    let mut cited = Vec::new();
    for item in &answer.output {
        let Item::Text { text, citations, .. } = item else { continue };
        if !whole.is_empty() {
            whole.push_str(BETWEEN_MESSAGES);
        }
        let before = whole.chars().count() as u64;
        cited.extend(citations.iter().map(|citation| CitationView {
            kind: citation.kind.clone(),
            title: citation.title.clone(),
            source: citation.source.clone(),
            container_id: citation.container_id.clone(),
            text: passage(text, citation.start, citation.end),
            start: citation.start.map(|at| at + before),
            end: citation.end.map(|at| at + before),
        }));
        whole.push_str(text);
    }
    (whole, cited)
}

fn passage(text: &str, start: Option<u64>, end: Option<u64>) -> Option<String> {
    let (start, end) = (usize::try_from(start?).ok()?, usize::try_from(end?).ok()?);
    (start <= end).then(|| text.chars().skip(start).take(end - start).collect())
}
