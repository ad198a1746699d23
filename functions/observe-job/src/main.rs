//! Wiring of `observe-job` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::logging, system::System};
use aws_lambda_events::sqs::SqsEvent;
use domain::flow::FlowContext;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?;
    let payloads = environment.payloads(&table)?;
    let setting = environment.pricing_settings("observe-job")?;
    let (provider, key) = environment.provider_with_key().await?;
    let bus = environment.bus()?;
    let queue = environment.observe_queue()?;
    let flow = FlowContext::new(&table, &payloads, &System, &setting);
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let provider = provider.with_key(key.get(&System).await);
        Ok::<_, Infallible>(observe_job::handle(&flow, &provider, &bus, &queue, event.payload).await)
    }))
    .await
}
