//! Submit queue: hand each job to the provider, once.

use adapters::lambda::batch::Batch;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::flow::submit::submit;
use domain::flow::{FlowContext, Ports};
use domain::port::{Provider, SubmitMessage};

pub async fn handle(flow: &FlowContext<'_, impl Ports>, provider: &impl Provider, event: SqsEvent) -> SqsBatchResponse {
    let mut batch = Batch::new(event);
    while let Some(SubmitMessage::SubmitV1 { workspace, job_id }) = batch.next_message() {
        batch.record(submit(flow, provider, &workspace, &job_id).await.map(|_| ()));
    }
    batch.answer()
}
