//! The whole product in this process, with the simulator as provider, for as long as a story lasts.

use adapters::system::System;
use domain::port::Clock as _;
use domain::value::time::Timing;
use local::clock::WorldClock;
use local::world::{ProviderChoice, World, WorldConfig};
use openai_simulator::Mode;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::api::{Api, BoxError};
use super::serve::LOCAL_WEBHOOK_SECRET;
use super::token::LIFETIME;

pub(crate) struct Stage {
    pub(crate) world: World,
    base: String,
    _running: JoinSet<()>,
    _folder: TempDir,
}

impl Stage {
    /// On a free port, leaving nothing behind.
    pub(crate) async fn open(mode: Mode, timing: Timing) -> Result<Self, BoxError> {
        let folder = tempfile::tempdir()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let world = World::open(WorldConfig {
            data: folder.path().to_owned(),
            in_memory: false,
            clock: WorldClock::Machine,
            timing,
            provider: ProviderChoice::Simulator { mode, webhook_url: Some(format!("{base}/v1/webhooks/openai")) },
            webhook_secrets: vec![LOCAL_WEBHOOK_SECRET.to_owned()],
            provider_timeout: None,
        })
        .await?;
        Ok(Self { _running: world.live(listener), world, base, _folder: folder })
    }

    /// The API as this person calls it.
    pub(crate) fn api(&self, principal: &str) -> Result<Api, BoxError> {
        Ok(Api::new(&self.base, self.world.identity().token(principal, LIFETIME, System.now().seconds())?))
    }
}
