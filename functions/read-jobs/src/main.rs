//! Wiring of `read-jobs` on Lambda.

use std::convert::Infallible;

use adapters::{config, edge::Edge, lambda};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda::init_logging();
    let environment = config::environment().await;
    let table = environment.table()?.with_first_admin(environment.first_admin()?);
    let payloads = environment.payloads(&table)?;
    let timing = environment.timing()?;
    run(service_fn(async |request| {
        Ok::<_, Infallible>(read_jobs::handle(&table, &payloads, &Edge, &timing, request).await)
    }))
    .await
}
