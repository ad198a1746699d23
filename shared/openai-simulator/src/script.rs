//! What a plan is made of: how the create call is answered, the life that follows, the looks, and the webhooks.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::batch::BatchScript;
use super::container::ContainerScript;
use super::error::ApiError;
use super::reply::{Reply, Trouble};
use super::response::Status;

/// `resp_` and fifty digits.
pub(super) const USUAL_ID: usize = 55;

/// How one response goes.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) create: Create,
    /// What later looks show, in order; the last one stays.
    pub(super) life: Vec<Observation>,
    pub(super) looks: Looks,
    pub(super) webhooks: Webhooks,
    /// Beside it, another workspace and another deployment start a response each.
    pub(super) neighbours: bool,
    /// How long the response's id is, in characters.
    pub(super) id_length: usize,
    /// What code left behind, if any ran.
    pub(super) container: Option<ContainerScript>,
    /// How a batch of such a plan goes.
    pub(super) batch: BatchScript,
}

/// What the first so many create calls of a job come to; the ones after them are answered as usual.
#[derive(Debug, Clone)]
pub(super) struct Create {
    pub(super) times: u32,
    /// Whether there is a response afterwards.
    pub(super) makes: bool,
    /// The whole life goes by, webhooks included, before the call is answered.
    pub(super) after_the_end: bool,
    pub(super) reply: Reply,
}

/// What the first so many looks at the response are answered with.
#[derive(Debug, Clone)]
pub(super) struct Looks {
    pub(super) times: u32,
    pub(super) reply: Reply,
}

/// One thing that a later look will show.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    /// How long after the observation before it, in auto mode.
    pub(super) wait: Wait,
    pub(super) status: Status,
    pub(super) output: Output,
    pub(super) error: Option<RunError>,
    pub(super) incomplete_reason: Option<Cow<'static, str>>,
    /// Takes the place of fields of the response; null leaves one out.
    pub(super) fields: BTreeMap<String, Box<RawValue>>,
}

/// What the `error` of a failed response says.
#[derive(Debug, Clone)]
pub(super) struct RunError {
    pub(super) code: Cow<'static, str>,
    pub(super) kind: Option<String>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Wait {
    Queue,
    Run { times: i64 },
    Ms(i64),
}

#[derive(Debug, Clone)]
pub(super) enum Output {
    Nothing,
    Text,
    HalfText,
    Refusal,
    /// 20 MB of text.
    Large,
    Own(String),
    /// These items, to the letter.
    Items(Vec<Box<RawValue>>),
    /// The same, with the text of the answer in the schema that the request asks for.
    InSchema(Vec<Box<RawValue>>),
}

/// How an end is announced.
#[derive(Debug, Clone)]
pub(super) struct Webhooks {
    pub(super) copies: u16,
    pub(super) delay_ms: i64,
    /// The event's type, when it is not the status's own.
    pub(super) kind: Option<&'static str>,
    pub(super) names_itself: bool,
    /// Signed with the last secret of the list and not with the first.
    pub(super) previous_secret: bool,
}

impl Script {
    /// Queued, in progress, completed, one webhook.
    pub(super) fn usual() -> Self {
        Self::ending(Observation::completes())
    }

    pub(super) fn ending(end: Observation) -> Self {
        Self::living([Observation::starts(), end])
    }

    pub(super) fn living(life: impl Into<Vec<Observation>>) -> Self {
        Self {
            create: Create { times: 0, makes: true, after_the_end: false, reply: Reply::whole() },
            life: life.into(),
            looks: Looks { times: 0, reply: Reply::whole() },
            webhooks: Webhooks::usual(),
            neighbours: false,
            id_length: USUAL_ID,
            container: None,
            batch: BatchScript::default(),
        }
    }

    /// Every create call is refused, and nothing is made.
    pub(super) fn refused(error: ApiError) -> Self {
        let create = Create { times: u32::MAX, makes: false, after_the_end: false, reply: Reply::error(error) };
        Self { create, ..Self::usual() }
    }

    /// Every create call makes a response, and its answer tells nobody its id.
    pub(super) fn untold(reply: Reply) -> Self {
        Self { create: Create { times: u32::MAX, makes: true, after_the_end: false, reply }, ..Self::usual() }
    }

    /// The same, and nobody is told because of this.
    pub(super) fn troubled(trouble: Trouble) -> Self {
        Self::untold(Reply::troubled(trouble))
    }

    pub(super) fn looked_at(times: u32, reply: Reply) -> Self {
        Self { looks: Looks { times, reply }, ..Self::usual() }
    }

    pub(super) fn announced(webhooks: Webhooks) -> Self {
        Self { webhooks, ..Self::usual() }
    }

    /// So many create calls, and no more.
    pub(super) fn at_first(mut self, times: u32) -> Self {
        self.create.times = times;
        self
    }

    /// Whether somebody hears of the response when it comes to this status.
    pub(super) fn announces(&self, status: Status) -> bool {
        status.is_terminal() && self.webhooks.copies > 0 && self.webhooks.names_itself
    }
}

impl Looks {
    /// The answer to the look of this number, from 1.
    pub(super) fn reply_to(&self, number: u32) -> Reply {
        if number <= self.times { self.reply.clone() } else { Reply::whole() }
    }
}

impl Webhooks {
    pub(super) fn usual() -> Self {
        Self { copies: 1, delay_ms: 0, kind: None, names_itself: true, previous_secret: false }
    }
}

impl Observation {
    fn new(wait: Wait, status: Status, output: Output) -> Self {
        Self { wait, status, output, error: None, incomplete_reason: None, fields: BTreeMap::new() }
    }

    pub(super) fn starts() -> Self {
        Self::new(Wait::Queue, Status::InProgress, Output::Nothing)
    }

    pub(super) fn completes() -> Self {
        Self::completes_with(Output::Text)
    }

    pub(super) fn completes_with(output: Output) -> Self {
        Self::new(Wait::Run { times: 1 }, Status::Completed, output)
    }

    pub(super) fn fails(code: &'static str) -> Self {
        let failed = Self::new(Wait::Run { times: 1 }, Status::Failed, Output::Nothing);
        Self { error: Some(RunError { code: Cow::Borrowed(code), kind: None }), ..failed }
    }

    pub(super) fn stops_half_way(reason: Option<&'static str>) -> Self {
        let incomplete = Self::new(Wait::Run { times: 1 }, Status::Incomplete, Output::HalfText);
        Self { incomplete_reason: reason.map(Cow::Borrowed), ..incomplete }
    }

    pub(super) fn cancelled() -> Self {
        Self::new(Wait::Run { times: 1 }, Status::Cancelled, Output::Nothing)
    }

    /// The same, but with this field in the answer, or without it.
    pub(super) fn showing(mut self, field: &str, value: Value) -> Self {
        self.fields.insert(field.to_owned(), raw(&value));
        self
    }
}

/// A value as the text that goes over the wire.
pub(super) fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).unwrap_or_default()
}
