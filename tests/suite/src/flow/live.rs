//! The local edition as people run it: real sockets, real time, a file on disk.

use std::path::Path;
use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use domain::value::time::Timing;
use local::clock::WorldClock;
use local::world::{ProviderChoice, World, WorldConfig};
use openai_simulator::Mode;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::SECRET;

struct Edition {
    world: World,
    _running: JoinSet<()>,
    base: String,
    token: String,
}

async fn edition(data: &Path, run_ms: i64) -> Edition {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let config = || WorldConfig {
        data: data.to_owned(),
        in_memory: false,
        clock: WorldClock::Machine,
        timing: Timing::local(),
        provider: ProviderChoice::Simulator {
            mode: Mode::Auto { queued_ms: 50, run_ms },
            webhook_url: Some(format!("{base}/v1/webhooks/openai")),
        },
        webhook_secrets: vec![SECRET.to_owned()],
        provider_timeout: None,
    };
    let world = opened(config).await;
    let running = world.live(listener);
    let token = world.identity().token("alice", Duration::from_secs(600), System.now().seconds()).unwrap();
    Edition { world, _running: running, base, token }
}

/// The edition before may still be letting go of the folder.
async fn opened(config: impl Fn() -> WorldConfig) -> World {
    let mut last = String::new();
    for _ in 0..100 {
        match World::open(config()).await {
            Ok(world) => return world,
            Err(error) => last = error.to_string(),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the folder stays in use: {last}");
}

impl Edition {
    async fn get(&self, path: &str) -> Value {
        let url = format!("{}/v1/workspaces/acme/jobs/{path}", self.base);
        Client::new().get(url).bearer_auth(&self.token).send().await.unwrap().json().await.unwrap()
    }

    async fn create(&self, key: &str) -> Value {
        let body = json!({"type": "document-analysis", "input": "The parties agree."});
        let request = Client::new().post(format!("{}/v1/workspaces/acme/jobs", self.base)).bearer_auth(&self.token);
        request.header("idempotency-key", key).json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// Waits until the job's status is this one, and says what it was last when that takes too long.
    async fn until(&self, id: &str, status: &str) -> Value {
        let mut last = Value::Null;
        for _ in 0..600 {
            last = self.get(id).await;
            if last["status"] == status {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the job never was {status}; last seen: {last}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_completes_over_real_sockets_and_its_result_is_read() {
    let data = tempfile::tempdir().unwrap();
    let edition = edition(data.path(), 100).await;
    let health = reqwest::get(format!("{}/v1/health", edition.base)).await.unwrap();
    assert_eq!(health.status(), 200);
    let unauthorized = reqwest::get(format!("{}/v1/workspaces/acme/jobs", edition.base)).await.unwrap();
    assert_eq!(unauthorized.status(), 401);
    let id = edition.create("k").await["id"].as_str().unwrap().to_owned();
    edition.until(&id, "completed").await;
    let result = edition.get(&format!("{id}/result")).await;
    assert!(result["text"].as_str().unwrap().contains("canned"));
    assert_eq!(edition.world.counts().provider_posts, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_survives_a_restart_and_the_provider_forgetting_it() {
    let data = tempfile::tempdir().unwrap();
    let first = edition(data.path(), 3_600_000).await;
    let id = first.create("k").await["id"].as_str().unwrap().to_owned();
    first.until(&id, "running").await;
    drop(first);
    // The simulator's memory went with the process: for the provider the response never was.
    let second = edition(data.path(), 100).await;
    assert_eq!(second.create("k").await["id"], id.as_str(), "the same key names the same job");
    let ended = second.until(&id, "completed").await;
    assert_eq!(ended["attempt"], 2);
    assert_eq!(second.get(&format!("{id}/events")).await["chain_intact"], true);
}
