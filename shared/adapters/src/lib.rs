//! The ports on AWS and OpenAI, and the Lambda side of the handlers. They know wire formats and decide nothing.

pub mod aws;
pub mod config;
mod http_client;
mod json_position;
pub mod lambda;
pub mod notifier;
pub mod openai;
pub mod system;
pub mod tools;
pub mod webhook_signature;
