//! What a list may be asked for, what it refuses by name, and how far back it reads for a full page.

use std::collections::BTreeSet;

use domain::port::Clock as _;
use domain::value::id::{Issuer, Principal, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::Timestamp;
use local::identity::ISSUER;
use local::world::{Answer, Call};
use serde_json::{Value, json};

use super::Scene;

const LIST: &str = "GET /v1/workspaces/{workspace}/jobs";

async fn asked(scene: &Scene, principal: &str, query: &[(&str, &str)]) -> Answer {
    let call = Call { route: LIST, principal, path: &[("workspace", "acme")], query, ..Call::default() };
    scene.world.call(call).await.unwrap()
}

fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
}

async fn create(scene: &Scene, principal: &str, tag: &str) -> String {
    let body = json!({"type": "document-analysis", "input": "x", "tags": {"n": tag}}).to_string();
    let answer = scene.world.create("acme", principal, None, &body).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.body["id"].as_str().unwrap().to_owned()
}

/// With a second submitter, alex.
async fn two_submitters() -> Scene {
    let scene = Scene::new().await;
    let alex = Member {
        principal: Principal::parse("alex").unwrap(),
        roles: BTreeSet::from([Role::Submitter]),
        issuer: Some(Issuer::of(ISSUER)),
        active: true,
        name: None,
    };
    let acme = WorkspaceId::parse("acme").unwrap();
    scene.world.table().put_member(&acme, &alex, scene.world.clock().now()).await.unwrap();
    scene
}

#[tokio::test]
async fn a_mistyped_filter_is_refused_by_its_name_and_lists_the_words() {
    let scene = Scene::new().await;
    let refused = |name: &'static str, value: &'static str| {
        let scene = &scene;
        async move {
            let answer = asked(scene, "alice", &[(name, value)]).await;
            assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!(name)), "{name}={value}");
            answer.body["errors"][0]["message"].as_str().unwrap().to_owned()
        }
    };
    for name in ["foo", "Status", "statuses", "STATUS", "wait", "part"] {
        assert!(refused(name, "completed").await.contains("status, type, lane, tag, created_by"), "{name}");
    }
    assert!(refused("status", "done").await.contains("queued, running, needs_review, completed, failed"));
    for value in
        ["Completed", "completed,", ",completed", "completed,,failed", "completed,%20failed", "failed,failed", "cm"]
    {
        refused("status", value).await;
    }
    assert!(refused("lane", "fast").await.contains("interactive, background, batch, approval"));
    assert!(refused("order", "desc").await.contains("newest or oldest"));
    assert!(refused("reference", "order-7").await.contains("cannot be asked for in this version"));
    for value in ["0", "101", "-1", "1.0", "05", "1e1", "0x10", "ten"] {
        refused("limit", value).await;
    }
    for name in ["attention", "archived"] {
        for value in ["1", "True", "yes", "TRUE"] {
            refused(name, value).await;
        }
    }
    for (name, value) in [
        ("tag", ":legal"),
        ("tag", "Team:legal"),
        ("type", "a%20b"),
        ("created_by", "a%20b"),
        ("on_behalf_of", "a%20b"),
        ("from", "yesterday"),
        ("to", "2026-12-01"),
        ("cursor", "x"),
    ] {
        refused(name, value).await;
    }
}

#[tokio::test]
async fn an_empty_filter_is_refused_and_never_matches_everything() {
    let scene = Scene::new().await;
    for name in domain::contract::route::Route::ListJobs.parameters() {
        let answer = asked(&scene, "alice", &[(name, "")]).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!(name)), "{name}");
    }
}

#[tokio::test]
async fn a_filter_that_comes_twice_is_refused_and_none_of_the_two_wins() {
    let scene = Scene::new().await;
    for query in [&[("status", "failed"), ("status", "failed")][..], &[("lane", "batch"), ("lane", "approval")]] {
        let answer = asked(&scene, "alice", query).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["message"]), (400, &json!("must not come twice")));
    }
    let answer = asked(&scene, "alice", &[("status", "done"), ("foo", "x"), ("limit", "0")]).await;
    let fields: BTreeSet<&str> =
        answer.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, BTreeSet::from(["foo", "limit", "status"]), "everything at fault is named at once");
}

#[tokio::test]
async fn a_parameter_that_a_call_does_not_know_is_refused_and_an_open_route_ignores_it() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    let path = [("workspace", "acme"), ("id", id.as_str()), ("name", "document-analysis"), ("principal", "alice")];
    for route in domain::contract::route::Route::ALL {
        let call =
            Call { route: route.key(), principal: "alice", path: &path, query: &[("foo", "bar")], ..Call::default() };
        let answer = scene.world.call(call).await.unwrap();
        let named = &answer.body["errors"][0]["field"];
        assert_eq!(*named == json!("foo"), !route.is_open(), "{} answers {}", route.key(), answer.text);
    }
}

#[tokio::test]
async fn a_list_is_of_several_statuses_of_one_person_and_of_a_span_of_time_from_either_end() {
    let scene = two_submitters().await;
    let (mut jobs, mut times) = (vec![], vec![]);
    for n in 0..6 {
        jobs.push(create(&scene, if n % 3 == 0 { "alex" } else { "alice" }, "x").await);
        times.push(scene.world.clock().now().to_string());
        scene.pass(1).await;
    }
    let of = |places: &[usize]| places.iter().map(|place| jobs[*place].clone()).collect::<Vec<_>>();
    let all = [5, 4, 3, 2, 1, 0];
    assert_eq!(names(&asked(&scene, "audrey", &[("status", "queued,running,needs_review")]).await), of(&all));
    assert_eq!(names(&asked(&scene, "audrey", &[("status", "completed,failed")]).await), of(&[]));
    assert_eq!(names(&asked(&scene, "audrey", &[("order", "oldest")]).await), of(&[0, 1, 2, 3, 4, 5]));
    assert_eq!(names(&asked(&scene, "audrey", &[("order", "newest")]).await), of(&all));
    assert_eq!(names(&asked(&scene, "audrey", &[("created_by", "alex")]).await), of(&[3, 0]));
    assert_eq!(names(&asked(&scene, "audrey", &[("created_by", "nobody")]).await), of(&[]));
    let span = [("from", times[1].as_str()), ("to", times[4].as_str())];
    assert_eq!(names(&asked(&scene, "audrey", &span).await), of(&[3, 2, 1]));
    let own = [&span[..], &[("created_by", "alice"), ("order", "oldest")]].concat();
    assert_eq!(names(&asked(&scene, "audrey", &own).await), of(&[1, 2]));
    let backwards = [("from", times[4].as_str()), ("to", times[1].as_str())];
    assert_eq!(asked(&scene, "audrey", &backwards).await.body["errors"][0]["field"], "to");
    let page = asked(&scene, "audrey", &[("limit", "1")]).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let elsewhere = asked(&scene, "audrey", &[("to", times[4].as_str()), ("cursor", cursor)]).await;
    assert_eq!((elsewhere.status, &elsewhere.body["errors"][0]["field"]), (400, &json!("cursor")));
}

#[tokio::test]
async fn a_submitter_who_asks_for_another_persons_jobs_sees_none() {
    let scene = two_submitters().await;
    create(&scene, "alex", "x").await;
    let id = create(&scene, "alice", "x").await;
    assert_eq!(names(&asked(&scene, "alice", &[("created_by", "alice")]).await), [id]);
    assert_eq!(names(&asked(&scene, "alice", &[("created_by", "alex")]).await), [""; 0]);
}

#[tokio::test]
async fn a_job_behind_many_newer_ones_is_found_in_one_call() {
    let scene = Scene::new().await;
    let first = create(&scene, "alice", "rare").await;
    for _ in 0..130 {
        create(&scene, "alice", "usual").await;
    }
    let found = asked(&scene, "audrey", &[("tag", "n:rare")]).await;
    assert_eq!(names(&found), [first]);
    assert_eq!(
        (&found.body["next_cursor"], &found.body["searched_to"]),
        (&Value::Null, &Value::Null),
        "all was searched"
    );
    let page = asked(&scene, "audrey", &[("tag", "n:usual"), ("limit", "30")]).await;
    assert_eq!(names(&page).len(), 30, "a page is read on until it is full");
    let searched = Timestamp::parse(page.body["searched_to"].as_str().unwrap()).unwrap();
    let last = page.body["jobs"].as_array().unwrap().last().unwrap();
    assert_eq!(json!(searched), last["created_at"]);
}

#[tokio::test]
async fn pages_that_are_cut_in_the_middle_of_what_was_read_show_every_match_once() {
    let scene = Scene::new().await;
    let mut expected = BTreeSet::new();
    for n in 0..40 {
        // All in one moment, and matches come in bursts.
        let id = create(&scene, "alice", if n % 10 < 4 { "rare" } else { "usual" }).await;
        if n % 10 < 4 {
            expected.insert(id);
        }
    }
    for limit in ["1", "3", "5", "16", "17"] {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut query = vec![("tag", "n:rare"), ("limit", limit)];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page = asked(&scene, "audrey", &query).await;
            seen.extend(names(&page));
            assert!(seen.len() <= 40, "the cursor goes round in circles");
            let Some(next) = page.body["next_cursor"].as_str() else { break };
            cursor = Some(next.to_owned());
        }
        assert_eq!((seen.len(), seen.into_iter().collect::<BTreeSet<_>>()), (16, expected.clone()), "pages of {limit}");
    }
}
