//! Rows are a file format: every attribute of every row, and what damage to an attribute does.

use std::collections::BTreeMap;

use adapters::aws::dynamodb::{Item, event_item, job_item, member_item, read_job, response_item, workspace_event_item};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::Job;
use domain::job::note::Note;
use domain::job::response::ResponseRow;
use domain::people::workspace::Workspace;
use domain::policy::cost::{CostState, Usage, Usd};
use domain::policy::job_type::shipped;
use domain::policy::lane::Lane;
use domain::policy::reason::Reason;
use domain::port::{
    Circuits as _, Commit, Jobs as _, NoticeLedger, PayloadKind, Payloads as _, Responses as _, Workspaces as _,
    WriteOutcome,
};
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::id::Issuer;
use domain::value::member::{Member, MemberName, Role};

use super::make::{MINUTE, NOW, bare, change_to, filled, job_id, next, nonce, response_id, response_row, workspace};
use super::people::{member, principal};
use super::{Bench, put};
use crate::tidy;

pub(crate) fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

fn shown(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) => format!("S {text:?}"),
        AttributeValue::N(number) => format!("N {number}"),
        AttributeValue::B(bytes) => {
            format!("B {}", bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        AttributeValue::Bool(value) => format!("BOOL {value}"),
        AttributeValue::M(map) => {
            let map: BTreeMap<_, _> = map.iter().map(|(name, value)| (name, shown(value))).collect();
            format!("M {map:?}")
        }
        AttributeValue::L(list) => format!("L {:?}", list.iter().map(shown).collect::<Vec<_>>()),
        other => panic!("no row holds {other:?}"),
    }
}

fn page(rows: &[(&str, Item)]) -> String {
    let mut page = String::new();
    for (name, item) in rows {
        page.push_str(&format!("{name}\n"));
        for (attribute, value) in item.iter().collect::<BTreeMap<_, _>>() {
            page.push_str(&format!("  {attribute:<12} {}\n", shown(value)));
        }
    }
    page
}

pub(crate) fn rita() -> Member {
    Member { issuer: Some(Issuer::of("https://issuer.example")), ..member("rita", &[Role::Reviewer, Role::Submitter]) }
}

fn called_rita() -> Member {
    Member { name: MemberName::parse("Rita Rossi"), ..member("rita", &[Role::Reviewer]) }
}

pub(crate) fn looked_after() -> ResponseRow {
    ResponseRow {
        due: Some(NOW),
        claim_count: 3,
        usage: Some(Usage { input_tokens: 7, ..Usage::default() }),
        usd: Usd::from_pico(12),
        cost_state: CostState::Known,
        settled: true,
        orphan: true,
        asked: Some("flex".to_owned()),
        ..response_row(1)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_attribute_of_every_row_keeps_its_name_and_its_form() {
    let bench = Bench::open();
    let set = Workspace::untouched(workspace()).set_member(rita(), &principal("root"), NOW).unwrap();
    assert_eq!(bench.table.change_workspace(&set, None).await.unwrap(), WriteOutcome::Committed);
    let typed = set.workspace.set_type(shipped("quick-answer").unwrap(), &principal("root"), NOW).unwrap();
    assert_eq!(bench.table.change_workspace(&typed, None).await.unwrap(), WriteOutcome::Committed);
    let job = put(&bench.table, change_to(bare("1"))).await;
    let note = Note { version: 2, salt: nonce(9), text: "Fine.".to_owned() };
    let decided = next(&job, |_| ());
    assert_eq!(
        bench.table.commit(Commit { note: Some(&note), ..Commit::of(&decided, None) }).await.unwrap(),
        WriteOutcome::Committed
    );
    let of_job = (&workspace(), &job_id("1"));
    let _ = NoticeLedger::claim(&bench.table, of_job, 3, NOW, MINUTE).await.unwrap();
    bench.table.done(of_job, 3, NOW).await.unwrap();
    let input = bench.payloads.put(of_job, PayloadKind::Input, b"small").await.unwrap();
    assert_eq!(bench.table.put_watcher(&response_id(1), nonce(7)).await.unwrap(), WriteOutcome::Committed);
    let breaker = Breaker {
        failures: 7,
        parked_until: Some(NOW),
        reason: Some(Reason::ProviderBusy),
        ..Breaker::untouched(Circuit::Starts(Lane::Background))
    };
    let breaker = Breaker { version: 1, ..breaker };
    assert_eq!(bench.table.put_breaker(&breaker).await.unwrap(), WriteOutcome::Committed);
    let raw = async |pk: &str, sk: &str| bench.raw(pk, sk).await.unwrap();
    let pk = "WS#acme#JOB#job_1";
    let rows = [
        ("job, with all there is", job_item(&Job { archived_at: None, ..filled("1") })),
        ("job, put away", job_item(&filled("1"))),
        ("job, bare", raw(pk, "JOB").await),
        ("event", event_item(&change_to(bare("1")))),
        ("note", raw(pk, "NOTE#0000000002").await),
        ("notice", raw(pk, "NOTICE#0000000003").await),
        ("payload", raw(pk, &format!("INPUT#{}", &input.digest.hex()[..16])).await),
        ("response, with all there is", response_item(&looked_after())),
        ("response, bare", response_item(&response_row(1))),
        ("denied", raw(&format!("RESP#{}", response_id(1)), "DENIED").await),
        ("member, of an issuer", member_item(&workspace(), &rita())),
        ("member, gone", member_item(&workspace(), &member("remy", &[]))),
        ("member, with a name", member_item(&workspace(), &called_rita())),
        ("membership", raw("PRINCIPAL#rita", "WS#acme").await),
        ("event, of a member", workspace_event_item(&set)),
        ("event, of a type", workspace_event_item(&typed)),
        ("job_type", raw("WS#acme", "TYPE#quick-answer#0000000001").await),
        ("workspace", raw("WS#acme", "WORKSPACE").await),
        ("breaker", raw("SYSTEM", "LANE#background").await),
    ];
    for file in tidy::names("shared/adapters/src/aws/dynamodb/rows").iter().filter(|file| *file != "attribute.rs") {
        let is_shown = rows.iter().any(|(name, _)| name.split(',').next() == file.strip_suffix(".rs"));
        assert!(is_shown, "no row of {file} is here");
    }
    snapshot("rows", &page(&rows));
}

/// What may stand where something else should.
fn damages() -> [(&'static str, Option<AttributeValue>); 10] {
    let text = |value: &str| Some(AttributeValue::S(value.to_owned()));
    let number = |value: &str| Some(AttributeValue::N(value.to_owned()));
    [
        ("gone", None),
        ("S \"\"", text("")),
        ("S \"a b\"", text("a b")),
        ("S \"x\"", text("x")),
        ("N 7", number("7")),
        ("N -1", number("-1")),
        ("N 1.5", number("1.5")),
        ("N 2^64", number("18446744073709551616")),
        ("B 3 bytes", Some(AttributeValue::B(Blob::new([1, 2, 3])))),
        ("BOOL", Some(AttributeValue::Bool(true))),
    ]
}

#[test]
fn damage_to_an_attribute_is_an_error_or_is_as_if_it_were_gone() {
    let names = damages().map(|(name, _)| format!("{name:<10}")).join(" ");
    let mut page = format!("{:<10} {}\n", "", names.trim_end());
    for row in [Job { archived_at: None, ..filled("1") }] {
        let item = job_item(&row);
        for name in item.keys().collect::<std::collections::BTreeSet<_>>() {
            let mut without = item.clone();
            without.remove(name);
            let without = read_job(&without).ok();
            let cells = damages().map(|(_, value)| {
                let mut item = item.clone();
                item.remove(name);
                item.extend(value.map(|value| (name.clone(), value)));
                let said = match read_job(&item) {
                    Ok(job) if job == row => "ignored".to_owned(),
                    Ok(job) if Some(&job) == without.as_ref() => "as gone".to_owned(),
                    Ok(_) => "read".to_owned(),
                    Err(error) => format!("! {}", error.to_string().rsplit(' ').next().unwrap_or_default()),
                };
                format!("{said:<10}")
            });
            page.push_str(&format!("{name:<10} {}\n", cells.join(" ").trim_end()));
        }
    }
    snapshot("damage", &page);
}
