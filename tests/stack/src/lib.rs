//! The deployed stack: where a running one is found, and what its functions asked AWS for.

pub mod calls;
pub mod measure;
pub mod target;
