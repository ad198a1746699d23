//! The machine: the only clock and the only source of randomness.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::port::Clock;
use domain::value::id::Nonce;
use domain::value::time::Timestamp;

/// The machine's own clock and random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks what time it is")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(
        clippy::disallowed_methods,
        clippy::expect_used,
        reason = "a machine without randomness must not start jobs"
    )]
    fn nonce(&self) -> Nonce {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Nonce(bytes)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
