//! A local edition of a test's own, served on a free port.

use std::time::Duration;

use adapters::notifier::{Format, Target};
use domain::port::Clock as _;
use domain::value::time::Timing;
use local::clock::WorldClock;
use local::identity::Identity;
use local::queue::MemoryQueue;
use local::sink::Sink;
use local::world::{ProviderChoice, World, WorldConfig};
use openai_simulator::Mode;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::flow::SECRET;

pub(crate) struct Edition {
    pub(crate) api: String,
    pub(crate) world: World,
    /// Where the notices are that its people were told.
    pub(crate) notices: String,
    _running: JoinSet<()>,
    folder: TempDir,
}

impl Edition {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = format!("http://{}", listener.local_addr().unwrap());
        let world = World::open(WorldConfig {
            data: folder.path().to_owned(),
            in_memory: true,
            clock: WorldClock::Machine,
            timing: Timing { quota_wait: Duration::from_secs(5), ..Timing::local() },
            provider: ProviderChoice::Simulator {
                mode: Mode::Auto { queued_ms: 200, run_ms: 500 },
                webhook_url: Some(format!("{api}/v1/webhooks/openai")),
            },
            webhook_secrets: vec![SECRET.to_owned()],
            provider_timeout: None,
        })
        .await
        .unwrap();
        let sink = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let notices = format!("http://{}/notices", sink.local_addr().unwrap());
        world.tell(Some(Target::new(Format::Slack, &notices).unwrap()));
        let mut running = world.live(listener);
        running.spawn(async move { Sink::default().serve(sink).await.unwrap() });
        Self { _running: running, api, world, notices, folder }
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity::open(self.folder.path()).unwrap()
    }

    pub(crate) fn queue(&self, name: &str) -> &MemoryQueue {
        let queues = self.world.queues();
        match name {
            "submit" => &queues.submit,
            "observe" => &queues.observe,
            fed => self.world.fed(fed).unwrap(),
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.world.clock().now().millis()
    }

    /// Removes a job's large payloads.
    pub(crate) fn forget_objects(&self, prefix: &str) {
        std::fs::remove_dir_all(self.folder.path().join("payloads").join(prefix)).unwrap();
    }
}
