//! `cargo local serve`: the API on this machine until Ctrl-C.

use std::error::Error;

use adapters::edge::Edge;
use domain::port::Clock as _;
use domain::time::Timing;
use local::clock::WorldClock;
use local::simulator::Mode;
use local::world::{ProviderChoice, World, WorldConfig};
use tokio::net::TcpListener;

use super::token::LIFETIME;
use crate::Serve;

/// Signs the simulator's webhooks when nobody gives a secret; it guards nothing but a loopback port.
pub(crate) const LOCAL_WEBHOOK_SECRET: &str = "whsec_bGFuZWtlZXBlci1sb2NhbC1lZGl0aW9uLXNlY3JldA==";

const OPENAI: &str = "https://api.openai.com/v1";

pub(crate) async fn run(serve: Serve) -> Result<(), Box<dyn Error + Send + Sync>> {
    local::log::to_stderr();
    let listener = TcpListener::bind(("127.0.0.1", serve.port)).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let data = serve.data.folder()?;
    let (provider, who) = match (serve.openai_base_url, serve.openai_api_key) {
        (None, None) => (
            ProviderChoice::Simulator {
                mode: Mode::Auto { queued_ms: 1_000, run_ms: 4_000 },
                webhook_url: Some(format!("{base}/v1/webhooks/openai")),
            },
            "the simulator: its answers are canned text, and nothing is paid".to_owned(),
        ),
        (base_url, key) => {
            let base_url = base_url.unwrap_or_else(|| OPENAI.to_owned());
            let who = format!("{base_url}: runs there may cost money");
            // Servers of one's own often want no key; a header must hold something.
            (ProviderChoice::Server { base_url, api_key: key.unwrap_or_else(|| "none".to_owned()) }, who)
        }
    };
    let world = World::open(WorldConfig {
        data: data.clone(),
        in_memory: false,
        clock: WorldClock::Machine,
        timing: Timing::local(),
        provider,
        webhook_secret: serve.webhook_secret.unwrap_or_else(|| LOCAL_WEBHOOK_SECRET.to_owned()),
    })
    .await?;
    let _running = world.live(listener);
    let token = world.identity().token("alice", LIFETIME, Edge.now().seconds())?;
    println!("Lanekeeper, local edition");
    println!("  API       {base}");
    println!("  webhooks  {base}/v1/webhooks/openai");
    println!("  data      {}", data.display());
    println!("  provider  {who}");
    println!();
    println!("A token for alice, a submitter in workspace acme:");
    println!();
    println!("export TOKEN={token}");
    println!("export JOBS={base}/v1/workspaces/acme/jobs");
    println!();
    println!("Create a job, see it, read its result:");
    println!();
    println!(
        r#"curl -s $JOBS -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{{"type":"document-analysis","input":"The parties agree to meet on Monday."}}'"#
    );
    println!(r#"curl -s "$JOBS?limit=5" -H "authorization: Bearer $TOKEN""#);
    println!(r#"curl -s "$JOBS/<id>/result" -H "authorization: Bearer $TOKEN""#);
    println!();
    println!("Ctrl-C ends it; jobs stay.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
