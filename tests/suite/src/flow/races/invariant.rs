//! What holds however two things meet: asked once both are over, and again once the job has come to rest.

use std::collections::BTreeSet;

use domain::flow::FlowError;
use domain::flow::deliver::{self, Part};
use domain::job::record::{Record, SealedRecord, chain_intact, matches_row};
use domain::job::{EventKind, Job, State};
use domain::people::control::Control;
use domain::policy::cost::{CostState, Usd};
use domain::policy::lane::Lane;
use domain::port::{Payloads, Provider as _, Store};

use super::case::{Act, Case};
use super::fixture::{Fixture, caller};
use super::meet::Met;

/// The words of whoever breaks a law, behind what was run.
pub(super) struct Place<'a>(pub(super) String, pub(super) &'a Case);

/// A job and its trail at one moment of a race.
struct Trace<'a> {
    place: &'a Place<'a>,
    base: &'a Job,
    job: Job,
    trail: Vec<SealedRecord>,
    records: Vec<Record>,
}

/// At each moment that the test looks; `met` is what came of the race, as long as nothing else has happened.
pub(super) async fn check<S: Store, P: Payloads>(
    fixture: &Fixture<'_, S, P>,
    base: &Job,
    met: Option<&Met>,
    place: &Place<'_>,
) {
    let trace = Trace::of(fixture, base, place).await;
    if let Some(met) = met {
        trace.what_people_were_told_is_in_the_trail(met);
        trace.one_retry_at_most();
        trace.what_is_archived_stays_so(met);
    }
    trace.holds(chain_intact(&trace.job, &trace.trail), "the chain is whole");
    trace.holds(matches_row(&trace.records, &trace.job), "the trail says what the row says");
    trace.holds(fixture.bus.contradiction().is_none(), "no event goes out in two forms");
    let posts = fixture.provider.posts();
    trace.holds(posts.iter().collect::<BTreeSet<_>>().len() == posts.len(), "an attempt is posted once");
    trace.an_attempt_has_one_response();
    trace.only_a_retry_leaves_an_end();
    trace.each_response_is_booked_once();
    trace.each_call_goes_one_level_up();
    trace.nothing_is_completed_without_its_approvals();
    trace.nobody_is_delivered_what_came_late();
    if trace.job.lane == Lane::Approval && trace.job.state != State::Completed {
        for part in Part::ALL {
            let parse = |raw: &[u8]| fixture.provider.read(raw);
            let (who, id) = (caller("alice"), base.id.as_str());
            let result = deliver::result(fixture.store, fixture.payloads, parse, &who, id, part).await;
            let is_kept_in =
                matches!(result, Err(FlowError::AwaitingReview | FlowError::Withheld | FlowError::NoResult));
            trace.holds(is_kept_in, "nobody reads what nobody has allowed");
        }
    }
}

/// Nothing is left to do: the books are closed.
pub(super) async fn check_books<S: Store, P: Payloads>(fixture: &Fixture<'_, S, P>, job: &Job, place: &Place<'_>) {
    let trace = Trace::of(fixture, job, place).await;
    let mut owed = Usd::default();
    for id in fixture.provider.ids() {
        let (run, row) = (fixture.provider.run(&id), fixture.store.response(&id).await.unwrap().unwrap());
        trace.holds(run.status != "in_progress" && row.settled, "every run is over and looked after");
        trace.holds(row.usd == run.price(), "its row has its price");
        owed = owed + run.price();
    }
    trace.holds(trace.job.cost().state == CostState::Known && trace.job.cost_usd == owed, "the job has all costs once");
}

impl<'a> Trace<'a> {
    async fn of<S: Store, P: Payloads>(fixture: &Fixture<'_, S, P>, base: &'a Job, place: &'a Place<'a>) -> Self {
        let trail = fixture.store.trail(&base.workspace, &base.id, 0).await.unwrap();
        let records = trail.iter().map(|sealed| sealed.decode().unwrap()).collect();
        Self { place, base, job: fixture.row(base).await, trail, records }
    }

    #[track_caller]
    fn holds(&self, holds: bool, invariant: &str) {
        let events: Vec<_> = self.records.iter().map(|record| (&record.event, &record.actor.id, record.to)).collect();
        let Place(place, case) = self.place;
        assert!(holds, "{invariant}: {}, {place}\n{events:?}\n{:?}", case.name, self.job);
    }

    fn named(&self, kind: EventKind) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.event == kind)
    }

    /// What was asked for and not refused is there once, by whoever asked; what was refused is not there.
    fn what_people_were_told_is_in_the_trail(&self, met: &Met) {
        let sides = self.place.1.sides.iter().zip(&met.told);
        let acts: Vec<_> = sides.flat_map(|(acts, told)| acts.iter().zip(told)).collect();
        for (act, _) in &acts {
            let (event, who) = match act {
                Act::Ask(order) => match order.control {
                    Control::Cancel => (EventKind::Canceled, order.who),
                    Control::Retry => (EventKind::Retried, order.who),
                    Control::Escalate => (EventKind::Escalated, order.who),
                    Control::Archive => (EventKind::Archived, order.who),
                },
                Act::Approve(who) => (EventKind::Approved, *who),
                Act::Start | Act::Look | Act::Late => continue,
            };
            let is_done = acts.iter().any(|(other, told)| other == act && told.is_ok());
            let since = self.named(event).filter(|record| record.version > self.base.version);
            let found = since.filter(|record| record.actor.id == who).count();
            self.holds(found == usize::from(is_done), "what was told is in the trail");
        }
    }

    fn one_retry_at_most(&self) {
        let since = self.named(EventKind::Retried).filter(|record| record.version > self.base.version);
        self.holds(since.count() <= 1, "two retries open one attempt");
    }

    fn what_is_archived_stays_so(&self, met: &Met) {
        let [first, _] = self.place.1.sides;
        let archives = first.iter().any(|act| matches!(act, Act::Ask(order) if order.control == Control::Archive));
        let is_archived = met.told[0].iter().all(Result::is_ok) && self.job.archived_at.is_some();
        self.holds(!archives || is_archived, "what is archived stays so");
    }

    fn an_attempt_has_one_response(&self) {
        for attempt in 1..=self.job.attempt.number {
            let of = self.records.iter().filter(|record| record.attempt == attempt);
            let tied = of.filter(|record| matches!(record.event, EventKind::Attached | EventKind::Reattached));
            self.holds(tied.count() <= 1, "an attempt has one response");
        }
    }

    fn only_a_retry_leaves_an_end(&self) {
        for record in &self.records {
            let was_over = record.from.filter(|from| from.is_terminal());
            let stays = was_over.is_none_or(|from| record.to == from || record.event == EventKind::Retried);
            self.holds(stays, "what has ended stays as it ended");
        }
    }

    fn each_response_is_booked_once(&self) {
        let finished = self.named(EventKind::Finished).filter_map(|record| record.usage.and(record.response.as_ref()));
        let settled = self.named(EventKind::CostSettled).filter_map(|record| record.usage.and(record.orphan.as_ref()));
        let booked: Vec<_> = finished.chain(settled).collect();
        self.holds(booked.iter().collect::<BTreeSet<_>>().len() == booked.len(), "a response is booked once");
    }

    fn each_call_goes_one_level_up(&self) {
        for pair in self.records.windows(2) {
            let is_up = pair[1].escalation_level == pair[0].escalation_level + 1;
            self.holds(
                is_up == (pair[1].event == EventKind::Escalated),
                "each call goes one level up, and nothing else does",
            );
        }
    }

    fn nothing_is_completed_without_its_approvals(&self) {
        let needed = match self.base.job_type.as_str() {
            _ if self.base.lane != Lane::Approval => return,
            "for-two" => 2,
            _ => 1,
        };
        let Some(end) = self.records.iter().position(|record| record.to == State::Completed) else { return };
        let round: Vec<_> =
            self.records[..=end].iter().rev().take_while(|record| record.event != EventKind::Finished).collect();
        let approvals = round.iter().filter(|record| record.event == EventKind::Approved);
        let who: BTreeSet<_> = approvals.clone().map(|record| record.actor.id.as_str()).collect();
        self.holds(who.len() == needed && approvals.count() == needed, "as many reviewers as it takes, each once");
        self.holds(!who.contains(self.base.created_by.as_str()), "nobody approves their own");
        let shown = self.records[..end].iter().rev().find(|record| record.event == EventKind::Finished).unwrap();
        let same = round.iter().all(|record| (record.attempt, record.digest) == (shown.attempt, shown.digest));
        self.holds(same && shown.digest.is_some(), "what was approved is what is delivered");
    }

    fn nobody_is_delivered_what_came_late(&self) {
        let is_late = self.job.result.is_some_and(|result| result.late);
        let delivered = self.records.iter().any(|record| record.to == State::Completed);
        self.holds(!is_late || !delivered, "what came late is not delivered");
        let kept = self.named(EventKind::CostSettled).filter_map(|record| Some((record.attempt, record.digest?)));
        for (attempt, digest) in kept {
            let mut completed = self.records.iter().filter(|record| record.to == State::Completed);
            let is_other = completed.all(|record| record.attempt != attempt && record.digest != Some(digest));
            self.holds(is_other, "what came late is not delivered by another attempt");
        }
    }
}
