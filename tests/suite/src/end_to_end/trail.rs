//! The audit trail shows what was altered.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use super::stage::{ALICE, Need, Stage};

#[tokio::test]
async fn the_audit_chain_holds_and_shows_an_altered_record() {
    let Some(stage) = Stage::open(&[Need::Inside]).await else { return };
    let id = stage.create(json!({})).await;
    let job = stage.ended(&id, "completed").await;
    let trail = stage.trail(&id).await;
    assert_eq!(trail.len() as u64, job["version"].as_u64().unwrap());
    for pair in trail.windows(2) {
        assert_eq!(pair[0]["hash"], pair[1]["previous_hash"]);
    }
    let (pk, sk) = (format!("WS#{}#JOB#{id}", stage.workspace), "EVENT#0000000002");
    let alter = |row: &mut adapters::aws::dynamodb::Item| {
        let body = row["body"].as_s().unwrap().replace("submit-job", "somebody-x");
        row.insert("body".to_owned(), AttributeValue::S(body));
    };
    stage.inside().tamper((&pk, sk), alter).await;
    let altered = stage.get(ALICE, &format!("jobs/{id}/events")).await;
    assert_eq!((altered.status, &altered.body["chain_intact"]), (200, &json!(false)));
}
