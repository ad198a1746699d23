//! Wiring of `submit-job` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::logging, system::System, tools::WithToolSecrets};
use aws_lambda_events::sqs::SqsEvent;
use domain::flow::FlowContext;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?;
    let payloads = environment.payloads(&table)?;
    let setting = environment.pricing_settings("submit-job")?;
    let (provider, key) = environment.provider_with_key().await?;
    let secrets = environment.tool_secrets();
    let flow = FlowContext::new(&table, &payloads, &System, &setting);
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let provider = provider.with_key(key.get(&System).await);
        let provider = WithToolSecrets { provider: &provider, secrets: &secrets };
        Ok::<_, Infallible>(submit_job::handle(&flow, &provider, event.payload).await)
    }))
    .await
}
