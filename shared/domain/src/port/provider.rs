//! The model's provider: create, get and cancel a response.

use std::time::Duration;

use serde_json::Value;

use crate::policy::cost::Window;
use crate::policy::reason::Reason;
use crate::provider::{ErrorWords, ProviderResponse, ResponseMetadata};
use crate::value::failure::Failure;
use crate::value::id::{ResponseId, TypeName};

/// A create call. Everything else about it is fixed: in the background, stored, never retried.
#[derive(Debug, Clone, PartialEq)]
pub struct NewResponse {
    pub job_type: TypeName,
    pub model: String,
    pub instructions: String,
    pub input: Value,
    pub tools: Vec<Value>,
    pub max_tool_calls: u32,
    pub reasoning_effort: Option<String>,
    pub max_output_tokens: u32,
    /// The schema that the answer has to keep, and whether the model is held to it.
    pub output_schema: Option<Value>,
    pub output_strict: bool,
    pub service_tier: Option<String>,
    /// By when it is to be done, for a lower price.
    pub window: Option<Window>,
    pub tag: ResponseMetadata,
}

/// Why a create call brought no response.
#[derive(Debug, thiserror::Error)]
pub enum CreateFailure {
    #[error("the provider created nothing: {}", reason.word())]
    NotCreated { reason: Reason, retry_after: Option<Duration>, error: ErrorWords },
    /// Nothing was created, and nothing will be until somebody acts.
    #[error("the provider's account takes no work: {}", reason.word())]
    Held { reason: Reason, error: ErrorWords },
    /// It may have been created. What came of the answer may have named the response.
    #[error("the answer to the create call is unknown")]
    Unknown {
        #[source]
        failure: Failure,
        response: Option<ResponseId>,
    },
}

/// What a GET found.
#[derive(Debug)]
pub enum Lookup {
    Found(Box<ProviderResponse>),
    Missing,
}

/// The model's provider.
pub trait Provider {
    async fn create_response(&self, new: &NewResponse) -> Result<ProviderResponse, CreateFailure>;
    async fn get(&self, id: &ResponseId) -> Result<Lookup, Failure>;
    /// The same, with what these tools found where the provider leaves that out unless it is asked for.
    async fn get_with(&self, id: &ResponseId, _tools: &[Value]) -> Result<Lookup, Failure> {
        self.get(id).await
    }
    /// An answer again, from the bytes that were kept of it.
    fn read(&self, kept: &[u8]) -> Result<ProviderResponse, Failure>;
    /// Best effort; only a GET tells what came of it.
    async fn cancel(&self, id: &ResponseId) -> Result<(), Failure>;
}
