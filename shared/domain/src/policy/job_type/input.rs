//! What an input may hold beside the user's words.

use crate::value::word::words;

words! {
    /// A kind of input that a type takes. The user's own text is always taken.
    pub enum InputKind {
        /// An image within the request.
        Image "image",
        /// A file within the request.
        File "file",
        /// An image that the provider fetches.
        ImageUrl "image_url",
        /// A file that the provider fetches.
        FileUrl "file_url",
        /// A file that lies at the provider, whoever put it there.
        FileId "file_id",
        /// A turn of the model, as the caller tells it.
        AssistantMessage "assistant_message",
        /// Instructions of the caller's own, which the model heeds before the user's words.
        DeveloperMessage "developer_message",
    }
}

/// What a type takes that says nothing about it: what lies within the request.
pub(crate) fn usual() -> Vec<InputKind> {
    vec![InputKind::Image, InputKind::File]
}
