//! What an input may hold beside the user's words.

use serde::{Deserialize, Serialize};

/// A kind of input that a type takes. The user's own text is always taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// An image within the request.
    Image,
    /// A file within the request.
    File,
    /// An image that the provider fetches.
    ImageUrl,
    /// A file that the provider fetches.
    FileUrl,
    /// A file that lies at the provider, whoever put it there.
    FileId,
    /// A turn of the model, as the caller tells it.
    AssistantMessage,
    /// Instructions of the caller's own, which the model heeds before the user's words.
    DeveloperMessage,
}

impl InputKind {
    pub const ALL: [Self; 7] = [
        Self::Image,
        Self::File,
        Self::ImageUrl,
        Self::FileUrl,
        Self::FileId,
        Self::AssistantMessage,
        Self::DeveloperMessage,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::File => "file",
            Self::ImageUrl => "image_url",
            Self::FileUrl => "file_url",
            Self::FileId => "file_id",
            Self::AssistantMessage => "assistant_message",
            Self::DeveloperMessage => "developer_message",
        }
    }
}

/// What a type takes that says nothing about it: what lies within the request.
pub(crate) fn usual() -> Vec<InputKind> {
    vec![InputKind::Image, InputKind::File]
}
