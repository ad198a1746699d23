//! What callers send and get: requests, views of what is stored, results.

pub mod request;
pub mod result;
pub mod view;
