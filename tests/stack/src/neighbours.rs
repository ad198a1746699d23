//! The world around the stack: who issues tokens, the simulated provider, and where people are told.

use adapters::system::System;
use axum::routing::get;
use axum::{Json, Router};
use domain::port::Clock as _;
use local::clock::WorldClock;
use local::identity::Identity;
use local::sink::Sink;
use openai_simulator::{Mode, Models, SigningSecret, Simulator, SimulatorConfig, Webhook, WebhookTarget};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::BoxError;

/// What OpenAI would give out.
pub(crate) const API_KEY: &str = "sk-simulated";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Publishes the local edition's key set as OpenID Connect discovery has it.
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) identity: Identity,
    pub(crate) folder: TempDir,
}

impl Issuer {
    pub(crate) async fn open(host: &str, tasks: &mut JoinSet<()>) -> Result<Self, BoxError> {
        let folder = tempfile::tempdir()?;
        let listener = TcpListener::bind((host, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let identity = Identity::issuing_as(&url, folder.path())?;
        let (discovery, keys) = (identity.discovery(&url), identity.key_set());
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(async move || Json(discovery)))
            .route("/.well-known/jwks.json", get(async move || Json(keys)));
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, identity, folder })
    }
}

/// Where the provider will be.
pub(crate) struct Place(TcpListener);

impl Place {
    pub(crate) async fn take(host: &str) -> Result<Self, BoxError> {
        Ok(Self(TcpListener::bind((host, 0)).await?))
    }

    pub(crate) fn url(&self) -> Result<String, BoxError> {
        Ok(format!("http://{}", self.0.local_addr()?))
    }

    /// Serves the simulator, whose webhooks go to this URL.
    pub(crate) fn open(self, webhook_url: String, tasks: &mut JoinSet<()>) -> Result<(), BoxError> {
        let webhook =
            Webhook { target: WebhookTarget::Url(webhook_url), secrets: vec![SigningSecret::parse(WEBHOOK_SECRET)?] };
        let simulator = Simulator::new(SimulatorConfig {
            clock: WorldClock::Machine.millis(),
            seed: System.now().millis().unsigned_abs(),
            api_key: API_KEY.to_owned(),
            models: Models::ListedOrForeign,
            webhook: Some(webhook),
            mode: Mode::Auto { queued_ms: 500, run_ms: 2_000 },
        });
        let serving = simulator.clone();
        tasks.spawn(async move {
            let _ = serving.serve(self.0).await;
        });
        tasks.spawn(async move { simulator.run(std::future::pending()).await });
        Ok(())
    }
}

/// Takes notices, as a channel of the team's would. Its URL, if the functions are on this machine: elsewhere they post
/// nothing over http.
pub(crate) async fn open_sink(host: &str, tasks: &mut JoinSet<()>) -> Result<Option<String>, BoxError> {
    let listener = TcpListener::bind((host, 0)).await?;
    let address = listener.local_addr()?;
    tasks.spawn(async move {
        let _ = Sink::default().serve(listener).await;
    });
    Ok(address.ip().is_loopback().then(|| format!("http://{address}/notices")))
}
