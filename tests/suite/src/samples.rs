//! The invocations under `events/` are what their functions take, and get the answers that they are kept for.

mod answer;
mod shape;
mod story;
mod stream;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::port::{Message, PollMessage, SubmitMessage};
use domain::value::time::{Timestamp, Timing};
use local::clock::WorldClock;
use local::world::{ProviderChoice, World, WorldConfig};
use openai_simulator::Mode;
use serde_json::Value;
use tempfile::TempDir;

/// 2026-11-18T11:06:40Z, when every sample happens and vector V01 was signed.
const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// The secret of vector V01.
const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Folders under `events/` that hold no invocations.
const OTHER_FOLDERS: [&str; 1] = ["schema"];

/// What a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Http,
    Queue,
    /// A queue that a rule of the bus fills.
    Rule,
    Stream,
    Schedule,
}

impl Kind {
    fn of(function: &str) -> Self {
        match function {
            "console" | "control-job" | "create-job" | "ingest-webhook" | "read-jobs" => Self::Http,
            "observe-job" | "submit-job" => Self::Queue,
            "notify" => Self::Rule,
            "publish-events" => Self::Stream,
            "reconcile" => Self::Schedule,
            unknown => panic!("say in suite/samples.rs what functions/{unknown} takes"),
        }
    }
}

#[derive(Debug)]
struct Sample {
    function: String,
    /// `create-job/classify.json`
    name: String,
    text: String,
}

/// The message in a body, written again.
fn again<M: Message>(body: &str) -> Option<String> {
    serde_json::to_string(&serde_json::from_str::<M>(body).ok()?).ok()
}

impl Sample {
    /// The message of this function's queue that a body is, as the code writes it.
    fn rewritten(&self, body: &str) -> Option<String> {
        match self.function.as_str() {
            "submit-job" => again::<SubmitMessage>(body),
            "observe-job" => again::<PollMessage>(body),
            other => panic!("say in suite/samples.rs what the messages of functions/{other} are"),
        }
    }

    fn read(name: &str) -> Self {
        let function = name.split('/').next().unwrap().to_owned();
        let text = fs::read_to_string(root().join("events").join(name)).unwrap();
        Self { function, name: name.to_owned(), text }
    }

    fn kind(&self) -> Kind {
        Kind::of(&self.function)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("events/{}: {error}", self.name))
    }

    fn is_poisoned(&self) -> bool {
        self.name.contains("poisoned")
    }
}

/// Cargo runs tests in their package's folder.
fn root() -> PathBuf {
    PathBuf::from("../..")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Folders in a folder, which may hold a page about them too.
fn folders(folder: &Path) -> Vec<String> {
    names(folder).into_iter().filter(|name| folder.join(name).is_dir()).collect()
}

/// The names of the samples of each folder under `events/`.
fn by_function() -> BTreeMap<String, Vec<String>> {
    let events = root().join("events");
    let functions = folders(&events).into_iter().filter(|name| !OTHER_FOLDERS.contains(&name.as_str()));
    functions.map(|function| (function.clone(), names(&events.join(&function)))).collect()
}

fn samples() -> Vec<Sample> {
    let of = |(function, files): (String, Vec<String>)| {
        files.into_iter().map(move |file| Sample::read(&format!("{function}/{file}")))
    };
    by_function().into_iter().flat_map(of).collect()
}

fn of_kind(kind: Kind) -> Vec<Sample> {
    samples().into_iter().filter(|sample| sample.kind() == kind).collect()
}

/// A new world at the samples' time. Worlds in one folder share the identity, which is slow to make, and no job.
async fn world_in(folder: &TempDir) -> World {
    let config = WorldConfig {
        data: folder.path().to_owned(),
        in_memory: true,
        clock: WorldClock::simulated(NOW),
        timing: Timing::aws(),
        provider: ProviderChoice::Simulator { mode: Mode::Step, webhook_url: None },
        webhook_secrets: vec![SECRET.to_owned()],
        provider_timeout: None,
    };
    World::open(config).await.unwrap()
}

async fn invoke(world: &World, sample: &Sample) -> Value {
    let answer = world.invoke(&sample.function, &sample.text).await;
    let answer = answer.unwrap_or_else(|error| panic!("events/{}: {error}", sample.name));
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn every_function_has_a_sample_and_every_folder_of_samples_is_a_function() {
    let functions = folders(&root().join("functions"));
    let samples = by_function();
    let without: Vec<_> =
        functions.iter().filter(|name| samples.get(*name).is_none_or(|files| files.is_empty())).collect();
    let strangers: Vec<_> = samples.keys().filter(|name| !functions.contains(name)).collect();
    assert!(without.is_empty(), "functions without a file under events/: {without:?}");
    assert!(strangers.is_empty(), "folders under events/ that are no function: {strangers:?}");
}
