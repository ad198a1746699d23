//! What an installation and its workspaces set: lanes, reasons, job types, prices.

pub mod cost;
pub mod job_type;
pub mod lane;
pub mod output_schema;
pub mod reason;
