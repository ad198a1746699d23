//! What came out of a run, piece by piece, in the provider's order.

use serde_json::Value;

/// One piece of output. `kind` is the provider's own type word.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A message of the answer, its parts joined.
    Text {
        text: String,
        citations: Vec<Citation>,
        /// The provider says that it is the final answer, where it says anything.
        is_final: bool,
    },
    /// A message on the way to the answer, and no part of it.
    Commentary {
        phase: String,
        text: String,
    },
    Refusal(String),
    /// A tool that the provider ran.
    ToolCall {
        kind: String,
        input: Value,
        outcome: Option<String>,
    },
    /// A call that the provider leaves to us, or asks our leave for.
    PendingAction {
        kind: String,
        input: Value,
    },
    /// What a tool made.
    File(File),
    /// Reasoning, lists and the like: nothing that anybody asked for.
    Other {
        kind: String,
    },
    /// A kind that came after this was written. Only the raw answer shows what it holds.
    Unknown {
        kind: String,
    },
}

/// A source that the text points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    pub kind: String,
    pub title: Option<String>,
    pub source: Option<String>,
    /// Where the file lies that `source` names.
    pub container_id: Option<String>,
    pub start: Option<u64>,
    pub end: Option<u64>,
}

/// A file that a run made. Its content is in the raw answer, or lies at the provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// The type word of the call that made it, or of the citation that names it.
    pub kind: String,
    pub name: Option<String>,
    pub media_type: Option<String>,
    /// Of the content, where the answer holds it.
    pub bytes: Option<u64>,
    pub sha256: Option<String>,
    /// Where it lies at the provider.
    pub container_id: Option<String>,
    pub file_id: Option<String>,
    pub url: Option<String>,
}

impl Citation {
    /// The file that a run made and this points to. A `file_citation` points to a file that went in.
    pub fn file(&self) -> Option<File> {
        matches!(self.kind.as_str(), "container_file_citation" | "file_path").then(|| File {
            kind: self.kind.clone(),
            name: self.title.clone(),
            container_id: self.container_id.clone(),
            file_id: self.source.clone(),
            ..File::default()
        })
    }
}

impl Item {
    fn is_text(&self) -> bool {
        matches!(self, Self::Text { text, .. } if !text.trim().is_empty())
    }

    /// What was asked for: text, or a file.
    pub(super) fn is_answer(&self) -> bool {
        self.is_text() || matches!(self, Self::File(_))
    }

    /// A call of the provider's own. A list of tools that could not be had is none.
    pub(super) fn is_call(&self) -> bool {
        matches!(self, Self::ToolCall { kind, .. } if kind.ends_with("_call"))
    }

    /// Anything that a person might want to read.
    pub(super) fn is_output(&self) -> bool {
        !matches!(self, Self::Other { .. })
    }
}
