//! Who sees what: roles come from the member row, and another workspace's job looks like no job at all.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::contract::request::decision::MemberRequest;
use domain::flow::{Caller, members, types};
use domain::port::{Clock as _, Position};
use domain::value::id::{Issuer, Principal, WorkspaceId};
use domain::value::member::{Member, Role};

use local::identity::ISSUER;

use super::Scene;

#[tokio::test]
async fn only_a_submitter_creates() {
    let scene = Scene::new().await;
    let body = r#"{"type":"document-analysis","input":"x"}"#;
    for (principal, status) in
        [("alice", 202), ("rita", 403), ("otto", 403), ("ada", 403), ("audrey", 403), ("mallory", 404), ("nobody", 404)]
    {
        assert_eq!(scene.world.create("acme", principal, None, body).await.unwrap().status, status, "{principal}");
    }
    assert_eq!(scene.world.create("no-such-place", "alice", None, body).await.unwrap().status, 404);
    assert_eq!(scene.world.create("ACME#", "alice", None, body).await.unwrap().status, 404);
}

#[tokio::test]
async fn a_foreign_a_missing_and_a_malformed_id_are_answered_alike_at_the_same_cost() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(15).await;
    for rest in ["", "/result", "/events"] {
        let mut answers = Vec::new();
        for asked in [
            id.as_str(),
            "job_00000000000000000000000000000000",
            "job_#",
            "",
            "../../acme",
            "JOB_1\u{202e}",
            &"x".repeat(5_000),
        ] {
            let before = scene.world.table().meter().readings();
            let answer = scene.world.read("rival", "mallory", asked, rest).await.unwrap();
            let after = scene.world.table().meter().readings();
            let cost: Vec<_> = after.calls.iter().map(|(call, n)| (*call, n - before.calls(call))).collect();
            assert_eq!(answer.status, 404);
            answers.push((answer.text, cost));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{rest}: {answers:?}");
        // In the workspace of the job, a person who is no member of it learns just as little.
        let outside = scene.world.read("acme", "mallory", &id, rest).await.unwrap();
        assert_eq!(outside.text, answers[0].0);
    }
}

#[tokio::test]
async fn a_submitter_sees_its_own_jobs_and_the_other_roles_see_all() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(15).await;
    for (principal, status) in
        [("alice", 200), ("rita", 200), ("otto", 200), ("audrey", 200), ("ada", 200), ("mallory", 404)]
    {
        for rest in ["", "/result", "/events"] {
            assert_eq!(
                scene.world.read("acme", principal, &id, rest).await.unwrap().status,
                status,
                "{principal} {rest}"
            );
        }
    }
    let jobs = |workspace: &'static str, principal: &'static str| {
        let world = scene.world.clone();
        async move {
            let call = local::world::Call {
                route: "GET /v1/workspaces/{workspace}/jobs",
                principal,
                path: &[("workspace", workspace)],
                ..Default::default()
            };
            let answer = world.call(call).await.unwrap();
            (answer.status, answer.body["jobs"].as_array().map(Vec::len))
        }
    };
    assert_eq!(jobs("acme", "alice").await, (200, Some(1)));
    assert_eq!(jobs("acme", "audrey").await, (200, Some(1)));
    assert_eq!(jobs("rival", "mallory").await, (200, Some(0)));
    assert_eq!(jobs("acme", "mallory").await.0, 404);
}

#[tokio::test]
async fn the_first_admin_is_let_into_a_workspace_until_it_has_an_admin_of_its_own() {
    let scene = Scene::new().await;
    let root = Principal::parse("root").unwrap();
    let table = scene.world.table();
    let member = |principal: &Principal, active| Member {
        principal: principal.clone(),
        roles: BTreeSet::from([Role::Admin]),
        issuer: None,
        active,
        name: None,
    };
    let fresh = WorkspaceId::parse("fresh").unwrap();
    let is_let_in = async |principal: &Principal, workspace: &WorkspaceId| {
        let (workspace, issuer) = (workspace.clone(), Issuer::of(ISSUER));
        let caller = Caller { workspace, principal: principal.clone(), issuer, is_first_admin: *principal == root };
        types::list(table, &caller).await.is_ok()
    };
    assert!(is_let_in(&root, &fresh).await);
    assert!(!is_let_in(&Principal::parse("somebody").unwrap(), &fresh).await);
    assert!(!is_let_in(&root, &WorkspaceId::parse("acme").unwrap()).await, "ada is there");
    let eve = Principal::parse("eve").unwrap();
    let now = scene.world.clock().now();
    table.put_member(&fresh, &member(&eve, false), now).await.unwrap();
    assert!(is_let_in(&root, &fresh).await, "who is not active sets nothing up");
    table.put_member(&fresh, &member(&eve, true), now).await.unwrap();
    assert!(!is_let_in(&root, &fresh).await);
    let (workspace, issuer) = (WorkspaceId::parse("other").unwrap(), Issuer::of(ISSUER));
    let caller = Caller { workspace, principal: root, issuer, is_first_admin: false };
    assert!(types::list(table, &caller).await.is_err(), "the installation names nobody");
}

#[tokio::test]
async fn a_submitters_cursors_name_no_job_that_is_not_their_own() {
    let scene = Scene::new().await;
    let alex = Member {
        principal: Principal::parse("alex").unwrap(),
        roles: BTreeSet::from([Role::Submitter]),
        issuer: None,
        active: true,
        name: None,
    };
    scene
        .world
        .table()
        .put_member(&WorkspaceId::parse("acme").unwrap(), &alex, scene.world.clock().now())
        .await
        .unwrap();
    let mut own = Vec::new();
    for number in 0..12 {
        let principal = if number % 4 == 0 { "alex" } else { "alice" };
        let answer = scene.world.create("acme", principal, None, r#"{"type":"document-analysis","input":"x"}"#).await;
        if principal == "alex" {
            own.push(answer.unwrap().body["id"].as_str().unwrap().to_owned());
        }
        scene.pass(1).await;
    }
    own.reverse();
    for query in [&[][..], &[("status", "queued")], &[("status", "running")], &[("attention", "true")], &[("tag", "x")]]
    {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..20 {
            let mut query = [query, &[("limit", "1")]].concat();
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let call = local::world::Call {
                route: "GET /v1/workspaces/{workspace}/jobs",
                principal: "alex",
                path: &[("workspace", "acme")],
                query: &query,
                ..Default::default()
            };
            let page = scene.world.call(call).await.unwrap().body;
            seen.extend(page["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            let named: Position = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(next).unwrap()).unwrap();
            assert!(own.iter().any(|id| *id == named.job.as_str()), "{query:?} names {}", named.job);
            cursor = Some(next.to_owned());
        }
        if query.is_empty() {
            assert_eq!(seen, own);
        }
        assert!(seen.iter().all(|id| own.contains(id)));
    }
}

#[tokio::test]
async fn another_issuers_subject_is_another_person() {
    const OTHER: &str = "https://other.example/";
    let scene = Scene::new().await;
    let acme = WorkspaceId::parse("acme").unwrap();
    let body = r#"{"type":"document-analysis","input":"x"}"#;
    let first = scene.world.create("acme", "alice", Some("k1"), body).await.unwrap().body;
    let id = first["id"].as_str().unwrap();
    let call = async |principal: &str, route: &str, id: &str, headers: &[(&str, &str)], body: Option<&str>| {
        let path = [("workspace", "acme"), ("id", id)];
        let call = local::world::Call {
            route,
            principal,
            issuer: Some(OTHER),
            path: &path,
            headers,
            body,
            ..Default::default()
        };
        scene.world.call(call).await.unwrap()
    };
    const JOB: &str = "GET /v1/workspaces/{workspace}/jobs/{id}";
    const JOBS: &str = "GET /v1/workspaces/{workspace}/jobs";
    const CREATE: &str = "POST /v1/workspaces/{workspace}/jobs";
    const CANCEL: &str = "POST /v1/workspaces/{workspace}/jobs/{id}/cancel";
    for principal in ["alice", "rita", "otto", "ada", "audrey"] {
        for route in [JOB, JOBS, CANCEL, "GET /v1/workspaces/{workspace}/members"] {
            assert_eq!(call(principal, route, id, &[], None).await.status, 404, "{principal} {route}");
        }
    }
    assert_eq!(call("alice", CREATE, "", &[("idempotency-key", "k1")], Some(body)).await.status, 404);

    // Nobody of this issuer is an admin, so that the first one is let in and says who is who from now on.
    let root = Principal::parse("root").unwrap();
    let table = scene.world.table();
    let caller = Caller { workspace: acme.clone(), principal: root, issuer: Issuer::of(OTHER), is_first_admin: true };
    let listed = members::list(table, &caller).await.unwrap();
    assert!(!listed.is_empty() && listed.iter().all(|member| !member.active), "they can do nothing");
    let alice = Principal::parse("alice").unwrap();
    let given = MemberRequest { roles: BTreeSet::from([Role::Submitter]), name: None };
    let set = members::set(table, scene.world.clock(), &caller, &alice, &given).await.unwrap();
    assert_eq!(set.issuer, Some(Issuer::of(OTHER)));
    assert_eq!(call("alice", JOB, id, &[], None).await.status, 404, "another alice created it");
    assert_eq!(call("alice", CANCEL, id, &[], Some("{}")).await.status, 404);
    assert_eq!(call("alice", JOBS, "", &[], None).await.body["jobs"], serde_json::json!([]));
    let second = call("alice", CREATE, "", &[("idempotency-key", "k1")], Some(body)).await;
    assert_eq!(second.status, 202, "her key is her own: {}", second.text);
    assert_ne!(second.body["id"], first["id"]);
    assert_eq!(call("alice", JOBS, "", &[], None).await.body["jobs"].as_array().map(Vec::len), Some(1));
    assert_eq!(scene.world.read("acme", "alice", id, "").await.unwrap().status, 404, "the row is the new alice's");
    assert_eq!(scene.world.read("acme", "rita", id, "").await.unwrap().status, 200);
}
