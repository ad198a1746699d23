//! Rows stay small, because a write is billed by the kilobyte and every transition writes one of each.

use std::collections::BTreeSet;

use adapters::dynamodb::{Item, event_item, job_item};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::cost::{Cost, CostState, Usage, Usd};
use domain::id::{JobId, ResponseId, WorkspaceId};
use domain::job::{Attempt, Change, Context, Event, Finish, Job, ResultRef, Said, State, Status, Stored};
use domain::job_type::shipped;
use domain::provider::{ErrorWords, Outcome};
use domain::reason::Reason;
use domain::record::{Actor, Cause};
use domain::time::Timing;

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

/// The longest names that keys can be made of.
fn largest() -> Job {
    let job =
        Job { workspace: WorkspaceId::parse(&"w".repeat(32)).unwrap(), id: JobId::random(nonce(0xab)), ..filled("1") };
    assert_eq!((job.summary.len(), job.tags.len()), (120, 4));
    assert!(job.tags.iter().all(|(key, value)| (key.len(), value.len()) == (16, 32)));
    assert_eq!((job.attempt.response.as_ref().unwrap().as_str().len(), job.created_by.as_str().len()), (64, 36));
    assert_eq!(job.attempt.model.as_ref().unwrap().len(), 28);
    assert_eq!(job.cost_usd.pico().to_string().len(), 19);
    job
}

/// The same, with all that a job can have in this state.
fn largest_in(state: State) -> Job {
    let job = largest();
    let Attempt { start, heard_at, response, prior, named, error, .. } = job.attempt.clone();
    let runs = state == State::InProgress;
    let queued = state.status() == Status::Queued;
    let attempt = Attempt {
        start: start.filter(|_| !state.is_resting() || state.is_terminal()),
        heard_at: heard_at.filter(|_| runs),
        response: response.filter(|_| !queued),
        // What was lost before is not asked for again once this attempt has a name of its own.
        prior: prior.filter(|_| queued && state != State::Held),
        error: if says_why(state) { error } else { ErrorWords::default() },
        answer: None,
        named: named.filter(|_| state == State::Held),
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
fn a_job_row_as_it_is_usually_filled_is_at_most_a_kilobyte() {
    let mut seen = BTreeSet::new();
    for state in State::ALL {
        let open = largest_in(state);
        // A job that was put away is in no open list.
        let put_away = Job { archived_at: Some(NOW), ..open.clone() };
        // What came to nothing has an answer that is no result.
        let attempt = Attempt { answer: largest().attempt.answer, ..open.attempt.clone() };
        let fruitless = Job { result: None, attempt, ..open.clone() };
        let ended = [fruitless, put_away].map(|job| state.is_terminal().then_some(job));
        for job in [Some(open)].into_iter().chain(ended).flatten() {
            let item = job_item(&job);
            let (bytes, parts) = size(&item);
            assert!(bytes <= 1_024, "{bytes} bytes, {state:?}: {parts}");
            seen.extend(item.into_keys());
        }
    }
    let everything = job_item(&Job { archived_at: None, ..largest() });
    assert!(everything.keys().all(|name| seen.contains(name)), "{seen:?}");
}

/// Relays issue ids of some 300 characters; no row may be refused for one that is as long as an id can be.
fn with_long_ids(job: Job) -> Job {
    let long = |id: Option<ResponseId>| id.map(|_| ResponseId::parse(&"r".repeat(1_024)).unwrap());
    let Attempt { response, prior, named, .. } = job.attempt.clone();
    let attempt = Attempt { response: long(response), prior: long(prior), named: long(named), ..job.attempt.clone() };
    Job { attempt, ..job }
}

#[test]
fn a_row_with_the_longest_response_ids_is_no_larger_than_any_row_may_be() {
    for state in State::ALL {
        let (bytes, parts) = size(&job_item(&with_long_ids(largest_in(state))));
        assert!(bytes <= 4_096, "{bytes} bytes, {state:?}: {parts}");
    }
    let long = with_long_ids(Job { state: State::Expired, ..largest() });
    let response = long.attempt.response.clone().unwrap();
    let settled = Event::CostSettled {
        response,
        cost: Some(Cost::known(Usd::from_pico(1))),
        usage: Some(usage()),
        kept: None,
        answer: None,
    };
    let change = applied(long, settled);
    let (bytes, parts) = size(&event_item(&change));
    assert!(bytes <= 3_072, "{bytes} bytes: {parts}: {}", change.sealed.body);
}

fn finished(outcome: Outcome) -> Event {
    Event::Finished(Finish {
        outcome,
        result: Some(ResultRef { stored: Stored::of(b"answer"), partial: true, edited: true, late: false }),
        answer: None,
        error: ErrorWords::default(),
        is_shown: false,
        provider_status: Some("incomplete".to_owned()),
        model: None,
        service_tier: None,
        usage: Some(usage()),
        cost: Some(Cost { usd: Usd::from_pico(1), state: CostState::Estimated }),
        request_id: Some("req_0123456789abcdef0123456789abcdef".to_owned()),
    })
}

fn said() -> Said {
    let digest = Some(domain::id::Digest::of(b"something"));
    Said { note: digest, key: digest }
}

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

fn apply(state: State, event: Event) -> Change {
    let job = largest();
    let error = if says_why(state) { job.attempt.error.clone() } else { ErrorWords::default() };
    let attempt = Attempt { error, ..job.attempt.clone() };
    applied(Job { state, archived_at: None, level: 2, attempt, ..job }, event)
}

fn applied(job: Job, event: Event) -> Change {
    let (policy, timing) = (shipped("support-reply-draft").unwrap(), Timing::aws());
    let actor = match event {
        Event::Canceled(_) | Event::Escalated(_) | Event::Rejected { .. } => Actor::principal(&job.created_by),
        _ => Actor::system("observe-job"),
    };
    let context = Context { policy: &policy, timing: &timing, actor: &actor, cause: Cause::Webhook, now: NOW };
    job.apply(event, &context).unwrap().unwrap()
}

#[test]
fn the_largest_event_row_is_at_most_a_kilobyte() {
    let sizes: Vec<(usize, String)> = [
        apply(State::InProgress, finished(Outcome::Completed)),
        apply(State::InProgress, finished(Outcome::ActionRequired)),
        apply(State::InProgress, finished(Outcome::Partial(Reason::OutputLimit))),
        apply(State::InProgress, finished(Outcome::Failed(Reason::ProviderFailed))),
        apply(
            State::Expired,
            Event::CostSettled {
                response: largest().attempt.response.unwrap(),
                cost: Some(Cost { usd: Usd::from_pico(1), state: CostState::Estimated }),
                usage: Some(usage()),
                kept: None,
                answer: Some(Stored::of(b"answer")),
            },
        ),
        apply(State::AwaitingDecision, Event::Rejected { note: Some(domain::id::Digest::of(b"note")) }),
        apply(State::AwaitingDecision, Event::Escalated(said())),
        apply(State::Failed, Event::Retried(said())),
        apply(State::InProgress, Event::Canceled(said())),
    ]
    .iter()
    .map(|change| {
        let (bytes, parts) = size(&event_item(change));
        (bytes, format!("{bytes} bytes: {parts}: {}", change.sealed.body))
    })
    .collect();
    let (bytes, row) = sizes.iter().max().unwrap();
    assert!(*bytes <= 1_024, "{row}");
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
