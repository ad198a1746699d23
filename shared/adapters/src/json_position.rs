//! Where a text stopped being the expected JSON, for errors that must not quote it.

/// Where a text stopped being JSON, without the text.
#[derive(Debug, thiserror::Error)]
#[error("not the expected JSON at line {line}, column {column}")]
pub(crate) struct WhereOnly {
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for WhereOnly {
    fn from(error: &serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}
