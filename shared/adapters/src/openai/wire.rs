//! The provider's JSON, as the tests of its two halves name it: what a create call sends, and a reading of its answers.

pub use super::answer::{ParseFailure, gathered, parse};
pub use super::request::request_body;
