//! A provider whose create calls carry the secrets of their tools: read right before the call, kept nowhere, logged never.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::Client;
use domain::contract::request::tools::SecretPlace;
use domain::contract::request::tools::secrets::{filled, named};
use domain::policy::reason::Reason;
use domain::port::{CreateFailure, Lookup, NewResponse, Provider};
use domain::provider::{ErrorWords, ProviderResponse};
use domain::value::failure::Failure;
use domain::value::id::ResponseId;

use crate::aws::secrets;
use crate::lambda::diagnostic::chain;

/// Where the secrets of tools lie.
pub trait ToolSecrets {
    /// The current value; `None` where there is none.
    async fn value(&self, arn: &str) -> Result<Option<String>, Failure>;
}

impl ToolSecrets for Client {
    async fn value(&self, arn: &str) -> Result<Option<String>, Failure> {
        secrets::find(self, arn).await
    }
}

/// A provider, and the secrets for its create calls.
#[derive(Debug)]
pub struct WithToolSecrets<'a, P, S> {
    pub provider: &'a P,
    pub secrets: &'a S,
}

impl<P: Provider, S: ToolSecrets> WithToolSecrets<'_, P, S> {
    /// Nothing has left when this fails: the start is tried again, and its reason says what to mend.
    async fn with_secrets(&self, new: &NewResponse) -> Result<Option<NewResponse>, CreateFailure> {
        let arns = named(&new.tools);
        if arns.is_empty() {
            return Ok(None);
        }
        let unreadable = |why: &str| {
            tracing::warn!(job_id = %new.tag.job, job_type = %new.job_type, "a tool's secret cannot be read: {why}");
            CreateFailure::NotCreated {
                reason: Reason::ToolSecretUnreadable,
                retry_after: None,
                error: ErrorWords::default(),
            }
        };
        let place = SecretPlace::new(&new.tag.deployment, &new.tag.workspace);
        let mut values = BTreeMap::new();
        for arn in arns.into_iter().filter(|arn| place.holds(arn)) {
            let value = self.secrets.value(&arn).await.map_err(|failure| unreadable(&chain(&failure)))?;
            values.extend(value.map(|value| (arn, value)));
        }
        let tools = filled(&new.tools, &place, &values).map_err(|error| unreadable(&error.to_string()))?;
        Ok(Some(NewResponse { tools, ..new.clone() }))
    }
}

impl<P: Provider, S: ToolSecrets> Provider for WithToolSecrets<'_, P, S> {
    async fn create_response(&self, new: &NewResponse) -> Result<ProviderResponse, CreateFailure> {
        match self.with_secrets(new).await? {
            Some(new) => self.provider.create_response(&new).await,
            None => self.provider.create_response(new).await,
        }
    }

    async fn get(&self, id: &ResponseId) -> Result<Lookup, Failure> {
        self.provider.get(id).await
    }

    fn read(&self, kept: &[u8]) -> Result<ProviderResponse, Failure> {
        self.provider.read(kept)
    }

    async fn cancel(&self, id: &ResponseId) -> Result<(), Failure> {
        self.provider.cancel(id).await
    }
}
