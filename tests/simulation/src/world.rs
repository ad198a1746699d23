//! One world: a few jobs, the functions and what lies between them, from the first request until everything is at rest.

mod client;
mod fault_rates;
mod invoke;
mod operator;
mod reviewer;
mod schedule;
mod stream;
mod trace;
mod webhook;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use domain::flow::Settings;
use domain::job::record::Actor;
use domain::policy::cost::PriceList;
use domain::value::id::{Principal, ResponseId, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::Timestamp;

use self::client::Client;
pub use self::fault_rates::Profile;
use self::fault_rates::{FaultRates, PEOPLE};
use self::invoke::Answer;
pub use self::operator::OPERATOR;
use self::operator::Order;
use self::reviewer::Decision;
pub use self::reviewer::REVIEWERS;
use self::stream::Stream;
pub use self::trace::{Options, Trace, live};
use self::webhook::Hook;
use crate::check::{Checker, Invariant, Violation, last_message};
use crate::executor::{Executor, Timer};
use crate::faults::{Faults, Function};
use crate::faulty::{Invocation, Shared};
use crate::memory::{MemoryPayloads, MemoryStore, Queues};
use crate::provider::Provider;
use crate::tally::Tally;

pub const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);
pub const DEPLOYMENT: &str = "simulation";

/// Jobs in each world.
pub const JOBS: u64 = 4;

/// What happens in a world besides its invocations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A client sends its request.
    Call(usize),
    /// A run at the provider is over.
    Ended(ResponseId),
    /// The provider sends a webhook.
    Hook(usize),
    /// A queue hands out a message.
    Receive(u64),
    /// The stream's reader takes a batch.
    Read,
    /// The stream's reader waits no longer.
    GiveUp(u64),
    Decide(Decision),
    Order(Order),
    /// Somebody is made a reviewer, or is one no longer.
    Appoint(&'static str, bool),
    /// The schedule fires besides its time.
    Tick,
    /// Nothing runs for a long while.
    Leap(Duration),
    /// The stream loses what it should show, or no longer does.
    StreamIsOff(bool),
    /// Faults stop.
    Calm,
    /// Every run that was under way when they stopped has ended.
    Quiet,
}

/// What an invocation is for, and what its answer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Purpose {
    Call { client: usize, tries: u32 },
    Hook { hook: usize, tries: u32 },
    Message(u64),
    Batch(u64),
    Schedule,
    Control,
}

struct Task {
    future: Pin<Box<dyn Future<Output = Answer>>>,
    invocation: Rc<Invocation>,
    purpose: Purpose,
}

pub struct World {
    shared: Rc<Shared>,
    fault_rates: FaultRates,
    settings: BTreeMap<Function, Rc<Settings>>,
    tasks: BTreeMap<u64, Task>,
    started: u64,
    clients: Vec<Client>,
    hooks: Vec<Hook>,
    stream: Stream,
    last_tick: Timestamp,
    checker: Checker,
    is_quiet: bool,
}

/// The longest that a world may take to come to rest before somebody looks at the seed.
const MOST_STEPS: u64 = 400_000;

/// What a run that is under way when faults stop may still take.
const LAST_RUN: Duration = Duration::from_secs(30);

impl World {
    fn new(seed: u64, options: &Options) -> Self {
        let executor = Executor::new(seed, START);
        if options.words {
            executor.keep_lines();
        }
        let fault_rates = executor.roll(|rng| FaultRates::draw(options.profile, rng));
        executor.trace(&[seed], format_args!("seed {seed}: {fault_rates:?}"));
        let shared = Rc::new(Shared {
            faults: Faults::new(fault_rates.rates),
            timing: fault_rates.timing.clone(),
            latency: fault_rates.latency,
            store: MemoryStore::default(),
            payloads: MemoryPayloads::default(),
            queues: Queues::new(fault_rates.visibility, 5),
            bus: crate::memory::Bus::default(),
            provider: Provider::new(fault_rates.provider).into(),
            executor,
        });
        for (workspace, principal) in PEOPLE {
            if let (Ok(workspace), Ok(principal)) = (WorkspaceId::parse(workspace), Principal::parse(principal)) {
                let roles = BTreeSet::from([Role::Submitter]);
                shared.store.put_member(
                    &workspace,
                    Member { principal, roles, issuer: None, active: true, name: None },
                    START,
                );
            }
        }
        let setting = |function: Function| {
            let actor = Actor::system(&function.to_string());
            let setting = Settings {
                deployment: DEPLOYMENT.to_owned(),
                is_regional: false,
                prices: PriceList::shipped(),
                timing: fault_rates.timing.clone(),
                first_admin: None,
                actor,
            };
            (function, Rc::new(setting))
        };
        let mut world = Self {
            settings: crate::faults::SITES.map(|(function, _)| setting(function)).into(),
            tasks: BTreeMap::new(),
            started: 0,
            clients: Vec::new(),
            hooks: Vec::new(),
            stream: Stream::default(),
            last_tick: START,
            checker: Checker::default(),
            is_quiet: false,
            shared,
            fault_rates,
        };
        world.set_types();
        world.appoint_reviewers();
        world.appoint_operator();
        world.set_the_scene();
        world
    }

    fn set_the_scene(&mut self) {
        self.clients = self.shared.executor.roll(|rng| client::draw(&self.fault_rates, rng));
        for (number, client) in self.clients.iter().enumerate() {
            self.set(client.comes, Event::Call(number));
        }
        for (at, event) in self.fault_rates.events.clone() {
            self.set(at, event);
        }
        self.set(self.fault_rates.calm, Event::Calm);
    }

    fn run(&mut self) -> Result<(), Violation> {
        loop {
            let timer = self.shared.executor.next_at();
            let tick = self.next_tick().filter(|tick| timer.is_none_or(|timer| *tick < timer));
            if let Some(tick) = tick {
                self.shared.executor.advance_to(tick);
                self.shared.queues.now.set(tick);
                self.tick(tick);
            } else if let Some(timer) = self.shared.executor.pop() {
                self.shared.queues.now.set(self.shared.executor.now());
                match timer {
                    Timer::Wake(task) => self.poll(task),
                    Timer::Event(event) => self.happen(event),
                }
            } else if self.is_quiet {
                // Nothing will ever happen again.
                return self.checker.at_rest(&self.shared, &self.clients_said());
            }
            self.pass_on();
            self.checker.after_step(&self.shared)?;
            if self.shared.executor.steps() > MOST_STEPS {
                return Err(Violation::new(Invariant::I18, "the world does not come to rest".to_owned()));
            }
            if self.is_quiet {
                let is_idle = self.is_idle();
                self.checker.overdue(&self.shared, is_idle)?;
                if is_idle && self.checker.is_at_rest(&self.shared) {
                    return self.checker.at_rest(&self.shared, &self.clients_said());
                }
            }
        }
    }

    fn set(&self, at: Timestamp, event: Event) {
        self.shared.executor.set_timer(at, Timer::Event(event));
    }

    fn set_in(&self, wait: Duration, event: Event) {
        self.set(self.shared.executor.now() + wait, event);
    }

    fn is_calm(&self) -> bool {
        !self.shared.faults.are_on.get()
    }

    /// No invocation, no message, no record, no delivery is under way.
    fn is_idle(&self) -> bool {
        self.tasks.is_empty()
            && last_message(&self.shared).is_none()
            && self.stream.is_empty()
            && self.hooks.iter().all(|hook| hook.is_done)
            && self.clients.iter().all(|client| client.is_done)
            && !self.shared.executor.any(|timer| matches!(timer, Timer::Event(Event::Ended(_) | Event::Hook(_))))
    }

    fn happen(&mut self, event: Event) {
        if !matches!(event, Event::Receive(_)) {
            self.shared.executor.trace(&[1], format_args!("     {event:?}"));
        }
        match event {
            Event::Call(client) => self.call(client),
            Event::Ended(response) => self.announce(&response),
            Event::Hook(hook) => self.send_hook(hook),
            Event::Receive(message) => self.receive(message),
            Event::Read => self.read_stream(),
            Event::GiveUp(reader) => self.give_up(reader),
            Event::Decide(decision) => self.invoke_decision(&decision),
            Event::Order(order) => self.invoke_order(&order),
            Event::Appoint(name, is_reviewer) => self.appoint_everywhere(name, is_reviewer),
            Event::Tick => self.tick(self.last_tick),
            Event::Leap(duration) => {
                let executor = &self.shared.executor;
                if !self.is_calm() {
                    // Faults last as long afterwards as they would have.
                    let later =
                        |timer: &Timer<Event>, at| (*timer == Timer::Event(Event::Calm)).then_some(at + duration);
                    executor.reset_timers(later);
                    executor.advance_to(executor.now() + duration);
                }
            }
            Event::StreamIsOff(is_off) => self.stream.is_off = is_off && !self.is_calm(),
            Event::Calm => self.calm_down(),
            Event::Quiet => {
                self.is_quiet = true;
                self.checker.set_bounds(&self.shared);
            }
        }
    }

    /// Faults stop: the provider is healthy, clocks are right, dead letters go back, and what is under way ends.
    fn calm_down(&mut self) {
        let executor = &self.shared.executor;
        self.shared.faults.are_on.set(false);
        self.stream.is_off = false;
        let now = executor.now();
        executor.roll(|rng| self.shared.provider.borrow_mut().heal(now, rng));
        self.shared.queues.redrive();
        let soon = executor.between(Duration::from_secs(1), LAST_RUN - Duration::from_secs(5));
        executor.reset_timers(|timer, at| match timer {
            Timer::Wake(_) | Timer::Event(Event::Call(_) | Event::Hook(_) | Event::Ended(_) | Event::GiveUp(_)) => {
                Some(at.min(now + soon))
            }
            Timer::Event(Event::Receive(number)) => {
                self.shared.queues.visible(*number).map(|visible| at.min(visible.max(now + soon)))
            }
            Timer::Event(_) => None,
        });
        self.set(now + LAST_RUN, Event::Quiet);
    }

    /// Whether a fault of the world outside the ports happens now.
    fn strikes(&self, of_ten_thousand: u32) -> bool {
        !self.is_calm() && self.shared.executor.chance(of_ten_thousand)
    }

    /// Starts an invocation.
    fn spawn(
        &mut self,
        function: Function,
        purpose: Purpose,
        run: impl FnOnce(crate::faulty::Ports, Rc<Settings>) -> Pin<Box<dyn Future<Output = Answer>>>,
    ) {
        self.started += 1;
        let skew_ms = self.fault_rates.skew(function);
        let invocation =
            Rc::new(Invocation { id: self.started, function, skew_ms, is_dead: false.into(), harm: 0.into() });
        let Some(setting) = self.settings.get(&function).cloned() else { return };
        let ports = crate::faulty::Ports { shared: self.shared.clone(), invocation: invocation.clone() };
        self.shared.executor.trace(
            &[self.started, function as u64],
            format_args!("{:>4} {function} starts for {purpose:?}", self.started),
        );
        self.tasks.insert(self.started, Task { future: run(ports, setting), invocation, purpose });
        self.poll(self.started);
    }

    fn poll(&mut self, id: u64) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        let answer = task.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let is_dead = task.invocation.is_dead.get();
        if let Poll::Ready(answer) = answer {
            let purpose = task.purpose.clone();
            self.tasks.remove(&id);
            self.shared.executor.trace(&[id, answer.number()], format_args!("{id:>4} ends: {answer:?}"));
            self.take(purpose, answer);
        } else if is_dead {
            self.shared.executor.trace(&[id, 0], format_args!("{id:>4} is dead"));
            self.tasks.remove(&id);
        }
    }

    fn take(&mut self, purpose: Purpose, answer: Answer) {
        match (purpose, answer) {
            (Purpose::Call { client, tries }, Answer::Http { status, location }) => {
                self.hear_back(client, tries, status, location);
            }
            (Purpose::Hook { hook, tries }, Answer::Http { status, .. }) => self.hook_answered(hook, tries, status),
            (Purpose::Message(number), Answer::Items(failed)) if failed.is_empty() => self.delete(number),
            (Purpose::Batch(reader), Answer::Items(failed)) => self.batch_done(reader, &failed),
            _ => {}
        }
    }

    /// Passes on what the ports were given: messages to their queues' schedule, records to the stream, ends to webhooks.
    fn pass_on(&mut self) {
        for (number, visible) in self.shared.queues.take_new() {
            let late = if self.strikes(self.fault_rates.message_late) {
                self.shared.executor.between(Duration::ZERO, Duration::from_secs(900))
            } else {
                self.shared.executor.between(Duration::ZERO, self.fault_rates.latency)
            };
            self.set(visible + late, Event::Receive(number));
        }
        let ends = self.shared.provider.borrow_mut().take_ends();
        for (at, response) in ends {
            self.set(at, Event::Ended(response));
        }
        self.show_stream();
    }

    fn tally(&self) -> Tally {
        let bus = &self.shared.bus;
        let mut tally = Tally {
            worlds: 1,
            lives: self.clients.len() as u64,
            steps: self.shared.executor.steps(),
            invocations: self.started,
            messages: self.shared.queues.sent(),
            webhooks: self.hooks.len() as u64,
            events: bus.len() as u64,
            repeats: bus.arrivals() - bus.len() as u64,
            coverage: self.shared.faults.coverage(),
            ..Tally::default()
        };
        self.checker.add_to(&mut tally);
        tally
    }
}
