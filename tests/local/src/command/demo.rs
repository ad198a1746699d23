//! `cargo local demo`: one job, from its creation to its audit trail, watched through the API like any caller would.

use std::path::Path;

use domain::contract::request::MAX_INPUT_BYTES;
use domain::value::time::Timing;
use openai_simulator::Mode;
use serde_json::{Value, json};

use super::api::{Api, BoxError, word};
use super::counts;
use super::stage::Stage;
use crate::Demo;

const LICENSE: &str = include_str!("../../../../LICENSE");

pub(crate) async fn run(demo: Demo) -> Result<(), BoxError> {
    let document = read(demo.file.as_deref())?;
    if document.is_empty() || document.len() > MAX_INPUT_BYTES {
        let name = name(demo.file.as_deref());
        return Err(format!("{name} has {} bytes; a document has 1 to {MAX_INPUT_BYTES}", document.len()).into());
    }
    let stage = Stage::open(Mode::Auto { queued_ms: 1_000, run_ms: 4_000 }, Timing::local()).await?;
    let api = stage.api("alice")?;

    println!("alice submits a document-analysis job over {} ({} bytes).", name(demo.file.as_deref()), document.len());
    println!("The provider is a simulator: the answer at the end is canned text.");
    println!();
    let id = api.submit(&json!({"input": document})).await?;
    api.watch(&id).await?;
    println!();
    show_result(&api, &id).await?;
    show_trail(&api, &id).await?;

    drop(stage);
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
