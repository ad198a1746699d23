//! What a race runs over: a table, payloads, a clock that stands still, a scripted provider, a bus and the queues.

use std::time::Duration;

use adapters::lambda::http::refusal;
use domain::flow::control::control;
use domain::flow::create::create;
use domain::flow::decide::{Decision, decide};
use domain::flow::observe::observe;
use domain::flow::submit::submit;
use domain::flow::webhook::{Series, poll_response};
use domain::flow::{Caller, FlowContext, FlowError, Settings, control as controls, publish};
use domain::job::record::Actor;
use domain::job::{Job, State};
use domain::people::control::Control;
use domain::people::review::{Action, ReviewCommand};
use domain::policy::cost::PriceList;
use domain::policy::job_type::{JobType, shipped};
use domain::policy::reason::ErrorClass;
use domain::port::{Clock as _, Payloads, Store, WriteOutcome};
use domain::value::id::{IdempotencyKey, Issuer, Principal};
use domain::value::member::Role;
use domain::value::time::Timing;
use lambda_http::Body;
use local::clock::WorldClock;
use serde_json::Value;
use simulation::memory::{Bus, Queues};

use super::case::{Act, From, Order};
use super::script::Script;
use crate::contract::make::workspace;
use crate::contract::people::{member, principal, set};
use crate::flow::watched::{Watch, Watched};

/// What whoever did something was told: nothing was wrong, or the status and code of a refusal.
pub(super) type Told = Result<(), String>;

/// Nobody watches.
pub(super) struct Unwatched;

impl Watch for Unwatched {}

pub(super) struct Fixture<'a, S, P> {
    pub(super) store: &'a S,
    pub(super) payloads: &'a P,
    pub(super) clock: &'a WorldClock,
    pub(super) provider: Script,
    pub(super) bus: Bus,
    queues: Queues,
}

/// People and types, once for each table.
pub(super) async fn settle(store: &impl Store, clock: &WorldClock) {
    for (name, role) in
        [("alice", Role::Submitter), ("otto", Role::Operator), ("rita", Role::Reviewer), ("remy", Role::Reviewer)]
    {
        set(store, member(name, &[role])).await;
    }
    let draft = shipped("support-reply-draft").unwrap();
    let analysis = shipped("document-analysis").unwrap();
    let mut once = analysis.retry.clone();
    once.gaps.remove(&ErrorClass::Lost);
    let named = |name: &str, of: JobType| JobType { name: name.to_owned().try_into().unwrap(), ..of };
    for job_type in
        [named("for-two", JobType { approvals: 2, ..draft }), named("tried-once", JobType { retry: once, ..analysis })]
    {
        let change =
            store.workspace(&workspace()).await.unwrap().set_type(job_type, &principal("root"), clock.now()).unwrap();
        assert_eq!(store.change_workspace(&change, None).await.unwrap(), WriteOutcome::Committed);
    }
}

impl<'a, S: Store, P: Payloads> Fixture<'a, S, P> {
    pub(super) fn new(store: &'a S, payloads: &'a P, clock: &'a WorldClock) -> Self {
        let queues = Queues::new(Duration::from_secs(180), 5);
        Self { store, payloads, clock, provider: Script::default(), bus: Bus::default(), queues }
    }

    pub(super) async fn row(&self, job: &Job) -> Job {
        self.store.job(&job.workspace, &job.id).await.unwrap().unwrap()
    }

    /// Does it over ports that this one watches. A flow that fails is a failed test.
    pub(super) async fn act(&self, base: &Job, act: Act, watch: &impl Watch) -> Told {
        let store = Watched { port: self.store, watch };
        let payloads = Watched { port: self.payloads, watch };
        let provider = Watched { port: &self.provider, watch };
        let bus = Watched { port: &self.bus, watch };
        let queues = Watched { port: &self.queues, watch };
        let setting = setting(act);
        let flow = FlowContext::new(&store, &payloads, self.clock, &setting);
        let id = base.id.as_str();
        match act {
            Act::Ask(order) => told(Box::pin(control(&flow, &caller(order.who), id, &order.of(base))).await),
            Act::Approve(who) => {
                let digest = base.result.unwrap().stored.digest;
                let ask = ReviewCommand { action: Action::Approve, digest, seen: base.version };
                told(Box::pin(decide(&flow, &caller(who), id, &Decision { ask, text: None, note: None })).await)
            }
            Act::Start => {
                Box::pin(submit(&flow, &provider, &base.workspace, &base.id)).await.unwrap();
                Ok(())
            }
            Act::Look => {
                Box::pin(observe(&flow, &provider, &bus, &base.workspace, &base.id)).await.unwrap();
                Ok(())
            }
            Act::Late => {
                let late = self.provider.ids()[0].clone();
                Box::pin(poll_response(&flow, &provider, &bus, &queues, &late, Series::default())).await.unwrap();
                Ok(())
            }
        }
    }

    /// One after the other.
    pub(super) async fn act_all(&self, base: &Job, acts: &[Act], watch: &impl Watch) -> Vec<Told> {
        let mut told = Vec::new();
        for act in acts {
            told.push(self.act(base, *act, watch).await);
        }
        told
    }

    /// The same while nobody else is there.
    async fn alone(&self, job: &Job, act: Act) -> Job {
        self.act(job, act, &Unwatched).await.unwrap();
        self.row(job).await
    }

    /// Every event that nobody confirmed goes out.
    pub(super) async fn publish(&self, job: &Job) {
        publish::resend(self.store, &self.bus, &self.row(job).await).await.unwrap();
    }

    /// A job that stands there, by what really leads there.
    pub(super) async fn job(&self, from: From) -> Job {
        let name = match from {
            From::EndedDraft | From::Draft | From::ExpiredDraft => "support-reply-draft",
            From::DraftForTwo => "for-two",
            From::Lost => "tried-once",
            From::Queued | From::Ended | From::Canceled | From::CanceledRun => "document-analysis",
        };
        let setting = setting(Act::Start);
        let flow = FlowContext::new(self.store, self.payloads, self.clock, &setting);
        let body = format!(r#"{{"type":"{name}","input":"The parties agree."}}"#);
        let mut job = create(&flow, &caller("alice"), None, body.as_bytes()).await.unwrap().job;
        let cancel = Act::Ask(Order { control: Control::Cancel, who: "alice", seen: false, key: None });
        if !matches!(from, From::Queued | From::Canceled) {
            job = self.alone(&job, Act::Start).await;
            self.pass(31);
        }
        match from {
            From::Queued => {}
            From::Ended | From::EndedDraft => self.provider.finish(),
            From::Draft | From::DraftForTwo => {
                self.provider.finish();
                job = self.alone(&job, Act::Look).await;
            }
            From::ExpiredDraft => {
                self.provider.finish();
                job = self.alone(&job, Act::Look).await;
                while !job.state.is_terminal() {
                    self.publish(&job).await;
                    self.pass(86_400);
                    job = self.alone(&job, Act::Look).await;
                }
            }
            From::Canceled => job = self.alone(&job, cancel).await,
            From::CanceledRun => {
                job = self.alone(&job, cancel).await;
                self.provider.finish();
            }
            From::Lost => {
                self.provider.hide(true);
                while !job.state.is_terminal() {
                    job = self.alone(&job, Act::Look).await;
                    self.pass(120);
                }
                self.provider.hide(false);
                self.provider.finish();
            }
        }
        assert_eq!(job.state, from.state(), "{from:?}");
        job
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Until every response is looked after that nobody waits for. The time stands still.
    pub(super) async fn tidy_up(&self) {
        let setting = setting(Act::Late);
        let flow = FlowContext::new(self.store, self.payloads, self.clock, &setting);
        for id in self.provider.ids() {
            poll_response(&flow, &self.provider, &self.bus, &self.queues, &id, Series::default()).await.unwrap();
        }
    }

    /// Whatever the job still has to do is done: it is started, its run ends, and it is looked at.
    pub(super) async fn go_on(&self, job: &Job) -> Job {
        let mut job = self.row(job).await;
        for _ in 0..20 {
            job = match job.state {
                State::Waiting | State::RetryScheduled | State::Held => {
                    self.clock.advance(job.due.since(self.clock.now()));
                    self.alone(&job, Act::Start).await
                }
                State::InProgress => {
                    self.provider.finish();
                    self.pass(121);
                    self.alone(&job, Act::Look).await
                }
                _ => return job,
            };
        }
        panic!("it never rests: {job:?}");
    }
}

impl Order {
    fn of(self, base: &Job) -> controls::ControlCommand {
        let key = self.key.map(|key| IdempotencyKey::parse(key).unwrap());
        controls::ControlCommand { control: self.control, seen: self.seen.then_some(base.version), key, note: None }
    }
}

impl From {
    const fn state(self) -> State {
        match self {
            Self::Queued => State::Waiting,
            Self::Ended | Self::EndedDraft => State::InProgress,
            Self::Draft | Self::DraftForTwo => State::AwaitingDecision,
            Self::ExpiredDraft => State::Expired,
            Self::Canceled | Self::CanceledRun => State::Canceled,
            Self::Lost => State::Failed,
        }
    }
}

pub(super) fn caller(name: &str) -> Caller {
    Caller {
        workspace: workspace(),
        principal: Principal::parse(name).unwrap(),
        issuer: Issuer::of("https://issuer.example"),
        is_first_admin: false,
    }
}

fn setting(act: Act) -> Settings {
    let function = match act {
        Act::Ask(_) | Act::Approve(_) => "control-job",
        Act::Start => "submit-job",
        Act::Look | Act::Late => "observe-job",
    };
    Settings {
        deployment: "races".to_owned(),
        is_regional: false,
        prices: PriceList::shipped(),
        timing: Timing::aws(),
        first_admin: None,
        actor: Actor::system(function),
    }
}

/// What the API would answer.
fn told<T>(answer: Result<T, FlowError>) -> Told {
    let Err(refused) = answer else { return Ok(()) };
    let response = refusal(&refused, "races");
    let Body::Text(problem) = response.body() else { panic!("{refused:?}") };
    let problem: Value = serde_json::from_str(problem).unwrap();
    Err(format!("{} `{}`", response.status().as_u16(), problem["code"].as_str().unwrap()))
}
