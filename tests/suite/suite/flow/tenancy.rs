//! Who sees what: roles come from the member row, and another workspace's job looks like no job at all.

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
