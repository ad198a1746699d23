//! The place of one test: an API to call, people to call it as, and whatever else can be reached there.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use adapters::system::System;
use domain::job::Job;
use domain::port::{Clock as _, JobReader as _};
use domain::value::id::{JobId, Principal, WorkspaceId};
use domain::value::member::{Member, Role};
use local::identity::Identity;
use local::world::SIMULATOR_KEY;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use stack::target::{People, Simulator, Target, VARIABLE};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::edition::Edition;
use super::emulator::Emulator;
use super::inside::Inside;

/// What a test needs besides the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Tokens for whom it likes, in a workspace of its own.
    Anybody,
    /// The simulator as provider.
    Simulator,
    /// The table, the queues, the bus and the functions.
    Inside,
    /// Functions that can be killed.
    Processes,
    /// No other test beside it, because it disturbs them.
    Solitude,
    /// A target that keeps what people are told.
    Notices,
}

/// Tests of one process share an installation that is not their own.
static SHARED: LazyLock<Arc<RwLock<()>>> = LazyLock::new(Arc::default);

enum Turn {
    Alone { _held: OwnedRwLockWriteGuard<()> },
    Beside { _held: OwnedRwLockReadGuard<()> },
}

pub(crate) struct Stage {
    api: String,
    client: Client,
    pub(crate) workspace: String,
    bearer: Bearer,
    simulator: Option<Simulator>,
    inside: Option<Inside>,
    notices: Option<String>,
    _turn: Option<Turn>,
}

enum Bearer {
    Anybody(Box<Identity>),
    One(String),
}

/// What the API answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

/// The submitter of every test.
pub(crate) const ALICE: &str = "alice";

impl Stage {
    /// A place that offers all of this, or nothing, with a line that says so.
    pub(crate) async fn open(needs: &[Need]) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "tests are told where to run by the environment")]
        let target = std::env::var(VARIABLE).ok().filter(|file| !file.is_empty()).map(PathBuf::from);
        let stage = match target {
            None => Self::edition().await,
            Some(file) => {
                // Cargo runs tests in their package's folder.
                let file = if file.is_relative() { PathBuf::from("../..").join(file) } else { file };
                Self::target(Target::read(&file).unwrap(), needs.contains(&Need::Solitude)).await
            }
        };
        let lacks = |need: &Need| match need {
            Need::Anybody => matches!(stage.bearer, Bearer::One(_)),
            Need::Simulator => stage.simulator.is_none(),
            Need::Inside | Need::Solitude => stage.inside.is_none(),
            Need::Notices => stage.notices.is_none(),
            Need::Processes => !stage.inside.as_ref().is_some_and(Inside::has_processes),
        };
        if let Some(need) = needs.iter().find(|need| lacks(need)) {
            let test = std::thread::current().name().unwrap_or_default().to_owned();
            eprintln!("{test}: not on this target, which does not offer {need:?}");
            return None;
        }
        stage.staff().await;
        Some(stage)
    }

    async fn edition() -> Self {
        let edition = Edition::open().await;
        Self {
            api: edition.api.clone(),
            client: Client::new(),
            workspace: "acme".to_owned(),
            bearer: Bearer::Anybody(Box::new(edition.identity())),
            simulator: edition
                .world
                .simulator_url()
                .map(|url| Simulator { url: url.to_owned(), key: SIMULATOR_KEY.to_owned() }),
            notices: Some(edition.notices.clone()),
            inside: Some(Inside::Edition(Box::new(edition))),
            _turn: None,
        }
    }

    async fn target(target: Target, alone: bool) -> Self {
        let turn = match alone {
            true => Turn::Alone { _held: SHARED.clone().write_owned().await },
            false => Turn::Beside { _held: SHARED.clone().read_owned().await },
        };
        let (bearer, workspace) = match target.people {
            People::Anybody { identity, issuer } => {
                let identity = Identity::issuing_as(&issuer, &identity).unwrap();
                (Bearer::Anybody(Box::new(identity)), format!("w{}", &System.nonce().to_string()[..12]))
            }
            People::Bearer { token, workspace } => (Bearer::One(token), workspace),
        };
        let inside = target.inside.map(|inside| Inside::Emulator(Box::new(Emulator::new(inside))));
        let client = Client::new();
        let Target { api, simulator, notices, .. } = target;
        Self { api, client, workspace, bearer, simulator, inside, notices, _turn: Some(turn) }
    }

    /// The people of a workspace that is new.
    async fn staff(&self) {
        use Role::{Admin, Auditor, Operator, Reviewer, Submitter};
        let Some(inside) = &self.inside else { return };
        let people = [
            (ALICE, Submitter),
            ("rita", Reviewer),
            ("remy", Reviewer),
            ("otto", Operator),
            ("audrey", Auditor),
            ("ada", Admin),
        ];
        for (name, role) in people {
            let member = Member {
                principal: Principal::parse(name).unwrap(),
                roles: [role].into(),
                issuer: None,
                active: true,
                name: None,
            };
            inside.table().put_member(&self.workspace_id(), &member, System.now()).await.unwrap();
        }
    }

    pub(crate) fn inside(&self) -> &Inside {
        self.inside.as_ref().expect("the test said that it needs Inside")
    }

    pub(crate) fn token(&self, principal: &str) -> String {
        match &self.bearer {
            Bearer::One(token) => token.clone(),
            Bearer::Anybody(identity) => {
                // A gateway's clock may be a little behind.
                let now = System.now().seconds() - 5;
                identity.token(principal, Duration::from_secs(3_600), now).unwrap()
            }
        }
    }

    pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.json().await.unwrap_or_default() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.api))
    }

    /// A path below the workspace.
    pub(crate) async fn get(&self, principal: &str, path: &str) -> Answer {
        let path = format!("/v1/workspaces/{}/{path}", self.workspace);
        Self::send(self.request(Method::GET, &path).bearer_auth(self.token(principal))).await
    }

    /// The same with a body, and with the version that was read.
    pub(crate) async fn call(
        &self,
        principal: &str,
        method: Method,
        path: &str,
        version: Option<&Value>,
        body: &Value,
    ) -> Answer {
        let path = format!("/v1/workspaces/{}/{path}", self.workspace);
        let mut request = self.request(method, &path).bearer_auth(self.token(principal));
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        // A DELETE has none.
        Self::send(if body.is_null() { request } else { request.json(body) }).await
    }

    /// Alice asks for a job.
    pub(crate) fn job_request(&self, key: Option<&str>, body: &Value) -> reqwest::RequestBuilder {
        let path = format!("/v1/workspaces/{}/jobs", self.workspace);
        let mut request = self.request(Method::POST, &path).bearer_auth(self.token(ALICE)).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request
    }

    /// Alice creates a document-analysis job; what is given comes on top of the usual. Answers its id.
    pub(crate) async fn create(&self, fields: Value) -> String {
        let mut body = json!({"type": "document-analysis", "input": "The parties agree."});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = Self::send(self.job_request(None, &body)).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn see(&self, id: &str) -> Value {
        let answer = self.get(ALICE, &format!("jobs/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Waits until the job is so, five minutes at most.
    pub(crate) async fn until(&self, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Value::Null;
        for _ in 0..1_500 {
            seen = self.see(id).await;
            if is_so(&seen) {
                return seen;
            }
            pause().await;
        }
        panic!("the job did not come so far: {seen}");
    }

    pub(crate) async fn ended(&self, id: &str, status: &str) -> Value {
        let over = ["completed", "failed", "canceled", "expired"];
        let ended = |job: &Value| job["status"] == status || over.iter().any(|over| job["status"] == *over);
        let job = self.until(id, ended).await;
        assert_eq!(job["status"], status, "{job}");
        job
    }

    /// The job's trail, which has to hold.
    pub(crate) async fn trail(&self, id: &str) -> Vec<Value> {
        let answer = self.get(ALICE, &format!("jobs/{id}/events")).await;
        assert_eq!((answer.status, &answer.body["chain_intact"]), (200, &json!(true)), "{}", answer.body);
        answer.body["events"].as_array().unwrap().clone()
    }

    /// How the provider treats this workspace's jobs from now on.
    pub(crate) async fn plan(&self, plans: Value) {
        let simulator = self.simulator.as_ref().unwrap();
        let url = format!("{}/simulator/plans/{}", simulator.url, self.workspace);
        let answer = Self::send(self.client.put(url).bearer_auth(&simulator.key).json(&plans)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// What the provider made for this job: create calls, and responses.
    pub(crate) async fn made(&self, id: &str) -> (u64, Vec<Value>) {
        let simulator = self.simulator.as_ref().unwrap();
        let ledger = self.client.get(format!("{}/simulator/ledger", simulator.url)).bearer_auth(&simulator.key);
        let ledger = Self::send(ledger).await.body;
        let posts = ledger["posts_by_attempt"].as_object().unwrap().iter();
        let posts =
            posts.filter(|(name, _)| name.starts_with(&format!("{id}-"))).filter_map(|(_, count)| count.as_u64());
        let responses = ledger["responses"].as_array().unwrap().iter();
        (posts.sum(), responses.filter(|response| response["metadata"]["job_id"] == id).cloned().collect())
    }

    /// The notices about this job that reached people, as they reached them.
    pub(crate) async fn notices(&self, id: &str) -> Vec<Value> {
        let all = Self::send(self.client.get(self.notices.as_ref().unwrap())).await.body;
        let about = |notice: &&Value| notice.to_string().contains(&format!("/jobs/{id}|"));
        all.as_array().unwrap().iter().filter(about).cloned().collect()
    }

    pub(crate) fn workspace_id(&self) -> WorkspaceId {
        WorkspaceId::parse(&self.workspace).unwrap()
    }

    /// The job's row, once all of its events are confirmed as published.
    pub(crate) async fn told(&self, id: &str) -> Job {
        let mut row = self.row(id).await;
        for _ in 0..1_500 {
            if row.published == row.version {
                return row;
            }
            pause().await;
            row = self.row(id).await;
        }
        panic!("an event is unconfirmed: {row:?}");
    }

    pub(crate) async fn row(&self, id: &str) -> Job {
        let id = JobId::parse(id).unwrap();
        self.inside().table().job(&self.workspace_id(), &id).await.unwrap().unwrap()
    }
}

/// Between two looks.
pub(crate) async fn pause() {
    System.sleep(Duration::from_millis(200)).await;
}
