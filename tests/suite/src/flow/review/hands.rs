//! Who had a hand in it: whom a job is for, who wrote what was sent back, and what each of them is told that they may do.

use domain::value::member::Role;
use local::world::{Answer, Call};
use serde_json::{Value, json};

use super::{DRAFT, Scene, refused};

impl Scene {
    async fn for_somebody(&self, who: &str, person: &str, job_type: &str) -> Answer {
        let body = json!({"type": job_type, "input": "Where is my parcel?", "on_behalf_of": person}).to_string();
        self.world.create("acme", who, None, &body).await.unwrap()
    }

    async fn listed_for(&self, query: &[(&str, &str)]) -> Answer {
        let route = "GET /v1/workspaces/{workspace}/jobs";
        let call =
            Call { route, principal: "otto", issuer: None, path: &[("workspace", "acme")], query, ..Call::default() };
        self.world.call(call).await.unwrap()
    }

    /// What this person may do, and who approved as they see it.
    async fn standing(&self, who: &str, id: &str) -> (Vec<String>, Value) {
        let job = self.world.read("acme", who, id, "").await.unwrap().body;
        let allowed = serde_json::from_value(job["allowed_actions"].clone()).unwrap();
        (allowed, job["review"]["approved_by"].clone())
    }
}

#[tokio::test]
async fn the_one_a_job_is_for_is_on_record_and_may_not_approve_it() {
    let scene = Scene::new().await;
    let made = scene.for_somebody("alice", "rita", "support-reply-draft").await;
    assert_eq!((made.status, &made.body["on_behalf_of"]), (202, &json!("rita")), "{}", made.text);
    let id = made.body["id"].as_str().unwrap();
    let job = scene.waits(id).await;
    assert_eq!((&job["on_behalf_of"], &job["review"]["on_behalf_of"]), (&json!("rita"), &json!("rita")));
    let records = scene.records(id).await;
    assert_eq!(records[0].on_behalf_of.as_ref().map(|person| person.as_str()), Some("rita"));
    let trail = scene.world.read("acme", "audrey", id, "/events").await.unwrap().body;
    assert_eq!((&trail["events"][0]["on_behalf_of"], &trail["chain_intact"]), (&json!("rita"), &json!(true)));
    refused(&scene.now("rita", id, "approve", json!({})).await, 403, "four_eyes");
    let (allowed, _) = scene.standing("rita", id).await;
    assert_eq!(allowed, ["edit", "reject", "request-changes", "escalate"]);
    assert_eq!(scene.now("remy", id, "approve", json!({})).await.body["status"], "completed");
    // It grants nothing: nora has no row here.
    let foreign = scene.for_somebody("alice", "nora", "document-analysis").await;
    let id = foreign.body["id"].as_str().unwrap();
    assert_eq!(scene.world.read("acme", "nora", id, "").await.unwrap().status, 404);
}

#[tokio::test]
async fn a_job_that_too_few_reviewers_are_left_to_approve_is_refused_before_anything_is_paid() {
    let scene = Scene::new().await;
    let change = |description: &str, more: Value| {
        let mut body = json!({"description": description, "lane": "background", "model": "gpt-6.1-terra",
                              "instructions": "Check it.", "review": "always"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body.to_string()
    };
    let two = change("Takes two.", json!({"approvals": 2}));
    let open = change("Takes two, without four eyes.", json!({"approvals": 2, "four_eyes": false}));
    let some = change("Takes two of what costs more.", json!({"approvals": 2, "review": {"when": {"partial": true}}}));
    for (name, body) in [("for-two", two), ("two-eyes", open), ("for-some", some)] {
        let set = scene.set_type("ada", name, &body).await;
        assert_eq!(set.status, 200, "{}", set.text);
    }
    for name in ["for-two", "for-some"] {
        assert_eq!(scene.for_somebody("alice", "nora", name).await.status, 202, "rita and remy are left");
        refused(&scene.for_somebody("alice", "rita", name).await, 422, "no_reviewer_left");
    }
    assert_eq!(scene.for_somebody("alice", "rita", "two-eyes").await.status, 202, "nobody is barred");
    assert_eq!(scene.for_somebody("alice", "rita", "document-analysis").await.status, 202, "nobody reviews");
    scene.appoint("rita", &[Role::Operator]).await;
    assert_eq!(scene.for_somebody("alice", "nora", "support-reply-draft").await.status, 202, "remy is enough");
    refused(&scene.for_somebody("alice", "remy", "support-reply-draft").await, 422, "no_reviewer_left");
    scene.appoint("remy", &[Role::Submitter, Role::Reviewer]).await;
    let own = scene.world.create("acme", "remy", None, DRAFT).await.unwrap();
    refused(&own, 422, "no_reviewer_left");
    assert_eq!(scene.posts(), 0);
}

#[tokio::test]
async fn whom_it_is_for_belongs_to_the_request_and_finds_the_job() {
    let scene = Scene::new().await;
    let body = |person: &str| {
        json!({"type": "document-analysis", "input": "The parties agree.", "on_behalf_of": person}).to_string()
    };
    let first = scene.world.create("acme", "alice", Some("k"), &body("rita")).await.unwrap();
    let again = scene.world.create("acme", "alice", Some("k"), &body("rita")).await.unwrap();
    assert_eq!(
        (again.status, &again.body["id"], &again.body["on_behalf_of"]),
        (200, &first.body["id"], &json!("rita"))
    );
    let other = scene.world.create("acme", "alice", Some("k"), &body("remy")).await.unwrap();
    refused(&other, 422, "idempotency_key_reused");
    for wrong in [json!(""), json!("two words"), json!("x".repeat(129)), json!(7), json!(["rita"])] {
        let body = json!({"type": "document-analysis", "input": "x", "on_behalf_of": wrong}).to_string();
        let answer = scene.world.create("acme", "alice", None, &body).await.unwrap();
        refused(&answer, 400, "invalid_request");
        assert_eq!(answer.body["errors"][0]["field"], "on_behalf_of");
    }
    scene.create().await;
    scene.for_somebody("alice", "remy", "document-analysis").await;
    let found = scene.listed_for(&[("on_behalf_of", "rita")]).await.body;
    let ids: Vec<_> = found["jobs"].as_array().unwrap().iter().map(|job| job["id"].clone()).collect();
    assert_eq!(ids, [first.body["id"].clone()]);
    assert_eq!(scene.listed_for(&[("on_behalf_of", "nobody")]).await.body["jobs"], json!([]));
    for wrong in
        [&[("on_behalf_of", "")][..], &[("on_behalf_of", "a%20b")], &[("on_behalf_of", "a"), ("on_behalf_of", "a")]]
    {
        let answer = scene.listed_for(wrong).await;
        refused(&answer, 400, "invalid_request");
        assert_eq!(answer.body["errors"][0]["field"], "on_behalf_of", "{wrong:?}");
    }
}

#[tokio::test]
async fn an_editor_who_then_asks_for_changes_may_not_approve_what_comes_of_them() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    assert_eq!(scene.now("rita", &id, "edit", json!({"text": "Mine."})).await.status, 200);
    assert_eq!(scene.now("rita", &id, "request-changes", json!({"note": "Like this, longer."})).await.status, 200);
    assert_eq!(scene.waits(&id).await["attempt"], 2);
    refused(&scene.now("rita", &id, "approve", json!({})).await, 403, "four_eyes");
    // Not even after the role was gone for a while.
    scene.appoint("rita", &[Role::Auditor]).await;
    scene.appoint("rita", &[Role::Reviewer]).await;
    refused(&scene.now("rita", &id, "approve", json!({})).await, 403, "four_eyes");
    assert!(!scene.standing("rita", &id).await.0.contains(&"approve".to_owned()));
    assert_eq!(scene.now("remy", &id, "approve", json!({})).await.body["status"], "completed");
}

#[tokio::test]
async fn what_one_job_allows_is_what_would_not_be_refused_and_who_approved_is_for_reviewers() {
    let scene = Scene::new().await;
    let two = r#"{"description": "Changes a contract.", "lane": "approval", "model": "gpt-6.1-terra",
        "instructions": "Change it.", "effects": ["record_change"], "review": "always", "approvals": 2}"#;
    assert_eq!(scene.set_type("ada", "contract-change", two).await.status, 200);
    scene.appoint("rose", &[Role::Reviewer]).await;
    let id = scene.for_somebody("alice", "nora", "contract-change").await.body["id"].as_str().unwrap().to_owned();
    scene.waits(&id).await;
    let everything = ["approve", "edit", "reject", "request-changes", "escalate"];
    assert_eq!(scene.standing("rita", &id).await, (everything.map(str::to_owned).into(), json!([])));

    let edited = scene.now("rita", &id, "edit", json!({"text": "Hello"})).await;
    assert_eq!(edited.body["allowed_actions"], json!(everything[1..]), "the answer to the edit says so already");
    assert_eq!(
        scene.standing("rita", &id).await,
        (everything[1..].iter().map(|it| (*it).to_owned()).collect(), json!([]))
    );
    refused(&scene.now("rita", &id, "approve", json!({})).await, 403, "four_eyes");
    let approved = scene.now("remy", &id, "approve", json!({})).await;
    assert_eq!(
        (approved.status, &approved.body["review"]["approved_by"]),
        (200, &json!(["remy"])),
        "{}",
        approved.text
    );
    assert_eq!(approved.body["allowed_actions"], json!(everything[1..]), "it would change nothing");
    assert_eq!(scene.standing("rose", &id).await, (everything.map(str::to_owned).into(), json!(["remy"])));
    for who in ["alice", "otto", "audrey", "ada"] {
        let (allowed, approved_by) = scene.standing(who, &id).await;
        assert_eq!(approved_by, Value::Null, "{who}");
        assert!(!allowed.contains(&"approve".to_owned()), "{who}");
    }
    // A list goes by the row.
    let listed = scene.listed_for(&[("status", "needs_review")]).await.body;
    assert_eq!(listed["jobs"][0]["review"].get("approved_by"), None);
    assert_eq!(scene.now("rose", &id, "approve", json!({})).await.body["status"], "completed");
}
