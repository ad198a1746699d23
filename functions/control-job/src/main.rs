//! Wiring of `control-job` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::logging, system::System};
use domain::flow::{FlowContext, Settings};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?;
    let payloads = environment.payloads(&table)?;
    let (first_admin, prices) = (environment.first_admin()?, environment.prices()?);
    let setting = Settings { first_admin, prices, ..environment.setting("control-job")? };
    let bus = environment.bus()?;
    let flow = FlowContext::new(&table, &payloads, &System, &setting);
    run(service_fn(async |request| Ok::<_, Infallible>(control_job::handle(&flow, &bus, request).await))).await
}
