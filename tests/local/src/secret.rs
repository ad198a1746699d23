//! Secrets that tools of types name by their ARN, in memory: this machine has no Secrets Manager.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

use adapters::tools::ToolSecrets;
use domain::value::failure::Failure;

/// Values by ARN.
#[derive(Default)]
pub struct ToolSecretsInMemory(Mutex<BTreeMap<String, String>>);

impl ToolSecretsInMemory {
    pub fn put(&self, arn: &str, value: &str) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.insert(arn.to_owned(), value.to_owned());
    }

    /// Takes over what a person has given: a JSON object of values by ARN.
    pub fn put_all(&self, given: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
        // The decoder's error would quote the secret.
        let values: BTreeMap<String, String> =
            serde_json::from_str(given).map_err(|_| "the tools' secrets must be a JSON object of values by ARN")?;
        values.iter().for_each(|(arn, value)| self.put(arn, value));
        Ok(())
    }
}

impl ToolSecrets for ToolSecretsInMemory {
    async fn value(&self, arn: &str) -> Result<Option<String>, Failure> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(values.get(arn).cloned())
    }
}
