//! The ports on AWS.

pub mod dynamodb;
pub(crate) mod error;
pub mod eventbridge;
pub mod s3;
pub mod secrets;
pub mod sqs;
