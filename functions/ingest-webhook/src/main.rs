//! Wiring of `ingest-webhook` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::http, lambda::logging, system::System};
use ingest_webhook::Delivery;
use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?;
    let queue = environment.observe_queue()?;
    let secrets = environment.webhook_secrets().await?;
    // The event is read as it comes: `lambda_http` would copy and decode a body of any size first.
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Delivery>| {
        let answer = ingest_webhook::handle(&table, &queue, &secrets, &System, event.payload).await;
        Ok::<_, Infallible>(http::gateway_answer(answer))
    }))
    .await
}
