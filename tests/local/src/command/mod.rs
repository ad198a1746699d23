//! One file per command.

pub(crate) mod counts;
pub(crate) mod demo;
pub(crate) mod plans;
pub(crate) mod serve;
pub(crate) mod token;
