//! Wiring of `publish-events` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::logging, system::System};
use aws_lambda_events::dynamodb::Event;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?;
    let bus = environment.bus()?;
    let queue = environment.queues()?;
    run(service_fn(async |event: LambdaEvent<Event>| {
        Ok::<_, Infallible>(publish_events::handle(&table, &bus, &queue, &System, event.payload).await)
    }))
    .await
}
