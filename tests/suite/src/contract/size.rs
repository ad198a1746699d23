//! Rows stay small, because a write is billed by the kilobyte and every transition writes one of each.

use std::collections::BTreeSet;

use adapters::aws::dynamodb::{Item, event_item, job_item};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::record::{Actor, Cause};
use domain::job::{
    Attempt, Event, Finish, Job, PayloadRef, PersonInput, ResultRef, State, Status, Transition, TransitionContext,
};
use domain::policy::cost::{Cost, CostState, StoredUsage, Usage, Usd};
use domain::policy::job_type::shipped;
use domain::policy::lane::LaneReason;
use domain::policy::reason::Reason;
use domain::provider::{ErrorWords, Outcome};
use domain::value::id::{JobId, Principal, ResponseId, TypeName, WorkspaceId};
use domain::value::time::Timing;

use super::make::{NOW, filled, nonce};

/// What DynamoDB counts for a value.
fn size_of(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.trim_matches(['-', '0']).len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Bool(_) => 1,
        AttributeValue::M(map) => 3 + map.iter().map(|(name, value)| 1 + name.len() + size_of(value)).sum::<usize>(),
        other => panic!("no row holds {other:?}"),
    }
}

/// The size of a row, and what each attribute adds to it.
fn size(item: &Item) -> (usize, String) {
    let mut parts: Vec<_> = item.iter().map(|(name, value)| (name.len() + size_of(value), name)).collect();
    parts.sort();
    let list = parts.iter().rev().map(|(bytes, name)| format!("{name} {bytes}")).collect::<Vec<_>>().join(", ");
    (parts.iter().map(|(bytes, _)| bytes).sum(), list)
}

/// A row as filled as they usually get: with ids of 64 bytes, a summary of 100 and two tags, created for nobody else.
fn usual() -> Job {
    let job =
        Job { workspace: WorkspaceId::parse(&"w".repeat(32)).unwrap(), id: JobId::random(nonce(0xab)), ..filled("1") };
    let summary = "s".repeat(100);
    let job =
        Job { summary, tags: job.tags.into_iter().take(2).collect(), on_behalf_of: None, escalation_level: 2, ..job };
    assert_eq!((job.summary.len(), job.tags.len()), (100, 2));
    assert!(job.tags.iter().all(|(key, value)| (key.len(), value.len()) == (16, 32)));
    assert_eq!((job.attempt.response.as_ref().unwrap().as_str().len(), job.created_by.as_str().len()), (64, 36));
    assert_eq!(job.attempt.model.as_ref().unwrap().len(), 28);
    assert_eq!(job.cost_usd.pico().to_string().len(), 19);
    job
}

/// The longest response id that there can be.
fn longest_id() -> ResponseId {
    (1..=8_192).rev().find_map(|length| ResponseId::parse(&"r".repeat(length)).ok()).unwrap()
}

/// The longest of everything that callers and the provider name, in this state.
fn largest_in(state: State) -> Job {
    let job = usual_in(state);
    let long = |id: Option<ResponseId>| id.map(|_| longest_id());
    let word = |word: Option<String>| word.map(|_| "w".repeat(64));
    Job {
        id: JobId::parse(&format!("job_{}", "j".repeat(40))).unwrap(),
        job_type: TypeName::parse(&"t".repeat(40)).unwrap(),
        lane_reasons: LaneReason::ALL.into(),
        created_by: Principal::parse(&"p".repeat(128)).unwrap(),
        on_behalf_of: Some(Principal::parse(&"p".repeat(128)).unwrap()),
        summary: filled("1").summary,
        tags: filled("1").tags.into_keys().map(|key| (key, "t".repeat(64))).collect(),
        attempt: Attempt {
            response: long(job.attempt.response),
            prior: long(job.attempt.prior),
            named: long(job.attempt.named),
            provider_status: word(job.attempt.provider_status),
            model: word(job.attempt.model),
            service_tier: word(job.attempt.service_tier),
            error: ErrorWords::checked(word(job.attempt.error.kind), word(job.attempt.error.code)),
            ..job.attempt
        },
        ..job
    }
}

/// The usual row, with all that a job can have in this state.
fn usual_in(state: State) -> Job {
    let job = usual();
    let Attempt { submit_token, last_webhook_at, response, prior, named, error, .. } = job.attempt.clone();
    let runs = state == State::InProgress;
    let queued = state.status() == Status::Queued;
    let attempt = Attempt {
        submit_token: submit_token.filter(|_| !state.is_resting() || state.is_terminal()),
        last_webhook_at: last_webhook_at.filter(|_| runs),
        response: response.filter(|_| !queued),
        // What was lost before is not asked for again once this attempt has a name of its own.
        prior: prior.filter(|_| queued && state != State::Held),
        named: named.filter(|_| state == State::Held),
        error: if says_why(state) { error } else { ErrorWords::default() },
        answer: None,
        ..job.attempt.clone()
    };
    let result = job.result.filter(|_| state.is_resting());
    Job {
        state,
        result: result.map(|result| ResultRef { late: state.is_terminal(), edited: !state.is_terminal(), ..result }),
        review: job.review.filter(|_| state.is_resting() && !state.is_terminal()),
        archived_at: None,
        attempt,
        ..job
    }
}

/// Whether a job can stand there because a run came to nothing.
fn says_why(state: State) -> bool {
    matches!(state, State::RetryScheduled | State::Held | State::Failed)
}

#[test]
fn a_filled_job_row_is_at_most_a_kilobyte_and_the_largest_at_most_four() {
    let mut seen = BTreeSet::new();
    for state in State::ALL {
        let (bytes, parts) = size(&job_item(&Job { archived_at: None, ..largest_in(state) }));
        assert!(bytes <= 4_096, "{bytes} bytes, {state:?}: {parts}");
        let open = usual_in(state);
        // A job that was put away is in no open list.
        let put_away = Job { archived_at: Some(NOW), ..open.clone() };
        // What came to nothing has an answer that is no result.
        let attempt = Attempt { answer: usual().attempt.answer, ..open.attempt.clone() };
        let fruitless = Job { result: None, attempt, ..open.clone() };
        let ended = [fruitless, put_away].map(|job| state.is_terminal().then_some(job));
        for job in [Some(open)].into_iter().chain(ended).flatten() {
            let item = job_item(&job);
            let (bytes, parts) = size(&item);
            assert!(bytes <= 1_024, "{bytes} bytes, {state:?}: {parts}");
            seen.extend(item.into_keys());
        }
    }
    let everything = job_item(&Job { archived_at: None, ..usual() });
    assert!(everything.keys().all(|name| seen.contains(name)), "{seen:?}");
}

fn finished(outcome: Outcome, usage: Usage, request_id: &str) -> Event {
    Event::Finished(Finish {
        outcome,
        result: Some(ResultRef { stored: PayloadRef::of(b"answer"), partial: true, edited: true, late: false }),
        answer: None,
        error: ErrorWords::default(),
        is_shown: false,
        provider_status: Some("incomplete".to_owned()),
        model: None,
        service_tier: None,
        usage: Some(usage),
        cost: Some(cost_of(&usage)),
        finished_at: Some(NOW),
        request_id: Some(request_id.to_owned()),
    })
}

fn said() -> PersonInput {
    let digest = Some(domain::value::id::Digest::of(b"something"));
    PersonInput { note: digest, key: digest }
}

/// What most runs tell.
fn few() -> Usage {
    Usage {
        input_tokens: 12_345,
        cached_tokens: 10_240,
        output_tokens: 1_234,
        reasoning_tokens: 512,
        seconds: 42,
        ..Usage::default()
    }
}

fn cost_of(usage: &Usage) -> Cost {
    let state = if usage.untold > 0 { CostState::Estimated } else { CostState::Known };
    Cost { usd: Usd::from_pico(1), state }
}

/// What a large run tells.
fn usage() -> Usage {
    Usage {
        input_tokens: 1_234_567,
        cached_tokens: 1_234_567,
        cache_write_tokens: 1_234_567,
        output_tokens: 123_456,
        reasoning_tokens: 123_456,
        web_searches: 123,
        cache_write_30m_tokens: 1_234_567,
        seconds: 12_345,
        untold: 1,
        ..Usage::default()
    }
}

/// All that there is to count, and no end of it.
fn all_usage() -> Usage {
    let all = Usage::NAMES.iter().map(|name| format!("\"{name}\":{}", u64::MAX)).collect::<Vec<_>>().join(",");
    serde_json::from_str::<StoredUsage>(&format!("{{{all}}}")).unwrap().0
}

fn apply(job: Job, event: Event) -> Transition {
    let (policy, timing) = (shipped("support-reply-draft").unwrap(), Timing::aws());
    let actor = match event {
        Event::Canceled(_) | Event::Escalated(_) | Event::Rejected { .. } => Actor::principal(&job.created_by),
        _ => Actor::system("observe-job"),
    };
    let job = Job { archived_at: None, ..job };
    let context =
        TransitionContext { policy: &policy, timing: &timing, actor: &actor, cause: Cause::Webhook, now: NOW };
    job.apply(event, &context).unwrap().unwrap()
}

/// The event rows of a life, with the names of what happened.
fn sizes(of: fn(State) -> Job, usage: Usage, request_id: &str) -> Vec<(usize, String)> {
    let ran = of(State::InProgress).attempt;
    let (orphan, waiting) = (ran.response.clone().unwrap(), of(State::Waiting));
    let attached = Event::Attached {
        response: orphan.clone(),
        provider_status: ran.provider_status.clone(),
        model: ran.model.clone(),
        service_tier: ran.service_tier.clone(),
        request_id: Some(request_id.to_owned()),
    };
    let ended = |outcome| apply(of(State::InProgress), finished(outcome, usage, request_id));
    let settled = Event::CostSettled {
        response: orphan,
        cost: Some(cost_of(&usage)),
        usage: Some(usage),
        kept: None,
        answer: Some(PayloadRef::of(b"answer")),
    };
    let note = Some(domain::value::id::Digest::of(b"note"));
    let after = |state| Job { attempt: ran.clone(), ..of(state) };
    let changes = [
        apply(waiting, attached),
        ended(Outcome::Completed),
        ended(Outcome::ActionRequired),
        ended(Outcome::Partial(Reason::OutputLimit)),
        ended(Outcome::Failed(Reason::ProviderFailed)),
        apply(after(State::Expired), settled),
        apply(after(State::AwaitingDecision), Event::Approved { approvals_missing: 0, note }),
        apply(after(State::AwaitingDecision), Event::Rejected { note }),
        apply(after(State::AwaitingDecision), Event::Escalated(said())),
        apply(after(State::Failed), Event::Retried(said())),
        apply(of(State::InProgress), Event::Canceled(said())),
    ];
    let mut sizes: Vec<(usize, String)> = changes
        .iter()
        .map(|change| {
            let (bytes, parts) = size(&event_item(change));
            (bytes, format!("{bytes} bytes: {parts}: {}", change.sealed.body))
        })
        .collect();
    sizes.sort();
    sizes
}

/// A job as most are: an attempt or two, in a workspace with a name that people write.
fn ordinary(state: State) -> Job {
    let job = usual_in(state);
    Job {
        workspace: WorkspaceId::parse("acme-support").unwrap(),
        type_version: 1,
        version: 5,
        cost_usd: Usd::from_pico(12_345_678_901),
        cost_state: CostState::Known,
        unpriced_responses: 1,
        cost_estimate: Usd::default(),
        escalation_level: 0,
        attempt: Attempt { number: 1, ..job.attempt.clone() },
        ..job
    }
}

#[test]
fn an_event_row_is_usually_at_most_800_bytes_and_never_more_than_three_kilobytes() {
    let request_id = "req_0123456789abcdef0123456789abcdef";
    for (of, usage, request_id, most) in [
        (ordinary as fn(State) -> Job, few(), request_id, 800),
        (usual_in, usage(), request_id, 1_024),
        (largest_in, all_usage(), &"\"".repeat(128), 3_072),
    ] {
        let sizes = sizes(of, usage, request_id);
        let (bytes, row) = sizes.last().unwrap();
        assert!(*bytes <= most, "more than {most}: {row}");
    }
}

#[test]
fn sizes_are_counted_as_the_table_counts_them() {
    let of = |value: AttributeValue| size_of(&value);
    assert_eq!(of(AttributeValue::S("Zürich".to_owned())), 7);
    assert_eq!(of(AttributeValue::N("0".to_owned())), 1);
    assert_eq!(of(AttributeValue::N("1795000123456".to_owned())), 8);
    assert_eq!(of(AttributeValue::N("1000000".to_owned())), 2);
    assert_eq!(of(AttributeValue::M([("a".to_owned(), AttributeValue::Bool(true))].into())), 6);
}
