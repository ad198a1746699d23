//! The state machine as a table: every state, every event, one line for each pair.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use super::make::{Made, START, a_job, a_result, attached, finish, finished, nonce, reattached, response, settled};
use crate::job::{Event, EventKind, Finish, Job, PersonInput, State, Status, TransitionError};
use crate::policy::cost::{Cost, CostState, Usd};
use crate::policy::job_type::{Conditions, ReviewPolicy};
use crate::policy::lane::Lane;
use crate::policy::reason::Reason;
use crate::provider::{ErrorWords, Outcome};

#[test]
fn every_pair_of_state_and_event_leads_where_the_table_says() {
    let mut table = String::new();
    for (row, state, starting) in rows() {
        for sample in samples() {
            let made = sample.given(state, starting);
            let event = (sample.event)(&made.job);
            let answer = answer(&made, event);
            writeln!(table, "{row:<26} {:<52} -> {answer}", sample.name).unwrap();
        }
    }
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("state_machine", table);
    });
}

#[test]
fn the_samples_cover_every_kind_of_event() {
    let job = a_job().created().job;
    let kinds: BTreeSet<EventKind> = samples().iter().map(|sample| (sample.event)(&job).kind()).collect();
    assert_eq!(kinds, EventKind::ALL.into(), "a record of another kind is left to a newer release");
}

/// Every state, and the queued ones once more while a start is under way.
pub(super) fn rows() -> Vec<(String, State, bool)> {
    State::ALL
        .into_iter()
        .flat_map(|state| {
            let name = word(state);
            let queued = matches!(state, State::Waiting | State::RetryScheduled | State::Held);
            let starting = queued.then(|| (format!("{name}, starting"), state, true));
            [(name, state, false)].into_iter().chain(starting)
        })
        .collect()
}

pub(super) fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn answer(made: &Made, event: Event) -> String {
    let before = &made.job;
    let after = match before.apply(event, &made.context()) {
        Err(TransitionError::Illegal(illegal)) => {
            assert_eq!(illegal.state, before.state);
            return "illegal".into();
        }
        Err(TransitionError::Unsealed(error)) => panic!("{error}"),
        Ok(None) => return "-".into(),
        Ok(Some(change)) => change.job,
    };
    let mut answer = word(after.state);
    if after.attempt.number != before.attempt.number {
        write!(answer, ", attempt +{}", after.attempt.number - before.attempt.number).unwrap();
    }
    if let Some(reason) = after.reason {
        write!(answer, ", {}", reason.code()).unwrap();
    }
    if after.is_starting() {
        answer.push_str(", starting");
    }
    if after.due != before.due && after.state.status() == Status::Queued {
        write!(answer, ", due in {} s", after.due.since(made.now).as_secs()).unwrap();
    }
    if after.cost_usd != before.cost_usd {
        answer.push_str(", cost booked");
        if after.cost_state != before.cost_state {
            write!(answer, " as {:?}", after.cost_state).unwrap();
        }
    }
    answer
}

/// An event, and what is special about the job that meets it.
pub(super) struct Sample {
    name: String,
    pub(super) event: Box<dyn Fn(&Job) -> Event>,
    with: fn(&mut Made),
}

impl Sample {
    /// A job in that state, as this sample wants it.
    pub(super) fn given(&self, state: State, starting: bool) -> Made {
        let mut made = a_job().created().in_state(state);
        if starting {
            made = made.starting(nonce(2));
        }
        (self.with)(&mut made);
        made
    }
}

fn sample(name: &str, event: Event) -> Sample {
    given(name, event, |_| {})
}

fn given(name: &str, event: Event, with: fn(&mut Made)) -> Sample {
    Sample { name: name.into(), event: Box::new(move |_| event.clone()), with }
}

fn last_attempt(made: &mut Made) {
    made.job.attempt.number = made.policy.retry.attempts + made.job.uncounted_attempts;
}

fn approval_lane(made: &mut Made) {
    made.job.lane = Lane::Approval;
}

fn review_always(made: &mut Made) {
    made.policy.review = ReviewPolicy::Always;
}

fn review_when_partial(made: &mut Made) {
    made.policy.review = ReviewPolicy::When(Conditions { partial: true, ..Conditions::default() });
}

fn when_a_call_is_due(made: &mut Made) {
    made.now = made.job.review.map_or(made.now, |review| review.next_reminder_at);
}

fn at_its_deadline(made: &mut Made) {
    made.now = made.job.deadline;
}

pub(super) fn samples() -> Vec<Sample> {
    let not_created = |reason, retry_after| Event::NotCreated { reason, retry_after, error: ErrorWords::default() };
    let noted = |reason| Event::Noted { reason, provider_status: Some("queued".into()) };
    let no_output = |outcome| Event::Finished(Finish { result: None, ..finish(outcome) });
    let cut = Outcome::Partial(Reason::OutputLimit);
    let until = START + Duration::from_secs(3_600);
    let minute = Some(Duration::from_secs(60));
    let mut samples = vec![
        sample("created", Event::Created),
        sample("attached(a first response)", attached(response(7))),
        Sample {
            name: "attached(the same response)".into(),
            event: Box::new(|job| attached(job.attempt.response.clone().unwrap_or_else(|| response(1)))),
            with: |_| {},
        },
        given("reattached(the prior response)", reattached(response(5)), |made| {
            made.job.attempt.prior = made.job.is_starting().then(|| response(5));
        }),
        sample("reattached(another response)", reattached(response(5))),
        sample("not_created(busy)", not_created(Reason::ProviderBusy, None)),
        sample("not_created(busy, retry after 60 s)", not_created(Reason::ProviderBusy, minute)),
        given("not_created(busy), last attempt", not_created(Reason::ProviderBusy, None), last_attempt),
        sample("not_created(unreachable)", not_created(Reason::ProviderUnreachable, None)),
        sample("not_created(refused)", not_created(Reason::ProviderRefused, None)),
        sample("parked(quota)", Event::Parked { reason: Reason::ProviderQuota, until, error: ErrorWords::default() }),
        sample(
            "parked(address)",
            Event::Parked { reason: Reason::ProviderAddress, until, error: ErrorWords::default() },
        ),
        sample("answer_cut", Event::AnswerCut { response: response(6) }),
        given("answer_cut, a second time", Event::AnswerCut { response: response(6) }, |made| {
            made.job.attempt.named = made.job.is_starting().then(|| response(6));
        }),
        sample("start_lost", Event::StartLost),
        given("start_lost, last attempt", Event::StartLost, last_attempt),
        sample("noted(missing)", noted(Some(Reason::ProviderMissing))),
        sample("noted(unknown word)", noted(Some(Reason::ProviderWordUnknown))),
        Sample {
            name: "noted(nothing new)".into(),
            event: Box::new(|job| Event::Noted {
                reason: job.reason,
                provider_status: job.attempt.provider_status.clone(),
            }),
            with: |_| {},
        },
    ];
    samples.extend([
        sample("finished(completed)", finished(Outcome::Completed)),
        given("finished(completed), review always", finished(Outcome::Completed), review_always),
        given("finished(completed), review when partial", finished(Outcome::Completed), review_when_partial),
        given("finished(completed), approval lane", finished(Outcome::Completed), approval_lane),
        sample(
            "finished(completed, price unknown)",
            Event::Finished(Finish { cost: None, ..finish(Outcome::Completed) }),
        ),
        sample(
            "finished(completed, price estimated)",
            Event::Finished(Finish { cost: Some(of_state(CostState::Estimated)), ..finish(Outcome::Completed) }),
        ),
        sample(
            "finished(completed, without a price)",
            Event::Finished(Finish { cost: Some(of_state(CostState::Unknown)), ..finish(Outcome::Completed) }),
        ),
        sample("finished(action required)", finished(Outcome::ActionRequired)),
        given("finished(action required), approval lane", finished(Outcome::ActionRequired), approval_lane),
        sample("finished(partial)", finished(cut)),
        given("finished(partial), review when partial", finished(cut), review_when_partial),
        given("finished(partial), review always", finished(cut), review_always),
        given("finished(partial), approval lane", finished(cut), approval_lane),
        given("finished(partial, no result), review when partial", no_output(cut), review_when_partial),
        given("finished(partial, no result), review always", no_output(cut), review_always),
        given("finished(partial, no result), approval lane", no_output(cut), approval_lane),
        sample("finished(failed: provider)", finished(Outcome::Failed(Reason::ProviderFailed))),
        given(
            "finished(failed: provider), last attempt",
            finished(Outcome::Failed(Reason::ProviderFailed)),
            last_attempt,
        ),
        sample("finished(failed: lost)", finished(Outcome::Failed(Reason::ProviderLost))),
        sample("finished(failed: quota)", finished(Outcome::Failed(Reason::ProviderQuota))),
        given("finished(failed: quota), last attempt", finished(Outcome::Failed(Reason::ProviderQuota)), last_attempt),
        given("finished(turned away: quota), last attempt", turned_away(Reason::ProviderQuota, false), last_attempt),
        sample("finished(turned away: quota, shown by another)", turned_away(Reason::ProviderQuota, true)),
        sample("finished(failed: busy)", finished(Outcome::Failed(Reason::ProviderBusy))),
        given("finished(failed: busy), last attempt", finished(Outcome::Failed(Reason::ProviderBusy)), last_attempt),
        given("finished(turned away: busy), last attempt", turned_away(Reason::ProviderBusy, false), last_attempt),
        sample("finished(failed: invalid request)", finished(Outcome::Failed(Reason::InvalidRequest))),
        sample("finished(failed: content policy)", finished(Outcome::Failed(Reason::ContentPolicy))),
        sample("finished(failed: no output)", finished(Outcome::Failed(Reason::NoOutput))),
        sample("finished(failed: canceled there)", finished(Outcome::Failed(Reason::ProviderCanceled))),
    ]);
    samples.extend([
        sample("deadline_passed, too early", Event::DeadlinePassed),
        given("deadline_passed", Event::DeadlinePassed, at_its_deadline),
        sample("approved", Event::Approved { approvals_missing: 0, note: None }),
        sample("edited", Event::Edited { result: a_result(false), note: None }),
        sample("rejected", Event::Rejected { note: None }),
        sample("changes_requested", Event::ChangesRequested { note: None }),
        sample("canceled", Event::Canceled(PersonInput::default())),
        sample("retried", Event::Retried(PersonInput::default())),
        given("retried, last attempt", Event::Retried(PersonInput::default()), last_attempt),
        sample("reminded, too early", Event::Reminded),
        given("reminded", Event::Reminded, when_a_call_is_due),
        sample("escalated", Event::Escalated(PersonInput::default())),
        sample("archived", Event::Archived(PersonInput::default())),
        given("archived, already archived", Event::Archived(PersonInput::default()), |made| {
            // The flag exists on ended jobs only.
            made.job.archived_at = made.job.state.is_terminal().then_some(START);
        }),
        given("cost_settled, one cost open", one_settled(), |made| made.job.unpriced_responses = 1),
        given("cost_settled, no cost open", one_settled(), |made| made.job.unpriced_responses = 0),
        sample("purged, in retention", Event::Purged),
        given("purged, retention over", Event::Purged, at_its_deadline),
    ]);
    samples
}

/// A run that did nothing before it ended.
fn turned_away(reason: Reason, is_shown: bool) -> Event {
    Event::Finished(Finish { cost: Some(Cost::known(Usd::default())), is_shown, ..finish(Outcome::Failed(reason)) })
}

fn of_state(state: CostState) -> Cost {
    Cost { usd: Usd::from_pico(1), state }
}

fn one_settled() -> Event {
    settled(response(9), Usd::from_pico(1))
}
