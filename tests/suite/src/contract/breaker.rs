//! A breaker moves by one version at a time, whoever writes it.

use domain::policy::lane::Lane;
use domain::policy::reason::Reason;
use domain::port::{Store, WriteOutcome};
use domain::provider::breaker::{Breaker, Circuit};

use super::all;
use super::make::{MINUTE, NOW};

const STARTS: Circuit = Circuit::Starts(Lane::Background);

fn parked(circuit: Circuit, version: u32) -> Breaker {
    Breaker { circuit, failures: 7, parked_until: Some(NOW + MINUTE), reason: Some(Reason::ProviderQuota), version }
}

pub(super) async fn a_circuit_without_a_row_has_seen_no_trouble(store: &impl Store) {
    assert_eq!(store.breaker(STARTS).await.unwrap(), Breaker::untouched(STARTS));
}

pub(super) async fn a_breaker_reads_back_as_it_was(store: &impl Store) {
    let first = parked(STARTS, 1);
    assert_eq!(store.put_breaker(&first).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(store.breaker(STARTS).await.unwrap(), first);
    let second = Breaker { version: 2, ..Breaker::untouched(STARTS) };
    assert_eq!(store.put_breaker(&second).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(store.breaker(STARTS).await.unwrap(), second);
    assert_eq!(store.put_breaker(&parked(STARTS, 2)).await.unwrap(), WriteOutcome::Conflict);
    assert_eq!(store.breaker(STARTS).await.unwrap(), second);
}

pub(super) async fn of_many_writes_of_one_breaker_exactly_one_is_done(store: &impl Store) {
    for version in 1..=3 {
        let next: Vec<_> = (0..16).map(|failures| Breaker { failures, ..parked(STARTS, version) }).collect();
        let writes = all(next.iter().map(|next| store.put_breaker(next))).await;
        assert_eq!(writes.into_iter().filter(|write| *write.as_ref().unwrap() == WriteOutcome::Committed).count(), 1);
    }
}

pub(super) async fn circuits_do_not_touch_each_other(store: &impl Store) {
    let lanes = [Lane::Interactive, Lane::Background, Lane::Batch, Lane::Approval].map(Circuit::Starts);
    for (failures, circuit) in (1..).zip(lanes.into_iter().chain([Circuit::Polls])) {
        assert_eq!(
            store.put_breaker(&Breaker { failures, ..parked(circuit, 1) }).await.unwrap(),
            WriteOutcome::Committed
        );
    }
    for (failures, circuit) in (1..).zip(lanes.into_iter().chain([Circuit::Polls])) {
        assert_eq!(store.breaker(circuit).await.unwrap(), Breaker { failures, ..parked(circuit, 1) });
    }
}
