//! Wiring of `ingest-webhook` on Lambda.

use std::convert::Infallible;

use adapters::{config, edge::Edge, lambda};
use lambda_http::http::StatusCode;
use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda::init_logging();
    let environment = config::environment().await;
    let table = environment.table()?;
    let queue = environment.observe_queue()?;
    let secrets = environment.webhook_secrets().await?;
    run(service_fn(async |request: Request| {
        let in_use = secrets.get(&Edge).await;
        let answer = ingest_webhook::handle(&table, &queue, &in_use, &Edge, request.clone()).await;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok::<_, Infallible>(answer);
        }
        // Perhaps it is signed with a secret that came after those in use.
        match secrets.newer(&Edge).await {
            Some(newer) => Ok(ingest_webhook::handle(&table, &queue, &newer, &Edge, request).await),
            None => Ok(answer),
        }
    }))
    .await
}
