//! A secret that is rotated is taken up without a deploy, and one that cannot be read is used on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use adapters::aws::secrets::CachedSecret;
use domain::value::time::Timestamp;
use local::clock::WorldClock;

/// A store whose secret is the number of the read, and that cannot be read from then on that `until` says.
async fn store(until: u32) -> (CachedSecret<u32>, Arc<AtomicU32>, WorldClock) {
    let reads = Arc::new(AtomicU32::new(0));
    let clock = WorldClock::simulated(Timestamp::from_millis(1_795_000_000_000));
    let counted = reads.clone();
    let read = move || {
        let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
        let value = if number <= until { Ok(number) } else { Err("the store is down".into()) };
        Box::pin(async move { value }) as _
    };
    (CachedSecret::start(read, &clock).await.unwrap(), reads, clock)
}

#[tokio::test]
async fn a_secret_is_read_again_after_five_minutes_and_not_before() {
    let (secret, reads, clock) = store(u32::MAX).await;
    for (seconds, value) in [(0, 1), (299, 1), (1, 2), (299, 2), (600, 3)] {
        clock.advance(Duration::from_secs(seconds));
        assert_eq!(secret.get(&clock).await, value);
    }
    assert_eq!(reads.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_refusal_is_a_reason_to_look_and_a_storm_of_them_is_one_look_in_half_a_minute() {
    let (secret, reads, clock) = store(u32::MAX).await;
    assert_eq!(secret.newer(&clock).await, None, "it was read a moment ago");
    clock.advance(Duration::from_secs(30));
    assert_eq!(secret.newer(&clock).await, Some(2));
    for _ in 0..1_000 {
        assert_eq!(secret.newer(&clock).await, None);
    }
    assert_eq!(reads.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_secret_is_used_on_while_its_store_is_down() {
    let (secret, reads, clock) = store(1).await;
    for _ in 0..100 {
        clock.advance(Duration::from_secs(60));
        assert_eq!(secret.get(&clock).await, 1);
    }
    assert_eq!(reads.load(Ordering::SeqCst), 21, "and asked for every five minutes");
}
