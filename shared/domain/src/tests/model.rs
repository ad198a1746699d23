//! Random lives: what a job starts from, what may happen to it, and a guess of where it stands.

use std::time::Duration;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use super::make::{START, a_result, finish, response};
use crate::job::{Event, Finish, PayloadRef, PersonInput};
use crate::policy::cost::{Cost, CostState, Usd};
use crate::policy::job_type::{Conditions, ReviewPolicy};
use crate::policy::reason::{ErrorClass, Reason};
use crate::provider::{ErrorWords, Outcome};
use crate::value::time::Timestamp;

/// What a life starts from.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub(super) kind: &'static str,
    pub(super) review: ReviewPolicy,
    pub(super) complete_by: Option<Timestamp>,
    pub(super) local: bool,
    /// Which byte and which record the forger takes.
    pub(super) forged: usize,
}

#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "sixty of them live at a time")]
pub(super) enum Command {
    Claim(Claimer),
    /// Somebody reads the row, to act on it later.
    Look,
    /// That somebody claims by what it saw.
    ClaimAsSeen(Claimer),
    /// The reconciler moves the index entry by what it saw.
    AimAsSeen,
    /// Events are confirmed: all of them, or the next one only.
    Confirm {
        all: bool,
    },
    /// A response turns up with our metadata.
    TurnsUp {
        response: Which,
        own_attempt: bool,
        own_start: bool,
    },
    Happens(Event),
    /// The cost of some response that ended outside its job became known.
    Settles(Cost),
    Advance(u64),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Claimer {
    Submit,
    Due,
    Webhook,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    New,
    Attached,
    Former,
}

/// A guess of where the job stands, only there to make most commands sensible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Queued,
    Starting,
    Running,
    Review,
    Ended,
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) setup: Setup,
    stage: Stage,
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Command;

    fn init_state() -> BoxedStrategy<Self> {
        let kinds = prop::sample::select(vec!["document-analysis", "support-reply-draft", "quick-answer"]);
        let reviews = prop::sample::select(vec![
            ReviewPolicy::Never,
            ReviewPolicy::When(Conditions { partial: true, ..Conditions::default() }),
            ReviewPolicy::Always,
        ]);
        (kinds, reviews, prop::option::of(60_000_u64..864_000_000), any::<bool>(), any::<usize>())
            .prop_map(|(kind, review, complete_in, local, forged)| {
                let complete_by = complete_in.map(|millis| START + Duration::from_millis(millis));
                Self { setup: Setup { kind, review, complete_by, local, forged }, stage: Stage::Queued }
            })
            .boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Command> {
        let sensible = match state.stage {
            Stage::Queued => prop_oneof![
                6 => Just(Command::Claim(Claimer::Submit)),
                2 => Just(Command::Advance(120_000)),
                1 => happens(vec![Event::Escalated(PersonInput::default())]),
            ]
            .boxed(),
            Stage::Starting => prop_oneof![
                8 => turns_up(true, true),
                2 => not_created(),
                1 => parked(),
                1 => happens(vec![Event::StartLost, Event::AnswerCut { response: response(6) }]),
            ]
            .boxed(),
            Stage::Running => prop_oneof![
                4 => ended(),
                1 => noted(),
                1 => Just(Command::Claim(Claimer::Webhook)),
                1 => Just(Command::Claim(Claimer::Due)),
                1 => happens(vec![Event::Canceled(PersonInput::default()), Event::DeadlinePassed]),
            ]
            .boxed(),
            Stage::Review => happens(vec![
                Event::Approved { approvals_missing: 0, note: None },
                Event::Edited { result: a_result(false), note: None },
                Event::Rejected { note: None },
                Event::ChangesRequested { note: None },
                Event::DeadlinePassed,
            ]),
            Stage::Ended => prop_oneof![
                3 => happens(vec![Event::Retried(PersonInput::default())]),
                1 => happens(vec![Event::Archived(PersonInput::default()), Event::Purged, Event::Escalated(PersonInput::default())]),
                1 => settles(),
                1 => Just(Command::Claim(Claimer::Due)),
            ]
            .boxed(),
        };
        prop_oneof![6 => sensible, 4 => anything()].boxed()
    }

    fn apply(mut state: Self, command: &Command) -> Self {
        use Stage::{Ended, Queued, Review, Running, Starting};
        state.stage = match (state.stage, command) {
            (Queued, Command::Claim(Claimer::Submit)) => Starting,
            (Starting, Command::TurnsUp { own_attempt: true, own_start: true, .. }) => Running,
            (Review, Command::Happens(Event::Approved { .. })) => Ended,
            (Review, Command::Happens(Event::Rejected { .. })) => Ended,
            (_, Command::Happens(Event::DeadlinePassed | Event::Canceled(_))) => Ended,
            (Review, Command::Happens(Event::ChangesRequested { .. })) => Queued,
            (Ended, Command::Happens(Event::Retried(_))) => Queued,
            (Starting, Command::Happens(Event::NotCreated { .. } | Event::Parked { .. } | Event::StartLost)) => Queued,
            (Running, Command::Happens(Event::Finished(finish))) => match finish.outcome {
                Outcome::Completed if state.setup.review == ReviewPolicy::Always => Review,
                Outcome::Completed | Outcome::Partial(_) => Ended,
                Outcome::ActionRequired => Review,
                Outcome::Failed(Reason::ProviderQuota) => Queued,
                Outcome::Failed(reason) if matches!(reason.class(), ErrorClass::Account | ErrorClass::Permanent) => {
                    Ended
                }
                Outcome::Failed(_) => Queued,
            },
            (stage, _) => stage,
        };
        state
    }
}

/// Every command and every kind of event, whether it makes sense here or not.
fn anything() -> BoxedStrategy<Command> {
    let claimer = || prop::sample::select(vec![Claimer::Submit, Claimer::Due, Claimer::Webhook]);
    prop_oneof![
        3 => claimer().prop_map(Command::Claim),
        3 => claimer().prop_map(Command::ClaimAsSeen),
        2 => Just(Command::AimAsSeen),
        3 => Just(Command::Look),
        4 => any::<bool>().prop_map(|all| Command::Confirm { all }),
        3 => (any::<bool>(), any::<bool>()).prop_flat_map(|(attempt, start)| turns_up(attempt, start)),
        3 => (0_u32..32).prop_flat_map(|bits| 1_u64 << bits..=(2_u64 << bits).min(40 * 86_400_000))
            .prop_map(Command::Advance),
        1 => not_created(),
        1 => parked(),
        1 => noted(),
        2 => ended(),
        2 => settles(),
        4 => happens(vec![
            Event::Created,
            Event::StartLost,
            Event::AnswerCut { response: response(6) },
            Event::DeadlinePassed,
            Event::Approved { approvals_missing: 0, note: None },
            Event::Edited { result: a_result(true), note: None },
            Event::Rejected { note: None },
            Event::ChangesRequested { note: None },
            Event::Canceled(PersonInput::default()),
            Event::Retried(PersonInput::default()),
            Event::Escalated(PersonInput::default()),
            Event::Archived(PersonInput::default()),
            Event::Purged,
        ]),
    ]
    .boxed()
}

fn happens(events: Vec<Event>) -> BoxedStrategy<Command> {
    prop::sample::select(events).prop_map(Command::Happens).boxed()
}

fn turns_up(own_attempt: bool, own_start: bool) -> BoxedStrategy<Command> {
    prop_oneof![3 => Just(Which::New), 1 => Just(Which::Attached), 1 => Just(Which::Former)]
        .prop_map(move |response| Command::TurnsUp { response, own_attempt, own_start })
        .boxed()
}

fn not_created() -> BoxedStrategy<Command> {
    let reasons =
        prop::sample::select(vec![Reason::ProviderBusy, Reason::ProviderUnreachable, Reason::ProviderRefused]);
    (reasons, prop::option::of(0_u64..7_200))
        .prop_map(|(reason, wait)| {
            Command::Happens(Event::NotCreated {
                reason,
                retry_after: wait.map(Duration::from_secs),
                error: ErrorWords::default(),
            })
        })
        .boxed()
}

fn parked() -> BoxedStrategy<Command> {
    (0_u64..86_400_000)
        .prop_map(|millis| {
            let until = START + Duration::from_millis(millis);
            Command::Happens(Event::Parked { reason: Reason::ProviderQuota, until, error: ErrorWords::default() })
        })
        .boxed()
}

fn noted() -> BoxedStrategy<Command> {
    let reasons = vec![None, Some(Reason::ProviderMissing), Some(Reason::ProviderWordUnknown)];
    let words = vec![None, Some("queued".to_owned()), Some("steered".to_owned())];
    (prop::sample::select(reasons), prop::sample::select(words))
        .prop_map(|(reason, provider_status)| Command::Happens(Event::Noted { reason, provider_status }))
        .boxed()
}

fn ended() -> BoxedStrategy<Command> {
    let outcomes = prop::sample::select(vec![
        Outcome::Completed,
        Outcome::ActionRequired,
        Outcome::Partial(Reason::OutputLimit),
        Outcome::Partial(Reason::Incomplete),
        Outcome::Failed(Reason::ProviderFailed),
        Outcome::Failed(Reason::ProviderLost),
        Outcome::Failed(Reason::ProviderQuota),
        Outcome::Failed(Reason::ProviderBusy),
        Outcome::Failed(Reason::ContentPolicy),
    ]);
    (
        outcomes,
        prop::option::weighted(0.7, prop_oneof![1 => Just(Cost::known(Usd::default())), 3 => costs(5_000_000_000_000)]),
        any::<bool>(),
    )
        .prop_map(|(outcome, cost, output)| {
            let whole = finish(outcome);
            let result = whole.result.filter(|_| output || outcome == Outcome::Completed);
            // Whatever comes of it, the answer is kept.
            let answer = result.is_none().then(|| PayloadRef::of(b"an answer without a result"));
            Command::Happens(Event::Finished(Finish { cost, result, answer, ..whole }))
        })
        .boxed()
}

fn settles() -> BoxedStrategy<Command> {
    costs(1_000_000_000_000).prop_map(Command::Settles).boxed()
}

/// Mostly known, as with a provider that tells everything.
fn costs(most: u64) -> impl Strategy<Value = Cost> {
    let states = vec![CostState::Known, CostState::Known, CostState::Known, CostState::Estimated, CostState::Unknown];
    (1..most, prop::sample::select(states)).prop_map(|(pico, state)| Cost { usd: Usd::from_pico(pico), state })
}
