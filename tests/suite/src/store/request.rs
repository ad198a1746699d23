//! What the table is asked, as it goes over the wire.

use std::collections::BTreeSet;

use domain::job::Job;
use domain::port::{Commit, Confirmation, JobReader as _, Jobs as _, ResponseWrite, Responses as _};
use serde_json::json;

use super::canned::{Canned, busy, canceled, error, found, lost, ok, twice, words};
use crate::contract::make::{bare, change_to, filled, next, response_row, workspace};

#[tokio::test]
async fn both_tries_of_a_transaction_carry_one_token_and_the_next_transaction_another() {
    let canned = Canned::new([lost(), ok(json!({})), ok(json!({})), ok(json!({}))]);
    let (table, change) = (canned.table(), change_to(bare("1")));
    table.create(&change).await.unwrap();
    for _ in 0..2 {
        let _ = table.commit(Commit::of(&next(&change.job, |_| ()), None)).await.unwrap();
    }
    let calls = canned.calls();
    let tokens: Vec<&str> = calls.iter().map(|call| call.body["ClientRequestToken"].as_str().unwrap()).collect();
    assert_eq!(tokens[0], tokens[1]);
    assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), 3);
}

#[tokio::test]
async fn every_call_of_a_port_asks_what_it_consumed() {
    let canned = Canned::new([
        ok(json!({"ConsumedCapacity": [{"TableName": "jobs", "CapacityUnits": 4.0}]})),
        ok(json!({"ConsumedCapacity": [{"TableName": "jobs", "CapacityUnits": 6.0}]})),
        ok(json!({"ConsumedCapacity": {"TableName": "jobs", "CapacityUnits": 1.0}})),
        ok(json!({"ConsumedCapacity": {"TableName": "jobs", "CapacityUnits": 2.0}})),
        ok(json!({"ConsumedCapacity": {"TableName": "jobs", "CapacityUnits": 3.0}})),
        ok(json!({"ConsumedCapacity": {"TableName": "jobs", "CapacityUnits": 0.5}})),
        ok(json!({"ConsumedCapacity": {"TableName": "jobs", "CapacityUnits": 1.5}})),
    ]);
    let (table, change) = (canned.table(), change_to(bare("1")));
    let job = &change.job;
    table.create(&change).await.unwrap();
    let _ = table.commit(Commit::of(&next(job, |_| ()), Some(&ResponseWrite::Put(response_row(1))))).await.unwrap();
    let _ = table.claim(job, &Job { claim_count: 1, ..job.clone() }).await.unwrap();
    let (workspace, id) = (workspace(), job.id.clone());
    let confirmation = Confirmation { workspace, job: id, from: 1, to: 1 };
    let _ = table.confirm(&confirmation).await.unwrap();
    let _ = table.put_response(None, &response_row(1)).await.unwrap();
    assert_eq!(table.response(&response_row(1).id).await.unwrap(), None);
    assert_eq!(table.trail(&job.workspace, &job.id, 0).await.unwrap(), []);
    for call in canned.calls() {
        assert_eq!(call.body["ReturnConsumedCapacity"], "TOTAL", "{}", call.operation);
    }
    let readings = table.meter().readings();
    assert_eq!((readings.write_units, readings.read_units), (16.0, 2.0));
    let calls: Vec<_> = readings.calls.into_iter().collect();
    assert_eq!(calls, [("GetItem", 1), ("PutItem", 1), ("Query", 1), ("TransactWriteItems", 2), ("UpdateItem", 2)]);
}

#[tokio::test]
async fn the_second_look_is_strongly_consistent() {
    let change = change_to(bare("1"));
    let canned = Canned::new([canceled(&["TransactionConflict", "None"]), found(Some(&change.job))]);
    canned.table().create(&change).await.unwrap();
    let look = &canned.calls()[1];
    assert_eq!((look.operation.as_str(), &look.body["ConsistentRead"]), ("GetItem", &json!(true)));
    assert_eq!(look.body["Key"], json!({"PK": {"S": "WS#acme#JOB#job_1"}, "SK": {"S": "JOB"}}));
}

#[tokio::test]
async fn a_failure_says_nothing_of_the_row() {
    const CANARY: &str = "canary-4711";
    let secret =
        Job { summary: CANARY.to_owned(), tags: [(CANARY.to_owned(), CANARY.to_owned())].into(), ..filled("1") };
    let before = change_to(secret).job;
    let change = next(&before, |_| ());
    let refusals =
        busy().into_iter().chain([error(400, "AccessDeniedException", "no"), error(400, "ValidationException", "no")]);
    for answer in refusals {
        let tries = if answer.1["__type"].as_str().unwrap().ends_with("DeniedException") || answer.1["message"] == "no"
        {
            vec![answer]
        } else {
            twice(&answer).to_vec()
        };
        let canned = Canned::new(tries.iter().cloned().chain([found(Some(&before))]));
        let failure = canned.table().commit(Commit::of(&change, None)).await.unwrap_err();
        assert!(!words(&failure).contains(CANARY), "{}", words(&failure));
        let canned = Canned::new(tries.iter().cloned().chain([found(Some(&before))]));
        let failure = canned.table().claim(&before, &Job { claim_count: 124, ..before.clone() }).await.unwrap_err();
        assert!(!words(&failure).contains(CANARY), "{}", words(&failure));
        let canned = Canned::new(tries.iter().cloned().chain([found(None)]));
        let failure = canned.table().create(&change).await.unwrap_err();
        assert!(!words(&failure).contains(CANARY), "{}", words(&failure));
    }
    let canned = Canned::new([canceled(&["None", "TransactionConflict"]), found(Some(&before))]);
    let failure = canned.table().commit(Commit::of(&change, None)).await.unwrap_err();
    assert!(!words(&failure).contains(CANARY), "{}", words(&failure));
}
