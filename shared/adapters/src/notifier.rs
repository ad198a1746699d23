//! Where people are told: a webhook of Slack or Teams, an e-mail gateway, or the log while nobody has named one.

mod format;
mod wording;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use domain::event::notice::Notice;
use domain::port::Notifier;
use domain::value::failure::{Class, Failure};
use reqwest::{Client, Url};
use serde::Deserialize;

pub use self::format::Format;
pub use self::wording::{subject, text};

const TIMEOUT: Duration = Duration::from_secs(10);

const SET_UP: &str = "set up the notices' client";
const TELL: &str = "post the notice";

/// A URL that takes notices, and their form there. Whoever knows the URL can post, so it never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    format: Format,
    url: Url,
}

/// Why a text names no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(r#"a target is {{"format": "slack", "teams" or "email", "url": "https://…"}}; http is for this machine alone"#)]
pub struct InvalidTarget;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: Format,
    url: String,
}

impl Target {
    /// Reads `{"format": "slack", "url": "https://…"}`.
    pub fn parse(text: &str) -> Result<Self, InvalidTarget> {
        let Written { format, url } = serde_json::from_str(text).map_err(|_| InvalidTarget)?;
        Self::new(format, &url)
    }

    pub fn new(format: Format, url: &str) -> Result<Self, InvalidTarget> {
        let url = Url::parse(url).map_err(|_| InvalidTarget)?;
        match url.scheme() {
            "https" => Ok(Self { format, url }),
            "http" if is_loopback(&url) => Ok(Self { format, url }),
            _ => Err(InvalidTarget),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}, redacted)", self.format.name())
    }
}

/// Posts each notice once: SQS brings back what did not arrive.
#[derive(Debug, Clone)]
pub struct WebhookNotifier {
    http: Client,
    target: Option<Target>,
}

impl WebhookNotifier {
    pub fn new() -> Result<Self, Failure> {
        let http = crate::http_client::builder().timeout(TIMEOUT).build();
        let http = http.map_err(|error| Failure::permanent(SET_UP, error))?;
        Ok(Self { http, target: None })
    }

    /// The same client with another target, or with none.
    #[must_use]
    pub fn to(&self, target: Option<Target>) -> Self {
        Self { http: self.http.clone(), target }
    }
}

impl Notifier for WebhookNotifier {
    async fn notify(&self, notice: &Notice) -> Result<(), Failure> {
        let Some(Target { format, url }) = &self.target else {
            tracing::info!(event_id = notice.id, text = text(notice), link = notice.link, "notice");
            return Ok(());
        };
        let sent = self.http.post(url.clone()).json(&format.body(notice)).send().await;
        let status = sent.map_err(|error| Failure::transient(TELL, error.without_url()))?.status();
        match status.as_u16() {
            200..=299 => Ok(()),
            status => Err(Failure::of(class(status), TELL, format!("the target answered {status}"))),
        }
    }
}

/// A redirect, or a refusal of the request itself, will be the same next time.
const fn class(status: u16) -> Class {
    match status {
        408 | 425 | 429 => Class::Transient,
        300..=499 => Class::Permanent,
        _ => Class::Transient,
    }
}
