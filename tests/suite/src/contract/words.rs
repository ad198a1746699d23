//! A word of a newer release passes through every reader and comes out as it is; what that release added is not lost.

use adapters::aws::dynamodb::{Item, Table, event_item, job_item, member_item, read_event, response_item, type_item};
use adapters::lambda::batch::Batch;
use adapters::lambda::http;
use aws_lambda_events::sqs::SqsEvent;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::event::notice::{Notice, Occasion};
use domain::event::published::{Published, published};
use domain::job::record::SealedRecord;
use domain::job::response::ResponseRow;
use domain::job::{EventKind, Job, State};
use domain::people::workspace::{Workspace, WorkspaceChange, WorkspaceRecord};
use domain::policy::cost::{CostState, Usage};
use domain::policy::job_type::{JobType, OnOverdue, ReviewPolicy, shipped};
use domain::policy::lane::Lane;
use domain::policy::reason::Reason;
use domain::port::{
    CircuitReader as _, Circuits as _, Commit, DueIndex as _, DueRow, JobReader as _, Jobs as _, Listing,
    ResponseWrite, Responses as _, Span, WorkspaceReader as _, Workspaces as _, WriteOutcome,
};
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::id::{Digest, JobId};
use domain::value::member::Role;
use local::bus::envelope;
use local::embedded::TABLE;
use serde_json::{Value, json};

use super::make::{NOW, bare, change_to, filled, job_id, next, response_id, response_row, workspace};
use super::people::{member, principal, set};
use super::{Bench, put, row};

/// As long as a word gets.
pub(super) const NEWER: &str = "in_a_manner_that_only_a_later_one_knows.";

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn words(list: impl IntoIterator<Item = impl ToString>) -> String {
    list.into_iter().map(|word| word.to_string()).collect::<Vec<_>>().join(" ")
}

/// A job row with these attributes instead, through the row itself, the list and the due index.
async fn job_with(bench: &Bench, attribute: &str, value: &str) -> Job {
    let mut item = job_item(&Job { due_index_at: Some(NOW), archived_at: None, ..filled("1") });
    item.insert(attribute.to_owned(), text(value));
    item.insert("zz".to_owned(), text("of a newer release"));
    bench.write(item).await;
    let job = bench.table.job(&workspace(), &job_id("1")).await.unwrap().unwrap();
    let page = bench.table.list(&workspace(), Listing::Open, &Span::default(), None, 10).await.unwrap();
    assert_eq!(page.jobs, std::slice::from_ref(&job));
    let due = bench.table.due(NOW, 10).await.unwrap();
    assert!(matches!(due.as_slice(), [DueRow::Job(row)] if **row == job), "{due:?}");
    assert!(!job.is_understood(), "{attribute}");
    job
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_row_is_read_with_any_word() {
    let bench = Bench::open();
    assert_eq!(job_with(&bench, "st", NEWER).await.state.word(), NEWER);
    assert_eq!(job_with(&bench, "rs", NEWER).await.reason.unwrap().word(), NEWER);
    assert_eq!(job_with(&bench, "ln", NEWER).await.lane.word(), NEWER);
    let job = job_with(&bench, "lr", &format!("ce {NEWER} jt")).await;
    let reasons = job.lane_reasons.iter().map(|reason| reason.word());
    assert_eq!(words(reasons), format!("consequential_effect {NEWER} job_type"));
    let job = job_with(&bench, "sc", NEWER).await;
    assert_eq!(job.consecutive_retries.unwrap().0.word(), NEWER);
    // As it would be written back.
    assert_eq!(job_item(&job)["sc"], text(NEWER));
}

/// The record of a change with this at a place in its body.
fn record_with(place: &str, value: Value) -> (Item, Value) {
    let change = change_to(filled("1"));
    let mut body: Value = serde_json::from_str(&change.sealed.body).unwrap();
    *body.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = value;
    body["zz"] = json!({"of": "a newer release"});
    let sealed = SealedRecord::new(&change.job.workspace, &change.job.id, change.sealed.previous, body.to_string());
    (event_item(&domain::job::Transition { sealed, ..change }), body)
}

#[test]
fn a_record_is_read_from_its_row_and_from_the_stream_with_any_word() {
    for place in ["/event", "/actor/kind", "/cause", "/from", "/to", "/lane", "/reason"] {
        let (item, body) = record_with(place, json!(NEWER));
        let (_, _, sealed) = read_event(&item).unwrap();
        let record = sealed.decode().unwrap();
        assert!(!record.is_understood(), "{place}");
        let again = serde_json::to_value(&record).unwrap();
        assert_eq!(again.pointer(place), body.pointer(place), "{place}");
        assert_eq!(published(&workspace(), &job_id("1"), &record, &sealed), None, "{place}: it has no schema for it");
    }
    let change = change_to(filled("1"));
    assert!(change.sealed.decode().unwrap().is_understood());
    let mut body: Value = serde_json::from_str(&change.sealed.body).unwrap();
    body["usage"] = json!({"in": 7, "out": 3, "qu": 1.5});
    let sealed = SealedRecord::new(&workspace(), &job_id("1"), change.sealed.previous, body.to_string());
    let usage = Usage { input_tokens: 7, output_tokens: 3, ..Usage::default() };
    assert_eq!(sealed.decode().unwrap().usage, Some(usage));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_response_row_is_read_with_any_word_and_not_settled_over_it() {
    let bench = Bench::open();
    let mut item = response_item(&ResponseRow { due: Some(NOW), ..response_row(1) });
    item.insert("cost_state".to_owned(), text(NEWER));
    item.insert("usage".to_owned(), text(r#"{"in":7,"images":{"large":2}}"#));
    bench.write(item.clone()).await;
    let read = bench.table.response(&response_id(1)).await.unwrap().unwrap();
    assert_eq!((read.cost_state.word(), read.is_understood()), (NEWER, false));
    assert_eq!(read.usage, Some(Usage { input_tokens: 7, ..Usage::default() }));
    let due = bench.table.due(NOW, 10).await.unwrap();
    assert!(matches!(due.as_slice(), [DueRow::Response(row)] if **row == read), "{due:?}");
    let job = put(&bench.table, change_to(bare("1"))).await;
    let settled = ResponseWrite::Settle(ResponseRow { cost_state: CostState::Known, settled: true, ..read.clone() });
    assert_eq!(
        bench.table.commit(Commit::of(&next(&job, |_| {}), Some(&settled))).await.unwrap(),
        WriteOutcome::Conflict
    );
    assert_eq!(bench.raw(&format!("RESP#{}", read.id), "RESPONSE").await.unwrap(), item);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_circuit_is_read_with_any_word_and_keeps_it() {
    let (bench, circuit) = (Bench::open(), Circuit::Starts(Lane::Background));
    let parked = Breaker { reason: Some(Reason::ProviderBusy), parked_until: Some(NOW), ..Breaker::untouched(circuit) };
    let parked = Breaker { version: 1, ..parked };
    assert_eq!(bench.table.put_breaker(&parked).await.unwrap(), WriteOutcome::Committed);
    let mut item = bench.raw("SYSTEM", "LANE#background").await.unwrap();
    item.insert("reason".to_owned(), text(NEWER));
    bench.write(item).await;
    let read = bench.table.breaker(circuit).await.unwrap();
    assert_eq!(read.reason.unwrap().word(), NEWER);
    let again = Breaker { version: 2, ..read.clone() };
    assert_eq!(bench.table.put_breaker(&again).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(bench.table.breaker(circuit).await.unwrap(), again);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_nobody_knows_is_kept_and_hides_no_member() {
    let bench = Bench::open();
    for name in ["rita", "remy"] {
        set(&bench.table, member(name, &[Role::Reviewer])).await;
    }
    let mut item = member_item(&workspace(), &member("rita", &[Role::Reviewer]));
    item.insert("roles".to_owned(), AttributeValue::L(vec![text("reviewer"), text(NEWER)]));
    bench.write(item.clone()).await;
    let members = bench.table.members(&workspace()).await.unwrap();
    let roles = members.iter().map(|member| words(member.roles.iter().map(Role::word)));
    assert_eq!(roles.collect::<Vec<_>>(), ["reviewer", &format!("reviewer {NEWER}")]);
    assert_eq!(member_item(&workspace(), &members[1]), item, "as it would be written back");
    let change = Workspace::untouched(workspace()).set_member(members[1].clone(), &principal("root"), NOW).unwrap();
    let record = WorkspaceRecord::decode(&change.sealed).unwrap();
    assert_eq!(words(record.roles.unwrap().iter().map(Role::word)), format!("reviewer {NEWER}"));
}

/// A newer release sets a version of a type, with what only it knows.
pub(crate) async fn set_newer_type(table: &Table, client: &Client, known: &JobType, alter: impl Fn(&mut Value)) {
    let mut document: Value = serde_json::from_str(&known.document()).unwrap();
    alter(&mut document);
    let document = document.to_string();
    let before = table.workspace(&workspace()).await.unwrap();
    let change = before.set_type(known.clone(), &principal("root"), NOW).unwrap();
    let record = WorkspaceRecord::decode(&change.sealed).unwrap();
    let record = WorkspaceRecord { digest: Some(Digest::of(document.as_bytes())), ..record };
    let sealed = SealedRecord::of_workspace(&workspace(), before.head, serde_json::to_string(&record).unwrap());
    let after = Workspace { head: sealed.hash, ..change.workspace.clone() };
    let change = WorkspaceChange { workspace: after, sealed, ..change };
    assert_eq!(table.change_workspace(&change, None).await.unwrap(), WriteOutcome::Committed);
    let mut item = type_item(&workspace(), known, record.version);
    item.insert("document".to_owned(), text(&document));
    client.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
}

/// A type with this at a place, as this release reads it.
async fn type_with(place: &str, value: Value) -> JobType {
    let bench = Bench::open();
    let known = JobType { version: 7, ..shipped("support-reply-draft").unwrap() };
    set_newer_type(&bench.table, &bench.embedded.client(), &known, |document| {
        *document.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = value.clone();
        document["zz"] = json!([1, 2]);
    })
    .await;
    let read = bench.table.job_type(&workspace(), &known.name, Some(7)).await.unwrap().unwrap();
    assert_eq!(bench.table.job_types(&workspace()).await.unwrap(), std::slice::from_ref(&read));
    read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_row_is_read_with_any_word_and_nothing_is_done_by_it() {
    for (place, value) in [
        ("/lane", json!(NEWER)),
        ("/effects", json!(["deletion", NEWER])),
        ("/pre_approved_effects", json!([NEWER])),
        ("/review", json!(NEWER)),
        ("/review", json!({NEWER: {"of": 3}})),
        ("/on_overdue", json!(NEWER)),
        ("/on_overdue", json!({NEWER: {"levels": 3}})),
    ] {
        let read = type_with(place, value.clone()).await;
        assert!(!read.is_understood(), "{place}");
        let shown = serde_json::to_value(&read).unwrap();
        assert!(shown.pointer(place).unwrap().to_string().contains(NEWER), "{place}: {shown}");
    }
    // What a word that is known brings along must not be passed over: here it asks for more reviews.
    let stricter = json!({"when": {"effects": true, "partial": false, "cost_over_usd": null, "languages": ["de"]}});
    let read = type_with("/review", stricter).await;
    assert!(matches!(read.review, ReviewPolicy::Other(_)) && !read.is_understood(), "{read:?}");
    let read = type_with("/on_overdue", json!({"escalate": {"levels": 3000}})).await;
    assert!(matches!(read.on_overdue, OnOverdue::Other(_)), "{read:?}");
    // A list of gaps for trouble that nobody here meets changes nothing.
    let gaps = json!({"busy": [5], NEWER: [1, 2]});
    let read = type_with("/retry/gaps_seconds", gaps.clone()).await;
    assert!(read.is_understood());
    assert_eq!(serde_json::to_value(&read).unwrap().pointer("/retry/gaps_seconds"), Some(&gaps));
}

pub(super) fn batch(bodies: &[Value]) -> Batch {
    let records: Vec<Value> = (0_u32..)
        .zip(bodies)
        .map(|(number, body)| json!({"messageId": format!("m{number}"), "body": body.to_string(), "eventSource": "aws:sqs"}))
        .collect();
    Batch::new(serde_json::from_value::<SqsEvent>(json!({"Records": records})).unwrap())
}

pub(super) fn left(batch: Batch) -> Vec<String> {
    batch.answer().batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[test]
fn a_review_or_escalation_is_read_with_any_word() {
    let change = change_to(Job { state: State::AwaitingDecision, ..filled("1") });
    let mut record = change.record.clone();
    record.event = EventKind::Escalated;
    let event: Published = published(&change.job.workspace, &change.job.id, &record, &change.sealed).unwrap();
    for place in ["/from", "/to", "/lane", "/reason", "/cost/state"] {
        let mut whole = envelope(&event);
        *whole["detail"].pointer_mut(place).unwrap() = json!(NEWER);
        whole["detail"]["zz"] = json!("of a newer release");
        let mut batch = batch(&[whole.clone()]);
        let read = batch.next_event().unwrap_or_else(|| panic!("{place}"));
        assert_eq!(serde_json::to_value(&read).unwrap().pointer(place), whole["detail"].pointer(place));
        let notice = Notice::of(&read, "https://x").unwrap();
        assert!(matches!(notice.occasion, Occasion::Escalated { .. }), "{notice:?}");
        assert!(adapters::notifier::text(&notice).contains("Escalated"), "{notice:?}");
        assert_eq!(left(batch), [""; 0]);
    }
    let mut newer = envelope(&event);
    newer["detail"]["type"] = json!(format!("job.{NEWER}"));
    let mut batch = batch(&[newer]);
    assert_eq!(batch.next_event(), None);
    assert_eq!(left(batch), ["m0"], "it stays for the release that knows it");
}

#[test]
fn a_cursor_of_a_newer_release_is_read_as_far_as_it_is_known() {
    let position =
        http::position(&URL_SAFE_NO_PAD.encode(r#"{"created_ms":7,"job":"job_1","order":"newest"}"#)).unwrap();
    assert_eq!((position.created_ms, position.job), (7, JobId::parse("job_1").unwrap()));
}

/// The attributes that this release does not know, of a row that it has written since.
async fn kept(bench: &Bench, pk: &str, sk: &str) -> Option<AttributeValue> {
    bench.raw(pk, sk).await.unwrap().remove("zz")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_newer_release_added_to_a_row_stays_when_this_one_writes_it() {
    let bench = Bench::open();
    let added = text("of a newer release");
    let add = async |pk: &str, sk: &str| {
        let mut item = bench.raw(pk, sk).await.unwrap();
        item.insert("zz".to_owned(), added.clone());
        bench.write(item).await;
    };
    let job = put(&bench.table, change_to(bare("1"))).await;
    let pk = "WS#acme#JOB#job_1";
    add(pk, "JOB").await;
    let claimed = Job { claim_count: 1, due: NOW, due_index_at: Some(NOW), ..job.clone() };
    assert_eq!(bench.table.claim(&job, &claimed).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(kept(&bench, pk, "JOB").await, Some(added.clone()), "by a claim");
    let response = ResponseRow { due: Some(NOW), ..response_row(1) };
    assert_eq!(bench.table.put_response(None, &response).await.unwrap(), WriteOutcome::Committed);
    let of_response = format!("RESP#{}", response.id);
    add(&of_response, "RESPONSE").await;
    let looked = ResponseRow { claim_count: 1, due: None, ..response.clone() };
    assert_eq!(bench.table.put_response(Some(&response), &looked).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(bench.table.response(&response.id).await.unwrap(), Some(looked.clone()));
    assert_eq!(kept(&bench, &of_response, "RESPONSE").await, Some(added.clone()), "by a look");
    let settled = ResponseRow { cost_state: CostState::Known, settled: true, ..looked };
    let change = next(&row(&bench.table, &job).await, |job| job.due_index_at = None);
    let write = ResponseWrite::Settle(settled.clone());
    assert_eq!(bench.table.commit(Commit::of(&change, Some(&write))).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(bench.table.response(&response.id).await.unwrap(), Some(settled));
    assert_eq!(row(&bench.table, &job).await, change.job);
    for (pk, sk) in [(pk, "JOB"), (&of_response, "RESPONSE")] {
        assert_eq!(kept(&bench, pk, sk).await, Some(added.clone()), "by a transition: {sk}");
    }
    set(&bench.table, member("rita", &[Role::Reviewer])).await;
    let circuit = Breaker { version: 1, parked_until: Some(NOW), ..Breaker::untouched(Circuit::Polls) };
    assert_eq!(bench.table.put_breaker(&circuit).await.unwrap(), WriteOutcome::Committed);
    let others = [("WS#acme", "MEMBER#rita"), ("WS#acme", "WORKSPACE"), ("SYSTEM", "LOOKS")];
    for (pk, sk) in others {
        add(pk, sk).await;
    }
    set(&bench.table, member("rita", &[Role::Operator])).await;
    let closed = Breaker { version: 2, parked_until: None, ..circuit };
    assert_eq!(bench.table.put_breaker(&closed).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(bench.table.breaker(Circuit::Polls).await.unwrap(), closed);
    for (pk, sk) in others {
        assert_eq!(kept(&bench, pk, sk).await, Some(added.clone()), "{sk}");
    }
}

/// An index entry of what is left alone moves without a byte of the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_a_job_alone_writes_the_time_of_its_index_entry_and_nothing_else() {
    let bench = Bench::open();
    let mut item = job_item(&Job { due_index_at: Some(NOW), ..filled("1") });
    // Forms that this release cannot read.
    item.insert("st".to_owned(), text(NEWER));
    item.insert("sn".to_owned(), text("another form of a start"));
    item.insert("he".to_owned(), AttributeValue::L(vec![]));
    bench.write(item.clone()).await;
    let seen = bench.table.job(&workspace(), &job_id("1")).await.unwrap().unwrap();
    let left = seen.left_alone(NOW).unwrap();
    assert_eq!(bench.table.claim(&seen, &left).await.unwrap(), WriteOutcome::Committed);
    let after = bench.raw("WS#acme#JOB#job_1", "JOB").await.unwrap();
    let moved: Vec<&String> = after.keys().filter(|name| after.get(*name) != item.get(*name)).collect();
    assert_eq!(moved, ["due_at"]);
    assert_eq!(after.len(), item.len());
    assert!(bench.table.due(NOW, 10).await.unwrap().is_empty());
    assert_eq!(left.left_alone(NOW), None, "nobody meets it now");
}
