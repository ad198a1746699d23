//! Everything the simulator remembers, and the only code that changes it.

use std::collections::{BTreeMap, VecDeque};

use super::Mode;
use super::error::ApiError;
use super::identity::Identity;
use super::ledger::{Counts, Entry, Ledger};
use super::plans::{CANCELLED, Create, Observation, Plan, Refused, Wait};
use super::request::Request;
use super::response::{Response, Status};
use super::webhook::{Outbox, Pending};

pub(super) struct State {
    mode: Mode,
    identity: Identity,
    pub(super) counts: Counts,
    pub(super) outbox: Outbox,
    pub(super) queued_plans: VecDeque<Plan>,
    /// By the job type that a request's metadata names.
    pub(super) plans: BTreeMap<String, Plan>,
    responses: BTreeMap<String, Response>,
    /// By the job that a request's metadata names.
    refusals: BTreeMap<String, u32>,
    answers: u64,
}

impl State {
    pub(super) fn new(mode: Mode, seed: u64) -> Self {
        Self {
            mode,
            identity: Identity { seed },
            counts: Counts::default(),
            outbox: Outbox::default(),
            queued_plans: VecDeque::new(),
            plans: BTreeMap::new(),
            responses: BTreeMap::new(),
            refusals: BTreeMap::new(),
            answers: 0,
        }
    }

    /// Makes a response and answers its id and what its plan says about the create call.
    pub(super) fn create(&mut self, request: Request, now_ms: i64) -> Result<(String, Create), ApiError> {
        let script = self.plan_for(&request).script();
        if let Some(Refused { error, times }) = &script.refused {
            let job = request.metadata.get("job_id").cloned().unwrap_or_default();
            let refusals = self.refusals.entry(job).or_default();
            if *refusals < *times {
                *refusals += 1;
                return Err(error.clone());
            }
        }
        let number = self.responses.len() as u64 + 1;
        let id = self.identity.of("resp", &number.to_string());
        let create = script.create;
        let mut response = Response::new(id.clone(), number, request, script, now_ms);
        response.due_ms = self.mode.next_after(now_ms, response.to_come.front());
        self.responses.insert(id.clone(), response);
        Ok((id, create))
    }

    fn plan_for(&mut self, request: &Request) -> Plan {
        let named = |key| request.metadata.get(key);
        self.queued_plans
            .pop_front()
            .or_else(|| named("job_type").and_then(|job_type| self.plans.get(job_type).copied()))
            .or_else(|| named("plan").and_then(|name| serde_json::from_value(name.as_str().into()).ok()))
            .unwrap_or_default()
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
    }

    /// Applies a response's next observation; `None` when there is nothing to come.
    pub(super) fn step(&mut self, id: &str, at_ms: i64) -> Option<Status> {
        let response = self.responses.get_mut(id)?;
        let observation = response.to_come.pop_front();
        response.due_ms = self.mode.next_after(at_ms, response.to_come.front());
        let observation = observation?;
        response.observe(observation, at_ms);
        if observation.status.is_terminal() && response.request.background {
            for _ in 0..response.script.webhooks.copies {
                self.outbox.put(Pending::about(response, self.identity, at_ms));
            }
        }
        Some(observation.status)
    }

    pub(super) fn finish(&mut self, id: &str, now_ms: i64) -> usize {
        std::iter::from_fn(|| self.step(id, now_ms)).count()
    }

    pub(super) fn drain(&mut self, now_ms: i64) -> usize {
        let ids: Vec<String> = self.responses.keys().cloned().collect();
        ids.iter().map(|id| self.finish(id, now_ms)).sum()
    }

    pub(super) fn find(&mut self, id: &str) -> Result<&mut Response, ApiError> {
        self.responses.get_mut(id).filter(|response| !response.deleted).ok_or_else(|| ApiError::not_found(id))
    }

    pub(super) fn tell(&mut self, id: &str) {
        if let Some(response) = self.responses.get_mut(id) {
            response.told = true;
        }
    }

    pub(super) fn cancel(&mut self, id: &str, now_ms: i64) -> Result<&Response, ApiError> {
        let response = self.find(id)?;
        if !response.request.background {
            return Err(ApiError::invalid("Cannot cancel a synchronous response."));
        }
        if !response.status.is_terminal() {
            response.to_come = VecDeque::from([CANCELLED]);
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
        Ledger { counts: self.counts.clone(), responses: responses.into_iter().map(Entry::from).collect() }
    }
}

impl Mode {
    fn next_after(self, at_ms: i64, observation: Option<&Observation>) -> Option<i64> {
        match (self, observation?.wait) {
            (Mode::Auto { queued_ms, .. }, Wait::Queue) => Some(at_ms + queued_ms),
            (Mode::Auto { run_ms, .. }, Wait::Run { times }) => Some(at_ms + run_ms * times),
            (Mode::Step, _) => None,
        }
    }
}
