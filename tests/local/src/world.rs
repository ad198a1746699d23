//! A world: every function's `handle()` mounted in one process, over an embedded table, queues and bus in memory, and
//! a provider. Time is the machine's, or a test's own.

mod call;
mod counts;
mod live;
mod mount;
mod notices;
mod setting;
mod time;

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use adapters::aws::dynamodb::{PayloadStore, Table};
use adapters::aws::secrets::CachedSecret;
use adapters::notifier::{Target, WebhookNotifier};
use adapters::openai::{ApiKey, OpenAiClient, OpenAiConfig};
use adapters::system::System;
use adapters::webhook_signature::WebhookSecret;
use console::Console;
use domain::policy::cost::PriceList;
use domain::port::Clock as _;
use domain::value::time::Timing;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinHandle};

use crate::bus::MemoryBus;
use crate::clock::WorldClock;
use crate::embedded::{Embedded, TABLE};
use crate::folder::{self, Folder};
use crate::identity::Identity;
use crate::people;
use crate::queue::{MemoryQueue, MemoryQueues};
use crate::secret::ToolSecretsInMemory;
use crate::template::Template;
use openai_simulator::{Mode, Models, SigningSecret, Simulator, SimulatorConfig, Webhook, WebhookTarget};

pub use call::{Answer, Call};
pub use counts::Counts;
pub use live::LOCAL_SCHEDULE;
pub(crate) use mount::EVENT_ROWS;
use notices::Fed;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The template that the whole edition is built from.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The deployment's name in the provider's metadata.
pub const DEPLOYMENT: &str = "local";

/// Who answers as OpenAI.
pub enum ProviderChoice {
    /// The simulator. Without a URL its webhooks come straight into the world.
    Simulator { mode: Mode, webhook_url: Option<String> },
    /// The real one, or any server that speaks its API.
    Server { base_url: String, api_key: String },
}

/// What a world is made of.
pub struct WorldConfig {
    /// Where the table's file, the payloads and the identity lie.
    pub data: PathBuf,
    /// Keep the table in memory all the same.
    pub in_memory: bool,
    pub clock: WorldClock,
    pub timing: Timing,
    pub provider: ProviderChoice,
    /// The one in use first, then those before it, whose signatures are still good.
    pub webhook_secrets: Vec<String>,
    /// How long any call to the provider may take, when not as long as usual.
    pub provider_timeout: Option<Duration>,
}

/// A handle on one world; clones share it.
#[derive(Clone)]
pub struct World(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) clock: WorldClock,
    pub(crate) template: Template,
    pub(crate) identity: Arc<Identity>,
    pub(crate) embedded: Embedded,
    pub(crate) table: Table,
    pub(crate) payloads: PayloadStore<Folder>,
    pub(crate) queues: MemoryQueues,
    pub(crate) bus: MemoryBus,
    fed: Vec<Fed>,
    notifier: WebhookNotifier,
    /// Where people are told, and what links start with.
    told: Mutex<(Option<Target>, String)>,
    pub(crate) provider: OpenAiClient,
    pub(crate) simulator: Option<Simulator>,
    simulator_url: Option<String>,
    pub(crate) secrets: CachedSecret<Vec<WebhookSecret>>,
    pub(crate) tool_secrets: ToolSecretsInMemory,
    timing: Timing,
    /// With somebody's own rows, if there are any.
    prices: OnceLock<PriceList>,
    /// Told where people log in once it is known where this world is served.
    console: OnceLock<Console>,
    /// What people have to give who log in where jobs cost money.
    login_code: Option<String>,
    /// Stream records that `publish-events` has not taken yet, with how often it was asked.
    stream: Mutex<VecDeque<(Value, u32)>>,
    stream_dead: Mutex<Vec<Value>>,
    stream_turn: tokio::sync::Mutex<()>,
    invocations: Mutex<BTreeMap<String, u64>>,
    /// Functions at work.
    busy: AtomicUsize,
    /// Those of them that a queue called, by name.
    killable: Mutex<Vec<(String, AbortHandle)>>,
    /// Told whenever a function has run, because it may have written.
    pub(crate) ran: Notify,
    simulator_server: Option<JoinHandle<()>>,
    _lock: File,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(server) = &self.simulator_server {
            server.abort();
        }
    }
}

impl World {
    pub async fn open(config: WorldConfig) -> Result<Self, BoxError> {
        let template = Template::parse(TEMPLATE)?;
        let lock = lock(&config.data)?;
        let identity = Arc::new(Identity::open(&config.data)?);
        let file = config.data.join("table.db");
        let embedded = Embedded::open((!config.in_memory).then_some(file.as_path()), &template)?;
        let table = Table::new(embedded.client(), TABLE);
        let payloads = PayloadStore::new(table.clone(), Folder(config.data.join("payloads")));
        let millis = config.clock.millis();
        let queue =
            |queue: &crate::template::Queue, name: &str| MemoryQueue::new(name, queue.visibility, queue.max_receives);
        let queues = MemoryQueues::new(
            queue(&template.queues().submit, "submit"),
            queue(&template.queues().observe, "observe"),
            millis.clone(),
        );
        let secrets = config.webhook_secrets.iter().map(|secret| WebhookSecret::parse(secret));
        let secrets = secrets.collect::<Result<Vec<_>, _>>()?;
        let patient = |usual: OpenAiConfig| OpenAiConfig {
            start_timeout: config.provider_timeout.unwrap_or(usual.start_timeout),
            get_timeout: config.provider_timeout.unwrap_or(usual.get_timeout),
            ..usual
        };

        let is_paid = matches!(config.provider, ProviderChoice::Server { .. });
        let login_code = is_paid.then(|| hex::encode(first_eight(System.nonce().0)));
        // The simulator calls into the world that it is a part of; a weak handle keeps the two from holding each other.
        let inside: Arc<Mutex<Weak<Inner>>> = Arc::default();
        let (provider, simulator, simulator_url, simulator_server) = match config.provider {
            ProviderChoice::Server { base_url, api_key } => {
                let config = OpenAiConfig::new(&base_url, ApiKey::parse(&api_key)?);
                (OpenAiClient::new(patient(config))?, None, None, None)
            }
            ProviderChoice::Simulator { mode, webhook_url } => {
                let target = webhook_url.map_or_else(|| straight_into(inside.clone()), WebhookTarget::Url);
                let signing = config.webhook_secrets.iter().map(|secret| SigningSecret::parse(secret));
                let webhook = Webhook { target, secrets: signing.collect::<Result<_, _>>()? };
                // Response ids must not come again after a restart, when jobs that hold them are still on disk.
                let seed = u64::from_be_bytes(first_eight(config.clock.nonce().0));
                let simulator = Simulator::new(SimulatorConfig {
                    clock: millis.clone(),
                    seed,
                    api_key: SIMULATOR_KEY.to_owned(),
                    // Types may name models of other servers; one of OpenAI's that is misspelt is refused, as there.
                    models: Models::ListedOrForeign,
                    webhook: Some(webhook),
                    mode,
                });
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let url = format!("http://{}", listener.local_addr()?);
                let serving = simulator.clone();
                let server = tokio::spawn(async move {
                    let _ = serving.serve(listener).await;
                });
                let config = OpenAiConfig::new(format!("{url}/v1"), ApiKey::parse(SIMULATOR_KEY)?);
                let config = OpenAiConfig { start_timeout: SIMULATOR_START, ..config };
                (OpenAiClient::new(patient(config))?, Some(simulator), Some(url), Some(server))
            }
        };
        let bus = MemoryBus::new();
        let fed = notices::wire(&bus, &template, &millis);
        let world = Self(Arc::new(Inner {
            clock: config.clock,
            template,
            identity,
            embedded,
            table,
            payloads,
            queues,
            bus,
            fed,
            notifier: WebhookNotifier::new()?,
            told: Mutex::new((None, "http://127.0.0.1".to_owned())),
            provider,
            simulator,
            simulator_url,
            secrets: CachedSecret::fixed(secrets),
            tool_secrets: ToolSecretsInMemory::default(),
            prices: OnceLock::new(),
            timing: config.timing,
            console: OnceLock::new(),
            login_code,
            stream: Mutex::default(),
            stream_dead: Mutex::default(),
            stream_turn: tokio::sync::Mutex::default(),
            invocations: Mutex::default(),
            busy: AtomicUsize::new(0),
            killable: Mutex::default(),
            ran: Notify::new(),
            simulator_server,
            _lock: lock,
        }));
        *locked(&inside) = Arc::downgrade(&world.0);
        if world.0.embedded.is_new() {
            people::settle(&world.0.table, world.0.clock.now()).await?;
            while !world.0.embedded.records()?.is_empty() {}
        }
        Ok(world)
    }

    pub fn clock(&self) -> &WorldClock {
        &self.0.clock
    }

    pub fn table(&self) -> &Table {
        &self.0.table
    }

    pub fn payloads(&self) -> &PayloadStore<Folder> {
        &self.0.payloads
    }

    pub fn provider(&self) -> &OpenAiClient {
        &self.0.provider
    }

    /// The secrets that tools of types name by their ARN.
    pub fn tool_secrets(&self) -> &ToolSecretsInMemory {
        &self.0.tool_secrets
    }

    pub fn bus(&self) -> &MemoryBus {
        &self.0.bus
    }

    pub fn queues(&self) -> &MemoryQueues {
        &self.0.queues
    }

    /// What people have to give who log in to the console; nothing where all is simulated.
    pub fn login_code(&self) -> Option<&str> {
        self.0.login_code.as_deref()
    }

    pub fn identity(&self) -> &Arc<Identity> {
        &self.0.identity
    }

    pub fn simulator(&self) -> Option<&Simulator> {
        self.0.simulator.as_ref()
    }

    /// Where the simulator is served.
    pub fn simulator_url(&self) -> Option<&str> {
        self.0.simulator_url.as_deref()
    }

    pub fn embedded(&self) -> &Embedded {
        &self.0.embedded
    }

    /// Stream records that were given up on.
    pub fn stream_dead(&self) -> Vec<Value> {
        locked(&self.0.stream_dead).clone()
    }

    /// How many functions are at work.
    pub fn busy(&self) -> usize {
        self.0.busy.load(Ordering::SeqCst)
    }

    /// Ends when no function is at work.
    pub async fn idle(&self) {
        while self.busy() > 0 {
            self.0.ran.notified().await;
        }
    }
}

/// Takes the data folder for this world: two at once would judge each other's jobs.
fn lock(data: &Path) -> Result<File, BoxError> {
    let place = |error: &dyn std::fmt::Display| format!("data folder {}: {error}", data.display());
    folder::private(data).map_err(|error| place(&error))?;
    let file = File::create(data.join("lock")).map_err(|error| place(&error))?;
    file.try_lock().map_err(|_| place(&"another Lanekeeper is using it"))?;
    Ok(file)
}

/// A webhook target that hands each delivery to `ingest-webhook` as the gateway would.
fn straight_into(inside: Arc<Mutex<Weak<Inner>>>) -> WebhookTarget {
    WebhookTarget::Call(Arc::new(move |delivery| {
        let world = locked(&inside).upgrade().map(World);
        Box::pin(async move {
            match world {
                Some(world) => world.deliver_webhook(&delivery).await,
                None => 503,
            }
        })
    }))
}

fn first_eight(bytes: [u8; 16]) -> [u8; 8] {
    let mut eight = [0; 8];
    eight.copy_from_slice(bytes.split_at(8).0);
    eight
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The API key of the simulator, and what opens its ledger.
pub const SIMULATOR_KEY: &str = "sk-simulated";

/// How long the simulator may take to answer a create call: less than the local lease.
pub const SIMULATOR_START: Duration = Duration::from_secs(12);

/// How long a stream record is tried before it is given up on, in tries.
const STREAM_TRIES: u32 = 10;

/// How often the schedule of `template.yaml` fires.
pub const SCHEDULE: Duration = Duration::from_secs(60);
