//! `cargo local demo --counts`: what one happy job costs, counted on the AWS schedule in simulated time.

mod price;

use std::error::Error;
use std::time::Duration;

use domain::contract::route::Route;
use domain::people::review::Action;
use domain::value::time::{Timestamp, Timing};
use local::clock::WorldClock;
use local::world::{Call, Counts, ProviderChoice, World, WorldConfig};
use openai_simulator::Mode;
use serde_json::{Value, json};

use super::serve::LOCAL_WEBHOOK_SECRET;

type BoxError = Box<dyn Error + Send + Sync>;

/// How a job goes that is counted.
#[derive(Debug, Clone, Copy)]
struct Way {
    reviewed: bool,
    webhook: bool,
}

/// How often a client looks at its job until it has ended.
const LOOKS: u32 = 4;

/// How long each job is followed: until nothing is owed but its end of retention.
const FOLLOWED: Duration = Duration::from_secs(600);

/// Prints one line for each count.
pub(crate) async fn print(document: &str) -> Result<(), BoxError> {
    let counts = one_job(document).await?;
    let functions: u64 = counts.invocations.iter().filter(|(name, _)| *name != "reconcile").map(|(_, n)| n).sum();
    println!();
    println!("One job on the AWS schedule, webhook path, until nothing is owed but its end of retention:");
    println!("write units: {}", counts.write_units);
    println!("read units: {}", counts.read_units);
    println!("transactions: {}", counts.transactions);
    println!("provider POSTs: {}", counts.provider_posts);
    println!("provider GETs: {}", counts.provider_gets);
    println!("queue messages: {}", counts.queue_messages);
    println!("invocations: {functions}");
    for (name, count) in &counts.invocations {
        println!("  {name}: {count}{}", if name == "reconcile" { " (the schedule's, shared by all jobs)" } else { "" });
    }
    print_prices().await
}

/// Prints what a job costs at AWS's list price, for each way that it may go.
async fn print_prices() -> Result<(), BoxError> {
    let idle = {
        let (_folder, world) = world().await?;
        let before = world.counts();
        world.advance(FOLLOWED).await;
        world.counts().since(&before)
    };
    println!();
    println!("{}", price::HEADING);
    for reviewed in [false, true] {
        for webhook in [true, false] {
            // What the schedule does without any job is no job's.
            let counts = whole_job(Way { reviewed, webhook }).await?.since(&idle);
            let way = format!(
                "{}, {}",
                if reviewed { "approved by a reviewer" } else { "no review" },
                if webhook { "webhook" } else { "no webhook" }
            );
            println!("{}", price::line(&way, &counts));
        }
    }
    println!("{}", price::NOTE);
    Ok(())
}

/// A world of simulated time, whose provider takes 20 s for a job.
async fn world() -> Result<(tempfile::TempDir, World), BoxError> {
    let folder = tempfile::tempdir()?;
    let world = World::open(WorldConfig {
        data: folder.path().to_owned(),
        in_memory: true,
        clock: WorldClock::simulated(Timestamp::from_millis(1_795_000_000_000)),
        timing: Timing::aws(),
        provider: ProviderChoice::Simulator {
            mode: Mode::Auto { queued_ms: 2_000, run_ms: 18_000 },
            webhook_url: None,
        },
        webhook_secrets: vec![LOCAL_WEBHOOK_SECRET.to_owned()],
        provider_timeout: None,
    })
    .await?;
    Ok((folder, world))
}

/// Runs one job, and ten minutes of schedule after it.
async fn one_job(document: &str) -> Result<Counts, BoxError> {
    let (_folder, world) = world().await?;
    let before = world.counts();
    create(&world, &json!({"type": "document-analysis", "input": document})).await?;
    world.advance(FOLLOWED).await;
    Ok(world.counts().since(&before))
}

/// Runs one job with its client's looks and, if need be, a reviewer's approval.
async fn whole_job(way: Way) -> Result<Counts, BoxError> {
    let (_folder, world) = world().await?;
    if !way.webhook {
        world.simulator().ok_or("there is no simulator")?.mute();
    }
    let before = world.counts();
    let kind = if way.reviewed { "support-reply-draft" } else { "document-analysis" };
    let id = create(&world, &json!({"type": kind, "input": "The parties agree to meet on Monday."})).await?;
    for _ in 1..LOOKS {
        look(&world, &id).await?;
    }
    world.advance(FOLLOWED / 2).await;
    if way.reviewed {
        approve(&world, &id).await?;
    }
    world.advance(FOLLOWED / 2).await;
    match look(&world, &id).await?["status"].as_str() {
        Some("completed") => Ok(world.counts().since(&before)),
        other => Err(format!("the job is {other:?} where it should have completed").into()),
    }
}

async fn create(world: &World, body: &Value) -> Result<String, BoxError> {
    let created = world.create("acme", "alice", Some("counts"), &body.to_string()).await?;
    match (created.status, created.body["id"].as_str()) {
        (202, Some(id)) => Ok(id.to_owned()),
        _ => Err(format!("the job was not created: {}", created.body).into()),
    }
}

async fn look(world: &World, id: &str) -> Result<Value, BoxError> {
    Ok(world.read("acme", "alice", id, "").await?.body)
}

/// The reviewer reads the job and the draft, and lets it out.
async fn approve(world: &World, id: &str) -> Result<(), BoxError> {
    let job = world.read("acme", "rita", id, "").await?.body;
    world.read("acme", "rita", id, "/result").await?;
    let (body, version) = (json!({"digest": job["result"]["digest"]}).to_string(), format!("\"{}\"", job["version"]));
    let decided = world
        .call(Call {
            route: Route::Decide(Action::Approve).key(),
            principal: "rita",
            path: &[("workspace", "acme"), ("id", id)],
            headers: &[("if-match", version.as_str())],
            body: Some(&body),
            ..Call::default()
        })
        .await?;
    if decided.status == 200 { Ok(()) } else { Err(format!("the draft was not approved: {}", decided.body).into()) }
}
