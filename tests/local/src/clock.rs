//! The clock of a world: the machine's own, or one that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use adapters::system::System;
use domain::port::Clock;
use domain::value::id::{Digest, Nonce};
use domain::value::time::Timestamp;

/// Cloned handles show the same time.
#[derive(Debug, Clone)]
pub enum WorldClock {
    Machine,
    /// Stands still until somebody moves it, and gives the same random values in the same order every time.
    Simulated {
        now: Arc<AtomicI64>,
        thrown: Arc<AtomicU64>,
    },
}

impl WorldClock {
    pub fn simulated(start: Timestamp) -> Self {
        Self::Simulated { now: Arc::new(AtomicI64::new(start.millis())), thrown: Arc::default() }
    }

    pub fn advance(&self, duration: Duration) {
        if let Self::Simulated { now, .. } = self {
            now.fetch_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// The same clock in milliseconds since 1970.
    pub fn millis(&self) -> Arc<dyn Fn() -> i64 + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || clock.now().millis())
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        match self {
            Self::Machine => System.now(),
            Self::Simulated { now, .. } => Timestamp::from_millis(now.load(Ordering::SeqCst)),
        }
    }

    fn nonce(&self) -> Nonce {
        match self {
            Self::Machine => System.nonce(),
            Self::Simulated { thrown, .. } => {
                let throw = thrown.fetch_add(1, Ordering::SeqCst);
                let mut nonce = [0; 16];
                nonce.copy_from_slice(Digest::of(&throw.to_be_bytes()).0.split_at(16).0);
                Nonce(nonce)
            }
        }
    }

    async fn sleep(&self, duration: Duration) {
        match self {
            Self::Machine => System.sleep(duration).await,
            // Whoever sleeps in a simulated world is what makes its time pass.
            Self::Simulated { .. } => {
                self.advance(duration);
                tokio::task::yield_now().await;
            }
        }
    }
}
