//! The client of OpenAI's API. One call is one request: nothing here repeats anything.

use std::fmt;
use std::time::Duration;

use domain::port::{CreateFailure, Lookup, NewResponse, Provider};
use domain::provider::ProviderResponse;
use domain::value::failure::Failure;
use domain::value::id::ResponseId;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::Value;

use super::cut::{Cut, Received, named};
use super::error::ErrorBody;
use super::failure::{CallFailure, LARGEST_ANSWER};
use super::retry_after::retry_after;
use super::{request, wire};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

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

    /// None yet: what a client holds until its key has been read.
    pub(crate) fn unset() -> Self {
        Self(HeaderValue::from_static("Bearer unset"))
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
        let http = crate::http_client::builder().build().map_err(|error| Failure::permanent(SET_UP, error))?;
        let responses = responses(&config.base_url).ok_or_else(|| Failure::permanent(SET_UP, InvalidBaseUrl))?;
        Ok(Self { http, config, responses })
    }

    /// Whether it calls at the address of a region.
    pub fn is_regional(&self) -> bool {
        is_regional(&self.config.base_url)
    }

    /// The same client under another key.
    #[must_use]
    pub fn with_key(&self, api_key: ApiKey) -> Self {
        Self { config: OpenAiConfig { api_key, ..self.config.clone() }, ..self.clone() }
    }

    /// One call. Any success with a readable response is an answer, and so is a whole one whose end never came.
    async fn call(&self, request: RequestBuilder, timeout: Duration) -> Result<ProviderResponse, CallFailure> {
        let Received { status, headers, body, cut } = self.receive(request, timeout).await?;
        let request_id = request_id(&headers);
        let error = ErrorBody::read(&body);
        let is_success = (200..300).contains(&status);
        if !is_success || (error.is_providers && error.is_alone) {
            let status = if is_success { error.status() } else { status };
            return match cut {
                // What the rest of it would have said is not known.
                Some(cut) if !error.is_providers => Err(cut.failure(named(&body))),
                _ => Err(CallFailure::Refused {
                    status,
                    retry_after: retry_after(&headers),
                    request_id,
                    named: named(&body),
                    error,
                }),
            };
        }
        wire::parse(&body, request_id).map_err(|error| {
            let named = named(&body);
            match cut {
                Some(cut) => cut.failure(named),
                None => CallFailure::Unreadable { error, named },
            }
        })
    }

    /// An answer as far as it came, unpacked. Its length counts unpacked, so that a small one cannot become a huge one.
    async fn receive(&self, request: RequestBuilder, timeout: Duration) -> Result<Received, CallFailure> {
        let mut response = self.send(request, timeout).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = vec![];
        let cut = loop {
            match response.chunk().await {
                Ok(None) => break None,
                Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_ANSWER => break Some(Cut::TooLarge),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Err(error) => break Some(Cut::Transport(error)),
            }
        };
        if body.starts_with(BYTE_ORDER_MARK) {
            body.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(Received { status, headers, body, cut })
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
    async fn create_response(&self, new: &NewResponse) -> Result<ProviderResponse, CreateFailure> {
        let (job, attempt) = (&new.tag.job, new.tag.attempt);
        let request = self
            .http
            .post(self.responses.clone())
            // Not an idempotency key: support can look up by it a call whose answer never came.
            .header("X-Client-Request-Id", format!("{job}-{attempt}"))
            .json(&wire::request_body(new));
        self.call(request, self.config.start_timeout).await.map_err(|failure| {
            // The port's word for it is one of a few, so this is the last place that knows what was said.
            tracing::warn!(job_id = %job, attempt, failure = ?failure, "the create call brought no response");
            failure.of_start(START)
        })
    }

    async fn get(&self, id: &ResponseId) -> Result<Lookup, Failure> {
        self.get_with(id, &[]).await
    }

    async fn get_with(&self, id: &ResponseId, tools: &[Value]) -> Result<Lookup, Failure> {
        let url = self.url(id, None).map_err(|unusable| Failure::permanent(READ, unusable))?;
        let include = request::include(tools);
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
            Err(failure) if failure.is_missing() => Ok(Lookup::Missing),
            Err(failure) => {
                // Whoever looks goes on to other things and looks again: this is where the trouble can be read.
                tracing::warn!(response_id = %id, failure = ?failure, "the look at the response failed");
                Err(failure.into_failure(READ))
            }
        }
    }

    fn read(&self, kept: &[u8]) -> Result<ProviderResponse, Failure> {
        wire::parse(kept, None).map_err(|error| Failure::permanent("read the kept answer", error))
    }

    async fn cancel(&self, id: &ResponseId) -> Result<(), Failure> {
        let url = self.url(id, Some("cancel")).map_err(|unusable| Failure::permanent(CANCEL, unusable))?;
        let received = self.receive(self.http.post(url), self.config.get_timeout).await.map_err(|failure| {
            tracing::warn!(response_id = %id, failure = ?failure, "the cancel call failed");
            failure.into_failure(CANCEL)
        })?;
        match received.status {
            status @ (401 | 403 | 429 | 500..) => {
                let (error, request_id) = (ErrorBody::read(&received.body), request_id(&received.headers));
                let refused = CallFailure::Refused { status, error, retry_after: None, request_id, named: None };
                Err(refused.into_failure(CANCEL))
            }
            // Servers differ: a finished response is answered with 200, 400 or 409, and 200 does not mean cancelled.
            _ => Ok(()),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the base URL must be http or https, without user, query or fragment")]
struct InvalidBaseUrl;

#[derive(Debug, thiserror::Error)]
#[error("the response id cannot stand in a path")]
struct UnusableId;

/// Whether this is the address of a region, such as `https://eu.api.openai.com/v1`, which costs more.
pub fn is_regional(base_url: &str) -> bool {
    let host = Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
    host.is_some_and(|host| host.strip_suffix(".api.openai.com").is_some_and(|region| !region.is_empty()))
}

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
