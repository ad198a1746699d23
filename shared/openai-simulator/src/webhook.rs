//! Webhook deliveries: who waits for which attempt, and one attempt sent.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::OnceCell;

use super::identity::Identity;
use super::script::Webhooks;
use super::signature::SigningSecret;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const BACKOFF_MS: [i64; 8] = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];
const LAST_BACKOFF_MS: i64 = 8 * HOUR;
const GIVES_UP_AFTER_MS: i64 = 72 * HOUR;
const PATIENCE: Duration = Duration::from_secs(15);

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where webhooks go, and the secrets that sign them.
#[derive(Clone)]
pub struct Webhook {
    pub target: WebhookTarget,
    /// The one in use first, then those before it.
    pub secrets: Vec<SigningSecret>,
}

/// A call answers the HTTP status that the receiver would have answered.
#[derive(Clone)]
pub enum WebhookTarget {
    Url(String),
    Call(Arc<dyn Fn(WebhookDelivery) -> BoxFuture<'static, u16> + Send + Sync>),
}

/// One attempt, as it goes over the wire.
#[derive(Debug, Clone)]
pub struct WebhookDelivery {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Webhook {
    /// `None` is no answer at all.
    pub(super) async fn send(&self, client: &Poster, pending: &Pending, now_ms: i64) -> Option<u16> {
        let timestamp = now_ms / SECOND;
        let secret = if pending.previous_secret { self.secrets.last() } else { self.secrets.first() };
        let signature = secret?.sign(&pending.webhook_id, timestamp, &pending.body);
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("user-agent", "OpenAI/1.0 (simulated)".to_owned()),
            ("webhook-id", pending.webhook_id.clone()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let delivery = WebhookDelivery { headers, body: pending.body.clone() };
        match &self.target {
            WebhookTarget::Url(url) => client.post(url, delivery).await.ok(),
            WebhookTarget::Call(call) => Some(call(delivery).await),
        }
    }
}

/// Posts over HTTP, with a client that is made for the first delivery.
#[derive(Default)]
pub(super) struct Poster(OnceCell<reqwest::Client>);

impl Poster {
    async fn post(&self, url: &str, delivery: WebhookDelivery) -> reqwest::Result<u16> {
        let redirects = reqwest::redirect::Policy::none();
        let make = async || reqwest::Client::builder().redirect(redirects).timeout(PATIENCE).build();
        let request = self.0.get_or_try_init(make).await?.post(url).body(delivery.body);
        let request = delivery.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        Ok(request.send().await?.status().as_u16())
    }
}

/// A delivery that nobody has acknowledged yet.
#[derive(Debug)]
pub(super) struct Pending {
    /// The response that whoever takes the delivery learns of, if any.
    pub(super) names: Option<String>,
    webhook_id: String,
    previous_secret: bool,
    body: Vec<u8>,
    first_ms: i64,
    due_ms: i64,
    attempts: usize,
}

impl Pending {
    /// That something of this kind, under this id, came to this status.
    pub(super) fn new(
        webhooks: &Webhooks,
        (kind, id): (&str, &str),
        status: &str,
        identity: Identity,
        at_ms: i64,
    ) -> Self {
        let names = webhooks.names_itself.then(|| id.to_owned());
        let occasion = format!("{id} {status}");
        let prefix = if kind == "batch" { "batch" } else { "resp" };
        let event = json!({
            "id": identity.of("evt", &occasion),
            "object": "event",
            "created_at": at_ms / SECOND,
            "type": webhooks.kind.map_or_else(|| format!("{kind}.{status}"), str::to_owned),
            "data": {"id": names.clone().unwrap_or_else(|| identity.of(prefix, "nobody's"))},
        });
        let first_ms = at_ms + webhooks.delay_ms;
        Self {
            names,
            webhook_id: identity.of("wh", &occasion),
            previous_secret: webhooks.previous_secret,
            body: event.to_string().into_bytes(),
            first_ms,
            due_ms: first_ms,
            attempts: 0,
        }
    }

    /// The same delivery at its next time, or nothing when it has been tried for long enough.
    fn again(mut self, now_ms: i64) -> Option<Self> {
        let wait = BACKOFF_MS.get(self.attempts).copied().unwrap_or(LAST_BACKOFF_MS);
        self.due_ms = now_ms + wait;
        self.attempts += 1;
        (self.due_ms - self.first_ms <= GIVES_UP_AFTER_MS).then_some(self)
    }
}

/// Every delivery that waits for its next attempt or is on its way.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Vec<Pending>,
    /// The responses that deliveries on their way name.
    sending: Vec<String>,
}

impl Outbox {
    pub(super) fn put(&mut self, pending: Pending) {
        self.waiting.push(pending);
    }

    pub(super) fn put_again(&mut self, pending: Pending, now_ms: i64) {
        self.waiting.extend(pending.again(now_ms));
    }

    /// Takes what is due, oldest first, so that two ticks at once never send the same attempt.
    pub(super) fn take_due(&mut self, now_ms: i64) -> Vec<Pending> {
        let mut due: Vec<Pending> = self.waiting.extract_if(.., |pending| pending.due_ms <= now_ms).collect();
        due.sort_by_key(|pending| pending.due_ms);
        self.sending.extend(due.iter().filter_map(|pending| pending.names.clone()));
        due
    }

    pub(super) fn next_due_ms(&self) -> Option<i64> {
        self.waiting.iter().map(|pending| pending.due_ms).min()
    }

    /// The delivery was answered, or not.
    pub(super) fn sent(&mut self, pending: &Pending) {
        if let Some(at) = self.sending.iter().position(|id| Some(id) == pending.names.as_ref()) {
            self.sending.swap_remove(at);
        }
    }

    /// Whether a delivery about this response may still arrive.
    pub(super) fn names(&self, id: &str) -> bool {
        let waits = self.waiting.iter().any(|pending| pending.names.as_deref() == Some(id));
        waits || self.sending.iter().any(|sending| sending == id)
    }
}
