//! `cargo local demo trouble`: five things that go wrong, each watched through the API until the job is right again.

use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use domain::value::time::Timing;
use local::identity::Identity;
use openai_simulator::{Ledger, Mode, Plan};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::api::{Api, BoxError, word};
use super::product::{self, Product, free_port};
use super::stage::Stage;
use super::token::LIFETIME;

/// How fast the simulated provider is.
const MODE: Mode = Mode::Auto { queued_ms: 500, run_ms: 2_500 };

pub(crate) async fn run() -> Result<(), BoxError> {
    println!("Five troubles, each with a job of its own. The provider is the simulator; its ledger has the last word.");
    webhook_lost().await?;
    webhook_doubled().await?;
    killed_after_the_post().await?;
    quota_used_up().await?;
    word_nobody_knows().await?;
    println!();
    println!("All five ended as they should.");
    Ok(())
}

async fn webhook_lost() -> Result<(), BoxError> {
    title("1. The webhook is lost", "The provider runs the job and tells nobody. The schedule asks.");
    let scene = Scene::open(Plan::WebhookNever).await?;
    let id = scene.api.submit(&json!({})).await?;
    scene.api.watch(&id).await?;
    let ledger = scene.ledger()?;
    scene.expect(&id, "completed", 1).await?;
    told(&[("create calls", ledger.counts.posts), ("looks", ledger.counts.gets), ("webhooks", ledger.counts.webhooks)]);
    holds(ledger.counts.webhooks == 0, "a webhook was sent")
}

async fn webhook_doubled() -> Result<(), BoxError> {
    title("2. The webhook comes twice", "Both copies are good, and one answer is taken in and paid for once.");
    let scene = Scene::open(Plan::WebhookTwice).await?;
    let id = scene.api.submit(&json!({})).await?;
    scene.api.watch(&id).await?;
    let ledger = scene.ledger()?;
    let job = scene.expect(&id, "completed", 1).await?;
    told(&[("create calls", ledger.counts.posts), ("webhooks", ledger.counts.webhooks)]);
    println!(
        "  transitions: {} (created, attached, finished), cost {} dollars",
        job["version"],
        word(&job["cost"]["usd"])
    );
    holds(job["version"] == 3 && ledger.counts.webhooks == 2, "there was more or less than one transition")
}

/// Here the product is a process of its own, so that it can be killed while the provider goes on.
async fn killed_after_the_post() -> Result<(), BoxError> {
    title(
        "3. The process is killed after the POST",
        "The provider has the request, and whoever sent it dies before it hears the response's id.",
    );
    let folder = tempfile::tempdir()?;
    let (own, provider) = (free_port().await?, TcpListener::bind("127.0.0.1:0").await?);
    let base_url = format!("http://{}/v1", provider.local_addr()?);
    let simulator = product::provider(own, MODE)?;
    simulator.plan_next(Plan::AcceptsAndNeverAnswers);
    let mut tasks = JoinSet::new();
    let (serving, running) = (simulator.clone(), simulator.clone());
    tasks.spawn(async move {
        let _ = serving.serve(provider).await;
    });
    tasks.spawn(async move { running.run(std::future::pending()).await });

    let product = Product::start(folder.path(), own, &base_url)?;
    let token = Identity::open(folder.path())?.token("alice", LIFETIME, System.now().seconds())?;
    let api = Api::new(&format!("http://127.0.0.1:{own}"), token);
    api.is_up().await?;
    let id = api.submit(&json!({})).await?;
    let started = System.now();
    while simulator.ledger().responses.is_empty() {
        holds(System.now().since(started) < Duration::from_secs(60), "no create call came")?;
        System.sleep(Duration::from_millis(20)).await;
    }
    drop(product);
    println!("  kill -9, with one create call under way");
    let _product = Product::start(folder.path(), own, &base_url)?;
    api.is_up().await?;
    println!("  started again over the same data");
    api.watch(&id).await?;
    let ledger = simulator.ledger();
    told(&[("create calls", ledger.counts.posts), ("responses", ledger.responses.len() as u64)]);
    let job = api.get(&id).await?;
    holds(job["status"] == "completed" && job["attempt"] == 1, "the job did not complete on its first attempt")?;
    holds(ledger.counts.posts == 1, "the job was paid for more than once")
}

async fn quota_used_up() -> Result<(), BoxError> {
    title(
        "4. The account's quota is used up",
        "One job meets it, the lane is parked, a person is asked once; then somebody pays (here the wait is 5 s).",
    );
    let scene = Scene::open(Plan::QuotaExhaustedThenOk).await?;
    let first = scene.api.submit(&json!({})).await?;
    let met = scene.api.until(&first, |job| job["phase"] == "held").await?;
    println!("  the job that met it is {}, {}", word(&met["phase"]), word(&met["reason"]["code"]));
    let second = scene.api.submit(&json!({})).await?;
    let waiting = scene.api.until(&second, |job| job["phase"] == "held").await?;
    let asked = [scene.api.get(&first).await?, waiting].iter().filter(|job| !job["attention"].is_null()).count();
    println!("  a second job waits too, without a call; jobs that ask for a person: {asked}");
    scene.api.watch(&first).await?;
    scene.api.until(&second, |job| job["status"] == "completed").await?;
    scene.expect(&first, "completed", 2).await?;
    let ledger = scene.ledger()?;
    told(&[("create calls", ledger.counts.posts), ("responses", ledger.responses.len() as u64)]);
    holds(asked == 1 && ledger.responses.len() == 2, "not one person, or not one response for each job")
}

async fn word_nobody_knows() -> Result<(), BoxError> {
    title(
        "5. The provider answers with a word that nobody knows",
        "It is shown as the provider's word and never as ours; the job's own deadline (here 8 s) ends and stops it.",
    );
    let scene = Scene::open(Plan::UnknownStatusForever).await?;
    let deadline = System.now() + Duration::from_secs(8);
    let id = scene.api.submit(&json!({"deadline": deadline})).await?;
    let seen = scene.api.until(&id, |job| job["provider"]["status"] == "pondering").await?;
    println!(
        "  the provider says {:?}; the job is {}, {}",
        "pondering",
        word(&seen["status"]),
        word(&seen["reason"]["code"])
    );
    scene.api.watch(&id).await?;
    scene.expect(&id, "expired", 1).await?;
    let stopped =
        async || scene.ledger().map(|ledger| ledger.responses.iter().all(|entry| entry.terminal_status.is_some()));
    for _ in 0..100 {
        if stopped().await? {
            break;
        }
        System.sleep(Duration::from_millis(100)).await;
    }
    let ledger = scene.ledger()?;
    told(&[("create calls", ledger.counts.posts), ("cancel calls", ledger.counts.cancels)]);
    holds(stopped().await?, "the run was not stopped")
}

/// A story's own stage, with alice in front of it.
struct Scene {
    api: Api,
    stage: Stage,
}

impl Scene {
    async fn open(plan: Plan) -> Result<Self, BoxError> {
        let timing = Timing { quota_wait: Duration::from_secs(5), ..Timing::local() };
        let stage = Stage::open(MODE, timing).await?;
        stage.world.simulator().ok_or("there is no simulator")?.plan_next(plan);
        Ok(Self { api: stage.api("alice")?, stage })
    }

    fn ledger(&self) -> Result<Ledger, BoxError> {
        Ok(self.stage.world.simulator().ok_or("there is no simulator")?.ledger())
    }

    /// The job ended so, on this attempt.
    async fn expect(&self, id: &str, status: &str, attempt: u16) -> Result<Value, BoxError> {
        let job = self.api.get(id).await?;
        holds(job["status"] == status && job["attempt"] == attempt, "the job did not end as it should")?;
        Ok(job)
    }
}

fn title(name: &str, about: &str) {
    println!();
    println!("{name}");
    println!("  {about}");
}

fn told(counts: &[(&str, u64)]) {
    let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    println!("  at the provider: {}", counts.join(", "));
}

fn holds(holds: bool, otherwise: &str) -> Result<(), BoxError> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}
