//! The product as a process of its own, and a provider outside it, for commands that kill one or measure it.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use local::clock::WorldClock;
use openai_simulator::{Mode, Models, SigningSecret, Simulator, SimulatorConfig, Webhook, WebhookTarget};
use tokio::net::TcpListener;

use super::api::BoxError;
use super::serve::LOCAL_WEBHOOK_SECRET;

/// Of the provider that is a server of its own.
const KEY: &str = "sk-simulated";

/// A provider that sends its webhooks to the product on this port. Whoever makes it serves and runs it.
pub(crate) fn provider(product: u16, mode: Mode) -> Result<Simulator, BoxError> {
    Ok(Simulator::new(SimulatorConfig {
        clock: WorldClock::Machine.millis(),
        seed: u64::from(product),
        api_key: KEY.to_owned(),
        models: Models::Listed,
        webhook: Some(Webhook {
            target: WebhookTarget::Url(format!("http://127.0.0.1:{product}/v1/webhooks/openai")),
            secrets: vec![SigningSecret::parse(LOCAL_WEBHOOK_SECRET)?],
        }),
        mode,
    }))
}

/// The product as a process of its own; dropped, it is killed as by `kill -9`.
pub(crate) struct Product(Child);

impl Product {
    pub(crate) fn start(data: &Path, port: u16, base_url: &str) -> Result<Self, BoxError> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg("--data").arg(data).args(["--port", &port.to_string()]);
        command.args(["--openai-base-url", base_url, "--openai-api-key", KEY]);
        command.args(["--webhook-secret", LOCAL_WEBHOOK_SECRET]);
        Ok(Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that is free now, and hardly taken by the time that it is used.
pub(crate) async fn free_port() -> Result<u16, BoxError> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}
