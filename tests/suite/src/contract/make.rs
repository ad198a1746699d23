//! Jobs in the shapes that a store has to keep, whatever the rules say about how they got there.

use std::time::Duration;

use domain::job::record::{Actor, Cause, Record, SealedRecord};
use domain::job::response::ResponseRow;
use domain::job::{Attempt, EventKind, Job, PayloadRef, ResultRef, ReviewClock, State, Transition};
use domain::policy::cost::{CostState, Usd};
use domain::policy::lane::{Lane, LaneReason};
use domain::policy::reason::{ErrorClass, Reason};
use domain::provider::ErrorWords;
use domain::value::id::{Digest, Issuer, JobId, Nonce, Principal, ResponseId, TypeName, WorkspaceId};
use domain::value::time::Timestamp;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_000_123_456);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn workspace() -> WorkspaceId {
    WorkspaceId::parse("acme").unwrap()
}

pub(crate) fn nonce(number: u8) -> Nonce {
    Nonce([number; 16])
}

/// A response id of 64 characters.
pub(crate) fn response_id(number: u32) -> ResponseId {
    ResponseId::parse(&format!("resp_{number:059}")).unwrap()
}

pub(crate) fn response_row(number: u32) -> ResponseRow {
    ResponseRow {
        id: response_id(number),
        workspace: workspace(),
        job: job_id("1"),
        attempt: 1,
        orphan: false,
        asked: None,
        due: None,
        claim_count: 0,
        usage: None,
        usd: Usd::default(),
        cost_state: CostState::Unknown,
        settled: false,
    }
}

pub(crate) fn job_id(name: &str) -> JobId {
    JobId::parse(&format!("job_{name}")).unwrap()
}

/// A new job with nothing optional; no index holds it but the lists.
pub(crate) fn bare(name: &str) -> Job {
    Job {
        workspace: workspace(),
        id: job_id(name),
        job_type: TypeName::parse("quick-answer").unwrap(),
        type_version: 1,
        lane: Lane::Background,
        lane_reasons: vec![],
        created_by: Principal::parse("alice").unwrap(),
        issuer: None,
        on_behalf_of: None,
        created_at: NOW,
        updated_at: NOW,
        since: NOW,
        version: 1,
        state: State::Waiting,
        reason: None,
        attempt: Attempt { number: 1, ..Attempt::default() },
        due: NOW,
        claim_count: 0,
        deadline: NOW + 60 * MINUTE,
        complete_by: None,
        due_index_at: None,
        summary: String::new(),
        tags: [].into(),
        input: PayloadRef::of(b"the request"),
        result: None,
        cost_usd: Usd::default(),
        cost_state: CostState::Known,
        unpriced_responses: 0,
        cost_estimate: Usd::default(),
        cost_limit: None,
        attempt_cost: None,
        published: 0,
        head: Digest::ZERO,
        archived_at: None,
        escalation_level: 0,
        review: None,
        consecutive_retries: None,
        uncounted_attempts: 0,
    }
}

/// A job with every optional thing there is, each as long as it gets; its version is in the thousands.
pub(crate) fn filled(name: &str) -> Job {
    let tag = |number: u8| (format!("tag-{number:012}"), format!("value-{number:026}"));
    Job {
        job_type: TypeName::parse("support-reply-draft").unwrap(),
        type_version: 12,
        lane: Lane::Approval,
        lane_reasons: vec![
            LaneReason::ConsequentialEffect,
            LaneReason::ManyIndependentRecords,
            LaneReason::ValueAfterSession,
            LaneReason::SeveralStepsOrSlowTools,
            LaneReason::StatusCanBeShown,
            LaneReason::JobType,
        ],
        created_by: Principal::parse("0d9c1f3e-7a54-4b7e-9a63-5f0c2e8b1d47").unwrap(),
        issuer: Some(Issuer::of("https://issuer.example")),
        on_behalf_of: Some(Principal::parse("5f0c2e8b-9a63-4b7e-7a54-0d9c1f3e1d47").unwrap()),
        updated_at: NOW + 5 * MINUTE,
        since: NOW + 5 * MINUTE - Duration::from_millis(2_345_678_912),
        version: 2_345,
        state: State::Failed,
        reason: Some(Reason::ProviderWordUnknown),
        attempt: Attempt {
            number: 17,
            submit_token: Some(nonce(0xab)),
            asked: Some("priority".to_owned()),
            last_webhook_at: Some(NOW),
            response: Some(response_id(1)),
            prior: Some(response_id(2)),
            named: Some(response_id(3)),
            provider_status: Some("incomplete".to_owned()),
            model: Some("gpt-6.1-terra-pro-2026-09-01".to_owned()),
            service_tier: Some("priority".to_owned()),
            error: ErrorWords::checked(Some("invalid_request_error".into()), Some("context_length_exceeded".into())),
            answer: Some(PayloadRef { digest: Digest::of(b"evidence"), bytes: 1_234_567 }),
            note: Some(12),
        },
        due: NOW + 6 * MINUTE,
        claim_count: 123,
        deadline: NOW + 7 * MINUTE,
        complete_by: Some(NOW + 8 * MINUTE),
        due_index_at: Some(NOW + 6 * MINUTE),
        summary: "Zürich: a contract, 120 bytes of it. ".repeat(4).chars().take(116).collect(),
        tags: (1..=4).map(tag).collect(),
        result: Some(ResultRef {
            stored: PayloadRef { digest: Digest::of(b"answer"), bytes: 1_234_567 },
            partial: true,
            edited: true,
            late: true,
        }),
        cost_usd: Usd::from_pico(1_234_567_890_123_456_789),
        cost_state: CostState::Estimated,
        unpriced_responses: 12,
        cost_estimate: Usd::from_pico(9_123_456_789_012),
        attempt_cost: Some(Usd::from_pico(12_800_575_000_000)),
        cost_limit: Some(Usd::from_pico(50_000_000_000_000)),
        published: 2_344,
        head: Digest::of(b"the record before"),
        archived_at: Some(NOW + 9 * MINUTE),
        escalation_level: 3,
        review: Some(ReviewClock {
            overdue_at: NOW + 10 * MINUTE,
            next_reminder_at: NOW + 11 * MINUTE,
            approvals_missing: 2,
        }),
        consecutive_retries: Some((ErrorClass::ProviderError, 2)),
        uncounted_attempts: 12,
        ..bare(name)
    }
}

/// The change that leaves a job exactly so, sealed behind its head.
pub(crate) fn change_to(job: Job) -> Transition {
    let record = Record {
        version: job.version,
        event: EventKind::Noted,
        at: job.updated_at,
        actor: Actor::system("observe-job"),
        cause: Cause::Due,
        from: Some(job.state),
        to: job.state,
        job_type: job.job_type.clone(),
        type_version: job.type_version,
        lane: job.lane,
        attempt: job.attempt.number,
        reason: job.reason,
        response: job.attempt.response.clone(),
        digest: None,
        bytes: None,
        answer: None,
        error: ErrorWords::default(),
        usage: None,
        cost_pico: job.cost_usd.pico(),
        cost_state: job.cost_state,
        unpriced_responses: job.unpriced_responses,
        cost_estimate: job.cost_estimate.pico(),
        due: (!job.state.is_resting()).then_some(job.due),
        deadline: job.deadline,
        finished_at: None,
        request_id: None,
        orphan: None,
        note: None,
        key: None,
        escalation_level: job.escalation_level,
        issuer: None,
        on_behalf_of: None,
    };
    let body = serde_json::to_string(&record).unwrap();
    sealed(job, record, body)
}

/// The same with a body of one's own for the record.
pub(crate) fn sealed(mut job: Job, record: Record, body: String) -> Transition {
    let sealed = SealedRecord::new(&job.workspace, &job.id, job.head, body);
    job.head = sealed.hash;
    Transition { submit_token_seen: job.attempt.submit_token, job, record, sealed }
}

/// The next version of a job, altered.
pub(crate) fn next(job: &Job, alter: impl FnOnce(&mut Job)) -> Transition {
    let mut next = job.clone();
    next.version += 1;
    alter(&mut next);
    Transition { submit_token_seen: job.attempt.submit_token, ..change_to(next) }
}
