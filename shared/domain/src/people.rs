//! Who is in a workspace, and what they may decide and do about a job.

pub mod control;
pub mod review;
pub mod workspace;
