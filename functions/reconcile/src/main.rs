//! Wiring of `reconcile` on Lambda.

use adapters::lambda::{diagnostic, logging};
use adapters::{config, system::System};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?;
    let queues = environment.queues()?;
    let timing = environment.timing()?;
    run(service_fn(async |_: LambdaEvent<Value>| {
        reconcile::handle(&table, &queues, &System, &timing).await.map_err(diagnostic::of)
    }))
    .await
}
