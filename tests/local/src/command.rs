//! One file per command.

mod api;
pub(crate) mod approval;
pub(crate) mod bench;
pub(crate) mod counts;
pub(crate) mod demo;
pub(crate) mod plans;
mod product;
pub(crate) mod serve;
mod stage;
pub(crate) mod token;
pub(crate) mod trouble;
