//! Ten thousand jobs meet a provider that answers nothing for an hour: few calls, few messages, and no job lost.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use domain::flow::announce::announce_due;
use domain::flow::create::create;
use domain::flow::observe::observe;
use domain::flow::publish::{StreamRecord, publish};
use domain::flow::reconcile::reconcile;
use domain::flow::submit::submit;
use domain::flow::webhook::{Series, poll_response};
use domain::flow::{Caller, FlowContext, Settings};
use domain::job::State;
use domain::job::record::Actor;
use domain::policy::cost::PriceList;
use domain::policy::reason::Reason;
use domain::port::{
    Clock, CreateFailure, Lookup, NewResponse, PollMessage, PollQueue as _, Provider, SubmitMessage, SubmitQueue as _,
};
use domain::provider::{ErrorWords, Item, ProviderResponse};
use domain::value::failure::Failure;
use domain::value::id::{Issuer, Nonce, Principal, ResponseId, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::{Timestamp, Timing};
use simulation::memory::{Bus, MemoryPayloads, MemoryStore, Queues, Work};

use crate::contract::all;

const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const JOBS: u32 = 10_000;

/// Invocations of one function at a time, as the template allows.
const AT_ONCE: usize = 10;

/// A clock that the test moves.
struct TestClock {
    now: Cell<Timestamp>,
    nonces: Cell<u64>,
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn nonce(&self) -> Nonce {
        self.nonces.set(self.nonces.get() + 1);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.nonces.get().to_be_bytes());
        Nonce(bytes)
    }

    async fn sleep(&self, _: Duration) {}
}

/// Runs take no time, and are told to nobody who does not ask.
struct Down<'a> {
    clock: &'a TestClock,
    from: Timestamp,
    until: Timestamp,
    calls: Cell<u64>,
    runs: RefCell<BTreeMap<ResponseId, ProviderResponse>>,
}

impl Down<'_> {
    /// Whoever calls at the same time has called by then.
    async fn answers(&self) -> bool {
        self.calls.set(self.calls.get() + 1);
        tokio::task::yield_now().await;
        !(self.from..self.until).contains(&self.clock.now())
    }
}

fn no_answer() -> Failure {
    Failure::transient("ask the provider", "it does not answer")
}

impl Provider for Down<'_> {
    async fn create_response(&self, new: &NewResponse) -> Result<ProviderResponse, CreateFailure> {
        if !self.answers().await {
            let reason = Reason::ProviderUnreachable;
            let is_odd = self.calls.get() % 2 == 1;
            return Err(if is_odd {
                CreateFailure::NotCreated { reason, retry_after: None, error: ErrorWords::default() }
            } else {
                CreateFailure::Unknown { failure: no_answer(), response: None }
            });
        }
        let id = ResponseId::parse(&format!("resp_{}", self.runs.borrow().len())).unwrap();
        let answer = ProviderResponse {
            id: id.clone(),
            status: Some("queued".to_owned()),
            model: Some(new.model.clone()),
            service_tier: None,
            metadata: new.tag.to_metadata(),
            output: vec![],
            error: ErrorWords::default(),
            incomplete_reason: None,
            usage: None,
            is_usage_unread: false,
            finished_at: None,
            request_id: None,
            raw: vec![],
        };
        self.runs.borrow_mut().insert(id, answer.clone());
        Ok(answer)
    }

    async fn get(&self, id: &ResponseId) -> Result<Lookup, Failure> {
        if !self.answers().await {
            return Err(no_answer());
        }
        let output = vec![Item::Text { text: "done".to_owned(), citations: vec![], is_final: false }];
        let usage = Some(domain::policy::cost::Usage { input_tokens: 10, output_tokens: 10, ..Default::default() });
        let begun = self.runs.borrow().get(id).cloned().unwrap();
        let ended =
            ProviderResponse { status: Some("completed".to_owned()), output, usage, raw: b"{}".to_vec(), ..begun };
        Ok(Lookup::Found(Box::new(ended)))
    }

    fn read(&self, _: &[u8]) -> Result<ProviderResponse, Failure> {
        Err(no_answer())
    }

    async fn cancel(&self, _: &ResponseId) -> Result<(), Failure> {
        self.answers().await;
        Ok(())
    }
}

/// What a day of it came to.
#[derive(Debug)]
struct Came {
    calls: u64,
    messages: u64,
    most_waiting: usize,
    ends: BTreeMap<State, usize>,
}

/// The jobs come within the first ten minutes and may run for two hours; the provider answers nothing for an hour from
/// `from` on.
async fn day(from: Timestamp) -> Came {
    let clock = TestClock { now: START.into(), nonces: 0.into() };
    let until = if from == Timestamp::NEVER { from } else { from + HOUR };
    let provider = Down { clock: &clock, from, until, calls: 0.into(), runs: RefCell::default() };
    let (store, payloads, bus) = (MemoryStore::default(), MemoryPayloads::default(), Bus::default());
    let queues = Queues::new(Duration::from_secs(360), 5);
    let setting = Settings {
        deployment: "outage".to_owned(),
        is_regional: false,
        prices: PriceList::shipped(),
        timing: Timing::aws(),
        first_admin: None,
        actor: Actor::system("outage"),
    };
    let flow = FlowContext::new(&store, &payloads, &clock, &setting);
    let caller = Caller {
        workspace: WorkspaceId::parse("acme").unwrap(),
        principal: Principal::parse("alice").unwrap(),
        issuer: Issuer::of("https://issuer.example"),
        is_first_admin: false,
    };
    let member = Member {
        principal: caller.principal.clone(),
        roles: [Role::Submitter].into(),
        issuer: None,
        active: true,
        name: None,
    };
    store.put_member(&caller.workspace, member, START);
    let mut came = Came { calls: 0, messages: 0, most_waiting: 0, ends: BTreeMap::new() };

    for minute in 0..300 {
        clock.now.set(START + minute * MINUTE);
        queues.now.set(clock.now());
        if minute < 10 {
            for _ in 0..JOBS / 10 {
                create(&flow, &caller, None, br#"{"type":"research-report","input":"x"}"#).await.unwrap();
            }
        }
        reconcile(&store, &queues, &clock, &setting.timing).await.unwrap();
        loop {
            for change in store.take_stream() {
                let (workspace, job) = (change.job.workspace, change.job.id);
                let shown = [StreamRecord { workspace, job, sealed: change.sealed }];
                publish(&store, &bus, &queues, clock.now(), &shown).await;
            }
            let waiting = queues.submits_waiting().await.unwrap() + queues.polls_waiting().await.unwrap();
            came.most_waiting = came.most_waiting.max(waiting);
            let new: Vec<u64> = queues.take_new().into_iter().map(|(number, _)| number).collect();
            if new.is_empty() {
                break;
            }
            for wave in new.chunks(AT_ONCE) {
                all(wave.iter().map(async |number| {
                    let Some(message) = queues.receive(*number) else { return };
                    match &message.work {
                        Work::Submit(SubmitMessage::SubmitV1 { workspace, job_id }) => {
                            submit(&flow, &provider, workspace, job_id).await.unwrap();
                        }
                        Work::Poll(PollMessage::ObserveV1 { workspace, job_id }) => {
                            observe(&flow, &provider, &bus, workspace, job_id).await.unwrap();
                        }
                        Work::Poll(PollMessage::WorkspaceV1 { workspace }) => {
                            announce_due(&flow, &bus, workspace).await.unwrap();
                        }
                        Work::Poll(PollMessage::ResponseV1 { response_id, denials, watcher }) => {
                            let series = Series { denials: *denials, watcher: *watcher };
                            poll_response(&flow, &provider, &bus, &queues, response_id, series).await.unwrap();
                        }
                    }
                    queues.delete(*number);
                }))
                .await;
            }
        }
    }
    (came.calls, came.messages) = (provider.calls.get(), queues.sent());
    for state in store.all_jobs(|job, _| job.state) {
        *came.ends.entry(state).or_default() += 1;
    }
    came
}

#[tokio::test]
async fn an_hour_without_a_provider_costs_a_fifth_more_calls_at_most_and_no_job() {
    let well = day(Timestamp::NEVER).await;
    assert_eq!((well.calls, &well.ends), (2 * u64::from(JOBS), &[(State::Completed, JOBS as usize)].into()));
    // It fails before the first job comes, and when half of them have run and half of those are not looked at yet.
    for from in [START, START + 5 * MINUTE] {
        let bad = day(from).await;
        assert_eq!(bad.ends, well.ends, "{bad:?}");
        assert!(bad.calls * 10 <= well.calls * 12, "{bad:?}, and {well:?} without");
        assert!(bad.messages <= 4 * u64::from(JOBS), "{bad:?}, and {well:?} without");
        assert!(bad.most_waiting <= JOBS as usize + 1_000, "{bad:?}");
    }
}
