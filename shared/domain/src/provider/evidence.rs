//! Evidence: what the provider's own tools were asked and what they answered, read when somebody wants to see it.

use serde::Serialize;
use serde_json::value::RawValue;

/// All of it, in the provider's order.
#[derive(Debug, Default)]
pub struct Gathered {
    pub evidence: Vec<Evidence>,
    /// Items of a kind that nobody here knows, as they stand in the answer.
    pub other: Vec<Box<RawValue>>,
}

/// One call of a tool, with what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// The provider's own.
    pub id: Option<String>,
    /// The provider's own word for how it ended.
    pub status: Option<String>,
    pub error: Option<String>,
    #[serde(flatten)]
    pub tool: Tool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "tool", rename_all = "snake_case")]
pub enum Tool {
    WebSearch {
        /// `search`, `open_page`, `find_in_page`.
        action: Option<String>,
        queries: Vec<String>,
        /// The page that was opened or searched through.
        page: Option<String>,
        pattern: Option<String>,
        sources: Vec<Source>,
    },
    FileSearch {
        queries: Vec<String>,
        found: Vec<Found>,
    },
    Code {
        code: Option<String>,
        container_id: Option<String>,
        logs: Vec<String>,
        /// How many images it made; they are among the files.
        images: usize,
    },
    Shell {
        commands: Vec<String>,
        runs: Vec<Run>,
    },
    Mcp {
        server: Option<String>,
        name: Option<String>,
        /// What the model wrote, to the letter.
        arguments: Option<String>,
        output: Option<String>,
    },
    Image {
        /// What was drawn, as the model that draws was told.
        prompt: Option<String>,
        size: Option<String>,
        quality: Option<String>,
        /// Of the image, which is among the files.
        sha256: Option<String>,
    },
}

/// A page that a search came by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    pub url: Option<String>,
    pub title: Option<String>,
}

/// A piece of a file that a search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    pub file_id: Option<String>,
    pub name: Option<String>,
    /// As the provider wrote it.
    pub score: Option<String>,
    pub text: Option<String>,
}

/// One command, run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    pub stdout: Option<String>,
    pub stderr: Option<String>,
    /// The exit code, or the word for why there is none.
    pub outcome: Option<String>,
}
