//! What a caller sees from the start of a job to its end, through the same handlers that run on Lambda.

mod altered;
mod controls;
mod crash;
mod create;
mod cut;
mod digits;
mod flaky;
mod foreign;
mod forged;
mod hostile;
mod lanes;
mod lists;
mod live;
mod matrix;
mod me;
mod money;
mod newer;
mod notices;
mod notify;
mod parked;
mod plans;
mod polled;
mod provider;
mod purge;
mod races;
mod readings;
mod rest;
mod result;
mod review;
mod routing;
mod secrecy;
mod server;
mod standing;
mod structured;
mod tenancy;
mod tools;
mod trouble;
mod types;
mod views;
mod watched;
mod webhook;

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::event::published::detail_type;
use domain::job::Job;
use domain::job::record::{Replay, SealedRecord, chain_intact};
use domain::port::JobReader as _;
use domain::value::id::{JobId, WorkspaceId};
use domain::value::time::{Timestamp, Timing};
use local::clock::WorldClock;
use local::world::{Answer, Call, ProviderChoice, World, WorldConfig};
use openai_simulator::{Mode, Plan};
use serde_json::json;
use tempfile::TempDir;

pub(crate) const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The identity's key, which is slow to make: one for all worlds.
static IDENTITY: OnceLock<Vec<u8>> = OnceLock::new();

/// The secret before the last rotation.
const PREVIOUS_SECRET: &str = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

/// A world on the AWS schedule in simulated time, with the simulator as provider, and the laws that hold at its end.
pub(crate) struct Scene {
    pub(crate) world: World,
    /// Delivery is at least once; without a fault on its way an event is sent once all the same.
    repeats: AtomicBool,
    _folder: TempDir,
}

impl Scene {
    /// The provider takes two seconds to start a run and ten to end it.
    pub(crate) async fn new() -> Self {
        Self::with(ProviderChoice::Simulator {
            mode: Mode::Auto { queued_ms: 2_000, run_ms: 10_000 },
            webhook_url: None,
        })
        .await
    }

    pub(crate) async fn with(provider: ProviderChoice) -> Self {
        Self::within(provider, None).await
    }

    /// No call to the provider takes longer than this, in real time.
    pub(crate) async fn within(provider: ProviderChoice, provider_timeout: Option<Duration>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("identity.pk8");
        if let Some(made) = IDENTITY.get() {
            std::fs::write(&key, made).unwrap();
        }
        let world = World::open(WorldConfig {
            data: folder.path().to_owned(),
            in_memory: true,
            clock: WorldClock::simulated(Timestamp::from_millis(1_795_000_000_000)),
            timing: Timing::aws(),
            provider,
            webhook_secrets: vec![SECRET.to_owned(), PREVIOUS_SECRET.to_owned()],
            provider_timeout,
        })
        .await
        .unwrap();
        IDENTITY.get_or_init(|| std::fs::read(key).unwrap());
        Self { world, repeats: AtomicBool::new(false), _folder: folder }
    }

    /// The provider treats the next response so.
    pub(crate) async fn planned(plan: Plan) -> Self {
        let scene = Self::new().await;
        scene.world.simulator().unwrap().plan_next(plan);
        scene
    }

    pub(crate) async fn create(&self) -> String {
        let body = json!({"type": "document-analysis", "input": "The parties agree."}).to_string();
        let answer = self.world.create("acme", "alice", None, &body).await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn pass(&self, seconds: u64) {
        self.world.advance(Duration::from_secs(seconds)).await;
    }

    /// The job as its submitter sees it.
    pub(crate) async fn see(&self, id: &str) -> serde_json::Value {
        let Answer { status, body, text, .. } = self.world.read("acme", "alice", id, "").await.unwrap();
        assert_eq!(status, 200, "{text}");
        body
    }

    /// The ids of the jobs that need a person.
    pub(crate) async fn attention(&self) -> Vec<String> {
        let route = "GET /v1/workspaces/{workspace}/jobs";
        let (path, query) = ([("workspace", "acme")], [("attention", "true")]);
        let call = Call { route, principal: "otto", issuer: None, path: &path, query: &query, ..Call::default() };
        let answer = self.world.call(call).await.unwrap();
        let jobs = answer.body["jobs"].as_array().unwrap();
        jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn row(&self, id: &str) -> Job {
        let (workspace, id) = (WorkspaceId::parse("acme").unwrap(), JobId::parse(id).unwrap());
        self.world.table().job(&workspace, &id).await.unwrap().unwrap()
    }

    pub(crate) async fn trail(&self, id: &str) -> Vec<SealedRecord> {
        let (workspace, id) = (WorkspaceId::parse("acme").unwrap(), JobId::parse(id).unwrap());
        self.world.table().trail(&workspace, &id, 0).await.unwrap()
    }

    /// The job ended in this status, once; its trail is whole and tells the same story as its row; each event that
    /// is to be published was published, and nothing waits in a queue.
    #[track_caller]
    pub(crate) fn ended(&self, id: &str, status: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let seen = self.see(id).await;
            assert_eq!(seen["status"], status, "{caller}: {seen}");
            let (row, trail) = (self.row(id).await, self.trail(id).await);
            assert!(chain_intact(&row, &trail), "{caller}: the chain is broken");
            let records: Vec<_> = trail.iter().map(|sealed| sealed.decode().unwrap()).collect();
            assert_eq!(Replay::of(&records), Some(Replay::from_row(&row)), "{caller}: the replay differs from the row");
            let ends = records
                .iter()
                .filter(|record| record.to.is_terminal() && record.from.is_some_and(|from| !from.is_terminal()));
            assert_eq!(ends.count(), 1, "{caller}: the job ended more than once");
            assert_eq!(row.published, row.version, "{caller}: an event is unconfirmed");
            let sent: Vec<_> = self.world.bus().events().into_iter().map(|event| event.id).collect();
            let distinct: BTreeSet<_> = sent.iter().cloned().collect();
            let owed = records.iter().filter(|record| detail_type(record).is_some());
            let owed: BTreeSet<_> = owed.map(|record| format!("{id}-{}", record.version)).collect();
            assert!(distinct.is_superset(&owed), "{caller}: sent {distinct:?} of {owed:?}");
            let once = sent.len() == distinct.len() || self.repeats.load(Ordering::SeqCst);
            assert!(once, "{caller}: an event was published twice");
            assert!(
                self.world.queues().submit.is_empty() && self.world.queues().observe.is_empty(),
                "{caller}: messages are left"
            );
        }
    }

    /// A fault of this test may make events go out again, with the same ids.
    pub(crate) fn allow_repeats(&self) {
        self.repeats.store(true, Ordering::SeqCst);
    }

    pub(crate) fn posts(&self) -> u64 {
        self.world.counts().provider_posts
    }

    pub(crate) fn gets(&self) -> u64 {
        self.world.counts().provider_gets
    }

    /// The one response that the provider made.
    pub(crate) fn response_id(&self) -> String {
        let ledger = self.world.simulator().unwrap().ledger();
        assert_eq!(ledger.responses.len(), 1);
        ledger.responses[0].id.clone()
    }
}

/// The headers of a webhook signed with this secret at this time.
pub(crate) fn signed(secret: &str, id: &str, at: Timestamp, body: &[u8]) -> Vec<(String, String)> {
    let secret = adapters::webhook_signature::WebhookSecret::parse(secret).unwrap();
    let signature = adapters::webhook_signature::sign(&secret, id, at.seconds(), body);
    [("webhook-id", id.to_owned()), ("webhook-timestamp", at.seconds().to_string()), ("webhook-signature", signature)]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}
