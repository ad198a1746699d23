//! Reconcile: the real path. What the due index names is put on its queue; push and webhook only make it sooner.

use std::time::Duration;

use crate::duty::Duty;
use crate::job::Job;
use crate::port::{Clock, DueRow, Failure, JobStore, Work, WorkQueue};

/// What one run found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Pieces of work sent.
    pub sent: usize,
    /// Pieces of work that a queue refused; the next run sends them.
    pub refused: usize,
    /// Index entries that pointed too early and were moved.
    pub aimed: usize,
}

/// Rows for each shard and run; more are found by the next run.
const PER_SHARD: u16 = 2_000;

pub async fn reconcile(
    store: &impl JobStore,
    queue: &impl WorkQueue,
    clock: &impl Clock,
) -> Result<Reconciled, Failure> {
    let now = clock.now();
    let mut found = Reconciled::default();
    let (mut work, mut early) = (Vec::new(), Vec::new());
    for row in store.due(now, PER_SHARD).await? {
        match row {
            DueRow::Job(job) => match job.duty(now) {
                Some(duty) => work.push((work_for(&job, duty), Duration::ZERO)),
                None => {
                    early.push(job);
                }
            },
            DueRow::Response(row) => work.push((Work::ResponseV1 { response_id: row.id }, Duration::ZERO)),
        }
    }
    for outcome in queue.send(&work).await {
        match outcome {
            Ok(()) => found.sent += 1,
            Err(_) => found.refused += 1,
        }
    }
    for job in early {
        let mut aimed = Job::clone(&job);
        aimed.aim(now);
        // Stale or failed: somebody moved the job and the entry with it, or the next run finds it again.
        if store.claim(&job, &aimed).await.is_ok() {
            found.aimed += 1;
        }
    }
    Ok(found)
}

fn work_for(job: &Job, duty: Duty) -> Work {
    let (workspace, job_id) = (job.workspace.clone(), job.id.clone());
    match duty {
        Duty::Submit => Work::SubmitV1 { workspace, job_id },
        Duty::CloseLost | Duty::Check | Duty::Expire | Duty::Publish | Duty::Purge => {
            Work::ObserveV1 { workspace, job_id }
        }
    }
}
