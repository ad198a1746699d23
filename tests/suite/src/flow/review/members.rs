//! Who is in a workspace: admins say so, one always stays, and each change is a record behind the one before.

use adapters::aws::dynamodb::Item;
use aws_sdk_dynamodb::types::AttributeValue::S;
use domain::contract::request::decision::MemberRequest;
use domain::flow::{Caller, FlowError, members};
use domain::job::record::SealedRecord;
use domain::people::workspace::WorkspaceRecord;
use domain::port::WorkspaceReader as _;
use domain::value::id::{Digest, Issuer, Principal, WorkspaceId};
use domain::value::member::Role;
use local::identity::ISSUER;
use local::world::{Answer, Call};
use serde_json::json;

use super::{Scene, refused};

impl Scene {
    async fn set(&self, who: &str, principal: &str, roles: &[&str]) -> Answer {
        let body = json!({"roles": roles}).to_string();
        self.people("PUT", who, principal, Some(&body)).await
    }

    async fn remove(&self, who: &str, principal: &str) -> Answer {
        self.people("DELETE", who, principal, None).await
    }

    async fn people(&self, method: &str, who: &str, principal: &str, body: Option<&str>) -> Answer {
        let route = format!("{method} /v1/workspaces/{{workspace}}/members/{{principal}}");
        let path = [("workspace", "acme"), ("principal", principal)];
        self.world.call(Call { route: &route, principal: who, path: &path, body, ..Call::default() }).await.unwrap()
    }

    async fn listed(&self, who: &str) -> Answer {
        let route = "GET /v1/workspaces/{workspace}/members";
        let call = Call { route, principal: who, path: &[("workspace", "acme")], ..Call::default() };
        self.world.call(call).await.unwrap()
    }
}

/// The rows of a workspace whose sort key starts so.
async fn rows(scene: &Scene, workspace: &str, prefix: &str) -> Vec<Item> {
    let client = scene.world.embedded().client();
    let query = client.query().table_name(local::embedded::TABLE);
    let query = query.key_condition_expression("PK = :pk AND begins_with(SK, :prefix)");
    let query = query.expression_attribute_values(":pk", S(format!("WS#{workspace}")));
    query.expression_attribute_values(":prefix", S(prefix.to_owned())).send().await.unwrap().items.unwrap()
}

fn digest(row: &Item, name: &str) -> Digest {
    Digest(row[name].as_b().unwrap().as_ref().try_into().unwrap())
}

/// The records of a workspace, whose chain has to hold up to its row.
async fn chain(scene: &Scene, workspace: &str) -> Vec<WorkspaceRecord> {
    let id = WorkspaceId::parse(workspace).unwrap();
    let mut previous = Digest::ZERO;
    let mut records = Vec::new();
    for (row, number) in rows(scene, workspace, "EVENT#").await.into_iter().zip(1_u32..) {
        let body = row["body"].as_s().unwrap().clone();
        let sealed = SealedRecord::of_workspace(&id, previous, body);
        assert_eq!((digest(&row, "previous"), digest(&row, "hash")), (previous, sealed.hash));
        let record: WorkspaceRecord = serde_json::from_str(&sealed.body).unwrap();
        assert_eq!((record.version, row["SK"].as_s().unwrap()), (number, &format!("EVENT#{number:010}")));
        previous = sealed.hash;
        records.push(record);
    }
    let top = rows(scene, workspace, "WORKSPACE").await;
    assert_eq!(top.len(), usize::from(!records.is_empty()));
    for row in top {
        assert_eq!((digest(&row, "head"), row["version"].as_n().unwrap()), (previous, &records.len().to_string()));
    }
    // The first people of the installation have theirs as well.
    records.retain(|record| record.actor.id != "installation");
    records
}

#[tokio::test]
async fn an_admin_sets_and_removes_people_and_each_change_is_on_record() {
    let scene = Scene::new().await;
    let set = scene.set("ada", "nora", &["reviewer", "operator"]).await;
    let nora = json!({"principal": "nora", "roles": ["reviewer", "operator"], "active": true, "name": null});
    assert_eq!((set.status, &set.body), (200, &nora), "{}", set.text);
    assert_eq!(scene.set("ada", "nora", &["operator", "reviewer"]).await.status, 200, "a repeat");
    assert!(scene.listed("nora").await.body["members"].as_array().unwrap().contains(&nora));
    let id = scene.draft().await;
    assert_eq!(scene.now("nora", &id, "approve", json!({})).await.status, 200);

    let removed = scene.remove("ada", "nora").await;
    assert_eq!(
        removed.body,
        json!({"principal": "nora", "roles": [], "active": false, "name": null}),
        "{}",
        removed.text
    );
    assert_eq!(scene.remove("ada", "nora").await.status, 200, "a repeat");
    assert_eq!(scene.listed("nora").await.status, 404);
    assert_eq!(scene.world.read("acme", "nora", &id, "").await.unwrap().status, 404);

    let told: Vec<_> = chain(&scene, "acme").await;
    let about = |it: &WorkspaceRecord| it.principal.clone().unwrap().to_string();
    let told: Vec<_> = told.iter().map(|it| (it.event.word(), it.actor.id.as_str(), about(it))).collect();
    assert_eq!(told, [("member_set", "ada", "nora".to_owned()), ("member_removed", "ada", "nora".to_owned())]);
    scene.pass(120).await;
    scene.ended(&id, "completed").await;
    assert!(scene.world.stream_dead().is_empty(), "no publisher stumbles over them");
}

#[tokio::test]
async fn removing_somebody_who_never_was_a_member_leaves_no_row_and_no_record() {
    let scene = Scene::new().await;
    refused(&scene.remove("ada", "a-typo").await, 404, "not_found");
    assert!(rows(&scene, "acme", "MEMBER#a-typo").await.is_empty());
    assert_eq!(chain(&scene, "acme").await, []);
}

#[tokio::test]
async fn nobody_else_changes_who_is_in_a_workspace() {
    let scene = Scene::new().await;
    for who in ["alice", "rita", "otto", "audrey"] {
        refused(&scene.set(who, who, &["admin"]).await, 403, "forbidden");
        refused(&scene.remove(who, "ada").await, 403, "forbidden");
        assert_eq!(scene.listed(who).await.body["members"].as_array().unwrap().len(), 6, "{who}");
    }
    for who in ["mallory", "nobody"] {
        refused(&scene.set(who, who, &["admin"]).await, 404, "not_found");
        refused(&scene.listed(who).await, 404, "not_found");
    }
    for (principal, roles) in [("nora", &[][..]), ("nora", &["owner"]), ("no\u{7}ra", &["admin"]), ("", &["admin"])] {
        refused(&scene.set("ada", principal, roles).await, 400, "invalid_request");
    }
    assert_eq!(chain(&scene, "acme").await, []);
}

#[tokio::test]
async fn a_workspace_keeps_an_admin() {
    let scene = Scene::new().await;
    refused(&scene.remove("ada", "ada").await, 409, "last_admin");
    refused(&scene.set("ada", "ada", &["reviewer"]).await, 409, "last_admin");
    assert_eq!(scene.set("ada", "ada", &["admin", "auditor"]).await.status, 200);
    assert_eq!(scene.set("ada", "nora", &["admin"]).await.status, 200);
    assert_eq!(scene.remove("ada", "ada").await.status, 200);
    assert_eq!(scene.listed("ada").await.status, 404);
    refused(&scene.remove("nora", "nora").await, 409, "last_admin");
    assert_eq!(chain(&scene, "acme").await.len(), 3);
}

#[tokio::test]
async fn two_admins_that_remove_each_other_at_once_leave_one() {
    let scene = Scene::new().await;
    scene.appoint("nora", &[Role::Admin]).await;
    let (first, second) = tokio::join!(scene.remove("ada", "nora"), scene.remove("nora", "ada"));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404], "{} {}", first.text, second.text);
    let members = scene.world.table().members(&WorkspaceId::parse("acme").unwrap()).await.unwrap();
    let admins = members.iter().filter(|member| member.active && member.roles.contains(&Role::Admin));
    assert_eq!(admins.count(), 1);
    assert_eq!(chain(&scene, "acme").await.len(), 1);
}

#[tokio::test]
async fn the_first_admin_appoints_one_and_is_out() {
    let scene = Scene::new().await;
    let person = |name: &str| Principal::parse(name).unwrap();
    let table = scene.world.table();
    let caller = |name: &str| Caller {
        workspace: WorkspaceId::parse("fresh").unwrap(),
        principal: person(name),
        issuer: Issuer::of(ISSUER),
        is_first_admin: name == "root",
    };
    let set = async |who: &str, principal: &str, roles: &[Role]| {
        let given = MemberRequest { roles: roles.iter().copied().collect(), name: None };
        members::set(table, scene.world.clock(), &caller(who), &person(principal), &given).await
    };
    assert!(matches!(set("rita", "rita", &[Role::Admin]).await, Err(FlowError::NotFound)));
    assert!(set("root", "rita", &[Role::Reviewer]).await.is_ok(), "no admin yet");
    assert!(matches!(set("rita", "rita", &[Role::Admin]).await, Err(FlowError::Forbidden(_))));
    assert!(set("root", "ada", &[Role::Admin]).await.is_ok());
    assert!(matches!(set("root", "root", &[Role::Admin]).await, Err(FlowError::NotFound)), "ada is there");
    assert!(set("ada", "root", &[Role::Auditor]).await.is_ok());
    let actors: Vec<_> = chain(&scene, "fresh").await.into_iter().map(|record| record.actor.id).collect();
    assert_eq!(actors, ["root", "root", "ada"]);
}
