//! A person decides: drafts wait, are edited, approved by somebody else or sent back, and admins say who may.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::bus::{heard, kinds};
use super::inside::digest;
use super::stage::{ALICE, Answer, Need, Stage};

impl Stage {
    /// A draft that waits for a reviewer.
    pub(super) async fn draft(&self) -> Value {
        let id = self.create(json!({"type": "support-reply-draft", "input": "Where is my parcel?"})).await;
        self.ended(&id, "needs_review").await
    }

    /// Decides about the job as it was read. `with` comes beside the digest.
    pub(crate) async fn decide(&self, who: &str, job: &Value, action: &str, with: Value) -> Answer {
        let mut body = with;
        body.as_object_mut().unwrap().insert("digest".to_owned(), job["result"]["digest"].clone());
        let path = format!("jobs/{}/{action}", job["id"].as_str().unwrap());
        self.call(who, Method::POST, &path, Some(&job["version"]), &body).await
    }

    async fn raw(&self, who: &str, id: &str) -> String {
        let path = format!("/v1/workspaces/{}/jobs/{id}/result?part=raw", self.workspace);
        let request = self.request(Method::GET, &path).bearer_auth(self.token(who));
        request.send().await.unwrap().text().await.unwrap()
    }
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)), "{}", answer.body);
}

#[tokio::test]
async fn a_draft_is_edited_by_one_reviewer_approved_by_another_and_delivered_as_edited() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Simulator, Need::Inside]).await else { return };
    stage.inside().subscribe(&stage.workspace).await;
    let draft = stage.draft().await;
    let id = draft["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&draft["lane"], &draft["allowed_actions"]),
        (&json!("approval"), &json!(["cancel", "escalate"])),
        "as alice sees it"
    );
    for who in [ALICE, "otto", "audrey", "ada"] {
        refused(&stage.decide(who, &draft, "approve", json!({})).await, 403, "not_reviewer");
    }
    refused(&stage.get(ALICE, &format!("jobs/{id}/result")).await, 403, "awaiting_review");
    let body = json!({"digest": draft["result"]["digest"]});
    let unversioned = stage.call("rita", Method::POST, &format!("jobs/{id}/approve"), None, &body).await;
    refused(&unversioned, 428, "version_required");
    let raw = stage.raw("rita", &id).await;
    assert_eq!(draft["result"]["digest"], digest(&raw));

    // Twice larger than a row takes, so that both are written to the bucket, and the first is read from it.
    let mut edited = draft.clone();
    for text in ["Dear customer. ".repeat(1_000), "Dear Ms. Smith. ".repeat(1_000)] {
        let answer = stage.decide("rita", &edited, "edit", json!({"text": text})).await;
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!("needs_review")), "{}", answer.body);
        assert_ne!(answer.body["result"]["digest"], edited["result"]["digest"]);
        edited = answer.body;
    }
    refused(&stage.decide("rita", &edited, "approve", json!({})).await, 403, "four_eyes");
    refused(&stage.decide("remy", &draft, "approve", json!({})).await, 412, "stale");
    let mixed = json!({"id": id, "version": edited["version"], "result": draft["result"]});
    refused(&stage.decide("remy", &mixed, "approve", json!({})).await, 409, "other_digest");

    let approved = stage.decide("remy", &edited, "approve", json!({"note": "As kind as it gets."})).await;
    assert_eq!((approved.status, &approved.body["status"]), (200, &json!("completed")), "{}", approved.body);
    let again = stage.decide("remy", &edited, "approve", json!({})).await;
    assert_eq!((again.status, &again.body["version"]), (200, &approved.body["version"]));

    let result = stage.get(ALICE, &format!("jobs/{id}/result")).await.body;
    assert_eq!(result["text"], "Dear Ms. Smith. ".repeat(1_000));
    assert_eq!(
        (&result["digest"], &result["proposed_digest"]),
        (&edited["result"]["digest"], &draft["result"]["digest"])
    );
    assert_eq!(result["reviewer_notes"], json!(["As kind as it gets."]));
    assert_eq!(stage.raw("remy", &id).await, raw);
    refused(&stage.get(ALICE, &format!("jobs/{id}/result?part=raw")).await, 403, "edited_result");
    let trail = stage.trail(&id).await;
    let decisions = ["edited", "approved"];
    let decisions: Vec<_> = trail.iter().filter(|event| decisions.iter().any(|it| event["event"] == *it)).collect();
    let people: Vec<_> = decisions.iter().map(|event| event["actor"]["id"].as_str().unwrap()).collect();
    assert_eq!(people, ["rita", "rita", "remy"]);

    let all = BTreeSet::from(["job.created", "job.running", "job.needs_review", "job.completed"]);
    let events = heard(&stage, &id, |events| kinds(events) == all).await;
    let completed: Vec<_> = events.iter().filter(|event| event["type"] == "job.completed").collect();
    let ids: BTreeSet<_> = completed.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids, BTreeSet::from([format!("{id}-{}", trail.len()).as_str()]), "it leaves once");
    assert_eq!(completed[0]["digest"], edited["result"]["digest"]);
}

#[tokio::test]
async fn changes_that_are_asked_for_are_another_attempt_and_a_rejection_is_the_end() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Simulator]).await else { return };
    let draft = stage.draft().await;
    let id = draft["id"].as_str().unwrap().to_owned();
    let changed = stage.decide("rita", &draft, "request-changes", json!({"note": "Name the carrier."})).await;
    assert_eq!((changed.status, &changed.body["attempt"]), (200, &json!(2)), "{}", changed.body);
    let second = stage.until(&id, |job| job["status"] == "needs_review" && job["attempt"] == 2).await;
    refused(&stage.decide("remy", &draft, "approve", json!({})).await, 412, "stale");
    let (posts, responses) = stage.made(&id).await;
    assert_eq!((posts, responses.len()), (2, 2));
    let rejected = stage.decide("remy", &second, "reject", json!({"note": "It is no use."})).await;
    assert_eq!((rejected.status, &rejected.body["reason"]["code"]), (200, &json!("rejected")), "{}", rejected.body);
    stage.ended(&id, "canceled").await;
    refused(&stage.get(ALICE, &format!("jobs/{id}/result")).await, 403, "result_withheld");
    let shown = stage.get("rita", &format!("jobs/{id}/result")).await;
    assert_eq!(shown.body["reviewer_notes"], json!(["Name the carrier.", "It is no use."]));
    stage.trail(&id).await;
}

#[tokio::test]
async fn an_admin_says_who_may_decide() {
    let Some(stage) = Stage::open(&[Need::Anybody, Need::Inside, Need::Simulator]).await else { return };
    let roles = |roles: &[&str]| json!({"roles": roles});
    let set = async |who, roles| stage.call(who, Method::PUT, "members/nora", None, &roles).await;
    refused(&set("rita", roles(&["reviewer"])).await, 403, "forbidden");
    let nora = set("ada", roles(&["reviewer"])).await;
    assert_eq!((nora.status, &nora.body["roles"]), (200, &json!(["reviewer"])), "{}", nora.body);
    let listed = stage.get("nora", "members").await;
    assert!(listed.body["members"].as_array().unwrap().contains(&nora.body), "{}", listed.body);

    let draft = stage.draft().await;
    let gone = stage.call("ada", Method::DELETE, "members/nora", None, &Value::Null).await;
    assert_eq!((gone.status, &gone.body["active"]), (200, &json!(false)), "{}", gone.body);
    refused(&stage.decide("nora", &draft, "approve", json!({})).await, 404, "not_found");
    refused(&stage.get("nora", "members").await, 404, "not_found");
    let last = stage.call("ada", Method::DELETE, "members/ada", None, &Value::Null).await;
    refused(&last, 409, "last_admin");
    assert_eq!(set("ada", roles(&["reviewer", "auditor"])).await.status, 200);
    assert_eq!(stage.decide("nora", &draft, "approve", json!({})).await.body["status"], "completed");
}
