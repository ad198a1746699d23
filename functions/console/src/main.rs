//! Wiring of `console` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::logging};
use console::Console;
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let console = Console::new(environment.console_login()?);
    run(service_fn(async |request| Ok::<_, Infallible>(console::handle(&console, &request)))).await
}
