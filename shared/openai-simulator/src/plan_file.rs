//! Plans by job type, as a user writes them down: names of plans, lists of them, and scripts of one's own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::ApiError;
use super::plans::Plan;
use super::response::Status;
use super::script::{Create, Observation, Output, Reply, Script, Wait, Webhooks};

/// How the responses of each job type go.
#[derive(Debug, Clone, Default)]
pub struct Plans(BTreeMap<String, Course>);

/// One script for each response, the last one for all that follow.
#[derive(Debug, Clone)]
pub(super) struct Course {
    scripts: Vec<Script>,
    next: usize,
}

impl Course {
    pub(super) fn next(&mut self) -> Script {
        let script = self.scripts.get(self.next).or(self.scripts.last()).cloned();
        self.next = self.next.saturating_add(1);
        script.unwrap_or_else(Script::usual)
    }
}

/// Why something is no set of plans.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlans {
    #[error("plans are a JSON object: job types, and what becomes of their responses")]
    NoObject,
    #[error("the plan for {job_type}: {why}")]
    Plan { job_type: String, why: String },
}

impl Plans {
    pub fn parse(plans: &Value) -> Result<Self, InvalidPlans> {
        let plans = plans.as_object().ok_or(InvalidPlans::NoObject)?;
        let course = |(job_type, plan): (&String, &Value)| match course(plan) {
            Ok(scripts) => Ok((job_type.clone(), Course { scripts, next: 0 })),
            Err(why) => Err(InvalidPlans::Plan { job_type: job_type.clone(), why }),
        };
        plans.iter().map(course).collect::<Result<_, _>>().map(Self)
    }

    pub fn job_types(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn get_mut(&mut self, job_type: &str) -> Option<&mut Course> {
        self.0.get_mut(job_type)
    }
}

fn course(plan: &Value) -> Result<Vec<Script>, String> {
    match plan {
        Value::Array(plans) if plans.is_empty() => Err("the list is empty".to_owned()),
        Value::Array(plans) => {
            let numbered = plans.iter().enumerate();
            numbered.map(|(at, plan)| script(plan).map_err(|why| format!("number {}: {why}", at + 1))).collect()
        }
        plan => script(plan).map(|script| vec![script]),
    }
}

fn script(plan: &Value) -> Result<Script, String> {
    match plan {
        Value::String(name) => match Plan::ALL.iter().find(|plan| plan.name() == name) {
            Some(plan) => Ok(plan.script()),
            None => Err(format!("there is no plan `{name}`; `cargo local plans` lists them")),
        },
        Value::Object(_) => {
            let own = OwnScript::deserialize(plan).map_err(|error| error.to_string())?;
            own.script()
        }
        _ => Err("it must be the name of a plan, a script, or a list of these".to_owned()),
    }
}

/// A script of a user's own. What it leaves out goes as usual.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnScript {
    #[serde(default)]
    create: OwnCreate,
    life: Option<Vec<OwnObservation>>,
    #[serde(default)]
    webhooks: OwnWebhooks,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct OwnCreate {
    /// Of an error; without it the call is answered with the response.
    status: Option<u16>,
    code: Option<String>,
    retry_after_seconds: Option<u32>,
    trouble: Option<Trouble>,
    /// Whether an error or trouble leaves a response behind.
    created: Option<bool>,
    /// So many create calls of each job; all of them without it.
    times: Option<u32>,
    /// The whole life goes by, webhooks included, before the call is answered.
    #[serde(default)]
    ends_first: bool,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Trouble {
    Hangs,
    ResetBeforeBody,
    ResetInsideBody,
    Truncated,
    Drip,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnObservation {
    status: Status,
    after_ms: Option<u32>,
    text: Option<String>,
    /// The code of the response's error.
    error: Option<String>,
    incomplete_reason: Option<String>,
    usage: Option<Value>,
    /// Any other fields, in the place of the response's own; null leaves one out.
    #[serde(default)]
    fields: Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct OwnWebhooks {
    copies: Option<u16>,
    delay_ms: Option<u32>,
}

impl OwnScript {
    fn script(self) -> Result<Script, String> {
        let life = self.life.map(|life| life.into_iter().map(OwnObservation::observation).collect());
        let usual = Webhooks::usual();
        Ok(Script {
            create: self.create.create()?,
            webhooks: Webhooks {
                copies: self.webhooks.copies.unwrap_or(usual.copies),
                delay_ms: self.webhooks.delay_ms.map_or(usual.delay_ms, i64::from),
                ..usual
            },
            life: life.unwrap_or_else(|| Script::usual().life),
            ..Script::usual()
        })
    }
}

impl OwnCreate {
    fn create(self) -> Result<Create, String> {
        let is_error = self.status.is_some_and(|status| status != 200);
        if !is_error && (self.code.is_some() || self.retry_after_seconds.is_some()) {
            return Err("`code` and `retry_after_seconds` need the `status` of an error".to_owned());
        }
        if !is_error && self.trouble.is_none() && (self.created.is_some() || self.times.is_some()) {
            return Err("`created` and `times` need the `status` of an error, or a `trouble`".to_owned());
        }
        let reply = match (self.status, self.trouble) {
            (None | Some(200), None) => {
                let usual = Script::usual().create;
                return Ok(Create { times: u32::MAX, after_the_end: self.ends_first, ..usual });
            }
            (None, Some(Trouble::Hangs)) => Reply::Hold,
            (None, Some(Trouble::ResetBeforeBody)) => Reply::ResetBefore,
            (None, Some(Trouble::ResetInsideBody)) => Reply::ResetInside,
            (None, Some(Trouble::Truncated)) => Reply::Truncated,
            (None, Some(Trouble::Drip)) => Reply::Drip,
            (Some(_), Some(_)) => return Err("`status` and `trouble` exclude each other".to_owned()),
            (Some(status @ 400..=599), None) => Reply::Error(ApiError {
                code: self.code.map(Cow::Owned),
                retry_after_seconds: self.retry_after_seconds,
                ..ApiError::asked(status)
            }),
            (Some(status), None) => return Err(format!("`status` of `create` is 200 or 400 to 599, and not {status}")),
        };
        // Trouble comes after the work, an error before it.
        let makes = self.created.unwrap_or(self.trouble.is_some());
        Ok(Create { times: self.times.unwrap_or(u32::MAX), makes, after_the_end: false, reply })
    }
}

impl OwnObservation {
    fn observation(self) -> Observation {
        let usual = match self.status {
            Status::Queued | Status::InProgress => Observation::starts(),
            Status::Completed => Observation::completes(),
            Status::Failed => Observation::fails("server_error"),
            Status::Cancelled => Observation::cancelled(),
            Status::Incomplete => Observation::stops_half_way(None),
        };
        let mut fields = self.fields;
        fields.extend(self.usage.map(|usage| ("usage".to_owned(), usage)));
        Observation {
            wait: self.after_ms.map_or(usual.wait, |ms| Wait::Ms(i64::from(ms))),
            status: self.status,
            output: self.text.map_or(usual.output, Output::Own),
            error: self.error.map(Cow::Owned).or(usual.error),
            incomplete_reason: self.incomplete_reason.map(Cow::Owned).or(usual.incomplete_reason),
            fields,
        }
    }
}
