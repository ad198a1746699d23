//! Wiring of `read-jobs` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::logging, system::System};
use lambda_http::{Error, run, service_fn};
use read_jobs::ReadSettings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?;
    let payloads = environment.payloads(&table)?;
    let (timing, prices) = (environment.timing()?, environment.prices()?);
    let settings = ReadSettings { timing, prices, first_admin: environment.first_admin()? };
    run(service_fn(async |request| {
        Ok::<_, Infallible>(read_jobs::handle(&table, &payloads, &System, &settings, request).await)
    }))
    .await
}
