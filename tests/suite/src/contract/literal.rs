//! Keys are a file format: what is written today is read for years, so they are spelled out here.

use std::fs;

use adapters::aws::dynamodb::{
    Item, event_item, job_item, keys, member_item, membership_item, response_item, type_item,
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::note::Note;
use domain::job::response::ResponseRow;
use domain::job::{Job, PayloadRef, State};
use domain::people::workspace::Workspace;
use domain::policy::job_type::{JobType, shipped};
use domain::port::{Claim, Commit, Jobs as _, NoticeLedger, PayloadKind, Payloads as _, Workspaces as _, WriteOutcome};
use domain::value::id::Principal;
use domain::value::member::{Member, Role};

use super::make::{MINUTE, NOW, bare, change_to, filled, job_id, next, nonce, response_row, workspace};
use super::{Bench, put};

/// The keys of a row and of its index entries, without what it does not have.
fn keys_of(item: &Item) -> Vec<(&str, &str)> {
    ["PK", "SK", "due_shard", "due_at", "listing", "creator", "open", "created"]
        .into_iter()
        .filter_map(|name| match item.get(name)? {
            AttributeValue::S(value) | AttributeValue::N(value) => Some((name, value.as_str())),
            other => panic!("{name} is {other:?}"),
        })
        .collect()
}

#[test]
fn a_job_row_is_keyed_by_workspace_and_id_and_found_by_time() {
    let job = Job { due_index_at: Some(NOW), ..bare("0123") };
    let expected = [
        ("PK", "WS#acme#JOB#job_0123"),
        ("SK", "JOB"),
        ("due_shard", "14"),
        ("due_at", "1795000123456"),
        ("listing", "acme"),
        ("creator", "acme##alice"),
        ("open", "acme"),
        ("created", "1795000123456"),
    ];
    assert_eq!(keys_of(&job_item(&job)), expected);
    let over = Job { state: State::Completed, ..bare("0123") };
    assert_eq!(keys_of(&job_item(&over)), [expected[0], expected[1], expected[4], expected[5], expected[7]]);
}

#[test]
fn the_attributes_of_a_job_row_keep_their_names() {
    let item = job_item(&Job { archived_at: None, ..filled("1") });
    let mut names: Vec<&str> = item.keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = "PK SK ac an aw ca cb cg cl cn co created creator cs dl du due_at due_shard ed entity er hd he ib id kb kd listing ln lr lt lv md \
                    mi nm nt ob open ov pb pr ps rb rd rf rp rs rx sc si sk sm sn st tg tn tr tv ty up vn";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn the_states_of_a_job_row_keep_their_codes() {
    let codes = State::ALL.map(|state| job_item(&Job { state, ..bare("1") })["st"].as_s().unwrap().clone());
    assert_eq!(codes, ["wait", "retry", "held", "run", "decide", "action", "done", "fail", "cancel", "expire"]);
}

#[test]
fn an_event_row_lies_beside_its_job_in_the_order_of_versions() {
    for (version, sk) in [(1, "EVENT#0000000001"), (10, "EVENT#0000000010"), (u32::MAX, "EVENT#4294967295")] {
        let item = event_item(&change_to(Job { version, ..bare("0123") }));
        assert_eq!(keys_of(&item), [("PK", "WS#acme#JOB#job_0123"), ("SK", sk)]);
        let mut names: Vec<&str> = item.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["PK", "SK", "body", "entity", "hash", "previous"]);
        assert_eq!(item["entity"].as_s().unwrap(), "event");
    }
}

#[test]
fn a_denied_response_is_remembered_beside_its_row() {
    let key = keys::denied(&domain::value::id::ResponseId::parse("resp_77").unwrap());
    assert_eq!((key.pk.as_str(), key.sk.as_str()), ("RESP#resp_77", "DENIED"));
}

#[test]
fn a_response_row_is_keyed_by_its_id_alone() {
    let id = domain::value::id::ResponseId::parse("resp_77").unwrap();
    let row = ResponseRow { id, ..response_row(1) };
    assert_eq!(keys_of(&response_item(&row)), [("PK", "RESP#resp_77"), ("SK", "RESPONSE")]);
    let expected = [("PK", "RESP#resp_77"), ("SK", "RESPONSE"), ("due_shard", "01"), ("due_at", "1795000123456")];
    assert_eq!(keys_of(&response_item(&ResponseRow { due: Some(NOW), ..row })), expected);
}

#[test]
fn a_member_row_lies_in_its_workspace() {
    let principal = Principal::parse("0d9c1f3e-7a54").unwrap();
    let member = Member { principal, roles: [Role::Admin].into(), issuer: None, active: true, name: None };
    assert_eq!(keys_of(&member_item(&workspace(), &member)), [("PK", "WS#acme"), ("SK", "MEMBER#0d9c1f3e-7a54")]);
    let row = membership_item(&workspace(), &member);
    assert_eq!(keys_of(&row), [("PK", "PRINCIPAL#0d9c1f3e-7a54"), ("SK", "WS#acme")]);
    assert_eq!((row["entity"].as_s().unwrap().as_str(), row.len()), ("membership", 4), "it says nothing of roles");
}

#[tokio::test]
async fn a_type_row_lies_in_its_workspace_in_the_order_of_versions_and_is_its_document() {
    let bench = Bench::open();
    let job_type = JobType { version: 12, ..shipped("quick-answer").unwrap() };
    let change =
        Workspace::untouched(workspace()).set_type(job_type.clone(), &Principal::parse("ada").unwrap(), NOW).unwrap();
    assert_eq!(bench.table.change_workspace(&change, None).await.unwrap(), WriteOutcome::Committed);
    let row = bench.raw("WS#acme", "TYPE#quick-answer#0000000012").await.unwrap();
    assert_eq!(row, type_item(&workspace(), &job_type, 1));
    assert_eq!(row["entity"].as_s().unwrap(), "type");
    let expected = r#"{"name":"quick-answer","version":12,"description":"Answers a short question while the user waits.","lane":"interactive","model":"gpt-6-luna","allow_unpriced":false,"instructions":"Answer the question in a few sentences.","tools":[],"input_items":["image","file"],"max_tool_calls":64,"reasoning_effort":"low","max_output_tokens":2000,"service_tier":null,"window":null,"output_schema":null,"output_strict":false,"effects":[],"pre_approved_effects":[],"review":"never","approvals":1,"four_eyes":true,"start_deadline_seconds":900,"run_deadline_seconds":300,"sla_seconds":86400,"on_overdue":{"escalate":{"levels":3}},"review_deadline_seconds":604800,"retry":{"attempts":10,"gaps_seconds":{"busy":[5,15,30,60,120,300,600],"unreachable":[5,15,30,60,120,300,600],"lost":[0,30],"provider_error":[10,60]},"flex_refusals":12},"retention_days":30,"cost_limit_usd":null,"expected_seconds":10,"overridable":{"model":[],"service_tier":[],"window":[],"max_output_tokens":{"max":2000},"reasoning_effort":["none","low"],"flexible":true}}"#;
    assert_eq!(row["document"].as_s().unwrap(), expected);
    let event = bench.raw("WS#acme", "EVENT#0000000001").await.unwrap();
    assert_eq!(event["entity"].as_s().unwrap(), "type_event");
}

#[tokio::test]
async fn what_people_leave_lies_beside_what_it_is_about() {
    let bench = Bench::open();
    let rita = Principal::parse("rita").unwrap();
    let member =
        Member { principal: rita.clone(), roles: [Role::Reviewer].into(), issuer: None, active: true, name: None };
    let change = Workspace::untouched(workspace()).set_member(member, &Principal::parse("root").unwrap(), NOW).unwrap();
    assert_eq!(bench.table.change_workspace(&change, None).await.unwrap(), WriteOutcome::Committed);
    let row = bench.raw("WS#acme", "WORKSPACE").await.unwrap();
    assert_eq!(row["version"].as_n().unwrap(), "1");
    let event = bench.raw("WS#acme", "EVENT#0000000001").await.unwrap();
    // The stream's filter lets nothing but jobs' events pass.
    assert_eq!(event["entity"].as_s().unwrap(), "member_event");
    let job = put(&bench.table, change_to(bare("0123"))).await;
    let decided = next(&job, |job| job.unpriced_responses = 1);
    let note = Note { version: decided.job.version, salt: nonce(9), text: "Fine.".to_owned() };
    assert_eq!(
        bench
            .table
            .commit(Commit { note: Some(&note), reviewers: &[rita], ..Commit::of(&decided, None) })
            .await
            .unwrap(),
        WriteOutcome::Committed
    );
    let row = bench.raw("WS#acme#JOB#job_0123", "NOTE#0000000002").await.unwrap();
    // As a payload it ends with the others.
    assert_eq!(
        (row["entity"].as_s().unwrap().as_str(), row["bytes"].as_b().unwrap().as_ref()),
        ("payload", &b"Fine."[..])
    );
}

#[tokio::test]
async fn a_notice_row_lies_beside_its_job_and_holds_no_word_of_the_notice() {
    let bench = Bench::open();
    let (workspace, id) = (workspace(), job_id("0123"));
    let row = async || {
        let row = bench.raw("WS#acme#JOB#job_0123", "NOTICE#0000000003").await.unwrap();
        let mut names: Vec<String> = row.keys().cloned().collect();
        names.sort_unstable();
        (row, names.join(" "))
    };
    assert_eq!(NoticeLedger::claim(&bench.table, (&workspace, &id), 3, NOW, MINUTE).await.unwrap(), Claim::Mine);
    let (claimed, names) = row().await;
    assert_eq!(names, "PK SK entity held_until");
    assert_eq!(claimed["held_until"].as_n().unwrap(), "1795000183456");
    bench.table.done((&workspace, &id), 3, NOW).await.unwrap();
    let (told, names) = row().await;
    assert_eq!(names, "PK SK entity held_until told_at");
    assert_eq!(
        (told["told_at"].as_n().unwrap().as_str(), told["entity"].as_s().unwrap().as_str()),
        ("1795000123456", "notice")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payload_of_4096_bytes_is_a_row_and_a_larger_one_an_object() {
    let bench = Bench::open();
    let (workspace, id) = (workspace(), job_id("0123"));
    let result = PayloadKind::Result { attempt: 12 };
    bench.payloads.put((&workspace, &id), PayloadKind::Input, b"small").await.unwrap();
    bench.payloads.put((&workspace, &id), result, &[b'0'; 4_096]).await.unwrap();
    let pk = "WS#acme#JOB#job_0123";
    let input = bench.raw(pk, "INPUT#81db8ebbbbc69c6c").await.unwrap();
    assert_eq!(input["bytes"].as_b().unwrap().as_ref(), b"small");
    assert!(bench.raw(pk, "RESULT#12#1d05a1711752d58c").await.is_some());
    assert_eq!(fs::read_dir(bench.folder.path()).unwrap().count(), 0);

    let large = [b'0'; 4_097];
    let stored = bench.payloads.put((&workspace, &id), result, &large).await.unwrap();
    assert_eq!(keys::object(&workspace, &id, result, &stored), format!("acme/job_0123/RESULT#12#{LARGE}"));
    assert!(bench.raw(pk, &format!("RESULT#12#{LARGE}")).await.is_none());
    let object = bench.folder.path().join(format!("acme/job_0123/RESULT-12-{LARGE}"));
    assert_eq!(fs::read(object).unwrap(), large);
    assert_eq!(
        keys::object(&workspace, &id, PayloadKind::Input, &PayloadRef::of(b"small")),
        "acme/job_0123/INPUT#81db8ebbbbc69c6c"
    );
}

const LARGE: &str = "9722fa4a83e52827";

#[test]
fn two_hundred_random_ids_use_every_shard_of_the_due_index() {
    let mut shards: Vec<String> = (0..200_u64)
        .map(|number| {
            let digest = domain::value::id::Digest::of(&number.to_be_bytes()).0;
            let id = domain::value::id::JobId::random(domain::value::id::Nonce(digest[..16].try_into().unwrap()));
            let item = job_item(&Job { id, due_index_at: Some(NOW), ..bare("1") });
            item["due_shard"].as_s().unwrap().clone()
        })
        .collect();
    shards.sort();
    shards.dedup();
    assert_eq!(shards, (0..16).map(|shard| format!("{shard:02}")).collect::<Vec<_>>());
}
