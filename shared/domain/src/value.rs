//! Values that everything else is made of: ids, times, words, JSON as it was written, members, failures.

pub mod failure;
pub mod id;
pub mod json;
pub mod lenient;
pub mod member;
pub mod time;
pub mod word;
