//! `cargo local`: the command line of the local edition.

#![expect(clippy::print_stdout, reason = "a command line prints")]

mod command;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use local::stop::told_to_stop;
use openai_simulator::PLAN_FORM;

/// The whole product in one process.
#[derive(Parser)]
#[command(name = "cargo local", bin_name = "cargo local", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Load this build with jobs at a steady rate, and say how fast they are and what each costs.
    Bench(Bench),
    /// Watch one job live its whole life, then clean up.
    Demo(Demo),
    /// List the plans that the simulator knows.
    Plans,
    /// Serve the API until Ctrl-C (what happens without a command).
    Serve(Serve),
    /// Print a token that the server accepts.
    Token(Token),
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
struct Demo {
    #[command(subcommand)]
    story: Option<Story>,
    /// The document to analyse; this project's licence without it.
    #[arg(long)]
    file: Option<PathBuf>,
    /// End with what one job costs, counted on the AWS schedule in simulated time.
    #[arg(long)]
    counts: bool,
}

#[derive(Subcommand)]
enum Story {
    /// Watch a draft wait until somebody who had no hand in it lets it out.
    Approval,
    /// Watch five things go wrong, and each job come right again.
    Trouble,
}

#[derive(Args)]
struct Bench {
    /// Jobs a second.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rate: u32,
    /// For so many seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(5..=600))]
    seconds: u32,
    /// Fail unless every job completes, and at the end for about the CPU that it took near the start.
    #[arg(long)]
    check: bool,
}

const PLAN_EXAMPLE: &str = r#"A JSON file that says how the simulator treats the responses of each job type, `*` being all others:

{
  "document-analysis": "fails",
  "quick-answer": ["rate-limited-then-ok", "default"],
  "research-report": {
    "create": {"status": 503, "created": true, "times": 1},
    "life": [
      {"status": "in_progress", "after_ms": 500},
      {"status": "completed", "after_ms": 2000, "text": "My own answer."}
    ],
    "webhooks": {"copies": 2, "delay_ms": 100}
  }
}

"#;

fn plan_help() -> String {
    format!("{PLAN_EXAMPLE}{PLAN_FORM}")
}

#[derive(Args)]
struct Serve {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    #[command(flatten)]
    data: Data,
    /// Any server that speaks the Responses API; the real OpenAI when only a key is given.
    #[arg(long, env = "OPENAI_BASE_URL")]
    openai_base_url: Option<String>,
    /// Without it, and without a base URL, the simulator answers.
    #[arg(long, env = "OPENAI_API_KEY", hide_env_values = true)]
    openai_api_key: Option<String>,
    /// A JSON file that says how the simulator treats the responses of each job type.
    #[arg(long, value_name = "FILE", long_help = plan_help())]
    plan: Option<PathBuf>,
    /// A JSON file of prices that stand before the shipped ones.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// The signing secret of OpenAI's webhooks, whsec_...
    #[arg(long, env = "OPENAI_WEBHOOK_SECRET", hide_env_values = true)]
    webhook_secret: Option<String>,
    /// What the tools of job types name by ARN, as a JSON object of values by ARN.
    #[arg(long, env = "LANEKEEPER_TOOL_SECRETS", hide_env_values = true, value_name = "JSON")]
    tool_secrets: Option<String>,
    /// Where people are told of reviews and escalations; in the log without it.
    #[arg(long, value_name = "URL")]
    notify_url: Option<String>,
    /// What is posted there: slack, teams or email.
    #[arg(long, value_name = "FORMAT", default_value = "slack")]
    notify_format: String,
}

#[derive(Args)]
struct Token {
    #[arg(long)]
    workspace: String,
    #[arg(long)]
    principal: String,
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
struct Data {
    /// Where jobs, payloads and the signing key are kept [default: .lanekeeper in the home folder]
    #[arg(long, env = "LANEKEEPER_DATA")]
    data: Option<PathBuf>,
}

impl Data {
    fn folder(&self) -> Result<PathBuf, Box<dyn Error + Send + Sync>> {
        match &self.data {
            Some(folder) => Ok(folder.clone()),
            None => Ok(std::env::home_dir().ok_or("there is no home folder; say --data")?.join(".lanekeeper")),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        // Ended early, the demo still cleans up behind it.
        Command::Demo(demo) => tokio::select! {
            ended = demonstrate(demo) => ended,
            () = told_to_stop() => Err("stopped".into()),
        },
        Command::Bench(bench) => tokio::select! {
            ended = command::bench::run(&bench) => ended,
            () = told_to_stop() => Err("stopped".into()),
        },
        Command::Plans => {
            command::plans::run();
            Ok(())
        }
        Command::Serve(serve) => command::serve::run(serve).await,
        Command::Token(token) => command::token::run(&token),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", adapters::lambda::diagnostic::chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn demonstrate(demo: Demo) -> Result<(), Box<dyn Error + Send + Sync>> {
    match demo.story {
        Some(Story::Approval) => command::approval::run().await,
        Some(Story::Trouble) => command::trouble::run().await,
        None => command::demo::run(demo).await,
    }
}
