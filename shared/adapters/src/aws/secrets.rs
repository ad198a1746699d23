//! Secrets from AWS Secrets Manager: read again every five minutes, and kept while that does not work.

use std::error::Error;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use domain::port::Clock;
use domain::value::failure::Failure;
use domain::value::time::Timestamp;
use futures_util::future::{join, join_all};

use crate::aws::error::failure;
use crate::lambda::diagnostic::chain;

/// A secret's current value, and those of other stages while they may be in use: the one before it, and the next one.
#[derive(Clone, Default)]
pub struct SecretVersions {
    pub current: String,
    pub others: Vec<String>,
}

impl std::fmt::Debug for SecretVersions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretVersions(redacted)")
    }
}

/// Reads a secret; an empty one is an error that says what to do.
pub async fn read(client: &Client, arn: &str, others: &[&str]) -> Result<SecretVersions, Failure> {
    const WHAT: &str = "read the secret";
    let ask = || client.get_secret_value().secret_id(arn);
    // On the heap: the SDK's futures are large.
    let others = others.iter().map(|stage| Box::pin(ask().version_stage(*stage).send()));
    let (current, others) = join(Box::pin(ask().send()), join_all(others)).await;
    let current = current.map_err(|error| failure(WHAT, error))?.secret_string.unwrap_or_default();
    if current.trim().is_empty() {
        return Err(Failure::permanent(WHAT, format!("{arn} is empty: put its value with PutSecretValue")));
    }
    // Outside a rotation there are none.
    let others = others.into_iter().filter_map(|answer| answer.ok()?.secret_string);
    Ok(SecretVersions { current, others: others.filter(|text| !text.trim().is_empty()).collect() })
}

/// The current value of a secret that nobody has to fill.
pub async fn find(client: &Client, arn: &str) -> Result<Option<String>, Failure> {
    match client.get_secret_value().secret_id(arn).send().await {
        Ok(value) => Ok(value.secret_string.filter(|text| !text.trim().is_empty())),
        // A secret that is there and was never filled says this of its value.
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(failure("read the secret", error)),
    }
}

/// Reads such a secret each time it is called, and makes what it is for of it.
pub fn finding<T: Send + 'static>(
    client: Client,
    arn: String,
    parse: fn(&str) -> Result<T, BoxError>,
) -> impl Fn() -> SecretRead<Option<T>> + Send + Sync + 'static {
    move || {
        let (client, arn) = (client.clone(), arn.clone());
        Box::pin(async move { find(&client, &arn).await?.as_deref().map(parse).transpose() })
    }
}

/// Reads a secret each time it is called, and makes what it is for of it.
pub fn reading<T: Send + 'static>(
    client: Client,
    arn: String,
    others: &'static [&'static str],
    parse: fn(SecretVersions) -> Result<T, BoxError>,
) -> impl Fn() -> SecretRead<T> + Send + Sync + 'static {
    move || {
        let (client, arn) = (client.clone(), arn.clone());
        Box::pin(async move { parse(read(&client, &arn, others).await?) })
    }
}

/// How long a value is used without a look at the store.
const FRESH: Duration = Duration::from_secs(300);

/// How long the store is left alone after a look that somebody's refusal caused: forged webhooks must not load it.
const LEFT_ALONE: Duration = Duration::from_secs(30);

type BoxError = Box<dyn Error + Send + Sync>;
type SecretRead<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// A secret in use.
pub struct CachedSecret<T> {
    read: Box<dyn Fn() -> SecretRead<T> + Send + Sync>,
    /// The last good value, and when the store was last asked.
    held: Mutex<(T, Timestamp)>,
}

impl<T: Clone + Send + Sync + 'static> CachedSecret<T> {
    /// A value that no store holds and that never changes.
    pub fn fixed(value: T) -> Self {
        let again = value.clone();
        let read = move || -> SecretRead<T> {
            let value = again.clone();
            Box::pin(async move { Ok(value) })
        };
        Self { read: Box::new(read), held: Mutex::new((value, Timestamp::from_millis(0))) }
    }
}

impl<T: Clone> CachedSecret<T> {
    /// The first read has to work.
    pub async fn start(
        read: impl Fn() -> SecretRead<T> + Send + Sync + 'static,
        clock: &impl Clock,
    ) -> Result<Self, BoxError> {
        let held = Mutex::new((read().await?, clock.now()));
        Ok(Self { read: Box::new(read), held })
    }

    /// The value, at most five minutes old unless the store cannot be read.
    pub async fn get(&self, clock: &impl Clock) -> T {
        self.look_after(FRESH, clock).await;
        self.held().0.clone()
    }

    /// The value as it is now, because the one in use was refused; `None` if the store was asked a moment ago.
    pub async fn newer(&self, clock: &impl Clock) -> Option<T> {
        self.look_after(LEFT_ALONE, clock).await.then(|| self.held().0.clone())
    }

    /// Asks the store if it was left alone for so long, and says whether it was asked.
    async fn look_after(&self, rest: Duration, clock: &impl Clock) -> bool {
        let now = clock.now();
        {
            let mut held = self.held();
            if now.since(held.1) < rest {
                return false;
            }
            held.1 = now;
        }
        match (self.read)().await {
            Ok(value) => self.held().0 = value,
            Err(error) => tracing::warn!("a secret is used on as it was: {}", chain(error.as_ref())),
        }
        true
    }

    fn held(&self) -> MutexGuard<'_, (T, Timestamp)> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
