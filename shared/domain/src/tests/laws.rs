//! Laws that hold along any path: random lives of a job, each command judged by a simple view kept beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest_state_machine::{StateMachineTest, prop_state_machine};

use super::make::{Made, a_job, actor_of, attached, confirm, costing, nonce, response, write_claim};
use super::model::{Claimer, Command, Model, Setup, Which};
use super::trail::forgeries;
use crate::job::duty::{Ownership, PollTrigger};
use crate::job::record::{Replay, chain_intact};
use crate::job::{Attempt, Event, EventKind, Finish, Job, PersonInput, State};
use crate::policy::cost::{Cost, CostState};
use crate::policy::job_type::ReviewPolicy;
use crate::policy::lane::Lane;
use crate::provider::Outcome;
use crate::value::id::{Nonce, ResponseId};
use crate::value::time::{Timestamp, Timing};

prop_state_machine! {
    #[test]
    fn whatever_happens_to_a_job_the_laws_hold(sequential 1..60 => World);
}

/// The job, who looked at it last, and what we noted ourselves about its life.
#[derive(Debug)]
struct World {
    made: Made,
    seen: Job,
    used: u8,
    forged: usize,
    /// Every response that was attached, with its cost once that is booked.
    booked: BTreeMap<ResponseId, Option<Cost>>,
    /// Attempt and nonce of the claim whose POST may be on its way.
    under_way: Option<(u16, Nonce)>,
    /// The terminal states each attempt has been in.
    ended: BTreeMap<u16, BTreeSet<State>>,
    /// Accepted transitions: attempt, from, event, to.
    accepted: Vec<(u16, State, EventKind, State)>,
}

impl StateMachineTest for World {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        let Setup { kind, review, complete_by, local, forged } = model.setup.clone();
        let mut recipe = a_job().of_type(kind).reviewed(review);
        recipe.complete_by = complete_by;
        recipe.policy.retry.attempts = 4;
        recipe.timing = if local { Timing::local() } else { Timing::aws() };
        let made = recipe.created();
        assert_eq!((made.job.version, made.job.state, made.job.attempt.number), (1, State::Waiting, 1));
        Self {
            seen: made.job.clone(),
            made,
            used: 0,
            forged,
            booked: BTreeMap::new(),
            under_way: None,
            ended: BTreeMap::new(),
            accepted: vec![],
        }
    }

    fn apply(world: Self, _: &Model, command: Command) -> Self {
        world.obey(command)
    }

    fn check_invariants(world: &Self, _: &Model) {
        let Made { job, trail, records, .. } = &world.made;

        let (next, _) = job.next_duty();
        assert!(next <= Timestamp::NEVER);
        assert!(
            job.due_index_at.is_some_and(|due_index_at| due_index_at <= next),
            "the index would be late: {:?} for {next}",
            job.due_index_at
        );
        if let (Some(complete_by), false) = (job.complete_by, job.state.is_terminal()) {
            assert!(job.deadline <= complete_by, "the {:?} deadline is later than the caller's", job.state);
        }

        let open = world.booked.values().filter(|cost| cost.is_none()).count();
        let booked = || world.booked.values().flatten();
        assert_eq!(job.cost_usd, booked().map(|cost| cost.usd).sum(), "each response booked once");
        assert_eq!(usize::from(job.unpriced_responses), open);
        let least = booked().map(|cost| cost.state).min().unwrap_or(CostState::Known);
        assert_eq!(job.cost_state, least, "a cost is as sure as its least sure part");
        assert!(job.cost().state <= least);
        assert_eq!(job.cost().state == CostState::Known, open == 0 && least == CostState::Known);

        assert_eq!(Replay::of(records), Some(Replay::from_row(job)));
        assert_eq!(trail.last().unwrap().decode().unwrap(), *records.last().unwrap());
        assert!(world.ended.values().all(|states| states.len() == 1), "{:?}", world.ended);
    }

    fn teardown(world: Self, _: Model) {
        let Made { job, trail, .. } = &world.made;
        assert!(chain_intact(job, trail));
        for forged in forgeries(trail, world.forged) {
            assert!(!chain_intact(job, &forged));
        }
    }
}

impl World {
    fn obey(mut self, command: Command) -> Self {
        let before = self.made.job.clone();
        match command {
            Command::Claim(claimer) => {
                let seen = self.made.job.clone();
                self.claim(&seen, claimer);
            }
            Command::Look => self.seen = self.made.job.clone(),
            Command::ClaimAsSeen(claimer) => {
                let seen = self.seen.clone();
                self.claim(&seen, claimer);
            }
            Command::AimAsSeen => {
                let mut aimed = self.seen.clone();
                aimed.update_due_index(self.made.now);
                let _ = write_claim(&mut self.made.job, &self.seen, &aimed);
            }
            Command::Confirm { all } => {
                let upto = if all { before.version } else { before.published + 1 };
                confirm(&mut self.made.job, upto);
            }
            Command::TurnsUp { response, own_attempt, own_start } => self.turns_up(response, own_attempt, own_start),
            Command::Happens(event) => self.happens(event),
            Command::Settles(cost) => self.settles(cost),
            Command::Advance(millis) => self.made.now = self.made.now + Duration::from_millis(millis),
        }
        let after = &self.made.job;
        let changes = u32::try_from(self.accepted.len()).unwrap();
        assert_eq!(after.version, 1 + changes, "one version for each change and for nothing else");
        if after.version == before.version {
            assert!(after.claim_count >= before.claim_count, "the claim count shrank within a version");
            assert_eq!((after.state, after.head), (before.state, before.head));
        }
        self
    }

    fn occasion(&mut self, claimer: Claimer) -> PollTrigger {
        match claimer {
            Claimer::Submit => {
                self.used += 1;
                PollTrigger::Submit(nonce(self.used))
            }
            Claimer::Due => PollTrigger::Due,
            Claimer::Webhook => PollTrigger::Webhook,
        }
    }

    fn claim(&mut self, seen: &Job, claimer: Claimer) {
        let occasion = self.occasion(claimer);
        let Some(claimed) = seen.claim(occasion, &self.made.timing, self.made.now) else { return };
        let kept = Job {
            due: claimed.due,
            claim_count: claimed.claim_count,
            due_index_at: claimed.due_index_at,
            attempt: Attempt {
                submit_token: claimed.attempt.submit_token,
                last_webhook_at: claimed.attempt.last_webhook_at,
                ..seen.attempt.clone()
            },
            ..seen.clone()
        };
        assert_eq!(
            claimed, kept,
            "a claim changed more than due, claim count, submit token, index entry and last webhook"
        );
        assert_eq!(claimed.claim_count, seen.claim_count + 1);
        assert!(claimed.due > self.made.now);
        if claimed.attempt.submit_token != seen.attempt.submit_token {
            assert!(matches!(occasion, PollTrigger::Submit(fresh) if claimed.attempt.submit_token == Some(fresh)));
            assert_eq!(seen.attempt.submit_token, None, "a second POST under the same start");
        }
        let rival = seen.claim(self.occasion(claimer), &self.made.timing, self.made.now).unwrap();

        if write_claim(&mut self.made.job, seen, &claimed) {
            if let (PollTrigger::Submit(fresh), None) = (occasion, seen.attempt.submit_token) {
                self.under_way = Some((seen.attempt.number, fresh));
            }
            assert!(!write_claim(&mut self.made.job.clone(), seen, &rival), "two claims of one row both held");
        }
    }

    /// Attach and adopt: ask whose the response is, then attach it.
    fn turns_up(&mut self, which: Which, own_attempt: bool, own_start: bool) {
        let job = &self.made.job;
        let new = || response(1_000 + u32::try_from(self.booked.len()).unwrap());
        let id = match which {
            Which::New => new(),
            Which::Attached => job.attempt.response.clone().unwrap_or_else(new),
            Which::Former => self.booked.keys().next().cloned().unwrap_or_else(new),
        };
        let (attempt, start) = self.under_way.unwrap_or((job.attempt.number, nonce(255)));
        let attempt = if own_attempt { attempt } else { attempt + 1 };
        let start = if own_start { start } else { nonce(254) };

        let expect = if job.attempt.response.as_ref() == Some(&id) {
            Ownership::Attached
        } else if self.under_way.is_some() && own_attempt && own_start {
            Ownership::Starting
        } else {
            Ownership::Orphan
        };
        assert_eq!(job.claimant(&id, attempt, start), expect);
        let known = self.booked.contains_key(&id);
        match expect {
            // The response row of an id that was attached before makes the transaction stale.
            Ownership::Starting if !known => {
                self.take(attached(id)).unwrap();
                assert_eq!(self.made.job.state, State::InProgress);
            }
            Ownership::Attached => assert!(!matches!(job.apply(attached(id), &self.made.context()), Ok(Some(_)))),
            Ownership::Starting | Ownership::Orphan => {}
        }
    }

    fn happens(&mut self, event: Event) {
        let _ = self.take(event);
    }

    fn settles(&mut self, cost: Cost) {
        let event = costing(response(9), cost);
        let open: Vec<_> = self.booked.iter().filter(|(_, cost)| cost.is_none()).map(|(id, _)| id.clone()).collect();
        if open.is_empty() {
            // A response that its attempt was told would not exist: nobody waits for its cost, and it is booked.
            assert!(self.take(event).is_some());
            let unheard = u32::try_from(self.booked.len()).unwrap() + 1_000_000;
            self.booked.insert(response(unheard), Some(cost));
            return;
        }
        // Its own row keeps a response from being settled twice; while its run goes on, it is not settled at all.
        let job = &self.made.job;
        let runs = |id: &&ResponseId| !job.state.is_resting() && job.attempt.response.as_ref() == Some(*id);
        if let Some(id) = open.iter().find(|id| !runs(id))
            && self.take(event).is_some()
        {
            self.booked.insert(id.clone(), Some(cost));
        }
    }

    /// Applies an event, judges what came of it, and commits it.
    fn take(&mut self, event: Event) -> Option<()> {
        let before = self.made.job.clone();
        self.made.actor = actor_of(&event, &before.created_by);
        let change = before.apply(event.clone(), &self.made.context()).ok().flatten()?;
        let after = &change.job;

        assert_eq!((change.record.from, change.record.to), (Some(before.state), after.state));
        if before.state.is_terminal() && after.state != before.state {
            assert_eq!(event, Event::Retried(PersonInput::default()));
            assert_eq!((after.state, after.attempt.number), (State::Waiting, before.attempt.number + 1));
        }
        if after.attempt.number != before.attempt.number {
            assert_eq!(after.attempt.number, before.attempt.number + 1);
            assert_eq!(
                (after.attempt.submit_token, &after.attempt.response, after.result.is_some()),
                (None, &None, false),
                "a new attempt starts clean"
            );
        } else {
            assert!(before.attempt.response.is_none() || before.attempt.response == after.attempt.response);
        }
        let spent = |job: &Job| job.attempt.number - job.uncounted_attempts;
        if spent(after) == spent(&before) && after.attempt.number != before.attempt.number {
            assert_eq!(after.cost_usd, before.cost_usd, "an attempt that counts for no limit has cost something");
        }
        if after.state == State::Completed && before.state != State::Completed {
            let reviewed = before.lane == Lane::Approval || self.made.policy.review == ReviewPolicy::Always;
            match &event {
                Event::Approved { .. } => assert_eq!(before.state, State::AwaitingDecision),
                Event::Finished(finish) => assert!(finish.outcome == Outcome::Completed && !reviewed),
                other => panic!("completed by {other:?}"),
            }
        }

        match &event {
            Event::Attached { response, .. } => {
                assert_eq!(self.booked.insert(response.clone(), None), None);
            }
            Event::Finished(Finish { cost: Some(cost), .. }) => {
                let response = before.attempt.response.clone().unwrap();
                assert_eq!(self.booked.insert(response, Some(*cost)), Some(None), "booked a second time");
            }
            // A start that was given up may have made a response that nobody has heard of.
            Event::StartLost | Event::DeadlinePassed | Event::Canceled(_) if before.is_starting() => {
                let unheard = response(1_000_000 + u32::try_from(self.booked.len()).unwrap());
                assert_eq!(self.booked.insert(unheard, None), None);
            }
            _ => {}
        }
        // Whatever else is taken in while a start is under way ends it.
        if !matches!(event, Event::Escalated(_) | Event::CostSettled { .. } | Event::AnswerCut { .. }) {
            self.under_way = None;
        }
        if after.state.is_terminal() {
            self.ended.entry(after.attempt.number).or_default().insert(after.state);
        }
        self.accepted.push((before.attempt.number, before.state, event.kind(), after.state));
        self.made.job = change.job;
        self.made.trail.push(change.sealed);
        self.made.records.push(change.record);
        Some(())
    }
}
