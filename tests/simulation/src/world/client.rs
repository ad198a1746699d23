//! Clients: each wants one job, keeps asking until it is answered, and remembers what it was told. Some want jobs of types
//! that ship, and some of their workspace's own.

use std::time::Duration;

use domain::contract::request::tools::SecretPlace;
use domain::contract::request::{self, job_type};
use domain::job::PayloadRef;
use domain::policy::cost::PriceList;
use domain::policy::job_type::JobType;
use domain::value::id::{IdempotencyKey, Issuer, JobId, Principal, TypeName, WorkspaceId};
use domain::value::time::Timestamp;
use fastrand::Rng;

use super::fault_rates::{FaultRates, PEOPLE};
use super::invoke::ISSUER;
use super::{DEPLOYMENT, Event, JOBS, REVIEWERS, START, World};
use crate::check::Asked;

const TYPES: [&str; 8] = [
    "document-analysis",
    "research-report",
    "support-reply-draft",
    "quick-answer",
    "contract-change",
    "contract-change",
    "dear-answer",
    "checked-answer",
];

/// Its result takes more than one reviewer; in every other version one is enough.
const CHANGE: &str = r#"{"description": "Changes a contract.", "lane": "approval", "model": "gpt-6.1-terra",
    "instructions": "Change it.", "effects": ["record_change"], "review": "always", "approvals": 2}"#;

/// Its result is reviewed when the run was cut short, or has cost more than most; and after a dear run there is no other.
const DEAR: &str = r#"{"description": "Answers.", "lane": "background", "model": "gpt-6.1-terra", "instructions": "Answer.",
    "review": {"when": {"partial": true, "cost_over_usd": "0.001"}}, "cost_limit_usd": "0.20"}"#;

/// Nothing comes of it; its result is reviewed all the same.
const CHECKED: &str = r#"{"description": "Answers.", "lane": "background", "model": "gpt-6.1-terra",
    "instructions": "Answer.", "review": "always"}"#;

/// How long a client waits for an answer before it asks again.
const PATIENCE: Duration = Duration::from_secs(30);

/// One client and the one job that it wants.
#[derive(Debug)]
pub(super) struct Client {
    pub workspace: &'static str,
    pub principal: &'static str,
    pub key: Option<String>,
    pub body: String,
    pub comes: Timestamp,
    pub tries: u32,
    /// Sends every request twice.
    is_nervous: bool,
    gives_up_after: u32,
    pub is_done: bool,
    asked: Asked,
}

pub(super) fn draw(fault_rates: &FaultRates, rng: &mut Rng) -> Vec<Client> {
    let lasts = u64::try_from(fault_rates.calm.since(START).as_millis()).unwrap_or(1).min(600_000);
    (0..JOBS).map(|number| one(number, fault_rates, START + Duration::from_millis(rng.u64(0..lasts)), rng)).collect()
}

fn one(number: u64, fault_rates: &FaultRates, comes: Timestamp, rng: &mut Rng) -> Client {
    let (workspace, principal) = rng.choice(PEOPLE).unwrap_or(("acme", "alice"));
    let job_type = rng.choice(TYPES).unwrap_or("quick-answer");
    let mut odd = || rng.u32(0..10_000) < fault_rates.client_odd;
    let (is_nervous, has_no_key, has_deadline, is_flexible) = (odd(), odd(), odd(), odd());
    let deadline = if has_deadline {
        format!(r#","deadline":"{}""#, comes + Duration::from_secs(rng.u64(60..7_200)))
    } else {
        String::new()
    };
    let for_whom = match rng.u8(0..8) {
        0 => rng.choice(REVIEWERS).map(|name| format!(r#","on_behalf_of":"{name}""#)).unwrap_or_default(),
        _ => String::new(),
    };
    let body =
        format!(r#"{{"type":"{job_type}","input":"text {number}","flexible":{is_flexible}{deadline}{for_whom}}}"#);
    let key = (!has_no_key).then(|| format!("key {number}"));
    let digest =
        request::parse(body.as_bytes()).map(|request| PayloadRef::of(request.canonical.as_bytes()).digest).ok();
    let named = || {
        let (workspace, principal) = (WorkspaceId::parse(workspace).ok()?, Principal::parse(principal).ok()?);
        Some(JobId::derived(
            DEPLOYMENT,
            &workspace,
            (Issuer::of(ISSUER), &principal),
            &IdempotencyKey::parse(key.as_deref()?).ok()?,
        ))
    };
    let asked = Asked { workspace: workspace.to_owned(), digest, named: named(), requests: 0, accepted: None };
    // Without a key the same request again would be another job.
    let gives_up_after = if has_no_key { 1 } else { u32::MAX };
    Client { workspace, principal, key, body, comes, tries: 0, is_nervous, gives_up_after, is_done: false, asked }
}

impl World {
    /// The workspaces' own types, in their first version.
    pub(super) fn set_types(&self) {
        for workspace in ["acme", "rival"] {
            for (name, body) in [("contract-change", CHANGE), ("dear-answer", DEAR), ("checked-answer", CHECKED)] {
                let (Ok(workspace), Ok(name)) = (WorkspaceId::parse(workspace), TypeName::parse(name)) else {
                    continue;
                };
                let secrets = SecretPlace::new(DEPLOYMENT, &workspace);
                if let Ok(given) = job_type::parse(
                    &name,
                    1,
                    body.as_bytes(),
                    &self.fault_rates.timing,
                    &secrets,
                    &PriceList::shipped(),
                ) {
                    self.put_type(&workspace, &given);
                }
            }
        }
    }

    fn put_type(&self, workspace: &WorkspaceId, it: &JobType) {
        if let Ok(ada) = Principal::parse("ada") {
            self.shared.store.put_type(workspace, it, &ada, self.shared.executor.now());
        }
    }

    /// Somebody sets the next version of the type whose results take two, or one again.
    fn revise(&self, workspace: &str) {
        let (Ok(workspace), Ok(name)) = (WorkspaceId::parse(workspace), TypeName::parse("contract-change")) else {
            return;
        };
        if let Some(latest) = self.shared.store.type_of(&workspace, &name, None) {
            let next = JobType { version: latest.version + 1, approvals: 3 - latest.approvals.min(2), ..latest };
            self.put_type(&workspace, &next);
        }
    }

    pub(super) fn call(&mut self, number: usize) {
        let Some(client) = self.clients.get_mut(number).filter(|client| !client.is_done) else { return };
        if client.tries >= client.gives_up_after {
            client.is_done = true;
            return;
        }
        client.tries += 1;
        let workspace = client.workspace;
        let times = if client.is_nervous { 2 } else { 1 };
        client.asked.requests += times;
        for _ in 0..times {
            self.invoke_create(number);
        }
        if self.strikes(self.fault_rates.revokes) {
            self.revise(workspace);
        }
        self.set_in(PATIENCE, Event::Call(number));
    }

    pub(super) fn hear_back(&mut self, number: usize, tries: u32, status: u16, location: Option<String>) {
        let Some(client) = self.clients.get_mut(number) else { return };
        // Nobody listens to an answer that comes after its caller hung up.
        if client.tries != tries {
            return;
        }
        if status == 200 || status == 202 {
            let id = location.and_then(|path| JobId::parse(path.rsplit('/').next()?).ok());
            client.asked.accepted = client.asked.accepted.take().or(id);
        }
        client.is_done |= status < 500;
    }

    /// What clients asked for and were told, for the reckoning.
    pub(super) fn clients_said(&self) -> Vec<Asked> {
        self.clients.iter().map(|client| client.asked.clone()).collect()
    }
}
