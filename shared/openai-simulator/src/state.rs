//! Everything the simulator remembers, and the only code that changes it.

mod batches;

use std::collections::{BTreeMap, VecDeque};

use super::Mode;
use super::batch::Batch;
use super::bill::Bill;
use super::container::Containers;
use super::error::ApiError;
use super::file::Files;
use super::identity::Identity;
use super::inline;
use super::ledger::{BatchEntry, Counts, Entry, Ledger};
use super::model::Models;
use super::plan_file::{Course, Plans};
use super::plans::Plan;
use super::reply::Reply;
use super::request::Request;
use super::response::{Response, Status};
use super::script::{Create, Observation, Script, Wait};
use super::webhook::{Outbox, Pending};

/// What came of a create call.
pub(super) struct Created {
    pub(super) id: Option<String>,
    pub(super) after_the_end: bool,
    pub(super) reply: Reply,
}

pub(super) struct State {
    mode: Mode,
    pub(super) identity: Identity,
    pub(super) counts: Counts,
    pub(super) outbox: Outbox,
    pub(super) queued_plans: VecDeque<Plan>,
    /// By the workspace that a request's metadata names; those for all stand under the empty name.
    pub(super) plans: BTreeMap<String, Plans>,
    /// Ends are no longer announced.
    pub(super) muted: bool,
    pub(super) files: Files,
    pub(super) containers: Containers,
    /// Opens the organisation's endpoints.
    pub(super) admin_key: Option<String>,
    models: Models,
    responses: BTreeMap<String, Response>,
    batches: BTreeMap<String, Batch>,
    /// Create calls that did not go as usual, by the job that their metadata names.
    troubles: BTreeMap<String, u32>,
    posts_by_attempt: BTreeMap<String, u64>,
    answers: u64,
}

impl State {
    pub(super) fn new(mode: Mode, seed: u64, models: Models) -> Self {
        Self {
            mode,
            identity: Identity { seed },
            counts: Counts::default(),
            outbox: Outbox::default(),
            queued_plans: VecDeque::new(),
            plans: BTreeMap::new(),
            muted: false,
            files: Files::default(),
            containers: Containers::default(),
            admin_key: None,
            models,
            responses: BTreeMap::new(),
            batches: BTreeMap::new(),
            troubles: BTreeMap::new(),
            posts_by_attempt: BTreeMap::new(),
            answers: 0,
        }
    }

    /// Makes a response, unless its plan says otherwise, and answers how the call is to be answered.
    pub(super) fn create(&mut self, request: Request, now_ms: i64) -> Result<Created, ApiError> {
        let before = request.fields.get("previous_response_id").and_then(serde_json::Value::as_str);
        if let Some(id) = before.filter(|id| self.find(id).is_err()) {
            let error = ApiError::invalid(format!("Previous response with id '{id}' not found."));
            return Err(error.about("previous_response_id").coded("previous_response_not_found"));
        }
        self.has_files(&request, now_ms)?;
        let script = self.script_for(&request.metadata)?;
        let create = self.answer_to(&request.metadata, &script);
        if script.neighbours {
            for name in ["workspace", "deployment"] {
                let mut request = request.clone();
                request.metadata.insert(name.to_owned(), "another".to_owned());
                let id = self.make(request, Script::usual(), now_ms);
                self.tell(&id);
            }
        }
        let id = create.makes.then(|| self.make(request, script, now_ms));
        Ok(Created { id, after_the_end: create.after_the_end, reply: create.reply })
    }

    fn make(&mut self, mut request: Request, script: Script, now_ms: i64) -> String {
        let number = self.responses.len() as u64 + 1;
        let id = self.identity.of_length("resp", &number.to_string(), script.id_length);
        inline::forget(&mut request.fields);
        let script = script.with_ids(&id, self.identity);
        let mut response = Response::new(id.clone(), number, request, script, now_ms);
        response.due_ms = self.mode.next_after(now_ms, response.to_come.front());
        self.responses.insert(id.clone(), response);
        id
    }

    /// Counts a create call and says how it is answered.
    fn answer_to(&mut self, metadata: &BTreeMap<String, String>, script: &Script) -> Create {
        let named = |name: &str| metadata.get(name).cloned().unwrap_or_default();
        let (job, attempt) = (named("job_id"), named("attempt"));
        *self.posts_by_attempt.entry(format!("{job}-{attempt}")).or_default() += 1;
        let troubles = self.troubles.entry(job).or_default();
        if *troubles < script.create.times {
            *troubles += 1;
            script.create.clone()
        } else {
            Script::usual().create
        }
    }

    /// Whether the files are there that a request names by their ids.
    fn has_files(&mut self, request: &Request, now_ms: i64) -> Result<(), ApiError> {
        for (param, id) in inline::file_ids(&request.fields) {
            if self.files.find(id, now_ms).is_err() {
                let error = ApiError::invalid(format!("The file with id '{id}' does not exist."));
                return Err(error.about(param).coded("file_not_found"));
            }
        }
        Ok(())
    }

    fn script_for(&mut self, metadata: &BTreeMap<String, String>) -> Result<Script, ApiError> {
        match self.queued_plans.pop_front() {
            Some(plan) => Ok(plan.script()),
            None => self.named_script(metadata),
        }
    }

    /// By what its metadata names.
    fn named_script(&mut self, metadata: &BTreeMap<String, String>) -> Result<Script, ApiError> {
        let named = |name| metadata.get(name).map(String::as_str);
        let owners = [named("workspace").unwrap_or_default(), ""];
        for owner in owners {
            for name in [named("plan"), named("job_type")].into_iter().flatten() {
                if let Some(course) = self.plans.get_mut(owner).and_then(|plans| plans.get_mut(name)) {
                    return Ok(course.next());
                }
            }
        }
        if let Some(name) = named("plan") {
            let plan = Plan::ALL.iter().find(|plan| plan.name() == name);
            let error = || ApiError::invalid(format!("There is no plan '{name}'.")).about("metadata.plan");
            return Ok(plan.ok_or_else(error)?.script());
        }
        let for_all = |owner| self.plans.get_mut(owner).and_then(|plans| plans.for_all_others().map(Course::next));
        Ok(owners.into_iter().find_map(for_all).unwrap_or_else(Script::usual))
    }

    /// Counts a look at a response and answers how it is to be answered.
    pub(super) fn look(&mut self, id: &str) -> Result<Reply, ApiError> {
        let response = self.find(id)?;
        response.looks = response.looks.saturating_add(1);
        Ok(response.script.looks.reply_to(response.looks))
    }

    /// Moves everything whose time has come, each at its own time.
    pub(super) fn advance(&mut self, now_ms: i64) {
        let ids: Vec<String> = self.responses.keys().cloned().collect();
        for id in ids {
            while let Some(due_ms) = self.responses.get(&id).and_then(|response| response.due_ms)
                && due_ms <= now_ms
            {
                self.step(&id, due_ms);
            }
        }
        self.advance_batches(now_ms);
    }

    pub(super) fn next_due_ms(&self) -> Option<i64> {
        let responses = self.responses.values().filter_map(|response| response.due_ms);
        let batches = self.batches.values().filter_map(|batch| batch.due_ms);
        responses.chain(batches).chain(self.outbox.next_due_ms()).min()
    }

    /// Applies a response's next observation; `None` when there is nothing to come.
    pub(super) fn step(&mut self, id: &str, at_ms: i64) -> Option<Status> {
        let response = self.responses.get_mut(id)?;
        let observation = response.to_come.pop_front();
        response.due_ms = self.mode.next_after(at_ms, response.to_come.front());
        response.observe(observation?, at_ms);
        if response.status.is_terminal() && response.usage().is_some() {
            self.containers.put(response, self.identity, at_ms);
        }
        if response.status.is_terminal() && response.request.background && !self.muted {
            for _ in 0..response.script.webhooks.copies {
                let (about, status) = (("response", response.id.as_str()), response.status.to_string());
                self.outbox.put(Pending::new(&response.script.webhooks, about, &status, self.identity, at_ms));
            }
        }
        Some(response.status)
    }

    pub(super) fn finish(&mut self, id: &str, now_ms: i64) -> usize {
        std::iter::from_fn(|| self.step(id, now_ms)).count()
    }

    pub(super) fn drain(&mut self, now_ms: i64) -> usize {
        let ids: Vec<String> = self.responses.keys().cloned().collect();
        let batches: Vec<String> = self.batches.keys().cloned().collect();
        let of_batches = batches.iter().map(|id| std::iter::from_fn(|| self.step_batch(id, now_ms)).count());
        let of_batches: usize = of_batches.sum();
        of_batches + ids.iter().map(|id| self.finish(id, now_ms)).sum::<usize>()
    }

    pub(super) fn find(&mut self, id: &str) -> Result<&mut Response, ApiError> {
        self.responses.get_mut(id).filter(|response| !response.deleted).ok_or_else(|| ApiError::not_found(id))
    }

    pub(super) fn tell(&mut self, id: &str) {
        if let Some(response) = self.responses.get_mut(id) {
            response.told = true;
        }
        if let Some(batch) = self.batches.get_mut(id) {
            batch.told = true;
        }
    }

    pub(super) fn cancel(&mut self, id: &str, now_ms: i64) -> Result<&Response, ApiError> {
        let response = self.find(id)?;
        if !response.request.background {
            return Err(ApiError::invalid("Cannot cancel a synchronous response."));
        }
        if !response.status.is_terminal() {
            response.to_come = VecDeque::from([Observation::cancelled()]);
            self.step(id, now_ms);
        }
        self.find(id).map(|response| &*response)
    }

    pub(super) fn delete(&mut self, id: &str) -> Result<(), ApiError> {
        let response = self.find(id)?;
        response.deleted = true;
        response.to_come.clear();
        response.due_ms = None;
        Ok(())
    }

    pub(super) fn request_id(&mut self) -> String {
        self.answers += 1;
        self.identity.of("req", &self.answers.to_string())
    }

    pub(super) fn ledger(&self) -> Ledger {
        let mut responses: Vec<&Response> = self.responses.values().collect();
        responses.sort_by_key(|response| response.number);
        let is_lost = |response: &&&Response| {
            let will_be_heard_of = response.will_announce() && !self.muted || self.outbox.names(&response.id);
            !response.told && !will_be_heard_of
        };
        Ledger {
            counts: self.counts.clone(),
            posts_by_attempt: self.posts_by_attempt.clone(),
            undiscoverable: responses.iter().filter(is_lost).map(|response| response.id.clone()).collect(),
            responses: responses.into_iter().map(Entry::from).collect(),
            batches: {
                let mut batches: Vec<&Batch> = self.batches.values().collect();
                batches.sort_by_key(|batch| batch.number);
                batches.into_iter().map(BatchEntry::from).collect()
            },
        }
    }

    /// What everything that has ended used.
    pub(super) fn bills(&self) -> Vec<Bill> {
        let of_responses = self.responses.values().filter_map(|response| Bill::of(response, false));
        let of_batches = self.batches.values().filter_map(|batch| {
            let at_ms = batch.ended_at_ms?;
            (batch.bill.requests > 0).then(|| Bill { at_ms, ..batch.bill.clone() })
        });
        of_responses.chain(of_batches).collect()
    }
}

impl Mode {
    fn next_after(self, at_ms: i64, observation: Option<&Observation>) -> Option<i64> {
        match (self, observation?.wait) {
            (Mode::Auto { queued_ms, .. }, Wait::Queue) => Some(at_ms + queued_ms),
            (Mode::Auto { run_ms, .. }, Wait::Run { times }) => Some(at_ms + run_ms * times),
            (Mode::Auto { .. }, Wait::Ms(ms)) => Some(at_ms + ms),
            (Mode::Step, _) => None,
        }
    }
}
