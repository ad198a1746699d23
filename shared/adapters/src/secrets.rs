//! Secrets from AWS Secrets Manager, read once at a function's start.

use aws_sdk_secretsmanager::Client;
use domain::port::Failure;

use crate::aws::failure;

/// A secret's current value, and the one before it while that may still be in use.
#[derive(Clone, Default)]
pub struct SecretVersions {
    pub current: String,
    pub previous: Option<String>,
}

impl std::fmt::Debug for SecretVersions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretVersions(redacted)")
    }
}

/// Reads a secret; an empty one is an error that says what to do.
pub async fn read(client: &Client, arn: &str, with_previous: bool) -> Result<SecretVersions, Failure> {
    const WHAT: &str = "read the secret";
    let current = client
        .get_secret_value()
        .secret_id(arn)
        .send()
        .await
        .map_err(|error| failure(WHAT, error))?
        .secret_string
        .unwrap_or_default();
    if current.trim().is_empty() {
        return Err(Failure::permanent(WHAT, format!("{arn} is empty: put its value with PutSecretValue")));
    }
    let previous = if with_previous {
        // There is none before the first rotation.
        let answer = client.get_secret_value().secret_id(arn).version_stage("AWSPREVIOUS").send().await;
        answer.ok().and_then(|value| value.secret_string).filter(|text| !text.trim().is_empty())
    } else {
        None
    };
    Ok(SecretVersions { current, previous })
}
