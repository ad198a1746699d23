//! Job types of a workspace: versions that come in order, whoever sets them, and without which nothing of theirs starts.

use adapters::aws::dynamodb::{keys, type_item};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::people::workspace::WorkspaceRecord;
use domain::policy::job_type::SHIPPED;
use domain::port::WorkspaceReader as _;
use domain::value::id::{Digest, TypeName, WorkspaceId};
use domain::value::member::Role;
use local::embedded::TABLE;
use local::world::{Answer, Call};
use serde_json::{Value, json};

use super::Scene;

impl Scene {
    pub(super) async fn set_type(&self, who: &str, name: &str, body: &str) -> Answer {
        let route = "PUT /v1/workspaces/{workspace}/job-types/{name}";
        let path = [("workspace", "acme"), ("name", name)];
        let call = Call { route, principal: who, path: &path, body: Some(body), ..Call::default() };
        self.world.call(call).await.unwrap()
    }

    async fn read_type(&self, name: &str) -> Value {
        let route = "GET /v1/workspaces/{workspace}/job-types/{name}";
        let path = [("workspace", "acme"), ("name", name)];
        let answer = self.world.call(Call { route, principal: "alice", path: &path, ..Call::default() }).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }
}

fn acme() -> WorkspaceId {
    WorkspaceId::parse("acme").unwrap()
}

fn check(description: &str) -> String {
    let model = "gpt-6-luna";
    json!({"description": description, "lane": "background", "model": model, "instructions": "Check it."}).to_string()
}

#[tokio::test]
async fn admins_that_set_one_type_at_once_leave_one_version_each() {
    let scene = Scene::new().await;
    scene.appoint("nora", &[Role::Admin]).await;
    let (hers, his) = (check("Hers."), check("His."));
    let (one, other) =
        tokio::join!(scene.set_type("ada", "contract-check", &hers), scene.set_type("nora", "contract-check", &his));
    let mut versions = [&one, &other].map(|answer| answer.body["version"].as_u64().unwrap());
    versions.sort_unstable();
    assert_eq!(versions, [1, 2], "{} {}", one.text, other.text);
    let trail = scene.world.table().workspace_trail(&acme()).await.unwrap();
    assert!(scene.world.table().workspace(&acme()).await.unwrap().chain_intact(&trail));
    let records = trail.iter().map(|sealed| WorkspaceRecord::decode(sealed).unwrap());
    for record in records.filter(|record| record.job_type.is_some()) {
        let name = TypeName::parse("contract-check").unwrap();
        let set = scene.world.table().job_type(&acme(), &name, record.type_version).await.unwrap().unwrap();
        let row = type_item(&acme(), &set, record.version);
        assert_eq!(record.digest, Some(Digest::of(row["document"].as_s().unwrap().as_bytes())));
    }
}

#[tokio::test]
async fn what_is_read_can_be_set_again_and_is_no_new_version() {
    let scene = Scene::new().await;
    let before = scene.world.table().workspace(&acme()).await.unwrap().version;
    assert_eq!(scene.set_type("ada", "contract-check", &check("Checks.")).await.status, 200);
    for name in SHIPPED.into_iter().chain(["contract-check"]) {
        let read = scene.read_type(name).await;
        let mut given = read.clone();
        given.as_object_mut().unwrap().retain(|field, _| field != "name" && field != "version");
        let set = scene.set_type("ada", name, &given.to_string()).await;
        assert_eq!((set.status, &set.body), (200, &read), "{}", set.text);
    }
    assert_eq!(scene.world.table().workspace(&acme()).await.unwrap().version, before + 1);
}

#[tokio::test]
async fn a_job_whose_type_is_gone_is_not_started_before_it_is_back() {
    let scene = Scene::new().await;
    assert_eq!(scene.set_type("ada", "contract-check", &check("Checks.")).await.status, 200);
    let body = json!({"type": "contract-check", "input": "The parties agree."}).to_string();
    let created = scene.world.create("acme", "alice", None, &body).await.unwrap();
    let id = created.body["id"].as_str().unwrap().to_owned();
    let name = TypeName::parse("contract-check").unwrap();
    let row = scene.world.table().job_type(&acme(), &name, Some(1)).await.unwrap().unwrap();
    let record = scene.world.table().workspace(&acme()).await.unwrap().version;
    let key = keys::job_type(&acme(), &name, 1);
    let client = scene.world.embedded().client();
    let delete = client.delete_item().table_name(TABLE);
    delete.key("PK", AttributeValue::S(key.pk)).key("SK", AttributeValue::S(key.sk)).send().await.unwrap();
    scene.allow_repeats();
    scene.pass(600).await;
    assert_eq!((scene.posts(), &scene.see(&id).await["status"]), (0, &json!("queued")));
    assert_eq!(scene.attention().await, [id.as_str()]);
    let back = client.put_item().table_name(TABLE).set_item(Some(type_item(&acme(), &row, record)));
    back.send().await.unwrap();
    scene.pass(600).await;
    scene.ended(&id, "completed").await;
    assert_eq!(scene.posts(), 1);
}
