//! What reviewers decide, through the handlers: who may, about what exactly, how often, and what is delivered then.

mod changes;
mod delivered;
mod hands;
mod members;
mod notes;
mod revoked;

use std::time::Duration;

use domain::job::EventKind;
use domain::job::record::Record;
use domain::port::Clock as _;
use domain::value::id::{Digest, Issuer, Principal, WorkspaceId};
use domain::value::member::{Member, Role};
use local::identity::ISSUER;
use local::world::{Answer, Call};
use openai_simulator::Plan;
use serde_json::{Value, json};

use super::Scene;

pub(super) const DRAFT: &str = r#"{"type":"support-reply-draft","input":"Where is my parcel?"}"#;

impl Scene {
    /// A draft that waits for a reviewer.
    pub(super) async fn draft(&self) -> String {
        let answer = self.world.create("acme", "alice", None, DRAFT).await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text);
        let id = answer.body["id"].as_str().unwrap().to_owned();
        self.waits(&id).await;
        id
    }

    /// Until a reviewer has to decide.
    pub(super) async fn waits(&self, id: &str) -> Value {
        for _ in 0..5 {
            self.pass(60).await;
            let job = self.see(id).await;
            if job["status"] == "needs_review" {
                return job;
            }
        }
        panic!("{}", self.see(id).await);
    }

    /// `if_match` as the header says it.
    pub(super) async fn decide(
        &self,
        who: &str,
        id: &str,
        action: &str,
        if_match: Option<&str>,
        body: &Value,
    ) -> Answer {
        let route = format!("POST /v1/workspaces/{{workspace}}/jobs/{{id}}/{action}");
        let headers: Vec<_> = if_match.map(|version| ("if-match", version)).into_iter().collect();
        let (path, body) = ([("workspace", "acme"), ("id", id)], body.to_string());
        let call = Call {
            route: &route,
            principal: who,
            issuer: None,
            path: &path,
            headers: &headers,
            body: Some(&body),
            query: &[],
        };
        self.world.call(call).await.unwrap()
    }

    /// Decides about the job as it is now. `with` comes beside the digest.
    pub(super) async fn now(&self, who: &str, id: &str, action: &str, with: Value) -> Answer {
        let (job, mut body) = (self.see(id).await, with);
        body.as_object_mut().unwrap().insert("digest".to_owned(), job["result"]["digest"].clone());
        self.decide(who, id, action, Some(&etag(&job)), &body).await
    }

    pub(super) async fn part(&self, who: &str, id: &str, part: &str) -> Answer {
        let route = "GET /v1/workspaces/{workspace}/jobs/{id}/result";
        let (path, query) = ([("workspace", "acme"), ("id", id)], [("part", part)]);
        self.world
            .call(Call { route, principal: who, issuer: None, path: &path, query: &query, ..Call::default() })
            .await
            .unwrap()
    }

    pub(super) async fn records(&self, id: &str) -> Vec<Record> {
        self.trail(id).await.iter().map(|sealed| sealed.decode().unwrap()).collect()
    }

    /// Sets a member past every rule.
    pub(super) async fn appoint(&self, who: &str, roles: &[Role]) {
        let (principal, roles) = (Principal::parse(who).unwrap(), roles.iter().copied().collect());
        let member = Member { principal, roles, issuer: Some(Issuer::of(ISSUER)), active: true, name: None };
        let now = self.world.clock().now();
        self.world.table().put_member(&WorkspaceId::parse("acme").unwrap(), &member, now).await.unwrap();
    }
}

fn etag(job: &Value) -> String {
    format!("\"{}\"", job["version"])
}

#[track_caller]
pub(super) fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)), "{}", answer.text);
}

#[tokio::test]
async fn an_approval_completes_the_job_once() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let waiting = scene.see(&id).await;
    let body = json!({"digest": waiting["result"]["digest"]});
    let first = scene.decide("rita", &id, "approve", Some(&etag(&waiting)), &body).await;
    assert_eq!((first.status, &first.body["status"]), (200, &json!("completed")), "{}", first.text);
    assert_eq!(first.body["allowed_actions"], json!([]));
    let again = scene.decide("rita", &id, "approve", Some(&etag(&waiting)), &body).await;
    assert_eq!((again.status, &again.body["version"]), (200, &first.body["version"]));
    // Of an approval that was used up nobody else has any use.
    refused(&scene.decide("remy", &id, "approve", Some(&etag(&first.body)), &body).await, 409, "not_waiting");
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
    let approvals = scene.records(&id).await.into_iter().filter(|record| record.event == EventKind::Approved);
    assert_eq!(approvals.map(|record| record.actor.id).collect::<Vec<_>>(), ["rita"]);
    let result = scene.world.read("acme", "alice", &id, "/result").await.unwrap();
    assert_eq!((result.status, &result.body["digest"]), (200, &waiting["result"]["digest"]));
    assert_eq!(result.body.get("proposed_digest"), None);
}

#[tokio::test]
async fn two_approvals_at_once_are_one() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let (rita, remy) =
        tokio::join!(scene.now("rita", &id, "approve", json!({})), scene.now("remy", &id, "approve", json!({})));
    let mut statuses = [rita.status, remy.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", rita.text, remy.text);
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
}

#[tokio::test]
async fn what_is_wrong_with_a_decision_is_said_and_changes_nothing() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let job = scene.see(&id).await;
    let version = job["version"].as_u64().unwrap();
    let (now, old, future) = (etag(&job), format!("\"{}\"", version - 1), format!("\"{}\"", version + 1));
    let right = json!({"digest": job["result"]["digest"]});
    let other = json!({"digest": Digest::of(b"something else").to_string()});
    let text = json!({"digest": job["result"]["digest"], "text": "Hello"});
    let (now, old, future) = (Some(now.as_str()), Some(old.as_str()), Some(future.as_str()));
    for (who, action, if_match, body, status, code) in [
        ("alice", "approve", now, &right, 403, "not_reviewer"),
        ("otto", "approve", now, &right, 403, "not_reviewer"),
        ("audrey", "approve", now, &right, 403, "not_reviewer"),
        ("ada", "approve", now, &right, 403, "not_reviewer"),
        ("ada", "edit", now, &text, 403, "not_reviewer"),
        ("mallory", "approve", now, &right, 404, "not_found"),
        ("rita", "approve", None, &right, 428, "version_required"),
        ("rita", "approve", Some("*"), &right, 400, "invalid_request"),
        ("rita", "approve", old, &right, 412, "stale"),
        ("rita", "approve", future, &right, 412, "stale"),
        ("rita", "edit", old, &text, 412, "stale"),
        ("rita", "approve", now, &other, 409, "other_digest"),
        ("rita", "approve", now, &text, 400, "invalid_request"),
        ("rita", "approve", now, &json!({}), 400, "invalid_request"),
        ("rita", "edit", now, &right, 400, "invalid_request"),
        ("rita", "reject", now, &right, 400, "invalid_request"),
        ("rita", "request-changes", now, &right, 400, "invalid_request"),
    ] {
        let answer = scene.decide(who, &id, action, if_match, body).await;
        refused(&answer, status, code);
    }
    let answer = scene.decide("rita", &id, "approve", now, &other).await;
    assert_eq!(answer.body["allowed_actions"], json!(["approve", "edit", "reject", "request-changes", "escalate"]));
    refused(&scene.decide("rita", "job_0", "approve", now, &right).await, 404, "not_found");
    assert_eq!(scene.see(&id).await["version"], job["version"]);
}

#[tokio::test]
async fn whoever_submitted_it_may_do_everything_but_approve() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    scene.appoint("alice", &[Role::Submitter, Role::Reviewer]).await;
    refused(&scene.now("alice", &id, "approve", json!({})).await, 403, "four_eyes");
    let shown = scene.see(&id).await;
    assert_eq!(
        (&shown["status"], &shown["allowed_actions"]),
        (&json!("needs_review"), &json!(["edit", "reject", "request-changes", "cancel", "escalate"]))
    );
    assert_eq!(scene.now("alice", &id, "edit", json!({"text": "Mine"})).await.status, 200);
    refused(&scene.now("alice", &id, "approve", json!({})).await, 403, "four_eyes");
    assert_eq!(scene.now("rita", &id, "approve", json!({})).await.body["status"], "completed");
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
}

#[tokio::test]
async fn an_edit_is_delivered_when_somebody_else_approves_it_and_the_providers_bytes_stay() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    scene.appoint("rose", &[Role::Reviewer]).await;
    let proposed = scene.see(&id).await;
    let raw = scene.part("rita", &id, "raw").await.text;
    assert_eq!(proposed["result"]["digest"], Digest::of(raw.as_bytes()).to_string());
    let first = scene.now("rita", &id, "edit", json!({"text": "First edit"})).await;
    assert_eq!((first.status, &first.body["status"]), (200, &json!("needs_review")), "{}", first.text);
    assert_ne!(first.body["result"]["digest"], proposed["result"]["digest"]);

    // What was read before the edit is no more.
    let before = json!({"digest": proposed["result"]["digest"]});
    refused(&scene.decide("remy", &id, "approve", Some(&etag(&proposed)), &before).await, 412, "stale");
    refused(&scene.decide("remy", &id, "approve", Some(&etag(&first.body)), &before).await, 409, "other_digest");
    refused(&scene.now("rita", &id, "approve", json!({})).await, 403, "four_eyes");

    let edit = json!({"text": "Second edit", "note": "Kinder."});
    let second = scene.now("remy", &id, "edit", edit).await;
    assert_eq!(second.status, 200, "{}", second.text);
    for editor in ["rita", "remy"] {
        refused(&scene.now(editor, &id, "approve", json!({})).await, 403, "four_eyes");
    }
    refused(&scene.world.read("acme", "alice", &id, "/result").await.unwrap(), 403, "awaiting_review");
    assert_eq!(scene.now("rose", &id, "approve", json!({})).await.body["status"], "completed");
    scene.pass(60).await;
    scene.ended(&id, "completed").await;

    let result = scene.world.read("acme", "alice", &id, "/result").await.unwrap().body;
    assert_eq!((&result["text"], &result["digest"]), (&json!("Second edit"), &second.body["result"]["digest"]));
    assert_eq!(result["proposed_digest"], proposed["result"]["digest"]);
    assert_eq!((&result["reviewer_notes"], &result["raw"]), (&json!([]), &json!(null)), "they may quote the draft");
    refused(&scene.part("alice", &id, "raw").await, 403, "edited_result");
    assert_eq!(scene.part("alice", &id, "text").await.text, "Second edit");
    for who in ["rita", "audrey"] {
        let result = scene.world.read("acme", who, &id, "/result").await.unwrap().body;
        assert_eq!((&result["text"], &result["reviewer_notes"]), (&json!("Second edit"), &json!(["Kinder."])), "{who}");
        assert_eq!(scene.part(who, &id, "raw").await.text, raw, "{who} reads the provider's own bytes");
    }
    for who in ["otto", "ada"] {
        refused(&scene.part(who, &id, "raw").await, 403, "edited_result");
    }
    let records = scene.records(&id).await;
    let decided = records.iter().filter(|record| matches!(record.event, EventKind::Edited | EventKind::Approved));
    let decided: Vec<_> = decided.map(|record| (record.event.word(), record.actor.id.as_str())).collect();
    assert_eq!(decided, [("edited", "rita"), ("edited", "remy"), ("approved", "rose")]);
    let events = scene.world.bus().events();
    let completed = events.iter().find(|event| event.id == format!("{id}-{}", records.len())).unwrap();
    assert_eq!(serde_json::to_value(completed).unwrap()["digest"], second.body["result"]["digest"]);
}

#[tokio::test]
async fn the_same_text_again_is_another_edit_by_another_hand() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let first = scene.now("rita", &id, "edit", json!({"text": "Hello"})).await.body;
    let second = scene.now("remy", &id, "edit", json!({"text": "Hello"})).await.body;
    assert_eq!(second["result"]["digest"], first["result"]["digest"]);
    assert_eq!(second["version"].as_u64(), first["version"].as_u64().map(|version| version + 1));
    for editor in ["rita", "remy"] {
        refused(&scene.now(editor, &id, "approve", json!({})).await, 403, "four_eyes");
    }
    scene.appoint("rose", &[Role::Reviewer]).await;
    let right = json!({"digest": first["result"]["digest"]});
    refused(&scene.decide("rose", &id, "approve", Some(&etag(&first)), &right).await, 412, "stale");
    assert_eq!(scene.decide("rose", &id, "approve", Some(&etag(&second)), &right).await.status, 200);
}

#[tokio::test]
async fn a_rejected_result_is_never_its_submitters() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let rejected = scene.now("rita", &id, "reject", json!({"note": "Wrong parcel."})).await;
    assert_eq!((rejected.status, &rejected.body["status"]), (200, &json!("canceled")), "{}", rejected.text);
    assert_eq!(rejected.body["reason"]["code"], "rejected");
    scene.pass(60).await;
    scene.ended(&id, "canceled").await;
    for part in ["all", "text", "raw"] {
        let answer = match part {
            "all" => scene.world.read("acme", "alice", &id, "/result").await.unwrap(),
            part => scene.part("alice", &id, part).await,
        };
        refused(&answer, 403, "result_withheld");
    }
    let shown = scene.world.read("acme", "rita", &id, "/result").await.unwrap();
    assert_eq!((shown.status, &shown.body["reviewer_notes"]), (200, &json!(["Wrong parcel."])));
    refused(&scene.now("remy", &id, "approve", json!({})).await, 409, "not_waiting");
}

#[tokio::test]
async fn a_pending_call_can_be_rejected_or_sent_back_and_not_let_pass() {
    for (plan, action, status) in
        [(Plan::FunctionCall, "reject", "canceled"), (Plan::McpApproval, "request-changes", "queued")]
    {
        let scene = Scene::planned(plan).await;
        let id = scene.draft().await;
        let job = scene.see(&id).await;
        assert_eq!(job["phase"], "awaiting_action");
        for (action, with) in [("approve", json!({})), ("edit", json!({"text": "Hello"}))] {
            let answer = scene.now("rita", &id, action, with).await;
            refused(&answer, 409, "not_waiting");
            assert_eq!(answer.body["allowed_actions"], json!(["reject", "request-changes", "escalate"]));
        }
        let answer = scene.now("rita", &id, action, json!({"note": "No calls."})).await;
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!(status)), "{}", answer.text);
    }
}

#[tokio::test]
async fn when_its_time_is_over_nothing_is_decided_even_before_the_job_says_so() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    scene.world.clock().advance(Duration::from_secs(2 * 86_400));
    assert_eq!(scene.see(&id).await["status"], "needs_review", "nothing has run");
    for (action, with) in [
        ("approve", json!({})),
        ("edit", json!({"text": "Hello"})),
        ("reject", json!({"note": "No."})),
        ("request-changes", json!({"note": "More."})),
    ] {
        let answer = scene.now("rita", &id, action, with).await;
        refused(&answer, 409, "review_over");
        assert_eq!(answer.body["allowed_actions"], json!(["escalate"]));
    }
    scene.pass(120).await;
    scene.ended(&id, "expired").await;
    refused(&scene.now("rita", &id, "approve", json!({})).await, 409, "not_waiting");
    refused(&scene.world.read("acme", "alice", &id, "/result").await.unwrap(), 403, "result_withheld");
}

#[tokio::test]
async fn what_reviewers_wrote_ends_with_the_retention_of_the_job() {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let edit = json!({"text": "canary-edit", "note": "canary-note"});
    assert_eq!(scene.now("rita", &id, "edit", edit).await.status, 200);
    assert_eq!(scene.now("remy", &id, "approve", json!({})).await.status, 200);
    scene.pass(60).await;
    scene.world.skip(Duration::from_secs(31 * 86_400)).await.unwrap();
    scene.pass(120).await;
    assert_eq!(scene.records(&id).await.last().unwrap().event, EventKind::Purged);
    let client = scene.world.embedded().client();
    let rows = client.scan().table_name(local::embedded::TABLE).send().await.unwrap();
    let bytes = |row: &adapters::aws::dynamodb::Item| {
        let bytes = row.get("bytes").and_then(|bytes| bytes.as_b().ok());
        bytes.map(|bytes| String::from_utf8_lossy(bytes.as_ref()).into_owned()).unwrap_or_default()
    };
    let kept: Vec<_> = rows.items().iter().map(bytes).filter(|bytes| bytes.contains("canary")).collect();
    assert_eq!(kept, [] as [String; 0]);
    assert_eq!(scene.world.read("acme", "rita", &id, "/result").await.unwrap().body["code"], "no_result");
}
