//! Wiring of `read-jobs` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::logging, system::System};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?.with_first_admin(environment.first_admin()?);
    let payloads = environment.payloads(&table)?;
    let timing = environment.timing()?;
    run(service_fn(async |request| {
        Ok::<_, Infallible>(read_jobs::handle(&table, &payloads, &System, &timing, request).await)
    }))
    .await
}
