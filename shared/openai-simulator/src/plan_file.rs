//! Plans as a user writes them down: by name, each the name of a plan, a script of one's own, or a list of these.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::own_script::OwnScript;
use super::plans::Plan;
use super::script::Script;

/// The form of a plan, for the help of command lines.
pub const PLAN_FORM: &str = r#"A plan is a name (`plans` lists them), a script, or a list of these: one for each
create call, the last one for all that follow. What a script leaves out goes as usual.

create: how the create call is answered
  status                  200 to 599; from 300 on it is an error's
  code, type, retry_after_seconds, retry_after_date (seconds from now)
  headers, body           in the place of the usual ones; a text, or any JSON
  trouble                 hangs, reset-before-body, reset-inside-body, cut-after-id,
                          last-chunk-missing, truncated, drip, gzip or byte-order-mark
  created                 whether a response runs all the same [default: not after an error or
                          a body, but after trouble]
  times                   for so many create calls of each job [default: all]
  ends_first              true: the whole life goes by before the call is answered
looks: how looks at the response are answered, in the same words
life: what looks at the response show, in order; the last one stays
end: only the last of a usual life
  status                  queued, in_progress, completed, failed, cancelled, incomplete
  after_ms                since the one before it
  text, or output         of a message, or a list of items to the letter
  error, error_type       of a failure
  incomplete_reason, usage
  fields                  any other fields of the answer; null leaves one out
  keeps_schema            true: the text of `output` is a sample of the schema that is asked for
webhooks: how the end is announced
  copies, delay_ms        [default: 1 and 0]
container: what code left behind; `output` names it {container}, and its files {file 1} and on
  files                   of name, one of text, base64 and size, media_type, listed_bytes,
                          copies (# in the name is the number), and looks at the content
  memory_limit            1g, 4g, 16g or 64g
  looks                   at the container and at the list of its files
batch: how a batch goes
  end                     completed, failed, expired, cancelled, never-starts or never-ends
  after_ms, done          how long it runs, and how many lines are done then
  failing                 lines (so many), status, code, in_body, in_output
  errors                  it fails at validation with these: code, line, message, param
  empty_ids, disappears   true or false
id_length                 of the response's id, in characters"#;

/// What has no plan of its own goes by the one under this name.
const ALL_OTHERS: &str = "*";

/// How responses go, by the `job_type` or the `plan` that a request's metadata names.
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
    #[error("plans are a JSON object: names, and what becomes of their responses ({0})")]
    NoObject(String),
    #[error("the plan for {name}: {why}")]
    Plan { name: String, why: String },
}

impl Plans {
    /// Of JSON text: what it says of answers is played to the letter.
    pub fn read(text: &str) -> Result<Self, InvalidPlans> {
        let plans: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(text).map_err(|error| InvalidPlans::NoObject(error.to_string()))?;
        let course = |(name, plan): (String, Box<RawValue>)| match course(&plan) {
            Ok(scripts) => Ok((name, Course { scripts, next: 0 })),
            Err(why) => Err(InvalidPlans::Plan { name, why }),
        };
        plans.into_iter().map(course).collect::<Result<_, _>>().map(Self)
    }

    pub fn parse(plans: &Value) -> Result<Self, InvalidPlans> {
        Self::read(&plans.to_string())
    }

    /// The names that plans are for, without the one for all others.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|name| *name != ALL_OTHERS)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Course> {
        self.0.get_mut(name)
    }

    pub(super) fn for_all_others(&mut self) -> Option<&mut Course> {
        self.0.get_mut(ALL_OTHERS)
    }
}

fn course(plan: &RawValue) -> Result<Vec<Script>, String> {
    if !plan.get().starts_with('[') {
        return script(plan).map(|script| vec![script]);
    }
    let plans: Vec<&RawValue> = serde_json::from_str(plan.get()).map_err(|error| without_place(&error))?;
    if plans.is_empty() {
        return Err("the list is empty".to_owned());
    }
    let numbered = plans.into_iter().enumerate();
    numbered.map(|(at, plan)| script(plan).map_err(|why| format!("number {}: {why}", at + 1))).collect()
}

/// One plan: a name, or a script.
fn script(plan: &RawValue) -> Result<Script, String> {
    match plan.get().chars().next() {
        Some('"') => {
            let name: String = read(plan)?;
            let known = Plan::ALL.iter().find(|plan| plan.name() == name);
            known.map(|plan| plan.script()).ok_or(format!("there is no plan `{name}`; `plans` lists them"))
        }
        Some('{') => own(plan),
        _ => Err("it must be the name of a plan, a script, or a list of these".to_owned()),
    }
}

pub(super) fn own(script: &RawValue) -> Result<Script, String> {
    read::<OwnScript>(script)?.script()
}

fn read<T: DeserializeOwned>(text: &RawValue) -> Result<T, String> {
    serde_json::from_str(text.get()).map_err(|error| without_place(&error))
}

/// A place inside a part of the file would be looked for in the whole of it.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map(|(text, _)| text.to_owned()).unwrap_or(text)
}
