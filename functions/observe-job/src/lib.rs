//! Observe queue: look at jobs and responses because a webhook hinted at news or a duty's time has come.

use adapters::lambda::batch::Batch;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::flow::announce::announce_due;
use domain::flow::observe::observe;
use domain::flow::webhook::{Series, poll_response};
use domain::flow::{FlowContext, Ports};
use domain::port::{EventBus, PollMessage, PollQueue, Provider};

pub async fn handle(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    bus: &impl EventBus,
    queue: &impl PollQueue,
    event: SqsEvent,
) -> SqsBatchResponse {
    let mut batch = Batch::new(event);
    while let Some(message) = batch.next_message() {
        batch.record(match message {
            PollMessage::ObserveV1 { workspace, job_id } => {
                observe(flow, provider, bus, &workspace, &job_id).await.map(|_| ())
            }
            PollMessage::ResponseV1 { response_id, denials, watcher } => {
                poll_response(flow, provider, bus, queue, &response_id, Series { denials, watcher }).await.map(|_| ())
            }
            PollMessage::WorkspaceV1 { workspace } => announce_due(flow, bus, &workspace).await.map(|_| ()),
        });
    }
    batch.answer()
}
