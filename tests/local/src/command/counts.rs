//! `cargo local demo --counts`: what one happy job costs, counted on the AWS schedule in simulated time.

use std::error::Error;
use std::time::Duration;

use domain::value::time::{Timestamp, Timing};
use local::clock::WorldClock;
use local::world::{Counts, ProviderChoice, World, WorldConfig};
use openai_simulator::Mode;
use serde_json::json;

use super::serve::LOCAL_WEBHOOK_SECRET;

/// Prints one line for each count.
pub(crate) async fn print(document: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
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
    Ok(())
}

/// Runs one job that takes 20 s at the provider, and ten minutes of schedule after it.
async fn one_job(document: &str) -> Result<Counts, Box<dyn Error + Send + Sync>> {
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
    let before = world.counts();
    let body = json!({"type": "document-analysis", "input": document}).to_string();
    let created = world.create("acme", "alice", Some("counts"), &body).await?;
    if created.status != 202 {
        return Err(format!("the job was not created: {}", created.body).into());
    }
    world.advance(Duration::from_secs(600)).await;
    Ok(world.counts().since(&before))
}
