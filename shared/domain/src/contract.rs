//! What callers send and get: routes, requests, views of what is stored, results.

pub mod entity_tag;
pub mod request;
pub mod result;
pub mod route;
pub mod view;
