//! Builders: a job in any state, with its trail, reached by events as in life.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::job::duty::PollTrigger;
use crate::job::record::{Actor, Cause, Record, SealedRecord};
use crate::job::{Event, Finish, Job, NewJob, PayloadRef, PersonInput, ResultRef, State, TransitionContext};
use crate::policy::cost::{Cost, Usage, Usd};
use crate::policy::job_type::{JobType, ReviewPolicy, shipped};
use crate::policy::lane::Lane;
use crate::policy::reason::Reason;
use crate::provider::{ErrorWords, Outcome};
use crate::value::id::{JobId, Nonce, Principal, ResponseId, WorkspaceId};
use crate::value::time::{Timestamp, Timing};

/// When every made job is created.
pub(super) const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);
/// As long as an id of an identity provider gets.
pub(super) const PRINCIPAL: &str = "0d9c1f3e-7a54-4b7e-9a63-5f0c2e8b1d47";

pub(super) fn nonce(number: u8) -> Nonce {
    Nonce([number; 16])
}

/// A response id of 64 characters.
pub(super) fn response(number: u32) -> ResponseId {
    ResponseId::parse(&format!("resp_{number:059}")).unwrap()
}

pub(super) fn a_result(partial: bool) -> ResultRef {
    ResultRef { stored: PayloadRef::of(b"the provider's own bytes"), partial, edited: false, late: false }
}

/// A reviewer's text.
pub(super) fn an_edit(text: &str) -> ResultRef {
    ResultRef { stored: PayloadRef::of(text.as_bytes()), partial: false, edited: true, late: false }
}

/// A run's end with an answer of its own.
pub(super) fn answered(outcome: Outcome, answer: &str) -> Event {
    let result = ResultRef { stored: PayloadRef::of(answer.as_bytes()), partial: false, edited: false, late: false };
    Event::Finished(Finish { result: Some(result), ..finish(outcome) })
}

pub(super) fn some_usage() -> Usage {
    Usage {
        input_tokens: 123_456,
        cached_tokens: 12_345,
        cache_write_tokens: 1_234,
        output_tokens: 23_456,
        reasoning_tokens: 12_345,
        web_searches: 12,
        ..Usage::default()
    }
}

pub(super) fn attached(response: ResponseId) -> Event {
    Event::Attached {
        response,
        provider_status: Some("queued".into()),
        model: Some("gpt-6.1-terra-2026-09-01".into()),
        service_tier: Some("default".into()),
        request_id: Some("req_0123456789abcdef0123456789abcdef".into()),
    }
}

/// What the attempt before lost sight of, found again.
pub(super) fn reattached(response: ResponseId) -> Event {
    let Event::Attached { response, provider_status, model, service_tier, request_id } = attached(response) else {
        unreachable!()
    };
    Event::Reattached { response, provider_status, model, service_tier, request_id }
}

/// The cost of a response that no attempt waits for.
pub(super) fn settled(response: ResponseId, usd: Usd) -> Event {
    costing(response, Cost::known(usd))
}

pub(super) fn costing(response: ResponseId, cost: Cost) -> Event {
    Event::CostSettled { response, cost: Some(cost), usage: Some(some_usage()), kept: None, answer: None }
}

/// The provider's final answer: priced, and with a result unless nothing came out.
pub(super) fn finish(outcome: Outcome) -> Finish {
    let result = match outcome {
        Outcome::Completed | Outcome::ActionRequired => Some(a_result(false)),
        Outcome::Partial(_) => Some(a_result(true)),
        Outcome::Failed(_) => None,
    };
    Finish {
        outcome,
        result,
        answer: None,
        error: ErrorWords::default(),
        is_shown: false,
        provider_status: Some("over".into()),
        model: None,
        service_tier: None,
        usage: Some(some_usage()),
        cost: Some(Cost::known(Usd::from_pico(123_456_789_000))),
        finished_at: None,
        request_id: Some("req_0123456789abcdef0123456789abcdef".into()),
    }
}

pub(super) fn finished(outcome: Outcome) -> Event {
    Event::Finished(finish(outcome))
}

/// What a job is made from. `a_job()` is a background job that nobody reviews.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    pub(super) policy: JobType,
    pub(super) timing: Timing,
    pub(super) complete_by: Option<Timestamp>,
    pub(super) principal: Principal,
    pub(super) on_behalf_of: Option<Principal>,
    pub(super) summary: String,
    pub(super) tags: BTreeMap<String, String>,
}

pub(super) fn a_job() -> Recipe {
    Recipe {
        policy: shipped("document-analysis").unwrap(),
        timing: Timing::aws(),
        complete_by: None,
        principal: Principal::parse(PRINCIPAL).unwrap(),
        on_behalf_of: None,
        summary: "a contract".into(),
        tags: BTreeMap::new(),
    }
}

impl Recipe {
    pub(super) fn of_type(mut self, name: &str) -> Self {
        self.policy = shipped(name).unwrap();
        self
    }

    pub(super) fn reviewed(mut self, review: ReviewPolicy) -> Self {
        self.policy.review = review;
        self
    }

    pub(super) fn in_lane(mut self, lane: Lane) -> Self {
        self.policy.lane = lane;
        self
    }

    pub(super) fn created(self) -> Made {
        let draft = NewJob {
            workspace: WorkspaceId::parse("acme").unwrap(),
            id: JobId::random(nonce(0xab)),
            lane: self.policy.lane,
            lane_reasons: vec![],
            created_by: self.principal.clone(),
            issuer: None,
            on_behalf_of: self.on_behalf_of,
            complete_by: self.complete_by,
            summary: self.summary,
            tags: self.tags,
            input: PayloadRef::of(b"the request"),
            attempt_cost: Some(Usd::from_pico(200_000_000_000)),
        };
        let actor = Actor::principal(&self.principal);
        let context = TransitionContext {
            policy: &self.policy,
            timing: &self.timing,
            actor: &actor,
            cause: Cause::Request,
            now: START,
        };
        let change = Job::create(draft, &context).unwrap();
        Made {
            job: change.job,
            trail: vec![change.sealed],
            records: vec![change.record],
            policy: self.policy,
            timing: self.timing,
            actor,
            now: START,
        }
    }
}

/// A job with its trail, and the clock and policy it lives under.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) job: Job,
    pub(super) trail: Vec<SealedRecord>,
    pub(super) records: Vec<Record>,
    pub(super) policy: JobType,
    pub(super) timing: Timing,
    pub(super) actor: Actor,
    pub(super) now: Timestamp,
}

impl Made {
    pub(super) fn context(&self) -> TransitionContext<'_> {
        TransitionContext {
            policy: &self.policy,
            timing: &self.timing,
            actor: &self.actor,
            cause: Cause::Webhook,
            now: self.now,
        }
    }

    /// Takes an event that must lead to a new version.
    pub(super) fn then(self, event: Event) -> Self {
        let person = self.job.created_by.clone();
        self.by(&person, event)
    }

    /// The same, and if it is a person's doing, this one's.
    pub(super) fn by(mut self, person: &Principal, event: Event) -> Self {
        self.actor = actor_of(&event, person);
        if event == Event::DeadlinePassed {
            self.now = self.now.max(self.job.deadline);
        }
        let change = self.job.apply(event, &self.context()).unwrap().unwrap();
        self.job = change.job;
        self.trail.push(change.sealed);
        self.records.push(change.record);
        self
    }

    pub(super) fn after(mut self, wait: Duration) -> Self {
        self.now = self.now + wait;
        self
    }

    /// Waits until the job is due if need be, and claims the submit.
    pub(super) fn starting(mut self, start: Nonce) -> Self {
        self.now = self.now.max(self.job.due);
        self.job = self.job.claim(PollTrigger::Submit(start), &self.timing, self.now).unwrap();
        self
    }

    pub(super) fn running(self) -> Self {
        self.starting(nonce(1)).then(attached(response(1)))
    }

    /// Confirms every event, as the publisher does.
    pub(super) fn published(mut self) -> Self {
        let upto = self.job.version;
        confirm(&mut self.job, upto);
        self
    }

    pub(super) fn in_state(self, state: State) -> Self {
        match state {
            State::Waiting => self,
            State::RetryScheduled => self.starting(nonce(1)).then(Event::NotCreated {
                reason: Reason::ProviderBusy,
                retry_after: None,
                error: ErrorWords::default(),
            }),
            State::Held => {
                let until = self.now + Duration::from_secs(600);
                self.starting(nonce(1)).then(Event::Parked {
                    reason: Reason::ProviderQuota,
                    until,
                    error: ErrorWords::default(),
                })
            }
            State::InProgress => self.running(),
            State::AwaitingDecision => {
                let review = self.policy.review;
                let mut made = self;
                made.policy.review = ReviewPolicy::Always;
                let mut made = made.running().then(finished(Outcome::Completed));
                made.policy.review = review;
                made
            }
            State::AwaitingAction => self.running().then(finished(Outcome::ActionRequired)),
            State::Completed if self.job.lane == Lane::Approval => self
                .running()
                .then(finished(Outcome::Completed))
                .then(Event::Approved { approvals_missing: 0, note: None }),
            State::Completed => {
                let review = self.policy.review;
                let mut made = self;
                made.policy.review = ReviewPolicy::Never;
                let mut made = made.running().then(finished(Outcome::Completed));
                made.policy.review = review;
                made
            }
            State::Failed => self.running().then(finished(Outcome::Failed(Reason::ContentPolicy))),
            State::Canceled => self.running().then(Event::Canceled(PersonInput::default())),
            State::Expired => self.running().then(Event::DeadlinePassed),
            State::Other(_) => panic!("nothing leads there"),
        }
    }
}

/// Whose doing an event is: what the provider and the clock bring is the system's, the rest a person's.
pub(super) fn actor_of(event: &Event, person: &Principal) -> Actor {
    match event {
        Event::Attached { .. }
        | Event::Reattached { .. }
        | Event::AnswerCut { .. }
        | Event::NotCreated { .. }
        | Event::Parked { .. }
        | Event::StartLost
        | Event::Noted { .. }
        | Event::Finished(_)
        | Event::DeadlinePassed
        | Event::Reminded
        | Event::CostSettled { .. }
        | Event::Purged => Actor::system("observe-job"),
        Event::Created
        | Event::Approved { .. }
        | Event::Edited { .. }
        | Event::Rejected { .. }
        | Event::ChangesRequested { .. }
        | Event::Canceled(_)
        | Event::Retried(_)
        | Event::Escalated(_)
        | Event::Archived(_) => Actor::principal(person),
    }
}

/// What the store does when versions up to `upto` are known to be published.
pub(super) fn confirm(job: &mut Job, upto: u32) {
    if upto > job.published && upto <= job.version {
        job.published = upto;
    }
}

/// What the store does with a claim: it holds if version and claim count are as seen, and sets what a claim may set.
#[must_use]
pub(super) fn write_claim(row: &mut Job, seen: &Job, claimed: &Job) -> bool {
    let holds = (row.version, row.claim_count) == (seen.version, seen.claim_count);
    if holds {
        row.due = claimed.due;
        row.claim_count = claimed.claim_count;
        row.attempt.submit_token = claimed.attempt.submit_token.or(row.attempt.submit_token);
        row.attempt.asked.clone_from(&claimed.attempt.asked);
        row.attempt.last_webhook_at = claimed.attempt.last_webhook_at;
        row.due_index_at = claimed.due_index_at;
    }
    holds
}
