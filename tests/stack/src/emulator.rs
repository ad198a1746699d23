//! MiniStack as a process of ours, with every process that it starts.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::BoxError;
use crate::tools::MINISTACK;

pub(crate) struct Emulator {
    pub(crate) endpoint: String,
    child: Child,
    _state: TempDir,
}

impl Emulator {
    /// Starts it on a free port. Its functions call AWS at `for_functions`.
    pub(crate) async fn start(cache: &Path, for_functions: &str) -> Result<Self, BoxError> {
        let bin = MINISTACK.install(cache).await?;
        let state = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let log = File::create(cache.join("ministack.log"))?;
        let child = Command::new(bin.join("ministack"))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", "eu-west-1")
            .env("S3_DATA_DIR", state.path().join("s3"))
            .env("STATE_DIR", state.path().join("state"))
            .env("TMPDIR", state.path())
            .env("AWS_ENDPOINT_URL", for_functions)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // A group of its own, so that it can be ended with its functions.
            .process_group(0)
            .spawn()?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let emulator = Self { endpoint, child, _state: state };
        emulator.is_up().await?;
        Ok(emulator)
    }

    async fn is_up(&self) -> Result<(), BoxError> {
        let (client, url) = (reqwest::Client::new(), format!("{}/_ministack/health", self.endpoint));
        for _ in 0..300 {
            if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            System.sleep(Duration::from_millis(100)).await;
        }
        Err("MiniStack did not start; its log is ministack.log in the cache folder".into())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.wait();
    }
}
