//! `cargo bench-local`: jobs at a steady rate against the local edition, and what each takes and costs. A benchmark, not
//! a test: its figures are of one machine, and the provider and the client run on it too.

mod process;
mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use adapters::system::System;
use domain::port::Clock as _;
use local::identity::Identity;
use openai_simulator::{Mode, Simulator};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::process::Usage;
use self::report::{Outcome, Part, Report};
use super::api::{Api, BoxError};
use super::product::{self, Product, free_port};
use super::token::LIFETIME;
use crate::Bench;

/// How long the provider takes for a job.
const RUN: Duration = Duration::from_millis(200);

/// How often the provider looks for what has ended.
const TICK: Duration = Duration::from_millis(10);

/// A client's first wait between two looks at a job; each is a quarter longer, up to the last.
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LAST_WAIT: Duration = Duration::from_millis(250);

/// What a job may take before it counts as not completed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The run is told in so many parts.
const PARTS: u32 = 5;

/// How much more CPU a job of the last part may take than one of the second, on a machine that does other things too.
const GROWTH: f64 = 1.5;

pub(crate) async fn run(bench: &Bench) -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let (own, listener) = (free_port().await?, TcpListener::bind("127.0.0.1:0").await?);
    let base_url = format!("http://{}/v1", listener.local_addr()?);
    let mode = Mode::Auto { queued_ms: 0, run_ms: i64::try_from(RUN.as_millis())? };
    let _provider = serve(&product::provider(own, mode)?, listener);
    let product = Product::start(folder.path(), own, &base_url)?;
    let token = Identity::open(folder.path())?.token("alice", LIFETIME, System.now().seconds())?;
    let api = Arc::new(Api::new(&format!("http://127.0.0.1:{own}"), token));
    api.is_up().await?;
    println!(
        "{} jobs a second for {} s; the provider takes {} ms for each.",
        bench.rate,
        bench.seconds,
        RUN.as_millis()
    );
    if cfg!(debug_assertions) {
        println!("This build is not optimised: that of `cargo bench-local` is.");
    }

    let report = load(&api, &product, bench).await?;
    println!("{report}");
    if bench.check { report.check(GROWTH) } else { Ok(()) }
}

/// The provider at work, until the set is dropped. Webhooks go side by side, as the real one's do.
fn serve(provider: &Simulator, listener: TcpListener) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let (serving, running) = (provider.clone(), provider.clone());
    tasks.spawn(async move {
        let _ = serving.serve(listener).await;
    });
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(TICK).await;
            let running = running.clone();
            tokio::spawn(async move { running.tick().await });
        }
    });
    tasks
}

/// Every job starts at its time on a fixed clock, however slow those before it are, and is timed from that moment.
async fn load(api: &Arc<Api>, product: &Product, bench: &Bench) -> Result<Report, BoxError> {
    let jobs = bench.rate * bench.seconds;
    let of_part = jobs / PARTS;
    let gap = Duration::from_secs(1) / bench.rate;
    let start = now();
    let (mut running, mut parts) = (JoinSet::new(), Vec::new());
    let mut before = Usage::of(product.id())?;
    for number in 0..of_part * PARTS {
        let intended = start + gap * number;
        tokio::time::sleep_until(intended.into()).await;
        if number > 0 && number % of_part == 0 {
            parts.push(Part::between(&before, &Usage::of(product.id())?, of_part));
            before = Usage::of(product.id())?;
        }
        running.spawn(job(api.clone(), number, intended));
    }
    let outcomes: Vec<Outcome> = running.join_all().await;
    parts.push(Part::between(&before, &Usage::of(product.id())?, of_part));
    Ok(Report { outcomes, parts, run: RUN })
}

/// One job as a client sees it.
async fn job(api: Arc<Api>, number: u32, intended: Instant) -> Outcome {
    let input = format!("Document {number}: the parties agree.");
    let Ok(id) = api.submit(&json!({"input": input})).await else { return Outcome::default() };
    let accepted = Some(now() - intended);
    tokio::time::sleep(RUN).await;
    let mut wait = FIRST_WAIT;
    while now() - intended < PATIENCE {
        if api.get(&id).await.is_ok_and(|job| job["status"] == "completed") {
            return Outcome { accepted, completed: Some(now() - intended) };
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 5 / 4).min(LAST_WAIT);
    }
    Outcome { accepted, completed: None }
}

#[expect(clippy::disallowed_methods, reason = "a stop watch")]
fn now() -> Instant {
    Instant::now()
}
