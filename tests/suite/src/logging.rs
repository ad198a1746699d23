//! The log at its noisiest: what libraries trace, which is whole events with their tokens, is in it at no level.

use std::io::Write;
use std::sync::{Arc, Mutex};

use adapters::lambda::logging::{OURS, filter, subscriber};
use adapters::openai::{ApiKey, OpenAiClient, OpenAiConfig};
use axum::Router;
use domain::port::Provider as _;
use domain::value::id::ResponseId;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use crate::tidy;

const CANARY: &str = "canary-5e1c";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for &Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = &'a Log;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// Lines as libraries trace them, with the places that they come from.
fn trace_as_libraries_do() {
    macro_rules! each {
        ($($target:literal)*) => {$(
            tracing::trace!(target: $target, body = CANARY, "raw JSON event received from Lambda");
            tracing::debug!(target: $target, headers = CANARY, "sending");
        )*};
    }
    each!("lambda_runtime::layers::api_response" "lambda_runtime::requests" "lambda_runtime" "lambda_http"
        "lambda_runtime_api_client" "hyper::proto::h1::io" "hyper_util::client::legacy" "h2::codec" "reqwest::connect"
        "aws_smithy_runtime::client::orchestrator" "aws_sdk_secretsmanager" "aws_config" "aws_sigv4" "rustls::client"
        "some_crate_of_tomorrow");
}

#[test]
fn a_library_prints_no_prompt_in_the_local_edition_whatever_rust_log_says() {
    for level in ["trace", "debug", "TRACE", "aws_smithy_runtime=trace", "info"] {
        let targets = local::log::targets(Some(level));
        for library in ["aws_smithy_runtime", "aws_sdk_dynamodb", "hyper", "reqwest", "lambda_runtime", "rustls"] {
            assert!(!targets.would_enable(library, &Level::DEBUG), "{library} at {level}");
        }
    }
    assert!(local::log::targets(Some("debug")).would_enable("local", &Level::DEBUG));
    assert!(local::log::targets(None).would_enable("domain", &Level::INFO));
}

#[test]
fn no_level_prints_the_events_that_libraries_trace() {
    for level in ["TRACE", "trace", "DEBUG", "lambda_runtime=trace", "trace,lambda_runtime=trace", "INFO", "off", "?"] {
        for json in [true, false] {
            let log = Log::default();
            tracing::subscriber::with_default(subscriber(Some(level), json, log.clone()), || {
                trace_as_libraries_do();
                tracing::trace!(target: "ingest_webhook", "of ours");
                tracing::info!(target: "lambda_runtime", "of theirs");
            });
            let text = log.text();
            assert!(!text.contains(CANARY), "{level}: {text}");
            assert_eq!(text.contains("of ours"), level.eq_ignore_ascii_case("trace"), "{level}: {text}");
            assert_eq!(text.contains("of theirs"), level != "off", "{level}: {text}");
        }
    }
    // Without the filter they are there.
    let log = Log::default();
    let all = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(log.clone()).finish();
    tracing::subscriber::with_default(all, trace_as_libraries_do);
    assert!(log.text().contains(CANARY));
}

#[tokio::test]
async fn a_call_to_the_provider_at_the_noisiest_level_leaves_no_key_and_no_content() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new()).await });
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(subscriber(Some("TRACE"), true, log.clone()));
    let key = ApiKey::parse(&format!("sk-{CANARY}")).unwrap();
    let client = OpenAiClient::new(OpenAiConfig::new(url, key)).unwrap();
    let _ = client.get(&ResponseId::parse("resp_1").unwrap()).await;
    assert!(!log.text().contains(CANARY), "{}", log.text());
}

#[test]
fn every_crate_of_ours_can_be_heard_at_its_level() {
    let mut ours: Vec<String> = ["adapters", "domain"].map(str::to_owned).into();
    ours.extend(tidy::functions().into_iter().map(|name| name.replace('-', "_")));
    ours.sort();
    assert_eq!(OURS.map(str::to_owned).to_vec(), ours);
    let noisy = filter(Some("TRACE"));
    assert!(ours.iter().all(|name| noisy.would_enable(name, &Level::TRACE)));
}
