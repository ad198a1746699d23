//! Bodies, headers and paths that try something: each is refused with the field's name, and nothing changes.

use std::collections::BTreeSet;

use domain::port::{JobReader as _, WorkspaceReader as _};
use domain::value::id::WorkspaceId;
use local::world::{Answer, Call};
use serde_json::{Value, json};

use super::Scene;

const ACTIONS: [&str; 4] = ["approve", "edit", "reject", "request-changes"];

/// A draft that waits for a reviewer.
struct Waiting {
    scene: Scene,
    id: String,
    /// Of what waits.
    digest: String,
    version: u64,
}

impl Waiting {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let draft = r#"{"type":"support-reply-draft","input":"Where is my parcel?"}"#;
        let made = scene.world.create("acme", "alice", None, draft).await.unwrap();
        let id = made.body["id"].as_str().unwrap().to_owned();
        scene.pass(20).await;
        let job = scene.see(&id).await;
        let digest = job["result"]["digest"].as_str().unwrap().to_owned();
        Self { scene, id, digest, version: job["version"].as_u64().unwrap() }
    }

    /// A decision that would be taken.
    fn good(&self, action: &str) -> Value {
        match action {
            "approve" => json!({"digest": self.digest}),
            "edit" => json!({"digest": self.digest, "text": "On Thursday."}),
            _ => json!({"digest": self.digest, "note": "No."}),
        }
    }

    async fn decide(&self, action: &str, if_match: &str, body: &str) -> Answer {
        let route = format!("POST /v1/workspaces/{{workspace}}/jobs/{{id}}/{action}");
        let (path, headers) = ([("workspace", "acme"), ("id", self.id.as_str())], [("if-match", if_match)]);
        let call = Call {
            route: &route,
            principal: "rita",
            issuer: None,
            path: &path,
            headers: &headers,
            body: Some(body),
            query: &[],
        };
        self.scene.world.call(call).await.unwrap()
    }

    /// The job, its trail, what was kept beside it, and who is in the workspace.
    async fn state(&self) -> String {
        let (row, trail) = (self.scene.row(&self.id).await, self.scene.trail(&self.id).await);
        let (workspace, table) = (WorkspaceId::parse("acme").unwrap(), self.scene.world.table());
        let members = table.members(&workspace).await.unwrap();
        let version = table.workspace(&workspace).await.unwrap().version;
        let notes = table.notes(&workspace, &row.id).await.unwrap();
        format!("{row:?} {trail:?} {members:?} {version} {notes:?}")
    }
}

/// What is wrong with an answer that should refuse with 400 and name the field.
fn flaw(answer: &Answer, field: &str) -> Option<String> {
    let errors = answer.body["errors"].to_string();
    let named = answer.status == 400 && answer.body["code"] == "invalid_request" && errors.contains(field);
    (!named).then(|| format!("should name {field}: {} {}", answer.status, answer.text))
}

fn with(mut body: Value, name: &str, value: Value) -> String {
    body.as_object_mut().unwrap().insert(name.to_owned(), value);
    body.to_string()
}

/// Bodies that no decision takes, with the field that each answer has to name.
fn bodies(action: &str, good: &Value, digest: &str) -> Vec<(String, &'static str)> {
    let mut bodies = Vec::new();
    for name in [
        "status",
        "version",
        "approved_by",
        "workspace",
        "cost",
        "response_id",
        "principal",
        "roles",
        "actor",
        "seen",
        "action",
        "lane",
        "__proto__",
        "Digest",
        "digest ",
        "note\u{0}",
    ] {
        let known: &'static str = name.trim_matches(char::from(0)).trim_end();
        bodies.push((with(good.clone(), name, json!("x")), known));
    }
    let hex = digest.strip_prefix("sha256:").unwrap();
    for wrong in [
        json!(""),
        json!(1),
        json!(null),
        json!([digest]),
        json!({"sha256": hex}),
        json!("sha256:"),
        json!(hex),
        json!(format!("sha512:{hex}{hex}")),
        json!(format!("md5:{}", &hex[..32])),
        json!(format!("sha1:{}", &hex[..40])),
        json!(format!("sha512:{hex}")),
        json!(format!("SHA256:{hex}")),
        json!(format!("sha256:{}", &hex[..63])),
        json!(format!("{digest}0")),
        json!(format!("{digest}\n")),
        json!(format!(" {digest}")),
        json!(format!("sha256:{}", "g".repeat(64))),
    ] {
        bodies.push((with(good.clone(), "digest", wrong), "digest"));
    }
    for wrong in [
        json!(""),
        json!(" \n\t"),
        json!(1),
        json!(["No."]),
        json!({}),
        json!("n".repeat(4_001)),
        json!("é".repeat(2_001)),
    ] {
        bodies.push((with(good.clone(), "note", wrong), "note"));
    }
    for wrong in [json!(""), json!("  "), json!(1), json!([]), json!("t".repeat(1_000_001))] {
        bodies.push((with(good.clone(), "text", wrong), "text"));
    }
    if action != "edit" {
        bodies.push((with(good.clone(), "text", json!("Hello.")), "text"));
    }
    for name in good.as_object().unwrap().keys() {
        let mut missing = good.clone();
        missing.as_object_mut().unwrap().remove(name);
        let name = if name == "digest" {
            "digest"
        } else if name == "text" {
            "text"
        } else {
            "note"
        };
        bodies.push((missing.to_string(), name));
    }
    let twice = format!(r#"{{"digest":"{digest}",{}"#, &good.to_string()[1..]);
    bodies.push((twice, "digest"));
    let list = json!([good["digest"], good["text"], good["note"]]);
    for body in [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"x\"".to_owned(),
        "{".to_owned(),
        format!("{good}{good}"),
        "[".repeat(10_000),
        format!("\u{feff}{good}"),
        "digest=x".to_owned(),
    ] {
        bodies.push((body, "body"));
    }
    // A list of the values in the order of the fields.
    bodies.push((list.to_string(), "body"));
    bodies
}

#[tokio::test]
async fn a_hostile_decision_is_refused_by_the_name_of_its_field() {
    let (mut cases, mut wrong) = (0, Vec::new());
    for action in ACTIONS {
        let it = Waiting::new().await;
        let (before, if_match) = (it.state().await, format!("\"{}\"", it.version));
        for (body, field) in bodies(action, &it.good(action), &it.digest) {
            let answer = it.decide(action, &if_match, &body).await;
            cases += 1;
            let start: String = body.chars().take(140).collect();
            wrong.extend(flaw(&answer, field).map(|why| format!("{action} {start}: {why}")));
            if it.state().await != before {
                wrong.push(format!("{action} {start}: something changed"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases > 200, "{cases}");
}

#[tokio::test]
async fn an_if_match_that_is_no_version_in_quotes_is_refused_by_its_name() {
    let it = Waiting::new().await;
    let (before, version) = (it.state().await, it.version);
    let other = format!("sha256:{}", "0".repeat(64));
    let mut wrong = Vec::new();
    for action in ACTIONS {
        let body = with(it.good(action), "digest", json!(other));
        for form in [
            "*".to_owned(),
            format!("w/\"{version}\""),
            format!("\"{version}-0A1B2C3D\""),
            format!("\"{version}-0a1b2c3\""),
            format!("W/\"{version}\", W/\"{version}\""),
            version.to_string(),
            "\"abc\"".to_owned(),
            String::new(),
            "\"\"".to_owned(),
            format!("\"{version}"),
            format!("\"\"{version}\"\""),
            format!("\"+{version}\""),
            format!("\"0{version}\""),
            format!("\"-{version}\""),
            format!("\"{version}.0\""),
            format!("\" {version}\""),
            format!("\"{version}\",\"{version}\""),
            format!("\"{version}\", \"{}\"", version + 1),
            "\"4294967296\"".to_owned(),
            format!("\"{}\"", "9".repeat(5_000)),
            "\"\u{664}\"".to_owned(),
        ] {
            let answer = it.decide(action, &form, &body).await;
            let form: String = form.chars().take(40).collect();
            wrong.extend(flaw(&answer, "If-Match").map(|why| format!("{action} If-Match: {form}: {why}")));
        }
        let quoted = it.decide(action, &format!("\"{version}\""), &body).await;
        assert_eq!(quoted.body["code"], "other_digest", "{action}");
    }
    assert_eq!(it.state().await, before);
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

async fn member(scene: &Scene, method: &str, principal: &str, body: &str) -> Answer {
    let route = format!("{method} /v1/workspaces/{{workspace}}/members/{{principal}}");
    let path = [("workspace", "acme"), ("principal", principal)];
    let call = Call { route: &route, principal: "ada", issuer: None, path: &path, body: Some(body), ..Call::default() };
    scene.world.call(call).await.unwrap()
}

#[tokio::test]
async fn a_hostile_member_is_refused_by_the_name_of_its_field() {
    let it = Waiting::new().await;
    let before = it.state().await;
    let good = json!({"roles": ["auditor"]});
    let mut wrong = Vec::new();
    for (body, field) in [
        (with(good.clone(), "active", json!(true)), "active"),
        (with(good.clone(), "principal", json!("ada")), "principal"),
        (with(good.clone(), "workspace", json!("rival")), "workspace"),
        (with(good.clone(), "version", json!(1)), "version"),
        (with(good.clone(), "Roles", json!(["admin"])), "Roles"),
        (with(good.clone(), "roles", json!("admin")), "roles"),
        (with(good.clone(), "roles", json!(null)), "roles"),
        (with(good.clone(), "roles", json!([])), "roles"),
        (with(good.clone(), "roles", json!({"admin": true})), "roles"),
        (with(good.clone(), "roles", json!(["owner"])), "roles"),
        (with(good.clone(), "roles", json!(["Admin"])), "roles"),
        (with(good.clone(), "roles", json!(["admin "])), "roles"),
        (with(good.clone(), "roles", json!([1])), "roles"),
        (with(good.clone(), "roles", json!([["admin"]])), "roles"),
        ("{}".to_owned(), "roles"),
        (r#"{"roles":["auditor"],"roles":["admin"]}"#.to_owned(), "roles"),
        (String::new(), "body"),
        ("null".to_owned(), "body"),
        (r#"[["admin"]]"#.to_owned(), "body"),
    ] {
        let answer = member(&it.scene, "PUT", "new", &body).await;
        wrong.extend(flaw(&answer, field).map(|why| format!("PUT {body}: {why}")));
    }
    let long = "x".repeat(129);
    for principal in ["", " ", "a b", "\u{1f600}", "ren\u{e9}", "a\nb", "a\0b", "\u{202e}ada", "ada\u{7f}", &long] {
        for method in ["PUT", "DELETE"] {
            let answer = member(&it.scene, method, principal, &good.to_string()).await;
            wrong.extend(flaw(&answer, "principal").map(|why| format!("{method} {principal:?}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(it.state().await, before);
}

/// Subjects of real issuers have such characters. They name the one member that they spell, and nobody's row else.
#[tokio::test]
async fn a_principal_with_separators_is_one_member_and_no_other() {
    let it = Waiting::new().await;
    let workspace = WorkspaceId::parse("acme").unwrap();
    let members = async || it.scene.world.table().members(&workspace).await.unwrap();
    let before: BTreeSet<_> = members().await.into_iter().map(|member| member.principal.to_string()).collect();
    let long = "x".repeat(128);
    let odd = ["#", "/", "MEMBER#ada", "ada#", "ada/", "../ada", "auth0|ada", "ada%2F", "EVENT#0000000001", &long];
    for principal in odd {
        let answer = member(&it.scene, "PUT", principal, r#"{"roles":["auditor"]}"#).await;
        assert_eq!((answer.status, &answer.body["principal"]), (200, &json!(principal)), "{}", answer.text);
    }
    let after: BTreeSet<_> = members().await.into_iter().map(|member| member.principal.to_string()).collect();
    let new: BTreeSet<_> = after.difference(&before).map(String::as_str).collect();
    assert_eq!(new, BTreeSet::from(odd));
    for principal in odd {
        assert_eq!(member(&it.scene, "DELETE", principal, "").await.body["active"], false, "{principal}");
    }
    assert!(members().await.iter().filter(|member| before.contains(member.principal.as_str())).all(|m| m.active));
}
