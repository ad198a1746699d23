//! Submit queue: hand each job to the provider, once.

use adapters::lambda::batch::Batch;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::flow::FlowContext;
use domain::flow::submit::submit;
use domain::port::{Clock, JobStore, Payloads, Provider, Work};

pub async fn handle(
    desk: &FlowContext<'_, impl JobStore, impl Payloads, impl Clock>,
    provider: &impl Provider,
    event: SqsEvent,
) -> SqsBatchResponse {
    let mut batch = Batch::new(event);
    while let Some(work) = batch.next_work() {
        batch.note(match work {
            Work::SubmitV1 { workspace, job_id } => submit(desk, provider, &workspace, &job_id).await.map(|_| ()),
            // Not this queue's; the due index finds the job again.
            Work::ObserveV1 { .. } | Work::WorkspaceV1 { .. } | Work::ResponseV1 { .. } => Ok(()),
        });
    }
    batch.answer()
}
