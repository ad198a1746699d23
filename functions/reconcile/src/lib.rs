//! Every minute: put what is overdue on its queue. The event that woke it is not looked at.

use domain::flow::reconcile::{Reconciled, reconcile};
use domain::port::{Clock, Failure, JobStore, WorkQueue};
use serde_json::{Value, json};

pub async fn handle(store: &impl JobStore, queue: &impl WorkQueue, clock: &impl Clock) -> Result<Value, Failure> {
    let found = reconcile(store, queue, clock).await?;
    if found != Reconciled::default() {
        tracing::info!(sent = found.sent, refused = found.refused, aimed = found.aimed, "reconciled");
    }
    Ok(json!({"sent": found.sent, "refused": found.refused, "aimed": found.aimed}))
}
