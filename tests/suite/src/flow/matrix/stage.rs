//! A served world in which everybody has jobs in every state that matters, and time stands still.

use std::collections::BTreeMap;

use adapters::aws::dynamodb::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::policy::job_type::shipped;
use domain::port::Clock as _;
use domain::value::id::{Issuer, Principal, WorkspaceId};
use domain::value::member::{Member, Role};
use local::embedded::TABLE;
use local::identity::{ISSUER, Identity};
use local::world::Call;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::caller::{Caller, PEOPLE, callers};
use super::rule::{Expected, lets_through};
use crate::flow::Scene;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Review,
    Completed,
    Rejected,
    Running,
}

impl State {
    pub(super) const ALL: [Self; 4] = [Self::Review, Self::Completed, Self::Rejected, Self::Running];
}

/// What a request is about.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) workspace: &'static str,
    /// As it stands in the path.
    pub(super) id: String,
    /// The state of the job that lies there, and whether it is the caller's own.
    pub(super) job: Option<(State, bool)>,
    /// By the caller named editor.
    pub(super) is_edited: bool,
}

pub(super) struct Stage {
    pub(super) scene: Scene,
    /// By workspace, submitter and state.
    pub(super) jobs: BTreeMap<(&'static str, &'static str, State), Value>,
    /// The `Authorization` headers of each caller.
    tokens: BTreeMap<&'static str, Vec<String>>,
    client: Client,
    base: String,
    _running: JoinSet<()>,
}

/// What everybody may read and an admin may set.
pub(super) const TYPE: &str = "document-analysis";

const LIST: &str = "GET /v1/workspaces/{workspace}/jobs";
const WAIT: &str = "GET /v1/workspaces/{workspace}/jobs/{id}/wait";

pub(super) const UNKNOWN: &str = "job_00000000000000000000000000000000";

fn malformed() -> [(&'static str, String); 3] {
    [("hash", "job_%23".to_owned()), ("dots", "..%2F..%2Facme".to_owned()), ("long", "x".repeat(5_000))]
}

impl Stage {
    pub(super) async fn set() -> Self {
        let scene = Scene::new().await;
        let submitters =
            PEOPLE.iter().map(|caller| ("acme", caller.principal)).chain([("acme", "alice"), ("rival", "mallory")]);
        let submitters: Vec<_> = submitters.collect();
        // Everybody submitted when they could.
        for (workspace, principal) in &submitters {
            appoint(&scene, workspace, principal, &[Role::Submitter, Role::Reviewer], true).await;
        }
        // Whoever submits a draft there needs somebody else who could let it out.
        appoint(&scene, "rival", "rosa", &[Role::Reviewer], true).await;
        let mut made = Vec::new();
        for state in State::ALL {
            if state == State::Running {
                scene.pass(20).await;
            }
            for (workspace, principal) in &submitters {
                let kind = if state == State::Completed { "document-analysis" } else { "support-reply-draft" };
                let body = json!({"type": kind, "input": "Where is my parcel?"}).to_string();
                let answer = scene.world.create(workspace, principal, None, &body).await.unwrap();
                let id = answer.body["id"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
                made.push((*workspace, *principal, state, id));
            }
        }
        scene.pass(5).await;
        for (workspace, principal, state, id) in &made {
            let editor = *state == State::Review && *principal == "alice";
            let (who, action, more) = match state {
                State::Rejected => ("remy", "reject", json!({"note": "No."})),
                State::Review if editor => ("editor", "edit", json!({"text": "On Thursday."})),
                _ => continue,
            };
            let who = if *workspace == "acme" { who } else { principal };
            let path = [("workspace", *workspace), ("id", id.as_str())];
            let job = scene.world.read(workspace, who, id, "").await.unwrap().body;
            let mut body = more;
            body["digest"] = job["result"]["digest"].clone();
            let (body, version) = (body.to_string(), format!("\"{}\"", job["version"]));
            let (route, headers) =
                (format!("POST /v1/workspaces/{{workspace}}/jobs/{{id}}/{action}"), [("if-match", version.as_str())]);
            let body = Some(body.as_str());
            let call =
                Call { route: &route, principal: who, issuer: None, path: &path, headers: &headers, body, query: &[] };
            let answer = scene.world.call(call).await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        scene.pass(1).await;
        let mut jobs = BTreeMap::new();
        for (workspace, principal, state, id) in made {
            let job = scene.world.read(workspace, principal, &id, "").await.unwrap().body;
            let status = ["needs_review", "completed", "canceled", "running"][state as usize];
            assert_eq!(job["status"], status, "{job}");
            jobs.insert((workspace, principal, state), job);
        }
        for caller in PEOPLE {
            dismiss(&scene, caller.principal).await;
            if let Some((workspace, roles, active)) = caller.member {
                appoint(&scene, workspace, caller.principal, roles, active).await;
            }
        }
        appoint(&scene, "rival", "mallory", &[Role::Admin], true).await;
        for workspace in ["acme", "rival"] {
            appoint(&scene, workspace, "kept", &[Role::Auditor], true).await;
            appoint(&scene, workspace, "gone", &[], false).await;
        }
        scene.world.pump_stream().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let _running = scene.world.live(listener);
        let other = Identity::open(tempfile::tempdir().unwrap().path()).unwrap();
        let now = scene.world.clock().now().seconds();
        let tokens = callers().map(|caller| (caller.name, caller.authorization(scene.world.identity(), &other, now)));
        let tokens = tokens.collect();
        Self { scene, jobs, tokens, client: Client::builder().no_proxy().build().unwrap(), base, _running }
    }

    /// What this route can be about, for this caller.
    pub(super) fn targets(&self, route: &str, caller: &Caller) -> Vec<Target> {
        let at = |name: &str, workspace, id: &str, job| Target {
            name: name.to_owned(),
            workspace,
            id: id.to_owned(),
            job,
            is_edited: name == "other:review",
        };
        let workspaces = [("acme", "acme"), ("rival", "rival"), ("unknown", "nowhere"), ("malformed", "ACME%23")];
        let long = ("long", "acme-acme-acme-acme-acme-acme-acme");
        if !route.contains("{workspace}") {
            return vec![at("-", "", "", None)];
        }
        if !route.contains("{id}") {
            return workspaces.into_iter().chain([long]).map(|(name, w)| at(name, w, "", None)).collect();
        }
        let id = |workspace, principal, state| self.jobs[&(workspace, principal, state)]["id"].as_str().unwrap();
        let mut targets = Vec::new();
        for state in State::ALL {
            let word = format!("{state:?}").to_lowercase();
            let (own, other) = (id("acme", caller.principal, state), id("acme", "alice", state));
            targets.push(at(&format!("own:{word}"), "acme", own, Some((state, true))));
            targets.push(at(&format!("other:{word}"), "acme", other, Some((state, false))));
        }
        let rival = |state| id("rival", "mallory", state);
        targets.push(at("rival:review", "rival", rival(State::Review), Some((State::Review, false))));
        targets.push(at("rival:completed", "rival", rival(State::Completed), Some((State::Completed, false))));
        targets.push(at("foreign", "acme", rival(State::Completed), None));
        targets.push(at("foreign-own", "rival", id("acme", caller.principal, State::Review), None));
        targets.push(at("unknown", "acme", UNKNOWN, None));
        targets.extend(malformed().iter().map(|(name, id)| at(&format!("malformed:{name}"), "acme", id, None)));
        let own = id("acme", caller.principal, State::Review);
        targets.extend(workspaces.into_iter().skip(2).map(|(name, w)| at(&format!("workspace:{name}"), w, own, None)));
        targets
    }

    /// Sends the caller's request: one that would change something if the route let this caller through, and one that
    /// changes nothing where it should.
    pub(super) async fn ask(&self, route: &str, caller: &Caller, target: &Target, expected: Expected) -> (u16, String) {
        let (method, path) = route.split_once(' ').unwrap();
        let harmless = lets_through(expected);
        let principal = match (method, harmless) {
            ("PUT", false) => caller.principal,
            ("DELETE", true) => "gone",
            _ => "kept",
        };
        let path = path.replace("{workspace}", target.workspace).replace("{id}", &target.id);
        let path = path.replace("{principal}", &principal.replace('+', "%2B")).replace("{name}", TYPE);
        let path = match route {
            LIST => format!("{path}?limit=100"),
            // No time passes between one caller and the next.
            WAIT => format!("{path}?seconds=0"),
            _ => path,
        };
        let mut request = self.client.request(method.parse::<Method>().unwrap(), format!("{}{path}", self.base));
        for value in &self.tokens[caller.name] {
            request = request.header("authorization", value);
        }
        // Names in headers are not looked at.
        request = request.header("x-workspace", "acme").header("x-role", "admin").header("x-principal", "everything");
        let waiting = self.jobs.values().find(|job| job["id"] == target.id.as_str());
        let waiting = waiting.filter(|job| job["result"].is_object());
        let waiting = waiting.unwrap_or(&self.jobs[&("acme", "alice", State::Review)]);
        let digest =
            if harmless { json!(format!("sha256:{}", "0".repeat(64))) } else { waiting["result"]["digest"].clone() };
        let body = match route.rsplit('/').next().unwrap() {
            "approve" => json!({"digest": digest}),
            "edit" => json!({"digest": digest, "text": "On Friday."}),
            "reject" | "request-changes" => json!({"digest": digest, "note": "No."}),
            "{principal}" if harmless => json!({"roles": ["auditor"]}),
            "{principal}" => json!({"roles": ["submitter", "reviewer", "operator", "auditor", "admin"]}),
            "{name}" if harmless => shipped_as_given(),
            "{name}" => json!({"description": "d", "lane": "background", "model": "gpt-6-luna", "instructions": "i"}),
            "republish" if !harmless => json!({"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}),
            "jobs" if !harmless => json!({"type": "document-analysis", "input": "x"}),
            _ => json!({}),
        };
        if method != "GET" {
            let version = if expected == (412, "stale") { json!(1) } else { waiting["version"].clone() };
            request = request.header("if-match", format!("\"{version}\"")).json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

/// The type as it ships: whoever sets it so changes nothing.
pub(super) fn shipped_as_given() -> Value {
    let mut document = serde_json::to_value(shipped(TYPE).unwrap()).unwrap();
    document.as_object_mut().unwrap().retain(|name, _| name != "name" && name != "version");
    document
}

pub(super) async fn appoint(scene: &Scene, workspace: &str, principal: &str, roles: &[Role], active: bool) {
    let (principal, roles) = (Principal::parse(principal).unwrap(), roles.iter().copied().collect());
    let workspace = WorkspaceId::parse(workspace).unwrap();
    let now = scene.world.clock().now();
    scene
        .world
        .table()
        .put_member(&workspace, &Member { principal, roles, issuer: Some(Issuer::of(ISSUER)), active, name: None }, now)
        .await
        .unwrap();
}

/// Removes the row as nothing in the product does.
async fn dismiss(scene: &Scene, principal: &str) {
    let key = keys::member(&WorkspaceId::parse("acme").unwrap(), &Principal::parse(principal).unwrap());
    let delete = scene.world.embedded().client().delete_item().table_name(TABLE);
    delete.key("PK", AttributeValue::S(key.pk)).key("SK", AttributeValue::S(key.sk)).send().await.unwrap();
}
