//! A script as it is written down in JSON, by users and for the plans that have a name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::ApiError;
use super::own_batch::OwnBatch;
use super::own_container::OwnContainer;
use super::reply::{Content, Reply, Trouble};
use super::response::Status;
use super::script::{Create, Looks, Observation, Output, RunError, Script, USUAL_ID, Wait, Webhooks};

const ID_LENGTHS: std::ops::RangeInclusive<usize> = 10..=4_096;

/// What it leaves out goes as usual.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnScript {
    #[serde(default)]
    create: OwnAnswer,
    /// What looks show, in order.
    life: Option<Vec<OwnObservation>>,
    /// Only what the last of a usual life shows.
    end: Option<OwnObservation>,
    /// How looks are answered; `created` and `ends_first` are not for them.
    #[serde(default)]
    looks: OwnAnswer,
    #[serde(default)]
    webhooks: OwnWebhooks,
    /// What code left behind.
    container: Option<OwnContainer>,
    /// How a batch of such a plan goes.
    batch: Option<OwnBatch>,
    id_length: Option<usize>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnAnswer {
    /// Below 300 the response is the answer, unless there is a body.
    status: Option<u16>,
    /// These two are an error's.
    code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    retry_after_seconds: Option<u32>,
    /// The same as a date.
    retry_after_date: Option<u32>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// In the place of everything else: a text, or any JSON to the letter.
    body: Option<Box<RawValue>>,
    trouble: Option<OwnTrouble>,
    /// Whether an error, a body or trouble leaves a response behind.
    created: Option<bool>,
    /// So many calls; all of them without it.
    times: Option<u32>,
    /// The whole life goes by, webhooks included, before the call is answered.
    #[serde(default)]
    ends_first: bool,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum OwnTrouble {
    Hangs,
    ResetBeforeBody,
    ResetInsideBody,
    CutAfterId,
    LastChunkMissing,
    Truncated,
    Drip,
    Gzip,
    ByteOrderMark,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnObservation {
    status: Option<Status>,
    after_ms: Option<u32>,
    text: Option<String>,
    /// Items to the letter, in the place of a text.
    output: Option<Vec<Box<RawValue>>>,
    /// The code of the response's error.
    error: Option<String>,
    error_type: Option<String>,
    incomplete_reason: Option<String>,
    usage: Option<Box<RawValue>>,
    /// The text of the answer is a sample where the request asks for a schema.
    #[serde(default)]
    keeps_schema: bool,
    /// Any other fields, in the place of the response's own; null leaves one out.
    #[serde(default)]
    fields: BTreeMap<String, Box<RawValue>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct OwnWebhooks {
    copies: Option<u16>,
    delay_ms: Option<u32>,
}

impl OwnScript {
    pub(super) fn script(self) -> Result<Script, String> {
        let usual = Script::usual();
        let life = match (self.life, self.end) {
            (Some(_), Some(_)) => return Err("`life` and `end` exclude each other".to_owned()),
            (None, None) => usual.life,
            (None, Some(end)) => vec![Observation::starts(), end.observation(Status::Completed)?],
            (Some(life), None) => {
                let stated = |seen: OwnObservation| {
                    let status = seen.status.ok_or("missing field `status`")?;
                    seen.observation(status)
                };
                life.into_iter().map(stated).collect::<Result<_, _>>()?
            }
        };
        let id_length = self.id_length.unwrap_or(USUAL_ID);
        if !ID_LENGTHS.contains(&id_length) {
            return Err(format!("`id_length` is {} to {}", ID_LENGTHS.start(), ID_LENGTHS.end()));
        }
        let looks = self.looks.looks("looks")?;
        let webhooks = Webhooks {
            copies: self.webhooks.copies.unwrap_or(usual.webhooks.copies),
            delay_ms: self.webhooks.delay_ms.map_or(usual.webhooks.delay_ms, i64::from),
            ..usual.webhooks
        };
        let container = self.container.map(OwnContainer::script).transpose()?;
        let batch = self.batch.map(OwnBatch::script).transpose()?.unwrap_or_default();
        let create = self.create.create()?;
        Ok(Script { create, webhooks, life, looks, neighbours: false, id_length, container, batch })
    }
}

impl OwnAnswer {
    fn create(&self) -> Result<Create, String> {
        let Some(reply) = self.reply("create")? else {
            let usual = Script::usual().create;
            return Ok(Create { times: u32::MAX, after_the_end: self.ends_first, ..usual });
        };
        // Trouble comes after the work, an error before it.
        let makes = self.created.unwrap_or(matches!(reply.content, Content::Response));
        Ok(Create { times: self.times.unwrap_or(u32::MAX), makes, after_the_end: self.ends_first, reply })
    }

    /// The answers to looks at something that is already there.
    pub(super) fn looks(&self, field: &str) -> Result<Looks, String> {
        if self.created.is_some() || self.ends_first {
            return Err("`created` and `ends_first` are for `create`".to_owned());
        }
        let reply = self.reply(field)?;
        let times = if reply.is_some() { self.times.unwrap_or(u32::MAX) } else { 0 };
        Ok(Looks { times, reply: reply.unwrap_or_else(Reply::whole) })
    }

    /// `None` when calls are answered as usual.
    fn reply(&self, field: &str) -> Result<Option<Reply>, String> {
        let status = self.status.unwrap_or(200);
        if !(200..600).contains(&status) {
            return Err(format!("`status` of `{field}` is 200 to 599, and not {status}"));
        }
        let is_error = status >= 300;
        let is_plain = status == 200 && self.trouble.is_none() && self.body.is_none();
        if !is_error && (self.code.is_some() || self.kind.is_some() || self.retry_after().is_some()) {
            return Err("`code` and `retry_after_seconds` need the `status` of an error".to_owned());
        }
        if is_plain && (self.created.is_some() || self.times.is_some()) {
            return Err("`created` and `times` need the `status` of an error, a `body`, or a `trouble`".to_owned());
        }
        if self.trouble.is_some() && (self.status.is_some() || self.body.is_some()) {
            return Err("`status` or `body`, and `trouble` exclude each other".to_owned());
        }
        if is_plain && self.headers.is_empty() {
            return Ok(None);
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name).map_err(|_| format!("`{name}` cannot be the name of a header"))?;
            let value = HeaderValue::try_from(value).map_err(|_| format!("`{value}` cannot be a header"))?;
            headers.insert(name, value);
        }
        let content = match &self.body {
            Some(body) => Content::Own(serde_json::from_str(body.get()).unwrap_or_else(|_| body.get().to_owned())),
            None if is_error => Content::Error(self.error(status)),
            None => Content::Response,
        };
        let trouble = self.trouble.map(Trouble::from);
        Ok(Some(Reply { status, headers, retry_after_date: self.retry_after_date, content, trouble }))
    }

    fn retry_after(&self) -> Option<u32> {
        self.retry_after_seconds.or(self.retry_after_date)
    }

    fn error(&self, status: u16) -> ApiError {
        let mut error = ApiError::asked(status);
        error.code = self.code.clone().map(Cow::Owned);
        if let Some(kind) = &self.kind {
            error = error.of_kind(kind.clone());
        }
        match self.retry_after_seconds {
            Some(seconds) => error.retry_after(seconds),
            None => error,
        }
    }
}

impl From<OwnTrouble> for Trouble {
    fn from(trouble: OwnTrouble) -> Self {
        match trouble {
            OwnTrouble::Hangs => Self::Hangs,
            OwnTrouble::ResetBeforeBody => Self::ResetBefore,
            OwnTrouble::ResetInsideBody => Self::ResetInside,
            OwnTrouble::CutAfterId => Self::CutAfterId,
            OwnTrouble::LastChunkMissing => Self::LastChunkMissing,
            OwnTrouble::Truncated => Self::Truncated,
            OwnTrouble::Drip => Self::Drip,
            OwnTrouble::Gzip => Self::Gzip,
            OwnTrouble::ByteOrderMark => Self::ByteOrderMark,
        }
    }
}

impl OwnObservation {
    fn observation(self, status: Status) -> Result<Observation, String> {
        let status = self.status.unwrap_or(status);
        let usual = match status {
            Status::Queued | Status::InProgress => Observation::starts(),
            Status::Completed => Observation::completes(),
            Status::Failed => Observation::fails("server_error"),
            Status::Cancelled => Observation::cancelled(),
            Status::Incomplete => Observation::stops_half_way(None),
        };
        let output = match (self.text, self.output) {
            (Some(_), Some(_)) => return Err("`text` and `output` exclude each other".to_owned()),
            (Some(text), None) => Output::Own(text),
            (None, Some(items)) if self.keeps_schema => Output::InSchema(items),
            (None, Some(items)) => Output::Items(items),
            (None, None) => usual.output,
        };
        let mut fields = self.fields;
        fields.extend(self.usage.map(|usage| ("usage".to_owned(), usage)));
        let error = self.error.map(|code| RunError { code: Cow::Owned(code), kind: None }).or(usual.error);
        Ok(Observation {
            wait: self.after_ms.map_or(usual.wait, |ms| Wait::Ms(i64::from(ms))),
            status,
            output,
            error: error.map(|error| RunError { kind: self.error_type, ..error }),
            incomplete_reason: self.incomplete_reason.map(Cow::Owned).or(usual.incomplete_reason),
            fields,
        })
    }
}
