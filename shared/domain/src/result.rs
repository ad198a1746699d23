//! A result as consumers read it: typed parts, made from the provider's own bytes each time they are asked for.

use serde::Serialize;
use serde_json::Value;

use crate::cost::Usage;
use crate::id::{Digest, JobId};
use crate::job::{Job, ResultRef};
use crate::provider::{Answer, Item};
use crate::reason::Reason;
use crate::view::CostView;

#[derive(Debug, Serialize)]
pub struct ResultView {
    pub job_id: JobId,
    pub attempt: u16,
    pub partial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Of the provider's bytes, as stored.
    pub digest: Digest,
    pub text: String,
    pub structured: Option<Value>,
    pub files: Vec<Value>,
    pub citations: Vec<CitationView>,
    pub tool_calls: Vec<ToolCallView>,
    pub refusals: Vec<String>,
    pub reviewer_notes: Vec<String>,
    pub usage: Option<Usage>,
    pub cost: CostView,
    pub raw: Value,
    pub trace: Trace,
}

/// `kind` is the provider's own type word.
#[derive(Debug, Serialize)]
pub struct CitationView {
    pub kind: String,
    pub title: Option<String>,
    pub source: Option<String>,
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

#[derive(Debug, Serialize)]
pub struct Trace {
    pub response_id: String,
    pub model: Option<String>,
    pub service_tier: Option<String>,
}

/// Sorts the answer's items into the parts of a result.
pub fn view(job: &Job, result: &ResultRef, answer: &Answer) -> ResultView {
    let mut view = ResultView {
        job_id: job.id.clone(),
        attempt: job.attempt.number,
        partial: result.partial,
        reason: job.reason,
        digest: result.stored.digest,
        text: String::new(),
        structured: None,
        files: vec![],
        citations: vec![],
        tool_calls: vec![],
        refusals: vec![],
        reviewer_notes: vec![],
        usage: answer.usage,
        cost: CostView::of(job.cost()),
        raw: serde_json::from_slice(&answer.raw).unwrap_or(Value::Null),
        trace: Trace {
            response_id: answer.id.to_string(),
            model: answer.model.clone(),
            service_tier: answer.service_tier.clone(),
        },
    };
    for item in &answer.output {
        match item {
            Item::Text { text, citations } => {
                if !view.text.is_empty() {
                    view.text.push_str("\n\n");
                }
                let before = view.text.chars().count() as u64;
                view.citations.extend(citations.iter().map(|citation| CitationView {
                    kind: citation.kind.clone(),
                    title: citation.title.clone(),
                    source: citation.source.clone(),
                    text: passage(text, citation.start, citation.end),
                    start: citation.start.map(|at| at + before),
                    end: citation.end.map(|at| at + before),
                }));
                view.text.push_str(text);
            }
            Item::Refusal(text) => view.refusals.push(text.clone()),
            Item::ToolCall { kind, input, outcome } => {
                view.tool_calls.push(ToolCallView {
                    kind: kind.clone(),
                    input: input.clone(),
                    outcome: outcome.clone(),
                });
            }
            Item::PendingAction { kind, input } => view.tool_calls.push(ToolCallView {
                kind: kind.clone(),
                input: input.clone(),
                outcome: Some("pending".to_owned()),
            }),
            Item::Other { .. } => {}
        }
    }
    view.structured = serde_json::from_str(&view.text).ok().filter(Value::is_object);
    view
}

fn passage(text: &str, start: Option<u64>, end: Option<u64>) -> Option<String> {
    let (start, end) = (usize::try_from(start?).ok()?, usize::try_from(end?).ok()?);
    (start <= end).then(|| text.chars().skip(start).take(end - start).collect())
}
