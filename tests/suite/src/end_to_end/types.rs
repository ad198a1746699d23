//! A workspace's own job types: an admin sets them, jobs keep the version that they were created with, and all of it is
//! on record.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::review::refused;
use super::stage::{ALICE, Answer, Need, Stage};

impl Stage {
    async fn set_type(&self, who: &str, name: &str, body: &Value) -> Answer {
        self.call(who, Method::PUT, &format!("job-types/{name}"), None, body).await
    }
}

/// A change that so many reviewers have to allow.
fn change(approvals: u8) -> Value {
    json!({
        "description": "Changes a contract.",
        "lane": "approval",
        "model": "gpt-6.1-terra",
        "instructions": "Change it.",
        "effects": ["record_change"],
        "review": "always",
        "approvals": approvals,
        "cost_limit_usd": "2.50",
    })
}

#[tokio::test]
async fn a_job_keeps_the_version_of_its_type_when_an_admin_sets_the_next() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Inside, Need::Simulator]).await else { return };
    let first = stage.set_type("ada", "contract-change", &change(2)).await;
    assert_eq!((first.status, &first.body["version"]), (200, &json!(1)), "{}", first.body);
    assert_eq!((&first.body["cost_limit_usd"], &first.body["retention_days"]), (&json!("2.500000"), &json!(30)));
    let again = stage.set_type("ada", "contract-change", &change(2)).await;
    assert_eq!((again.status, &again.body), (200, &first.body), "a repeat");

    let asked = json!({"type": "contract-change", "input": "Give them a week more."});
    let early = stage.create(asked.clone()).await;
    let waits = stage.ended(&early, "needs_review").await;
    assert_eq!((&waits["type_version"], &waits["lane"]), (&json!(1), &json!("approval")));
    let second = stage.set_type("ada", "contract-change", &change(1)).await;
    assert_eq!((second.status, &second.body["version"]), (200, &json!(2)), "{}", second.body);
    let late = stage.create(asked).await;
    let waits_too = stage.ended(&late, "needs_review").await;
    assert_eq!(waits_too["type_version"], 2);

    // The first takes two, as its type said then; the second one, as it says now.
    let one = stage.decide("rita", &waits, "approve", json!({})).await;
    assert_eq!((one.status, &one.body["status"]), (200, &json!("needs_review")), "{}", one.body);
    let two = stage.decide("remy", &waits, "approve", json!({})).await;
    assert_eq!((two.status, &two.body["status"]), (200, &json!("completed")), "{}", two.body);
    let only = stage.decide("rita", &waits_too, "approve", json!({})).await;
    assert_eq!((only.status, &only.body["status"]), (200, &json!("completed")), "{}", only.body);
    assert_eq!((&two.body["type_version"], &only.body["type_version"]), (&json!(1), &json!(2)));

    let get = async |path: &str| stage.get(ALICE, &format!("job-types/contract-change{path}")).await;
    assert_eq!(get("?version=1").await.body, first.body);
    assert_eq!(get("?version=2").await.body, second.body);
    assert_eq!(get("").await.body, second.body);
    refused(&get("?version=3").await, 404, "not_found");
    refused(&get("?version=0").await, 400, "invalid_request");
    refused(&get("s").await, 404, "not_found");
}

#[tokio::test]
async fn a_type_of_the_workspace_stands_before_the_one_that_ships_and_each_change_is_on_record() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Inside]).await else { return };
    let short =
        json!({"description": "Short.", "lane": "background", "model": "gpt-6-luna", "instructions": "Answer."});
    let shipped = stage.get(ALICE, "job-types/document-analysis").await.body;
    assert_eq!(shipped["version"], 1);
    let own = stage.set_type("ada", "document-analysis", &short).await;
    assert_eq!((own.status, &own.body["version"]), (200, &json!(2)), "{}", own.body);
    let listed = stage.get(ALICE, "job-types").await.body;
    let of = |name: &str| listed["job_types"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned();
    assert_eq!(of("document-analysis").unwrap()["description"], "Short.");
    assert_eq!(of("quick-answer").unwrap()["version"], 1);
    assert_eq!(stage.get(ALICE, "job-types/document-analysis?version=1").await.body, shipped);
    let id = stage.create(json!({})).await;
    let job = stage.see(&id).await;
    assert_eq!((&job["type_version"], &job["lane"]), (&json!(2), &json!("background")));

    let nora = json!({"roles": ["reviewer"]});
    assert_eq!(stage.call("ada", Method::PUT, "members/nora", None, &nora).await.status, 200);
    for who in ["ada", "audrey"] {
        let trail = stage.get(who, "events").await;
        assert_eq!((trail.status, &trail.body["chain_intact"]), (200, &json!(true)), "{}", trail.body);
        // Behind those of the first people.
        let [.., set, member] = trail.body["events"].as_array().unwrap().as_slice() else { panic!("{}", trail.body) };
        assert_eq!((&set["event"], &set["actor"]["id"]), (&json!("type_set"), &json!("ada")));
        assert_eq!(trail.body["altered"], json!([]));
        assert_eq!((&set["job_type"], &set["type_version"]), (&json!("document-analysis"), &json!(2)));
        assert!(set["digest"].as_str().unwrap().starts_with("sha256:") && set["principal"].is_null(), "{set}");
        assert_eq!((&member["event"], &member["principal"]), (&json!("member_set"), &json!("nora")));
        assert_eq!(member["previous_hash"], set["hash"]);
    }
    for who in [ALICE, "rita", "otto", "nora"] {
        refused(&stage.get(who, "events").await, 403, "forbidden");
    }
}

#[tokio::test]
async fn a_type_that_is_wrong_says_all_that_is_and_only_an_admin_sets_one() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Inside]).await else { return };
    let wrong = json!({
        "name": "contract-change", "lane": "background", "model": "llama", "instructions": "Change it.",
        "effects": ["record_change"], "approvals": 10, "retention_days": 0, "retry": {"attempts": 21},
    });
    let answer = stage.set_type("ada", "contract-change", &wrong).await;
    refused(&answer, 400, "invalid_request");
    let fields: BTreeSet<_> =
        answer.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    let expected =
        ["approvals", "description", "lane", "model", "name", "retention_days", "retry.attempts"].map(str::to_owned);
    assert_eq!(fields.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), BTreeSet::from(expected));
    refused(&stage.set_type("ada", "Contract", &change(1)).await, 400, "invalid_request");
    for who in [ALICE, "rita", "otto", "audrey"] {
        refused(&stage.set_type(who, "contract-change", &change(1)).await, 403, "forbidden");
        refused(&stage.set_type(who, "contract-change", &wrong).await, 403, "forbidden");
    }
    refused(&stage.set_type("nobody", "contract-change", &change(1)).await, 404, "not_found");
    refused(&stage.get("nobody", "job-types/quick-answer").await, 404, "not_found");
    refused(&stage.get(ALICE, "job-types/contract-change").await, 404, "not_found");
    let unknown = Stage::send(stage.job_request(None, &json!({"type": "contract-change", "input": "x"}))).await;
    refused(&unknown, 400, "invalid_request");
    let trail = stage.get("ada", "events").await.body;
    let set: Vec<&Value> = trail["events"].as_array().unwrap().iter().filter(|it| it["event"] == "type_set").collect();
    assert_eq!((set.len(), &trail["chain_intact"]), (0, &json!(true)), "{trail}");
}
