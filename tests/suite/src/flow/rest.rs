//! A job at rest: it can be listed and waited for, its trail shows what was altered, and its payloads end with retention.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::port::Clock as _;
use local::world::Call;
use serde_json::json;

use super::Scene;

#[tokio::test]
async fn a_waiting_reader_gets_the_job_when_its_version_moves() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    let path = [("workspace", "acme"), ("id", id.as_str())];
    let wait = Call {
        issuer: None,
        route: "GET /v1/workspaces/{workspace}/jobs/{id}/wait",
        principal: "alice",
        path: &path,
        query: &[("until", "change")],
        headers: &[("if-none-match", "\"1\"")],
        body: None,
    };
    let unchanged = scene.world.call(wait.clone()).await.unwrap();
    assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""), "its caller has the job as it is");
    assert!(unchanged.headers["etag"].as_str().unwrap().starts_with("\"1-"), "{:?}", unchanged.headers);
    assert!(unchanged.headers.contains_key("poll-after-ms"), "{:?}", unchanged.headers);
    scene.pass(1).await;
    let moved = scene.world.call(wait.clone()).await.unwrap();
    assert!(moved.headers["etag"].as_str().unwrap().starts_with("\"2-"), "{:?}", moved.headers);
    for (query, field) in [(("seconds", "21"), "seconds"), (("until", "Ended"), "until"), (("wait", "20"), "wait")] {
        let refused = scene.world.call(Call { query: &[query], ..wait.clone() }).await.unwrap();
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!(field)));
    }
    let bare = scene.world.call(Call { headers: &[], ..wait.clone() }).await.unwrap();
    assert_eq!((bare.status, &bare.body["code"]), (428, &json!("version_required")));
    assert!(bare.body["detail"].as_str().unwrap().contains("If-None-Match"), "it speaks of the call that was made");
}

#[tokio::test]
async fn a_waiting_reader_gets_the_job_when_its_run_is_over_or_as_it_is_when_time_is() {
    let scene = Scene::new().await;
    let (draft, id) = (scene.draft().await, scene.create().await);
    let wait = async |id: &str, query: &[(&str, &str)]| {
        let path = [("workspace", "acme"), ("id", id)];
        let route = "GET /v1/workspaces/{workspace}/jobs/{id}/wait";
        let call = Call { issuer: None, route, principal: "alice", path: &path, query, headers: &[], body: None };
        let before = scene.world.clock().now();
        let answer = scene.world.call(call).await.unwrap();
        (answer.status, answer.body["status"].clone(), scene.world.clock().now().since(before).as_secs())
    };
    assert_eq!(wait(&id, &[]).await, (200, json!("queued"), 20));
    assert_eq!(wait(&id, &[("seconds", "3")]).await, (200, json!("queued"), 3));
    assert_eq!(wait(&id, &[("seconds", "0"), ("until", "final")]).await, (200, json!("queued"), 0));
    assert_eq!(wait(&draft, &[]).await, (200, json!("needs_review"), 0), "only a person moves it on");
    assert_eq!(wait(&draft, &[("until", "final")]).await, (200, json!("needs_review"), 20));
    scene.pass(60).await;
    assert_eq!(wait(&id, &[("until", "final")]).await, (200, json!("completed"), 0));
}

#[tokio::test]
async fn a_list_pages_through_all_jobs_once_and_filters_by_what_it_is_asked() {
    let scene = Scene::new().await;
    for n in 0..7 {
        let body = json!({"type": "document-analysis", "input": "x", "tags": {"n": (n % 2).to_string()}}).to_string();
        scene.world.create("acme", "alice", None, &body).await.unwrap();
        scene.pass(1).await;
    }
    let list = |query: Vec<(String, String)>| {
        let world = scene.world.clone();
        async move {
            let query: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let call = Call {
                route: "GET /v1/workspaces/{workspace}/jobs",
                principal: "alice",
                path: &[("workspace", "acme")],
                query: &query,
                ..Call::default()
            };
            world.call(call).await.unwrap()
        }
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (mut seen, mut query) = (Vec::new(), vec![pair("limit", "3")]);
    loop {
        let page = list(query.clone()).await;
        seen.extend(page.body["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()));
        match page.body["next_cursor"].as_str() {
            Some(cursor) => query = vec![pair("limit", "3"), pair("cursor", cursor)],
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7);
    let count = |answer: &local::world::Answer| answer.body["jobs"].as_array().unwrap().len();
    assert_eq!(count(&list(vec![pair("tag", "n:1")]).await), 3);
    assert_eq!(count(&list(vec![pair("status", "running")]).await), 7);
    assert_eq!(count(&list(vec![pair("status", "completed")]).await), 0);
    for (name, value) in
        [("status", "done"), ("limit", "101"), ("limit", "0"), ("cursor", "x"), ("lane", "fast"), ("archived", "yes")]
    {
        let answer = list(vec![pair(name, value)]).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!(name)), "{value}");
    }
}

#[tokio::test]
async fn an_altered_record_shows_in_the_trail() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(15).await;
    let intact = scene.world.read("acme", "audrey", &id, "/events").await.unwrap();
    assert_eq!((intact.body["events"].as_array().unwrap().len(), &intact.body["chain_intact"]), (3, &json!(true)));
    let body = scene.trail(&id).await[1].body.replace("submit-job", "somebody-x");
    scene
        .world
        .embedded()
        .client()
        .update_item()
        .table_name("lanekeeper")
        .key("PK", AttributeValue::S(format!("WS#acme#JOB#{id}")))
        .key("SK", AttributeValue::S("EVENT#0000000002".to_owned()))
        .update_expression("SET body = :body")
        .expression_attribute_values(":body", AttributeValue::S(body))
        .send()
        .await
        .unwrap();
    let altered = scene.world.read("acme", "audrey", &id, "/events").await.unwrap();
    assert_eq!(altered.body["chain_intact"], false);
}

#[tokio::test]
async fn the_parts_of_a_result_are_what_the_provider_said() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(15).await;
    let result = scene.world.read("acme", "alice", &id, "/result").await.unwrap();
    let path = [("workspace", "acme"), ("id", id.as_str())];
    let part = |part: &'static str| {
        let (world, path) = (scene.world.clone(), path);
        async move {
            let route = "GET /v1/workspaces/{workspace}/jobs/{id}/result";
            let query = [("part", part)];
            world
                .call(Call { route, principal: "alice", issuer: None, path: &path, query: &query, ..Call::default() })
                .await
                .unwrap()
        }
    };
    let raw = part("raw").await;
    assert_eq!(result.body["digest"], domain::value::id::Digest::of(raw.text.as_bytes()).to_string());
    assert_eq!((&raw.body["id"], &raw.body["status"]), (&json!(scene.response_id()), &json!("completed")));
    assert_eq!(part("text").await.text, result.body["text"].as_str().unwrap());
    assert_eq!(result.body["raw"]["href"], format!("/v1/workspaces/acme/jobs/{id}/result?part=raw"));
    assert_eq!(part("all").await.status, 400);
}

#[tokio::test]
async fn payloads_are_gone_when_retention_ends_and_the_trail_stays() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    scene.pass(60).await;
    assert_eq!(scene.world.read("acme", "alice", &id, "/result").await.unwrap().status, 200);
    // Thirty days in one step: nothing is due in between.
    scene.world.clock().advance(std::time::Duration::from_secs(30 * 86_400));
    scene.pass(900).await;
    scene.ended(&id, "completed").await;
    let gone = scene.world.read("acme", "alice", &id, "/result").await.unwrap();
    assert_eq!((gone.status, &gone.body["code"]), (409, &json!("no_result")));
    let trail = scene.world.read("acme", "alice", &id, "/events").await.unwrap();
    assert_eq!((&trail.body["events"][3]["event"], &trail.body["chain_intact"]), (&json!("purged"), &json!(true)));
    let row = scene.row(&id).await;
    assert_eq!(row.due_index_at, None, "a purged job owes nothing");
}
