//! Wiring of `notify` on Lambda.

use std::convert::Infallible;

use adapters::{config, lambda::logging, notifier::WebhookNotifier, system::System};
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let environment = config::environment().await;
    let table = environment.table()?;
    let base = environment.link_base()?;
    let (target, notifier) = tokio::join!(environment.notice_target(), async { WebhookNotifier::new() });
    let (target, notifier) = (target?, notifier?);
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let notifier = notifier.to(target.get(&System).await);
        Ok::<_, Infallible>(notify::handle(&table, &notifier, &System, &base, event.payload).await)
    }))
    .await
}
