//! Every minute: put what is overdue on its queue. The event that woke it is not looked at.

use domain::flow::reconcile::{Reconciled, reconcile};
use domain::port::{Clock, PollQueue, Store, SubmitQueue};
use domain::value::failure::Failure;
use domain::value::time::Timing;
use serde_json::{Value, json};

pub async fn handle(
    store: &impl Store,
    queues: &(impl SubmitQueue + PollQueue),
    clock: &impl Clock,
    timing: &Timing,
) -> Result<Value, Failure> {
    let found = reconcile(store, queues, clock, timing).await?;
    let Reconciled { sent, refused, deferred, reindexed, left, orphans, stuck, escalated, unpublished } = found;
    // The template makes metrics of this line.
    tracing::info!(sent, refused, deferred, reindexed, left, orphans, stuck, escalated, unpublished, "reconciled");
    Ok(json!({
        "sent": sent, "refused": refused, "deferred": deferred, "reindexed": reindexed, "left": left,
        "orphans": orphans, "stuck": stuck, "escalated": escalated, "unpublished": unpublished,
    }))
}
