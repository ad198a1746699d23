//! What somebody learns of themselves: which workspaces they are in, what they are called and may do there.

use aws_sdk_dynamodb::types::AttributeValue;
use local::embedded::TABLE;
use local::world::{Answer, Call};
use serde_json::{Value, json};

use super::Scene;

const MEMBER: &str = "PUT /v1/workspaces/{workspace}/members/{principal}";

impl Scene {
    async fn me(&self, principal: &str) -> Value {
        let answer = self.world.call(Call { route: "GET /v1/me", principal, ..Call::default() }).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    async fn changes(&self, route: &str, who: &str, workspace: &str, principal: &str, body: Option<Value>) -> Answer {
        let path = [("workspace", workspace), ("principal", principal)];
        let body = body.map(|body| body.to_string());
        let call = Call { route, principal: who, path: &path, body: body.as_deref(), ..Call::default() };
        self.world.call(call).await.unwrap()
    }
}

#[tokio::test]
async fn everybody_finds_the_workspaces_they_are_in_and_nobody_elses() {
    let scene = Scene::new().await;
    let alice = json!({"workspace": "acme", "name": null, "roles": ["submitter"], "allowed_actions": ["create_job"]});
    assert_eq!(scene.me("alice").await, json!({"principal": "alice", "workspaces": [alice]}));
    let rita = json!({"workspace": "acme", "name": null, "roles": ["reviewer"], "allowed_actions": []});
    assert_eq!(scene.me("rita").await["workspaces"], json!([rita]));
    assert_eq!(scene.me("nobody").await, json!({"principal": "nobody", "workspaces": []}));
    let body = json!({"roles": ["auditor"], "name": "Rita Rossi"});
    assert_eq!(scene.changes(MEMBER, "mallory", "rival", "rita", Some(body)).await.status, 200);
    let seen = scene.me("rita").await;
    let rival =
        json!({"workspace": "rival", "name": "Rita Rossi", "roles": ["auditor"], "allowed_actions": ["read_trail"]});
    assert_eq!(seen["workspaces"], json!([rita, rival]), "by name");
}

#[tokio::test]
async fn whoever_was_removed_does_not_find_the_workspace_any_more() {
    let scene = Scene::new().await;
    let removed =
        scene.changes("DELETE /v1/workspaces/{workspace}/members/{principal}", "ada", "acme", "rita", None).await;
    assert_eq!(removed.status, 200);
    assert_eq!(scene.me("rita").await["workspaces"], json!([]));
    let again = scene.changes(MEMBER, "ada", "acme", "rita", Some(json!({"roles": ["operator"]}))).await;
    assert_eq!(again.status, 200);
    assert_eq!(scene.me("rita").await["workspaces"][0]["roles"], json!(["operator"]));
}

/// The row that leads there grants nothing: what counts is the member row.
#[tokio::test]
async fn a_row_that_somebody_wrote_by_hand_shows_nobody_a_workspace() {
    let scene = Scene::new().await;
    let row = [("PK", "PRINCIPAL#eve"), ("SK", "WS#acme"), ("entity", "membership")];
    let mut put = scene.world.embedded().client().put_item().table_name(TABLE);
    for (name, value) in row {
        put = put.item(name, AttributeValue::S(value.to_owned()));
    }
    put.item("active", AttributeValue::Bool(true)).send().await.unwrap();
    assert_eq!(scene.me("eve").await["workspaces"], json!([]));
}

#[tokio::test]
async fn another_issuers_subject_finds_nothing_of_somebody_elses() {
    let scene = Scene::new().await;
    let issuer = Some("https://other.example/");
    let call = Call { route: "GET /v1/me", principal: "alice", issuer, ..Call::default() };
    assert_eq!(scene.world.call(call).await.unwrap().body["workspaces"], json!([]));
}

#[tokio::test]
async fn what_somebody_is_told_they_may_do_is_what_they_may_do() {
    let scene = Scene::new().await;
    for who in ["alice", "rita", "otto", "ada", "audrey"] {
        let me = scene.me(who).await;
        let told = |action: &str| me["workspaces"][0]["allowed_actions"].as_array().unwrap().contains(&json!(action));
        // Each without what it needs, so that nothing changes.
        for (action, route) in [
            ("create_job", "POST /v1/workspaces/{workspace}/jobs"),
            ("set_member", "DELETE /v1/workspaces/{workspace}/members/{principal}"),
            ("set_job_type", "PUT /v1/workspaces/{workspace}/job-types/{name}"),
            ("read_trail", "GET /v1/workspaces/{workspace}/events"),
        ] {
            let path = [("workspace", "acme"), ("principal", "not-there"), ("name", "own")];
            let body = Some("{}").filter(|_| !route.starts_with("GET"));
            let call = Call { route, principal: who, path: &path, body, ..Call::default() };
            let answer = scene.world.call(call).await.unwrap();
            assert_eq!(answer.status != 403, told(action), "{who} {action}: {} {}", answer.status, answer.text);
        }
    }
}

#[tokio::test]
async fn a_name_is_shown_and_stands_in_the_workspaces_trail_until_another_one_does() {
    let scene = Scene::new().await;
    let set = async |body: Value| {
        let answer = scene.changes(MEMBER, "ada", "acme", "zoe", Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["name"].clone()
    };
    assert_eq!(set(json!({"roles": ["reviewer"], "name": "Zo\u{eb} Meyer"})).await, "Zo\u{eb} Meyer");
    let read = async |who: &str, route: &str| {
        let call = Call { route, principal: who, path: &[("workspace", "acme")], ..Call::default() };
        scene.world.call(call).await.unwrap().body
    };
    let members = read("rita", "GET /v1/workspaces/{workspace}/members").await;
    let zoe = members["members"].as_array().unwrap().iter().find(|member| member["principal"] == "zoe").unwrap();
    assert_eq!(zoe["name"], "Zo\u{eb} Meyer");
    assert_eq!(set(json!({"roles": ["reviewer"], "name": "Zo\u{eb} Muller"})).await, "Zo\u{eb} Muller");
    assert_eq!(set(json!({"roles": ["reviewer"]})).await, Value::Null, "what is left out goes");
    let trail = read("audrey", "GET /v1/workspaces/{workspace}/events").await;
    let events: Vec<&Value> = trail["events"].as_array().unwrap().iter().rev().take(3).collect();
    let names: Vec<&Value> = events.iter().map(|event| &event["name"]).collect();
    assert_eq!(names, [&Value::Null, &json!("Zo\u{eb} Muller"), &json!("Zo\u{eb} Meyer")]);
    assert_eq!(trail["chain_intact"], true);
    let long = json!({"roles": ["reviewer"], "name": "n".repeat(65)});
    let refused = scene.changes(MEMBER, "ada", "acme", "zoe", Some(long)).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!("name")));
}

#[tokio::test]
async fn a_name_that_was_written_over_by_hand_is_named_by_the_trail() {
    let scene = Scene::new().await;
    let body = json!({"roles": ["reviewer"], "name": "Zo\u{eb}"});
    assert_eq!(scene.changes(MEMBER, "ada", "acme", "zoe", Some(body)).await.status, 200);
    let key = |value: &str| AttributeValue::S(value.to_owned());
    let update = scene.world.embedded().client().update_item().table_name(TABLE);
    let update = update.key("PK", key("WS#acme")).key("SK", key("MEMBER#zoe")).update_expression("SET #n = :n");
    let update = update.expression_attribute_names("#n", "name").expression_attribute_values(":n", key("Ada"));
    update.send().await.unwrap();
    let route = "GET /v1/workspaces/{workspace}/events";
    let call = Call { route, principal: "audrey", path: &[("workspace", "acme")], ..Call::default() };
    let trail = scene.world.call(call).await.unwrap().body;
    assert_eq!((&trail["chain_intact"], &trail["altered"]), (&json!(false), &json!(["member:zoe"])));
}
