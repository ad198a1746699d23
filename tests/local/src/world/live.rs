//! How time passes in a live world: loops that wait for work instead of looking for it.

use std::sync::Arc;
use std::time::Duration;

use adapters::config::console::ConsoleLogin;
use console::Console;
use domain::port::Clock as _;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};

use super::{World, locked};
use crate::gateway::Gateway;
use crate::identity::ISSUER;
use crate::login::{CLIENT, FindPeople, Login};
use crate::people;
use crate::queue::MemoryQueue;
use crate::template::Queue;

/// How often the local schedule fires.
pub const LOCAL_SCHEDULE: Duration = Duration::from_secs(1);

/// How long a queue or the stream is left alone when nothing wakes its reader.
const IDLE: Duration = Duration::from_secs(1);

impl World {
    /// Serves the API on the listener and keeps everything behind it running, until the set is dropped.
    pub fn live(&self, listener: TcpListener) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        let mut login = None;
        if let Ok(address) = listener.local_addr() {
            let base = format!("http://{address}");
            login = self.log_in_at(&base);
            self.link_to(base);
        }
        let world = self.clone();
        let gateway = Gateway {
            routes: self.0.template.routes().to_vec(),
            identity: self.identity().clone(),
            login,
            objects: Some(self.0.payloads.objects().clone()),
            clock: self.0.clock.millis(),
            invoke: Arc::new(move |function, event| {
                let world = world.clone();
                // A function goes on when its caller hangs up, as on Lambda.
                let run = tokio::spawn(async move { world.invoke(&function, &event).await });
                Box::pin(async move { run.await.unwrap_or_else(|error| Err(error.to_string())) })
            }),
        };
        tasks.spawn(async move {
            let _ = gateway.serve(listener).await;
        });
        tasks.spawn(self.clone().read_stream());
        let queues = self.0.template.queues();
        tasks.spawn(self.clone().read_queue(self.0.queues.submit.clone(), queues.submit.clone()));
        tasks.spawn(self.clone().read_queue(self.0.queues.observe.clone(), queues.observe.clone()));
        for fed in &self.0.fed {
            tasks.spawn(self.clone().read_queue(fed.queue.clone(), fed.source.clone()));
        }
        tasks.spawn(self.clone().keep_schedule());
        if let Some(simulator) = self.0.simulator.clone() {
            tasks.spawn(async move { simulator.run(std::future::pending()).await });
        }
        tasks
    }

    /// The login under this address, of which the console is told.
    fn log_in_at(&self, base: &str) -> Option<Arc<Login>> {
        let told = ConsoleLogin::read(|name| {
            Some(match name {
                "TOKEN_ISSUER" => ISSUER.to_owned(),
                "CONSOLE_CLIENT_ID" => CLIENT.to_owned(),
                "CONSOLE_AUTHORIZE_URL" => format!("{base}/authorize"),
                "CONSOLE_TOKEN_URL" => format!("{base}/token"),
                _ => return None,
            })
        });
        let _ = self.0.console.set(Console::new(told.unwrap_or_default()));
        let world = Arc::downgrade(&self.0);
        let people: FindPeople = Arc::new(move || {
            let world = world.upgrade();
            Box::pin(async move {
                let world = world.ok_or("the world has ended")?;
                people::all(&world.embedded).await.map_err(|error| error.to_string())
            })
        });
        Some(Arc::new(Login::new(base, self.identity().clone(), people, self.0.login_code.clone())))
    }

    /// Ends every run of this function that a queue called, where it stands, and says how many there were.
    pub fn kill(&self, function: &str) -> usize {
        let killable = locked(&self.0.killable);
        let runs = killable.iter().filter(|(name, run)| name == function && !run.is_finished());
        runs.map(|(_, run)| run.abort()).count()
    }

    fn can_kill(&self, function: &str, run: AbortHandle) {
        let mut killable = locked(&self.0.killable);
        killable.retain(|(_, run)| !run.is_finished());
        killable.push((function.to_owned(), run));
    }

    async fn read_stream(self) {
        loop {
            if self.pump_stream().await == 0 {
                let _ = tokio::time::timeout(IDLE, self.0.ran.notified()).await;
            }
        }
    }

    async fn read_queue(self, queue: MemoryQueue, mapping: Queue) {
        let turns = Arc::new(Semaphore::new(usize::try_from(mapping.concurrency).unwrap_or(1)));
        let batch = usize::try_from(mapping.batch_size).unwrap_or(1);
        loop {
            let Ok(turn) = turns.clone().acquire_owned().await else { return };
            let now = self.0.clock.now().millis();
            if queue.next_visible_ms().is_none_or(|visible| visible > now) {
                drop(turn);
                let wait = queue.next_visible_ms().map_or(IDLE, |visible| {
                    Duration::from_millis(visible.saturating_sub(now).max(1).unsigned_abs()).min(IDLE)
                });
                let _ = tokio::time::timeout(wait, queue.wait_for_send()).await;
                continue;
            }
            let (world, queue, function) = (self.clone(), queue.clone(), mapping.function.clone());
            let run = tokio::spawn(async move {
                world.pump_queue(&queue, &function, batch).await;
                drop(turn);
            });
            self.can_kill(&mapping.function, run.abort_handle());
            // Let the batch be taken before the queue is looked at again.
            tokio::task::yield_now().await;
        }
    }

    async fn keep_schedule(self) {
        loop {
            tokio::time::sleep(LOCAL_SCHEDULE).await;
            if let Err(error) = self.reconcile().await {
                tracing::error!("reconcile failed: {error}");
            }
        }
    }
}
