//! `cargo stack`: the template deployed to an emulator of AWS, and the end-to-end suite against it.

#![expect(clippy::print_stdout, reason = "a command line prints")]
#![expect(clippy::indexing_slicing, reason = "JSON is null by a name that is not there")]

mod deploy;
mod emulator;
mod lint;
mod neighbours;
mod prices;
mod recorder;
mod run;
mod sdk;
mod start;
mod step;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Builds the functions, deploys template.yaml as it is, runs the end-to-end suite against it, and takes it down.
#[derive(Parser)]
#[command(name = "cargo stack", bin_name = "cargo stack", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    place: Place,
    /// Where the tools, the build and the logs are kept [default: .cache/lanekeeper in the home folder]
    #[arg(long, env = "LANEKEEPER_CACHE", global = true)]
    cache: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Leave it running until Ctrl-C, and say how to reach it.
    Up(Place),
    /// Measure the functions' sizes and start times.
    Measure {
        #[command(flatten)]
        place: Place,
        /// So often is each function started.
        #[arg(long, default_value_t = 15)]
        runs: u32,
    },
    /// Run cfn-lint, `sam validate` and checkov over the template.
    Lint,
    /// Hold every answer of the simulated provider against the types of OpenAI's own SDKs.
    Sdk,
    /// Compare the price list with litellm's and genai-prices', and end with 1 where they differ.
    Prices,
}

#[derive(Args, Clone)]
struct Place {
    /// An emulator that runs already, such as LocalStack; without it MiniStack is started.
    #[arg(long)]
    endpoint: Option<String>,
    /// Address of this machine at which the emulator's functions reach the simulator and the token issuer.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Deploy what the last run built.
    #[arg(long)]
    no_build: bool,
    /// Take the calls of this run as those that the template has to allow.
    #[arg(long)]
    accept: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match cache(cli.cache) {
        Err(error) => Err(error),
        Ok(cache) => match cli.command {
            None => run::suite(&cache, &cli.place).await,
            Some(Command::Up(place)) => run::up(&cache, &place).await,
            Some(Command::Measure { place, runs }) => start::run(&cache, &place, runs).await,
            Some(Command::Lint) => lint::run(&cache).await,
            Some(Command::Prices) => prices::run(&cache).await,
            Some(Command::Sdk) => sdk::run(&cache).await,
        },
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", adapters::lambda::diagnostic::chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn cache(given: Option<PathBuf>) -> Result<PathBuf, BoxError> {
    let usual = || Some(std::env::home_dir()?.join(".cache").join("lanekeeper"));
    let cache = given.or_else(usual).ok_or("there is no home folder; say --cache")?;
    std::fs::create_dir_all(&cache)?;
    Ok(cache)
}

/// The top of the repository that this program was built from.
fn root() -> Result<PathBuf, BoxError> {
    Ok(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?)
}
