//! `cargo simulator`: the simulated provider alone, for anybody's SDK.

#![expect(clippy::print_stdout, reason = "a command line prints")]

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Parser, Subcommand};
use openai_simulator::{
    Mode, Models, PLAN_FORM, Plan, Plans, SigningSecret, Simulator, SimulatorConfig, Webhook, WebhookTarget,
};
use tokio::net::TcpListener;

const METADATA_HELP: &str = r#"Each request can choose how its response goes:

  "metadata": {"plan": "fails"}

`cargo simulator plans` lists the plans that there are, and --plan adds your own. Nothing is sent
to OpenAI, no model runs, and all text is canned. Models and parameters are refused as OpenAI
refuses them. Files, batches of responses, and containers that code wrote files to are there, too:
a batch goes by the plan in its own metadata, and each of its lines by the one in the line's.
Streaming, conversations and vector stores are not simulated, and say so.

With the admin key:
  GET  /v1/organization/costs, /v1/organization/usage/completions

Beside the API, with the same key as the API:
  GET  /simulator/ledger   what was asked, and what became of it
  PUT  /simulator/plans    plans, in the form of a plan file"#;

const PLAN_EXAMPLE: &str = r#"A JSON file of plans, by the `plan` or the `job_type` that a request's metadata names; `*` is for
all other requests:

{
  "flaky": ["server-error", "default"],
  "mine": {
    "create": {"status": 503, "created": true, "times": 1},
    "life": [
      {"status": "in_progress", "after_ms": 500},
      {"status": "completed", "after_ms": 2000, "text": "My own answer."}
    ],
    "webhooks": {"copies": 2, "delay_ms": 100}
  },
  "*": {"end": {"output": [{"type": "hologram"}], "fields": {"service_tier": null}}}
}
"#;

/// A simulated OpenAI: responses in background mode, batches, files and webhooks, on this machine.
#[derive(Parser)]
#[command(name = "cargo simulator", bin_name = "cargo simulator", args_conflicts_with_subcommands = true)]
#[command(after_help = METADATA_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// List the plans that there are.
    Plans,
}

#[derive(Args)]
struct Serve {
    /// Port on 127.0.0.1; 0 takes a free one. The first line printed is the base URL.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The API key that every call has to carry.
    #[arg(long, default_value = "sk-simulated")]
    key: String,
    /// The key that the endpoints of the organisation take.
    #[arg(long, default_value = "sk-admin-simulated")]
    admin_key: String,
    /// Where the end of each background response and of each batch is announced.
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Signs the webhooks, whsec_...; made up and printed without it.
    #[arg(long, value_name = "SECRET", requires = "webhook_url")]
    webhook_secret: Option<String>,
    /// A JSON file of plans.
    #[arg(long, value_name = "FILE", long_help = plan_help())]
    plan: Option<PathBuf>,
    /// Take any model, and not only those that OpenAI has.
    #[arg(long)]
    any_model: bool,
    /// How long a background response waits, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 500)]
    queued_ms: u32,
    /// How long it runs then.
    #[arg(long, value_name = "MS", default_value_t = 2_000)]
    run_ms: u32,
}

fn plan_help() -> String {
    format!("{PLAN_EXAMPLE}\n{PLAN_FORM}")
}

type BoxError = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match cli.command {
        Some(Command::Plans) => {
            plans();
            Ok(())
        }
        None => serve(cli.serve).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn plans() {
    let lines = Plan::ALL.iter().map(|plan| format!("{:<27} {}\n", plan.name(), plan.sentence()));
    // Whoever reads may have seen enough and close the pipe.
    let _ = std::io::stdout().write_all(lines.collect::<String>().as_bytes());
}

async fn serve(serve: Serve) -> Result<(), BoxError> {
    let plans = serve.plan.as_ref().map(|file| {
        let read = || Ok::<_, BoxError>(Plans::read(&std::fs::read_to_string(file)?)?);
        read().map_err(|error| format!("--plan {}: {error}", file.display()))
    });
    let plans = plans.transpose()?;
    let secret = match (&serve.webhook_url, serve.webhook_secret) {
        (None, _) => None,
        (Some(_), Some(secret)) => Some(secret),
        (Some(_), None) => Some(format!("whsec_{}", STANDARD.encode(random()?))),
    };
    let webhook = match (&serve.webhook_url, &secret) {
        (Some(url), Some(secret)) => {
            let secrets = vec![SigningSecret::parse(secret).map_err(|error| format!("--webhook-secret: {error}"))?];
            Some(Webhook { target: WebhookTarget::Url(url.clone()), secrets })
        }
        _ => None,
    };
    let listener = TcpListener::bind(("127.0.0.1", serve.port))
        .await
        .map_err(|error| format!("port {} of 127.0.0.1: {error}", serve.port))?;
    let address = format!("http://{}", listener.local_addr()?);
    let [seed, ..] = random()?.map(u64::from);
    let simulator = Simulator::new(SimulatorConfig {
        clock: Arc::new(now_ms),
        // Ids of an earlier run must not come again.
        seed: seed ^ now_ms().unsigned_abs(),
        api_key: serve.key.clone(),
        models: if serve.any_model { Models::Any } else { Models::Listed },
        webhook,
        mode: Mode::Auto { queued_ms: i64::from(serve.queued_ms), run_ms: i64::from(serve.run_ms) },
    });
    if let Some(plans) = plans {
        simulator.plan_by_type(plans);
    }
    simulator.admin_key(&serve.admin_key);
    println!("{address}/v1");
    println!("  key       {}", serve.key);
    println!("  ledger    {address}/simulator/ledger");
    if let (Some(url), Some(secret)) = (&serve.webhook_url, &secret) {
        println!("  webhooks  {url}");
        println!("  secret    {secret}");
    }
    println!("  admin key {}", serve.admin_key);
    println!("A simulator: no model runs, and all text is canned. Ctrl-C ends it.");
    let serving = simulator.clone();
    tokio::select! {
        ended = serving.serve(listener) => Ok(ended?),
        () = simulator.run(std::future::pending()) => Ok(()),
        ended = tokio::signal::ctrl_c() => Ok(ended?),
    }
}

#[expect(clippy::disallowed_methods, reason = "this program is the edge, and the simulator takes its clock from it")]
fn now_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "this program is the edge, and the simulator takes its seed from it")]
fn random() -> Result<[u8; 32], BoxError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("no randomness: {error}"))?;
    Ok(bytes)
}
