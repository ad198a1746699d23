//! The ports on AWS and OpenAI, and the Lambda side of the handlers. They know wire formats and decide nothing.

mod aws;
mod client;
pub mod config;
pub mod dynamodb;
pub mod edge;
pub mod eventbridge;
pub mod http;
pub mod lambda;
pub mod logging;
pub mod messenger;
pub mod openai;
pub mod s3;
pub mod secrets;
pub mod sqs;
pub mod tools;
