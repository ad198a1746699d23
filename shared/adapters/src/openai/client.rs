//! The client of OpenAI's API. One call is one request: nothing here repeats anything.

use std::fmt;
use std::time::Duration;

use domain::id::ResponseId;
use domain::port::{Failure, Lookup, Provider, Start, StartFailure};
use domain::provider::Answer;
use domain::reason::Reason;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::Value;

use super::wire::{self, ErrorWords, ParseFailure};

const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
/// A header that asks for more is obeyed for so long: the next try may hear another.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

const SET_UP: &str = "set up the provider's client";
const START: &str = "start the response";

/// How long a create call may take. The lease of a claim must be longer.
pub const START_TIMEOUT: Duration = Duration::from_secs(40);
const READ: &str = "read the response";
const CANCEL: &str = "cancel the response";

/// Where the API is, who we are there, and how long a call may take from the first byte to the last.
#[derive(Debug, Clone)]
pub struct OpenAiConfig {
    /// With its version, such as `https://api.openai.com/v1`.
    pub base_url: String,
    pub api_key: ApiKey,
    pub start_timeout: Duration,
    pub get_timeout: Duration,
}

impl OpenAiConfig {
    /// 40 seconds for a create call and 20 for any other.
    pub fn new(base_url: impl Into<String>, api_key: ApiKey) -> Self {
        Self { base_url: base_url.into(), api_key, start_timeout: START_TIMEOUT, get_timeout: Duration::from_secs(20) }
    }
}

/// An API key, ready to use; it never shows itself.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

impl ApiKey {
    /// White space around the text is refused; whoever loads a key from a file or a console trims it first.
    pub fn parse(text: &str) -> Result<Self, InvalidApiKey> {
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(InvalidApiKey);
        }
        let mut header = HeaderValue::try_from(format!("Bearer {text}")).map_err(|_| InvalidApiKey)?;
        header.set_sensitive(true);
        Ok(Self(header))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(redacted)")
    }
}

/// Why a text cannot be an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the API key must be printable ASCII characters without spaces")]
pub struct InvalidApiKey;

/// The provider over HTTP.
#[derive(Debug, Clone)]
pub struct OpenAiClient {
    http: Client,
    config: OpenAiConfig,
    responses: Url,
}

impl OpenAiClient {
    pub fn new(config: OpenAiConfig) -> Result<Self, Failure> {
        let http = crate::client::builder().build().map_err(|error| Failure::permanent(SET_UP, error))?;
        let responses = responses(&config.base_url).ok_or_else(|| Failure::permanent(SET_UP, InvalidBaseUrl))?;
        Ok(Self { http, config, responses })
    }

    /// The same client under another key.
    #[must_use]
    pub fn with_key(&self, api_key: ApiKey) -> Self {
        Self { config: OpenAiConfig { api_key, ..self.config.clone() }, ..self.clone() }
    }

    async fn call(&self, request: RequestBuilder, timeout: Duration) -> Result<Answer, CallFailure> {
        let mut response = self.send(request, timeout).await?;
        let mut body = vec![];
        while let Some(chunk) = response.chunk().await.map_err(CallFailure::transport)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(CallFailure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let request_id = request_id(response.headers());
        match response.status().as_u16() {
            200 => wire::parse(&body, request_id).map_err(CallFailure::Unreadable),
            status => Err(CallFailure::Refused {
                status,
                words: wire::error_words(&body),
                retry_after: retry_after(response.headers()),
                request_id,
            }),
        }
    }

    async fn send(&self, request: RequestBuilder, timeout: Duration) -> Result<reqwest::Response, CallFailure> {
        let request = request.header(AUTHORIZATION, self.config.api_key.0.clone()).timeout(timeout);
        request.send().await.map_err(CallFailure::transport)
    }

    fn url(&self, id: &ResponseId, action: Option<&str>) -> Result<Url, UnusableId> {
        // Dots are folded away in any spelling, so that these would ask for something else.
        if matches!(id.as_str(), "." | "..") {
            return Err(UnusableId);
        }
        let mut url = self.responses.clone();
        url.path_segments_mut().map_err(|()| UnusableId)?.push(id.as_str()).extend(action);
        Ok(url)
    }
}

impl Provider for OpenAiClient {
    async fn start(&self, start: &Start) -> Result<Answer, StartFailure> {
        let (job, attempt) = (&start.tag.job, start.tag.attempt);
        let request = self
            .http
            .post(self.responses.clone())
            // Not an idempotency key: support can look up by it a call whose answer never came.
            .header("X-Client-Request-Id", format!("{job}-{attempt}"))
            .json(&wire::request_body(start));
        self.call(request, self.config.start_timeout).await.map_err(|failure| {
            // The port's word for it is one of a few, so this is the last place that knows what was said.
            tracing::warn!(job_id = %job, attempt, failure = ?failure, "the create call brought no response");
            classify(failure)
        })
    }

    async fn get(&self, id: &ResponseId) -> Result<Lookup, Failure> {
        self.get_with(id, &[]).await
    }

    async fn get_with(&self, id: &ResponseId, tools: &[Value]) -> Result<Lookup, Failure> {
        let url = self.url(id, None).map_err(|unusable| Failure::permanent(READ, unusable))?;
        let include = wire::include(tools);
        let mut asked = url.clone();
        if !include.is_empty() {
            asked.query_pairs_mut().extend_pairs(include.iter().map(|what| ("include[]", what)));
        }
        let mut looked = self.call(self.http.get(asked), self.config.get_timeout).await;
        // A server that does not take the question still has the answer.
        if !include.is_empty() && matches!(looked, Err(CallFailure::Refused { status: 400 | 422, .. })) {
            looked = self.call(self.http.get(url), self.config.get_timeout).await;
        }
        match looked {
            Ok(answer) => Ok(Lookup::Found(Box::new(answer))),
            Err(CallFailure::Refused { status: 404, .. }) => Ok(Lookup::Missing),
            Err(failure) => {
                // Whoever looks goes on to other things and looks again: this is where the trouble can be read.
                tracing::warn!(response_id = %id, failure = ?failure, "the look at the response failed");
                Err(failure.into_failure(READ))
            }
        }
    }

    fn read(&self, kept: &[u8]) -> Result<Answer, Failure> {
        wire::parse(kept, None).map_err(|error| Failure::permanent("read the kept answer", error))
    }

    async fn cancel(&self, id: &ResponseId) -> Result<(), Failure> {
        let url = self.url(id, Some("cancel")).map_err(|unusable| Failure::permanent(CANCEL, unusable))?;
        let response = self.send(self.http.post(url), self.config.get_timeout).await;
        let response = response.map_err(|failure| {
            tracing::warn!(response_id = %id, failure = ?failure, "the cancel call failed");
            failure.into_failure(CANCEL)
        })?;
        match response.status().as_u16() {
            status @ (401 | 403 | 429 | 500..) => {
                let (words, request_id) = (ErrorWords::default(), request_id(response.headers()));
                let refused = CallFailure::Refused { status, words, retry_after: None, request_id };
                Err(refused.into_failure(CANCEL))
            }
            // Servers differ: a finished response is answered with 200, 400 or 409, and 200 does not mean cancelled.
            _ => Ok(()),
        }
    }
}

/// What a create call without a response proves. Only what shows that nothing was created may say so.
fn classify(failure: CallFailure) -> StartFailure {
    use Reason::*;
    let not_created = |reason, retry_after| StartFailure::NotCreated { reason, retry_after };
    match failure {
        // Name, connection and TLS: no byte of the request has left.
        CallFailure::Transport(error) if error.is_connect() => not_created(ProviderUnreachable, None),
        CallFailure::Refused { status: 400 | 413 | 415 | 422, .. } => not_created(ProviderRefused, None),
        CallFailure::Refused { status: 404, words, .. } if words.code.as_deref() == Some("model_not_found") => {
            not_created(ProviderRefused, None)
        }
        // The key is everybody's; a permission may be this request's alone.
        CallFailure::Refused { status: 401, .. } => StartFailure::Held { reason: ProviderUnauthorized },
        CallFailure::Refused { status: 403, .. } => not_created(ProviderUnauthorized, None),
        CallFailure::Refused { status: 429, words, .. } if is_quota(&words) => {
            StartFailure::Held { reason: ProviderQuota }
        }
        CallFailure::Refused { status: 429, retry_after, .. } => not_created(ProviderBusy, retry_after),
        // 404 comes in spells, 408 and 409 after the fact, and behind any 5xx or 3xx the work may have begun.
        CallFailure::Refused { .. }
        // Timeouts, resets and bodies cut short, whatever the status line said.
        | CallFailure::Transport(_)
        | CallFailure::TooLarge
        // 200, and then not a response.
        | CallFailure::Unreadable(_) => StartFailure::Unknown(failure.into_failure(START)),
    }
}

/// Coming back later does not help with these: somebody has to pay or to raise a limit.
fn is_quota(words: &ErrorWords) -> bool {
    words.kind.as_deref() == Some("insufficient_quota")
        || words.code.as_deref().is_some_and(|code| {
            matches!(
                code,
                "insufficient_quota"
                    | "organization_spend_limit_exceeded"
                    | "project_spend_limit_exceeded"
                    | "organization_usage_limit_exceeded"
            ) || code.starts_with("credit")
        })
}

/// How one call failed. Holds nothing of the request, of the body, or of the key.
#[derive(Debug, thiserror::Error)]
enum CallFailure {
    #[error("the call broke off")]
    Transport(#[source] reqwest::Error),
    #[error("the answer is larger than {LARGEST_ANSWER} bytes")]
    TooLarge,
    #[error("the provider answered {status} ({words}, request {})", request_id.as_deref().unwrap_or("-"))]
    Refused { status: u16, words: ErrorWords, retry_after: Option<Duration>, request_id: Option<String> },
    #[error("the answer is not a response")]
    Unreadable(#[source] ParseFailure),
}

impl CallFailure {
    fn transport(error: reqwest::Error) -> Self {
        Self::Transport(error.without_url())
    }

    fn into_failure(self, what: &'static str) -> Failure {
        match self {
            Self::Refused { status: 401 | 403, .. } => Failure::permanent(what, self),
            _ => Failure::transient(what, self),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the base URL must be http or https, without user, query or fragment")]
struct InvalidBaseUrl;

#[derive(Debug, thiserror::Error)]
#[error("the response id cannot stand in a path")]
struct UnusableId;

fn responses(base: &str) -> Option<Url> {
    let mut url = Url::parse(base).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    url.path_segments_mut().ok()?.pop_if_empty().push("responses");
    plain.then_some(url)
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("x-request-id")?.to_str().ok()?.chars().take(128).collect())
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let precise = number("retry-after-ms").map(Duration::from_millis);
    precise.or_else(|| number("retry-after").map(Duration::from_secs)).map(|wait| wait.min(LONGEST_WAIT))
}
