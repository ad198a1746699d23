//! The Lambda side of the handlers.

pub mod batch;
pub mod diagnostic;
pub mod http;
pub mod logging;
pub mod query;
pub mod sized;
