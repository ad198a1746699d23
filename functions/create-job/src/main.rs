//! Wiring of `create-job` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::logging, system::System};
use domain::flow::FlowContext;
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?;
    let payloads = environment.payloads(&table)?;
    let setting = environment.pricing_settings("create-job")?;
    let flow = FlowContext::new(&table, &payloads, &System, &setting);
    run(service_fn(async |request| Ok::<_, Infallible>(create_job::handle(&flow, request).await))).await
}
