//! Review and escalation queues: tell people of each event once, with a link and without a word of what it is about.

use adapters::lambda::batch::Batch;
use adapters::lambda::diagnostic::chain;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::flow::notify::{Told, notify};
use domain::port::{Clock, NoticeLedger, Notifier};

/// `base` is what links start with.
pub async fn handle(
    notices: &impl NoticeLedger,
    notifier: &impl Notifier,
    clock: &impl Clock,
    base: &str,
    event: SqsEvent,
) -> SqsBatchResponse {
    let mut batch = Batch::new(event);
    while let Some(event) = batch.next_event() {
        let (event_id, workspace) = (event.id.as_str(), event.workspace.as_str());
        batch.record(notify(notices, notifier, clock, base, &event).await.map(|told| match told {
            Told::Now => tracing::info!(event_id, workspace, "people were told"),
            Told::Before => tracing::info!(event_id, workspace, "people knew already"),
            Told::Unmarked(failure) => {
                tracing::warn!(event_id, workspace, "people were told, and may be again: {}", chain(&failure));
            }
        }));
    }
    batch.answer()
}
