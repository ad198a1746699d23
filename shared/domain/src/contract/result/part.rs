//! The parts of a result: their names, what each answers alone, and where one lies that is too large to stand with others.

use serde::Serialize;

use super::{ResultView, Text};
use crate::job::{Job, PayloadRef};
use crate::value::failure::Failure;
use crate::value::id::{JobId, WorkspaceId};
use crate::value::time::Timestamp;

/// Which part of a result is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    All,
    /// The text alone.
    Text,
    /// The provider's own bytes.
    Raw,
    /// The JSON of the final answer.
    Structured,
    /// The text with numbered citations, in Markdown.
    Report,
    Citations,
    ToolCalls,
    Evidence,
    Files,
    Refusals,
    Commentary,
    Other,
    Decisions,
}

impl Part {
    pub const ALL: [Self; 13] = [
        Self::All,
        Self::Text,
        Self::Raw,
        Self::Structured,
        Self::Report,
        Self::Citations,
        Self::ToolCalls,
        Self::Evidence,
        Self::Files,
        Self::Refusals,
        Self::Commentary,
        Self::Other,
        Self::Decisions,
    ];

    /// The part of this name. All of them together have none.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| *part != Self::All && part.name() == name)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Text => "text",
            Self::Raw => "raw",
            Self::Structured => "structured",
            Self::Report => "report",
            Self::Citations => "citations",
            Self::ToolCalls => "tool_calls",
            Self::Evidence => "evidence",
            Self::Files => "files",
            Self::Refusals => "refusals",
            Self::Commentary => "commentary",
            Self::Other => "other",
            Self::Decisions => "decisions",
        }
    }

    fn at(self, workspace: &WorkspaceId, job: &JobId) -> String {
        format!("/v1/workspaces/{workspace}/jobs/{job}/result?part={}", self.name())
    }
}

/// A path under the API's address, and how large what it answers is.
#[derive(Debug, Serialize)]
pub struct Link {
    pub href: String,
    pub bytes: u64,
}

/// The provider's own bytes.
#[derive(Debug, Serialize)]
pub struct RawLink {
    pub href: String,
    pub bytes: u64,
    /// Where they are had without a token for a short while; only of those too large to go along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<SignedLink>,
    #[serde(skip)]
    pub place: RawPlace,
}

/// An address that opens one thing, for whoever has it, until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedLink {
    pub url: String,
    pub expires_at: Timestamp,
}

/// Where the provider's own bytes lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawPlace {
    pub workspace: WorkspaceId,
    pub job: JobId,
    pub attempt: u16,
    pub stored: PayloadRef,
}

impl RawLink {
    pub(super) fn of(job: &Job, stored: PayloadRef) -> Self {
        let (workspace, id, attempt) = (job.workspace.clone(), job.id.clone(), job.attempt.number);
        Self {
            href: Part::Raw.at(&workspace, &id),
            bytes: stored.bytes,
            link: None,
            place: RawPlace { workspace, job: id, attempt, stored },
        }
    }

    /// Whether they are too large to go along with anything.
    pub const fn is_large(&self) -> bool {
        self.bytes > INLINE as u64
    }
}

/// The largest text that stands among other parts, and the largest answer that a link is not added for, in bytes.
const INLINE: usize = 256_000;

/// The most that all other parts come to in one answer, in bytes.
const TOGETHER: usize = 1_500_000;

/// How many kinds that nobody knows are named, and with how many characters each.
const KINDS: usize = 100;

pub(super) fn name_once(kinds: &mut Vec<String>, kind: &str) {
    let kind: String = kind.chars().take(KINDS).collect();
    if kinds.len() < KINDS && !kinds.contains(&kind) {
        kinds.push(kind);
    }
}

impl ResultView {
    /// One of the parts that are JSON; nothing of the others.
    pub(crate) fn json(&self, part: Part) -> Result<Option<String>, Failure> {
        match part {
            Part::Citations => json(&self.citations),
            Part::ToolCalls => json(&self.tool_calls),
            Part::Evidence => json(&self.evidence),
            Part::Files => json(&self.files),
            Part::Refusals => json(&self.refusals),
            Part::Commentary => json(&self.commentary),
            Part::Other => json(&self.other),
            Part::Decisions => json(&self.decisions),
            Part::All | Part::Text | Part::Raw | Part::Structured | Part::Report => Ok(None),
        }
    }

    /// Leaves out what is too large to stand in one answer, and says where it is: a long text, and the largest of the other
    /// parts until the rest fits. Calls go last: whoever decides must see them.
    pub(crate) fn within_bounds(mut self) -> Result<Self, Failure> {
        if let Text::Inline(text) = &self.text
            && text.len() > INLINE
        {
            let bytes = text.len();
            self.leave_out(Part::Text, bytes);
        }
        let mut sizes = Vec::new();
        for part in Part::ALL {
            let bytes = match (part, &self.structured) {
                (Part::Structured, Some(value)) => value.to_string().len(),
                _ => self.json(part)?.map_or(0, |json| json.len()),
            };
            sizes.push((part != Part::ToolCalls, bytes, part));
        }
        sizes.sort_unstable();
        let mut total: usize = sizes.iter().map(|(_, bytes, _)| bytes).sum();
        while total > TOGETHER
            && let Some((_, bytes, part)) = sizes.pop()
        {
            total -= bytes;
            self.leave_out(part, bytes);
        }
        Ok(self)
    }

    fn leave_out(&mut self, part: Part, bytes: usize) {
        let link = Link { href: part.at(&self.workspace, &self.job_id), bytes: bytes as u64 };
        match part {
            Part::Text => {
                self.text = Text::Elsewhere(link);
                return;
            }
            Part::Structured => self.structured = None,
            Part::Citations => self.citations.clear(),
            Part::ToolCalls => self.tool_calls.clear(),
            Part::Evidence => self.evidence.clear(),
            Part::Files => self.files.clear(),
            Part::Refusals => self.refusals.clear(),
            Part::Commentary => self.commentary.clear(),
            Part::Other => self.other.clear(),
            Part::Decisions => self.decisions.clear(),
            Part::All | Part::Raw | Part::Report => return,
        }
        self.elsewhere.insert(part.name(), link);
    }
}

fn json(part: &impl Serialize) -> Result<Option<String>, Failure> {
    serde_json::to_string(part).map(Some).map_err(|error| Failure::permanent("write a part of the result", error))
}
