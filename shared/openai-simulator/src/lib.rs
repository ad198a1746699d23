//! The simulated OpenAI: a real HTTP server whose time, order and troubles are decided from outside.

mod batch;
mod bill;
mod body;
mod container;
mod error;
mod file;
mod identity;
mod inline;
mod input;
mod ledger;
mod line;
mod model;
mod multipart;
mod named;
mod organization;
mod output;
mod own_batch;
mod own_container;
mod own_script;
mod page;
mod plan_file;
mod plans;
mod price;
mod query;
mod reply;
mod request;
mod response;
mod sample;
mod script;
mod server;
mod signature;
mod state;
#[cfg(test)]
mod tests;
mod webhook;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use batch::{BatchError, BatchStatus, RequestCounts};
pub use ledger::{BatchEntry, Counts, Entry, Ledger};
pub use model::Models;
pub use plan_file::{InvalidPlans, PLAN_FORM, Plans};
pub use plans::Plan;
pub use response::{InputDetails, OutputDetails, Status, Usage};
pub use signature::{InvalidSecret, SigningSecret};
pub use webhook::{BoxFuture, Webhook, WebhookDelivery, WebhookTarget};

use state::State;
use webhook::{Pending, Poster};

const TICK: Duration = Duration::from_millis(50);

/// Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

pub struct SimulatorConfig {
    pub clock: Clock,
    /// All identifiers follow from it and from the order of calls.
    pub seed: u64,
    /// The bearer token that every call must carry.
    pub api_key: String,
    pub models: Models,
    pub webhook: Option<Webhook>,
    pub mode: Mode,
}

/// When what was asked for is observed.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    /// By the clock, for people.
    Auto { queued_ms: i64, run_ms: i64 },
    /// By [`Simulator::step`] and [`Simulator::drain`], for tests.
    Step,
}

/// A handle on one simulator; clones share it.
#[derive(Clone)]
pub struct Simulator(Arc<Shared>);

struct Shared {
    clock: Clock,
    api_key: String,
    models: Models,
    webhook: Option<Webhook>,
    poster: Poster,
    state: Mutex<State>,
}

impl Simulator {
    pub fn new(config: SimulatorConfig) -> Self {
        let SimulatorConfig { clock, seed, api_key, models, webhook, mode } = config;
        let mut state = State::new(mode, seed, models);
        state.muted = webhook.is_none();
        let state = Mutex::new(state);
        Self(Arc::new(Shared { clock, api_key, models, webhook, poster: Poster::default(), state }))
    }

    /// Decides how the next response goes that has no plan yet; plans queue up.
    pub fn plan_next(&self, plan: Plan) {
        self.state().queued_plans.push_back(plan);
    }

    /// Decides how responses go whose metadata has one of these names as its `job_type` or `plan`, in the place of all
    /// such plans before.
    pub fn plan_by_type(&self, plans: Plans) {
        self.plan_for("", plans);
    }

    /// The same for one workspace, before the plans for all.
    pub fn plan_for(&self, workspace: &str, plans: Plans) {
        self.state().plans.insert(workspace.to_owned(), plans);
    }

    /// From now on no end is announced.
    pub fn mute(&self) {
        self.state().muted = true;
    }

    /// Moves every response whose time has come and sends every webhook that is due.
    pub async fn tick(&self) {
        let now_ms = self.now_ms();
        let due = {
            let mut state = self.state();
            state.advance(now_ms);
            state.outbox.take_due(now_ms)
        };
        self.send(due).await;
    }

    /// When something happens next by the clock.
    pub fn next_due_ms(&self) -> Option<i64> {
        self.state().next_due_ms()
    }

    /// Moves and sends in real time until the shutdown future ends. Whoever is slow to take webhooks holds up no run.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let moving = async {
            loop {
                tokio::time::sleep(TICK).await;
                self.state().advance(self.now_ms());
            }
        };
        let sending = async {
            loop {
                tokio::time::sleep(TICK).await;
                let due = self.state().outbox.take_due(self.now_ms());
                self.send(due).await;
            }
        };
        tokio::select! {
            () = shutdown => {}
            () = moving => {}
            () = sending => {}
        }
    }

    /// Applies the next observation of one response; `None` when nothing is to come.
    pub fn step(&self, id: &str) -> Option<Status> {
        self.state().step(id, self.now_ms())
    }

    /// Applies everything that is still to come, and says how much that was.
    pub fn drain(&self) -> usize {
        self.state().drain(self.now_ms())
    }

    /// The same for a batch, some of whose lines one step may run.
    pub fn step_batch(&self, id: &str) -> Option<BatchStatus> {
        self.state().step_batch(id, self.now_ms())
    }

    /// The key that the organisation's endpoints ask for; without one they are closed.
    pub fn admin_key(&self, key: &str) {
        self.state().admin_key = Some(key.to_owned());
    }

    pub fn ledger(&self) -> Ledger {
        self.state().ledger()
    }

    async fn finish_and_announce(&self, id: &str) {
        let now_ms = self.now_ms();
        let due = {
            let mut state = self.state();
            state.finish(id, now_ms);
            while state.step_batch(id, now_ms).is_some() {}
            state.outbox.take_due(now_ms)
        };
        let simulator = self.clone();
        // In a task of its own: a client that gives up on its call must not take the webhooks with it.
        let sending = tokio::spawn(async move { simulator.send(due).await });
        sending.await.ok();
    }

    /// One after the other, so that the order of deliveries is the order of events.
    async fn send(&self, due: Vec<Pending>) {
        let Some(webhook) = &self.0.webhook else {
            return;
        };
        for pending in due {
            self.state().counts.webhooks += 1;
            let answer = webhook.send(&self.0.poster, &pending, self.now_ms()).await;
            let now_ms = self.now_ms();
            let mut state = self.state();
            state.outbox.sent(&pending);
            match (answer, &pending.names) {
                (Some(200..=299), Some(id)) => state.tell(id),
                (Some(200..=299), None) => {}
                (_, _) => state.outbox.put_again(pending, now_ms),
            }
        }
    }

    fn now_ms(&self) -> i64 {
        (self.0.clock)()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
