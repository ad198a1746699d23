//! Wiring of `ingest-webhook` on Lambda.

use std::convert::Infallible;

use adapters::{config, edge::Edge, lambda};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda::init_logging();
    let environment = config::environment().await;
    let table = environment.table()?;
    let queue = environment.observe_queue()?;
    let secrets = environment.webhook_secrets().await?;
    run(service_fn(async |request| {
        Ok::<_, Infallible>(ingest_webhook::handle(&table, &queue, &secrets, &Edge, request).await)
    }))
    .await
}
