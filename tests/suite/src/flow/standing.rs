//! People and types: what changes about them is published, and a row that no record stands behind decides nothing.

use adapters::aws::dynamodb::{Item, keys};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::published::PublishedChangeKind;
use domain::port::WorkspaceReader as _;
use domain::value::id::{Principal, TypeName, WorkspaceId};
use domain::value::member::Role;
use local::embedded::TABLE;
use local::world::{Answer, Call};
use serde_json::{Value, json};

use super::Scene;
use super::review::refused;

fn acme() -> WorkspaceId {
    WorkspaceId::parse("acme").unwrap()
}

fn of_member(name: &str) -> keys::Key {
    keys::member(&acme(), &Principal::parse(name).unwrap())
}

fn of_type(version: u32) -> keys::Key {
    keys::job_type(&acme(), &TypeName::parse("contract").unwrap(), version)
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn roles(names: &[&str]) -> AttributeValue {
    AttributeValue::L(names.iter().map(|name| text(name)).collect())
}

/// A contract that a person has to look at.
fn contract(description: &str) -> String {
    let (model, instructions) = ("gpt-6-luna", "Check it.");
    json!({"description": description, "lane": "background", "model": model, "instructions": instructions, "review": "always"})
        .to_string()
}

impl Scene {
    async fn raw(&self, key: &keys::Key) -> Option<Item> {
        let get = self.world.embedded().client().get_item().table_name(TABLE);
        get.key("PK", text(&key.pk)).key("SK", text(&key.sk)).send().await.unwrap().item
    }

    async fn overwrite(&self, item: Item) {
        self.world.embedded().client().put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
    }

    async fn delete(&self, key: &keys::Key) {
        let delete = self.world.embedded().client().delete_item().table_name(TABLE);
        delete.key("PK", text(&key.pk)).key("SK", text(&key.sk)).send().await.unwrap();
    }

    /// Changes a row past the product.
    async fn alter(&self, key: &keys::Key, attribute: &str, value: AttributeValue) -> Item {
        let whole = self.raw(key).await.unwrap();
        let mut altered = whole.clone();
        altered.insert(attribute.to_owned(), value);
        assert_ne!(altered, whole, "nothing was altered");
        self.overwrite(altered).await;
        whole
    }

    async fn set_member(&self, who: &str, principal: &str, roles: &[&str]) -> Answer {
        let body = json!({"roles": roles}).to_string();
        let route = "PUT /v1/workspaces/{workspace}/members/{principal}";
        let path = [("workspace", "acme"), ("principal", principal)];
        self.world
            .call(Call { route, principal: who, path: &path, body: Some(&body), ..Call::default() })
            .await
            .unwrap()
    }

    /// What the workspace's trail says of itself.
    async fn workspace_events(&self) -> Value {
        let route = "GET /v1/workspaces/{workspace}/events";
        let path = [("workspace", "acme")];
        let answer =
            self.world.call(Call { route, principal: "audrey", path: &path, ..Call::default() }).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    async fn says(&self, what: &str, altered: &[&str]) {
        let events = self.workspace_events().await;
        assert_eq!(
            (&events["altered"], &events["chain_intact"]),
            (&json!(altered), &json!(altered.is_empty())),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_row_that_somebody_altered_is_named_by_the_trail() {
    let scene = Scene::new().await;
    for description in ["One.", "Two."] {
        assert_eq!(scene.set_type("ada", "contract", &contract(description)).await.status, 200);
    }
    scene.says("nothing was altered", &[]).await;

    let whole = scene.alter(&of_member("alice"), "roles", roles(&["submitter", "reviewer"])).await;
    scene.says("a role was added", &["member:alice"]).await;
    let other = scene.alter(&of_member("otto"), "active", AttributeValue::Bool(false)).await;
    scene.says("somebody was dismissed as well", &["member:alice", "member:otto"]).await;
    scene.overwrite(whole.clone()).await;
    scene.overwrite(other).await;

    scene.delete(&of_member("alice")).await;
    scene.says("a row is gone", &["member:alice"]).await;
    let mut eve = whole.clone();
    eve.insert("SK".to_owned(), text("MEMBER#eve"));
    scene.overwrite(eve).await;
    scene.says("a row came by hand", &["member:alice", "member:eve"]).await;
    scene.overwrite(whole).await;
    scene.delete(&of_member("eve")).await;

    let document = scene.raw(&of_type(1)).await.unwrap()["document"].as_s().unwrap().replace("always", "never");
    let one = scene.alter(&of_type(1), "document", text(&document)).await;
    scene.says("an earlier version was altered", &["type:contract#1"]).await;
    scene.overwrite(one.clone()).await;
    let mut three = one;
    three.insert("SK".to_owned(), text(&of_type(3).sk));
    scene.overwrite(three).await;
    scene.says("a version came by hand", &["type:contract#3"]).await;
    scene.delete(&of_type(3)).await;
    scene.says("all is as it was", &[]).await;

    let record = keys::workspace_event(&acme(), 1);
    let forged = scene.raw(&record).await.unwrap()["body"].as_s().unwrap().replace("submitter", "admin");
    scene.alter(&record, "body", text(&forged)).await;
    assert_eq!(scene.workspace_events().await["chain_intact"], false, "a record was altered");
}

#[tokio::test]
async fn no_decision_rests_on_a_member_row_that_somebody_altered() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    // A role that nobody gave.
    let whole = scene.alter(&of_member("otto"), "roles", roles(&["operator", "reviewer", "admin"])).await;
    for (action, with) in [
        ("approve", json!({})),
        ("edit", json!({"text": "Mine."})),
        ("reject", json!({"note": "No."})),
        ("request-changes", json!({"note": "More."})),
    ] {
        refused(&scene.now("otto", &id, action, with).await, 409, "trail_altered");
    }
    refused(&scene.set_member("otto", "eve", &["admin"]).await, 409, "trail_altered");
    refused(&scene.set_type("otto", "contract", &contract("His.")).await, 409, "trail_altered");
    assert_eq!(scene.see(&id).await["status"], "needs_review");
    scene.overwrite(whole).await;
    refused(&scene.now("otto", &id, "approve", json!({})).await, 403, "not_reviewer");

    // A role that was taken back.
    let before = scene.raw(&of_member("remy")).await.unwrap();
    assert_eq!(scene.set_member("ada", "remy", &["submitter"]).await.status, 200);
    scene.overwrite(before).await;
    refused(&scene.now("remy", &id, "approve", json!({})).await, 409, "trail_altered");
    scene.says("the row before", &["member:remy"]).await;

    // Whoever is who they are decides all the same, and an admin puts the row right.
    assert_eq!(scene.set_member("ada", "remy", &["reviewer"]).await.status, 200);
    scene.says("put right", &[]).await;
    assert_eq!(scene.now("remy", &id, "approve", json!({})).await.status, 200);
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
}

#[tokio::test]
async fn no_decision_rests_on_a_trail_of_people_that_somebody_altered() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    // Record and row tell the same, and the chain tells that neither is true.
    let version = scene.world.table().workspace(&acme()).await.unwrap().version;
    let mut is_found = false;
    for number in 1..=version {
        let key = keys::workspace_event(&acme(), number);
        let body = scene.raw(&key).await.unwrap()["body"].as_s().unwrap().clone();
        if body.contains("\"principal\":\"otto\"") {
            scene.alter(&key, "body", text(&body.replace("operator", "reviewer"))).await;
            is_found = true;
        }
    }
    assert!(is_found);
    scene.alter(&of_member("otto"), "roles", roles(&["reviewer"])).await;
    refused(&scene.now("otto", &id, "approve", json!({})).await, 409, "trail_altered");
}

#[tokio::test]
async fn a_type_that_somebody_altered_makes_no_job_and_starts_none() {
    let scene = Scene::new().await;
    assert_eq!(scene.set_type("ada", "contract", &contract("One.")).await.status, 200);
    let body = json!({"type": "contract", "input": "The parties agree."}).to_string();
    let made = scene.world.create("acme", "alice", None, &body).await.unwrap();
    let id = made.body["id"].as_str().unwrap().to_owned();
    let document = scene.raw(&of_type(1)).await.unwrap()["document"].as_s().unwrap().replace("always", "never");
    let whole = scene.alter(&of_type(1), "document", text(&document)).await;
    refused(&scene.world.create("acme", "alice", None, &body).await.unwrap(), 409, "trail_altered");
    scene.allow_repeats();
    scene.pass(600).await;
    assert_eq!((scene.posts(), &scene.see(&id).await["status"]), (0, &json!("queued")));
    assert_eq!(scene.attention().await, [id.as_str()]);
    scene.overwrite(whole).await;
    scene.pass(600).await;
    assert_eq!(scene.see(&id).await["status"], "needs_review", "as its type says");
}

#[tokio::test]
async fn an_answer_is_not_delivered_because_its_type_was_altered_under_way() {
    let scene = Scene::new().await;
    assert_eq!(scene.set_type("ada", "contract", &contract("One.")).await.status, 200);
    let body = json!({"type": "contract", "input": "The parties agree."}).to_string();
    let made = scene.world.create("acme", "alice", None, &body).await.unwrap();
    let id = made.body["id"].as_str().unwrap().to_owned();
    scene.world.settle().await;
    let document = scene.raw(&of_type(1)).await.unwrap()["document"].as_s().unwrap().replace("always", "never");
    let whole = scene.alter(&of_type(1), "document", text(&document)).await;
    scene.allow_repeats();
    scene.pass(600).await;
    assert_ne!(scene.see(&id).await["status"], "completed");
    scene.overwrite(whole).await;
    scene.pass(600).await;
    assert_eq!(scene.see(&id).await["status"], "needs_review");
}

#[tokio::test]
async fn what_changes_about_people_and_types_is_published_once() {
    let scene = Scene::new().await;
    assert_eq!(scene.world.bus().changes(), [], "the first people of a folder are no news");
    assert_eq!(scene.set_member("ada", "rita", &["reviewer", "operator"]).await.status, 200);
    assert_eq!(scene.set_type("ada", "contract", &contract("One.")).await.status, 200);
    scene.pass(300).await;
    let changes: Vec<Value> = scene.world.bus().changes().iter().map(|change| json!(change)).collect();
    let version = scene.world.table().workspace(&acme()).await.unwrap().version;
    let kinds: Vec<&str> = changes.iter().map(|change| change["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["member.changed", "job_type.changed"]);
    let [rita, contract] = changes.as_slice() else { unreachable!() };
    assert_eq!(rita["id"], format!("acme-{}", version - 1));
    assert_eq!((&rita["principal"], &rita["roles"]), (&json!("rita"), &json!(["reviewer", "operator"])));
    assert_eq!((&rita["changed_by"], &rita["active"]), (&json!("ada"), &json!(true)));
    assert_eq!((&contract["job_type"], &contract["type_version"]), (&json!("contract"), &json!(1)));
    assert_eq!(contract["link"], "/v1/workspaces/acme/job-types/contract?version=1");
    let row = scene.world.table().workspace(&acme()).await.unwrap();
    assert_eq!((row.published, row.due), (version, None), "nothing is due any more");
    assert_eq!(PublishedChangeKind::ALL.len(), 2);
}

#[tokio::test]
async fn a_change_that_the_bus_did_not_take_is_found_again() {
    let scene = Scene::new().await;
    scene.allow_repeats();
    // More often than the stream is asked again.
    scene.world.bus().fail_next(1_000);
    for names in [&["reviewer"][..], &["reviewer", "operator"], &["reviewer", "auditor"]] {
        assert_eq!(scene.set_member("ada", "rita", names).await.status, 200);
    }
    scene.pass(120).await;
    assert!(scene.world.bus().changes().is_empty());
    scene.world.bus().fail_next(0);
    scene.pass(900).await;
    let version = scene.world.table().workspace(&acme()).await.unwrap().version;
    let changes = scene.world.bus().changes();
    let mut versions: Vec<u32> = changes.iter().map(|change| change.version).collect();
    versions.sort_unstable();
    versions.dedup();
    assert_eq!(versions, [version - 1, version], "and what changes nothing is no change");
    let row = scene.world.table().workspace(&acme()).await.unwrap();
    assert_eq!((row.published, row.due), (version, None));
}

#[tokio::test]
async fn somebody_who_was_appointed_by_a_record_may_decide() {
    let scene = Scene::new().await;
    scene.appoint("nora", &[Role::Reviewer]).await;
    let id = scene.draft().await;
    assert_eq!(scene.now("nora", &id, "approve", json!({})).await.status, 200);
}
