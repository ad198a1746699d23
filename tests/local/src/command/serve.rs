//! `cargo local serve`: the API on this machine until Ctrl-C.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use adapters::notifier::{Format, Target};
use adapters::openai::START_TIMEOUT;
use adapters::system::System;
use domain::policy::cost::PriceList;
use domain::policy::job_type;
use domain::port::Clock as _;
use domain::value::time::Timing;
use local::clock::WorldClock;
use local::world::{ProviderChoice, World, WorldConfig};
use openai_simulator::{Mode, Plans};
use tokio::net::TcpListener;

use super::token::LIFETIME;
use crate::Serve;

/// Signs the simulator's webhooks when nobody gives a secret; it guards nothing but a loopback port.
pub(crate) const LOCAL_WEBHOOK_SECRET: &str = "whsec_bGFuZWtlZXBlci1sb2NhbC1lZGl0aW9uLXNlY3JldA==";

const OPENAI: &str = "https://api.openai.com/v1";

pub(crate) async fn run(serve: Serve) -> Result<(), Box<dyn Error + Send + Sync>> {
    local::log::to_stderr(adapters::config::log_format().0.as_deref());
    let plans = match &serve.plan {
        Some(file) => Some(read(file).map_err(|error| format!("--plan {}: {error}", file.display()))?),
        None => None,
    };
    let prices = match &serve.prices {
        Some(file) => prices(file).map_err(|error| format!("--prices {}: {error}", file.display()))?,
        None => PriceList::shipped(),
    };
    let target = serve.notify_url.as_deref().map(|url| target(&serve.notify_format, url)).transpose()?;
    let listener = TcpListener::bind(("127.0.0.1", serve.port))
        .await
        .map_err(|error| format!("port {} of 127.0.0.1: {error}", serve.port))?;
    let base = format!("http://{}", listener.local_addr()?);
    let data = serve.data.folder()?;
    let mut timing = Timing::local();
    let given = |value: Option<String>| value.filter(|value| !value.is_empty());
    let (provider, who) = match (given(serve.openai_base_url), given(serve.openai_api_key)) {
        (None, None) => (
            ProviderChoice::Simulator {
                mode: Mode::Auto { queued_ms: 1_000, run_ms: 4_000 },
                webhook_url: Some(format!("{base}/v1/webhooks/openai")),
            },
            "the simulator: its answers are canned text, and nothing is paid".to_owned(),
        ),
        (_, _) if plans.is_some() => {
            return Err("--plan is for the simulator, which answers when there is no API key and no base URL".into());
        }
        (base_url, key) => {
            let base_url = base_url.unwrap_or_else(|| OPENAI.to_owned());
            let who = format!("{base_url}: runs there may cost money");
            // A server of its own kind may take as long as the client waits; until then its start is not lost.
            timing.lease = START_TIMEOUT + Duration::from_secs(5);
            // Servers of one's own often want no key; a header must hold something.
            (ProviderChoice::Server { base_url, api_key: key.unwrap_or_else(|| "none".to_owned()) }, who)
        }
    };
    let is_simulated = matches!(provider, ProviderChoice::Simulator { .. });
    let own_secret = is_simulated.then(|| LOCAL_WEBHOOK_SECRET.to_owned());
    let world = World::open(WorldConfig {
        data: data.clone(),
        in_memory: false,
        clock: WorldClock::Machine,
        timing,
        provider,
        // The one in the source is for the simulator alone; without any, the schedule finishes jobs by itself.
        webhook_secrets: given(serve.webhook_secret).or(own_secret).into_iter().collect(),
        provider_timeout: None,
    })
    .await?;
    if let (Some(simulator), Some(plans)) = (world.simulator(), plans) {
        simulator.plan_by_type(plans);
    }
    world.price_by(prices);
    if let Some(secrets) = given(serve.tool_secrets) {
        world.tool_secrets().put_all(&secrets)?;
    }
    world.tell(target);
    let running = world.live(listener);
    let token = world.identity().token("alice", LIFETIME, System.now().seconds())?;
    println!("Lanekeeper, local edition");
    println!("  console   {base}/console");
    if let Some(code) = world.login_code() {
        println!("            it asks for this code: {code}");
    }
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
    println!("Create a job, wait until it has run, read its result:");
    println!();
    println!(
        r#"JOB=$(curl -s $JOBS -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{{"type":"document-analysis","input":"The parties agree to meet on Monday."}}' | grep -o 'job_[0-9a-f]*' | head -1); echo $JOB"#
    );
    println!(r#"curl -s "$JOBS/$JOB/wait" -H "authorization: Bearer $TOKEN"; echo"#);
    println!(r#"curl -s "$JOBS/$JOB/result" -H "authorization: Bearer $TOKEN""#);
    println!();
    println!("Ctrl-C ends it; jobs stay.");
    tokio::signal::ctrl_c().await?;
    drop(running);
    if world.busy() > 0 {
        // A create call that is cut off may be paid for a second time.
        println!("Finishing {} calls; Ctrl-C again ends at once.", world.busy());
        tokio::select! {
            () = world.idle() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    Ok(())
}

fn target(format: &str, url: &str) -> Result<Target, Box<dyn Error + Send + Sync>> {
    let known = || format!("--notify-format is one of {}", Format::ALL.map(Format::name).join(", "));
    let format = Format::parse(format).ok_or_else(known)?;
    Ok(Target::new(format, url).map_err(|_| "--notify-url is https, or http on this machine")?)
}

/// The shipped price list with the rows of a file before it.
fn prices(file: &Path) -> Result<PriceList, Box<dyn Error + Send + Sync>> {
    PriceList::with(&std::fs::read_to_string(file)?).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n  ").into()
    })
}

/// The plans in a file. One for a type that does not ship waits until a workspace has its own.
fn read(file: &Path) -> Result<Plans, Box<dyn Error + Send + Sync>> {
    let plans = Plans::read(&std::fs::read_to_string(file)?)?;
    for own in plans.names().filter(|name| job_type::shipped(name).is_none()) {
        println!("No job type that ships is called {own}; its plan is for a workspace's own.");
    }
    Ok(plans)
}
