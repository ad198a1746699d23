//! Reconcile pays for what is due, not for what is open.

use std::sync::Arc;
use std::time::Duration;

use adapters::aws::dynamodb::{Readings, job_item};
use domain::flow::reconcile::{Reconciled, reconcile};
use domain::job::Job;
use domain::value::time::Timing;
use local::clock::WorldClock;
use local::queue::{MemoryQueue, MemoryQueues};

use super::Bench;
use super::make::{MINUTE, NOW, bare};

const DUE: u32 = 20;

/// One run over a table with so many open jobs, twenty of which are due: what it consumed.
async fn run_over(jobs: u32) -> Readings {
    let bench = Bench::open();
    let rows = (0..jobs).map(|number| {
        let due = if number < DUE { NOW - number * MINUTE } else { NOW + (number % 600 + 1) * MINUTE };
        Job { due, due_index_at: Some(due), deadline: due + MINUTE, ..bare(&number.to_string()) }
    });
    bench.embedded.import(rows.map(|job| job_item(&job))).unwrap();

    let clock = WorldClock::simulated(NOW);
    let queue = |name| MemoryQueue::new(name, Duration::from_secs(360), 5);
    let queues = MemoryQueues::new(queue("submit"), queue("observe"), Arc::new(|| NOW.millis()));
    let found = reconcile(&bench.table, &queues, &clock, &Timing::aws()).await.unwrap();
    // Six of them have been due for five minutes at most.
    assert_eq!(found, Reconciled { sent: 20, stuck: 14, ..Reconciled::default() });
    assert_eq!(queues.submit.counters().sent + queues.observe.counters().sent, 20);
    bench.table.meter().readings()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_open_jobs_cost_reconcile_what_a_hundred_do() {
    let few = run_over(100).await;
    assert_eq!((few.calls("Query"), few.calls("BatchGetItem"), few.calls("GetItem")), (16, 1, 1));
    // A stuck job's first try is counted.
    assert_eq!(few.write_units, 14.0);
    assert!(few.read_units > 0.0 && few.read_units <= 16.0 * 0.5 + f64::from(DUE) + 1.0, "{few:?}");
    assert_eq!(run_over(10_000).await, few);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_that_nobody_takes_is_not_sent_again_every_minute() {
    let bench = Bench::open();
    let rows = (0..1_500).map(|number| Job { due_index_at: Some(NOW), ..bare(&number.to_string()) });
    bench.embedded.import(rows.map(|job| job_item(&job))).unwrap();
    let clock = WorldClock::simulated(NOW);
    let queue = |name| MemoryQueue::new(name, Duration::from_secs(360), 5);
    let queues = MemoryQueues::new(queue("submit"), queue("observe"), Arc::new(|| NOW.millis()));
    let first = reconcile(&bench.table, &queues, &clock, &Timing::aws()).await.unwrap();
    assert_eq!((first.sent, first.deferred), (1_500, 0));
    for _ in 0..10 {
        let again = reconcile(&bench.table, &queues, &clock, &Timing::aws()).await.unwrap();
        assert_eq!((again.sent, again.deferred), (100, 1_400));
    }
    while queues.submit.visible(NOW.millis()) >= 1_000 {
        queues.submit.receive(1, NOW.millis());
    }
    let last = reconcile(&bench.table, &queues, &clock, &Timing::aws()).await.unwrap();
    assert_eq!(last.sent, 1_500, "what was taken and lost is sent again");
}
