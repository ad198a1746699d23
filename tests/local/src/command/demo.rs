//! `cargo local demo`: one job, from its creation to its audit trail, watched through the API like any caller would.

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use adapters::edge::Edge;
use domain::port::Clock as _;
use domain::request::MAX_INPUT_BYTES;
use domain::time::Timing;
use local::clock::WorldClock;
use local::simulator::Mode;
use local::world::{ProviderChoice, World, WorldConfig};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::counts;
use super::serve::LOCAL_WEBHOOK_SECRET;
use super::token::LIFETIME;
use crate::Demo;

type BoxError = Box<dyn Error + Send + Sync>;

const LICENSE: &str = include_str!("../../../../LICENSE");

pub(crate) async fn run(demo: Demo) -> Result<(), BoxError> {
    let document = read(demo.file.as_deref())?;
    if document.is_empty() || document.len() > MAX_INPUT_BYTES {
        let name = name(demo.file.as_deref());
        return Err(format!("{name} has {} bytes; a document has 1 to {MAX_INPUT_BYTES}", document.len()).into());
    }
    let folder = tempfile::tempdir()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let world = World::open(WorldConfig {
        data: folder.path().to_owned(),
        in_memory: false,
        clock: WorldClock::Machine,
        timing: Timing::local(),
        provider: ProviderChoice::Simulator {
            mode: Mode::Auto { queued_ms: 1_000, run_ms: 4_000 },
            webhook_url: Some(format!("{base}/v1/webhooks/openai")),
        },
        webhook_secrets: vec![LOCAL_WEBHOOK_SECRET.to_owned()],
        provider_timeout: None,
    })
    .await?;
    let running = world.live(listener);
    let api = Api {
        client: Client::new(),
        jobs: format!("{base}/v1/workspaces/acme/jobs"),
        token: world.identity().token("alice", LIFETIME, Edge.now().seconds())?,
    };

    println!("alice submits a document-analysis job over {} ({} bytes).", name(demo.file.as_deref()), document.len());
    println!("The provider is a simulator: the answer at the end is canned text.");
    println!();
    let id = submit(&api, &document).await?;
    watch(&api, &id).await?;
    show_result(&api, &id).await?;
    show_trail(&api, &id).await?;

    drop(running);
    drop(world);
    if demo.counts {
        counts::print(&document).await?;
    }
    Ok(())
}

fn read(file: Option<&Path>) -> Result<String, BoxError> {
    match file {
        None => Ok(LICENSE.to_owned()),
        Some(file) => std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()).into()),
    }
}

fn name(file: Option<&Path>) -> String {
    file.map_or_else(|| "this project's LICENSE".to_owned(), |file| file.display().to_string())
}

/// The product's API, as alice calls it.
struct Api {
    client: Client,
    jobs: String,
    token: String,
}

impl Api {
    async fn call(&self, request: RequestBuilder) -> Result<Value, BoxError> {
        let response = request.bearer_auth(&self.token).send().await?;
        let status = response.status();
        let body: Value = response.json().await?;
        if status.is_success() { Ok(body) } else { Err(format!("{status}: {body}").into()) }
    }

    async fn get(&self, path: &str) -> Result<Value, BoxError> {
        self.call(self.client.get(format!("{}/{path}", self.jobs))).await
    }
}

async fn submit(api: &Api, document: &str) -> Result<String, BoxError> {
    let body = json!({"type": "document-analysis", "input": document, "summary": "demo"});
    let job = api.call(api.client.post(&api.jobs).header("idempotency-key", "demo").json(&body)).await?;
    Ok(job["id"].as_str().ok_or("the job has no id")?.to_owned())
}

/// Prints each transition once, and how long nothing has happened while it waits.
async fn watch(api: &Api, id: &str) -> Result<(), BoxError> {
    let started = Edge.now();
    let mut shown = 0;
    let mut progress = Progress { terminal: std::io::stdout().is_terminal(), last: 0 };
    loop {
        let job = api.get(id).await?;
        let trail = api.get(&format!("{id}/events")).await?;
        for event in trail["events"].as_array().into_iter().flatten().skip(shown) {
            shown += 1;
            progress.clear();
            println!("{}", transition(event));
        }
        // A terminal job has no phase; a reader who saw the row before its last event looks once more.
        if job["phase"].is_null() && job["version"] == shown {
            println!();
            return Ok(());
        }
        let waited = Edge.now().since(started).as_secs();
        if waited > 60 {
            return Err(format!("the job did not end within a minute: {job}").into());
        }
        progress.show(&format!("  … {} for {waited} s", word(&job["status"])), waited)?;
        Edge.sleep(Duration::from_millis(200)).await;
    }
}

/// One line that moves on a terminal, and a line every two seconds elsewhere.
struct Progress {
    terminal: bool,
    last: u64,
}

impl Progress {
    fn show(&mut self, line: &str, second: u64) -> Result<(), BoxError> {
        if self.terminal {
            print!("\r\x1b[K{line}");
            std::io::stdout().flush()?;
        } else if second >= self.last + 2 {
            self.last = second;
            println!("{line}");
        }
        Ok(())
    }

    fn clear(&self) {
        if self.terminal {
            print!("\r\x1b[K");
        }
    }
}

fn transition(event: &Value) -> String {
    let time = event["at"].as_str().and_then(|at| at.get(11..23)).unwrap_or_default();
    let place = |state: &Value| match state["phase"].as_str() {
        Some(phase) => format!("{} ({phase})", word(&state["status"])),
        None => word(&state["status"]),
    };
    let by = format!("{}, {}", word(&event["actor"]["id"]), word(&event["cause"]));
    format!(
        "{time}  v{}  {:<24} because of {:<12} [{by}]",
        event["version"],
        place(&event["to"]),
        word(&event["event"])
    )
}

async fn show_result(api: &Api, id: &str) -> Result<(), BoxError> {
    let job = api.get(id).await?;
    let result = api.get(&format!("{id}/result")).await?;
    println!("Result {}", word(&result["digest"]));
    println!("  model  {}", word(&result["trace"]["model"]));
    println!("  cost   {} dollars ({})", word(&job["cost"]["usd"]), word(&job["cost"]["state"]));
    println!();
    for line in result["text"].as_str().unwrap_or_default().lines() {
        print_wrapped(line);
    }
    println!();
    Ok(())
}

fn print_wrapped(line: &str) {
    let mut width = 0;
    for word in line.split_whitespace() {
        if width > 0 && width + word.len() > 96 {
            println!();
            width = 0;
        }
        print!("{}{word}", if width == 0 { "  " } else { " " });
        width += word.len() + 1;
    }
    println!();
}

async fn show_trail(api: &Api, id: &str) -> Result<(), BoxError> {
    let trail = api.get(&format!("{id}/events")).await?;
    println!("Audit trail of {id}");
    for event in trail["events"].as_array().into_iter().flatten() {
        let short = |hash: &Value| hash.as_str().and_then(|hash| hash.get(7..19)).unwrap_or_default().to_owned();
        println!(
            "  v{}  {:<12} {} <- {}",
            event["version"],
            word(&event["event"]),
            short(&event["hash"]),
            short(&event["previous_hash"])
        );
    }
    println!("  the chain {}", if trail["chain_intact"] == true { "holds" } else { "is broken" });
    Ok(())
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}
