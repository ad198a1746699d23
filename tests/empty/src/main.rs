//! A function that does nothing: what the start of any Rust function costs, before ours adds to it.

use std::convert::Infallible;

use lambda_http::{Error, Request, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(async |_: Request| Ok::<_, Infallible>("ok"))).await
}
