//! Each function behind the event that Lambda would send it.

use std::sync::atomic::Ordering;

use adapters::tools::WithToolSecrets;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use console::Console;
use domain::contract::route::Route;
use domain::flow::FlowContext;
use lambda_http::{Body, Response};
use read_jobs::ReadSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Inner, STREAM_TRIES, World, locked};
use crate::queue::{MemoryQueue, event as sqs_event};
use openai_simulator::WebhookDelivery;

impl World {
    /// Runs a function with an event, both in Lambda's JSON.
    pub async fn invoke(&self, function: &str, event: &str) -> Result<String, String> {
        *locked(&self.0.invocations).entry(function.to_owned()).or_default() += 1;
        self.0.busy.fetch_add(1, Ordering::SeqCst);
        let done = scope(&self.0);
        let answer = self.0.run(self, function, event).await;
        drop(done);
        answer
    }

    /// Hands the next batch of a queue to its function. Answers how many messages it held.
    pub async fn pump_queue(&self, queue: &MemoryQueue, function: &str, batch: usize) -> usize {
        use domain::port::Clock as _;
        let received = queue.receive(batch, self.0.clock.now().millis());
        if !received.is_empty() {
            let arn = format!("arn:aws:sqs:eu-west-1:000000000000:{}", queue.name());
            // A function that fails as a whole deletes nothing; its messages come back.
            if let Ok(response) = self.invoke(function, &sqs_event(&received, &arn)).await {
                queue.apply(&response, &received);
            }
        }
        received.len()
    }

    /// Hands the stream's new event rows to `publish-events`. Answers how many records it took.
    pub async fn pump_stream(&self) -> usize {
        // One shard has one reader.
        let _turn = self.0.stream_turn.lock().await;
        for record in self.0.embedded.records().unwrap_or_default() {
            let record = serde_json::to_value(record).unwrap_or_default();
            if is_event_row(&record) {
                locked(&self.0.stream).push_back((record, 0));
            }
        }
        let batch: Vec<Value> = locked(&self.0.stream).iter().take(100).map(|(record, _)| record.clone()).collect();
        if batch.is_empty() {
            return 0;
        }
        let response = self.invoke("publish-events", &json!({"Records": batch}).to_string()).await;
        let taken = match response {
            Ok(response) => lowest_failure(&response, &batch).unwrap_or(batch.len()),
            Err(_) => 0,
        };
        let mut stream = locked(&self.0.stream);
        stream.drain(..taken);
        if taken < batch.len()
            && let Some((record, tries)) = stream.front_mut()
        {
            *tries += 1;
            // As the event source mapping does: a record that never goes through must not hold up the others.
            if *tries >= STREAM_TRIES {
                locked(&self.0.stream_dead).push(record.take());
                stream.pop_front();
            }
        }
        taken
    }

    /// Hands a webhook to `ingest-webhook` as the gateway would; answers the status.
    pub async fn deliver_webhook(&self, delivery: &WebhookDelivery) -> u16 {
        let headers: serde_json::Map<String, Value> =
            delivery.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let route = Route::ReceiveWebhook;
        let event = json!({
            "version": "2.0",
            "routeKey": route.key(),
            "rawPath": route.path(),
            "rawQueryString": "",
            "headers": headers,
            "requestContext": {
                "accountId": "000000000000", "apiId": "local", "stage": "$default", "requestId": "local",
                "routeKey": route.key(), "time": "", "timeEpoch": 0,
                "http": {"method": route.method(), "path": route.path(), "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
            },
            "body": String::from_utf8_lossy(&delivery.body),
            "isBase64Encoded": false,
        });
        let answer = self.invoke("ingest-webhook", &event.to_string()).await.unwrap_or_default();
        let status = serde_json::from_str::<Value>(&answer).ok().and_then(|answer| answer["statusCode"].as_u64());
        status.and_then(|status| u16::try_from(status).ok()).unwrap_or(500)
    }
}

impl Inner {
    async fn run(&self, world: &World, function: &str, event: &str) -> Result<String, String> {
        let setting = world.setting(function);
        let Self { table, payloads, clock, provider, bus, queues, .. } = self;
        let flow = FlowContext::new(table, payloads, clock, &setting);
        match function {
            "console" => http(console::handle(self.console.get_or_init(|| Console::new(None)), &request(event)?)),
            "control-job" => http(control_job::handle(&flow, bus, request(event)?).await),
            "create-job" => http(create_job::handle(&flow, request(event)?).await),
            "read-jobs" => {
                let settings =
                    ReadSettings { timing: setting.timing.clone(), prices: setting.prices.clone(), first_admin: None };
                http(read_jobs::handle(table, payloads, clock, &settings, request(event)?).await)
            }
            "ingest-webhook" => http(ingest_webhook::handle(table, queues, &self.secrets, clock, read(event)?).await),
            "submit-job" => {
                let provider = WithToolSecrets { provider, secrets: &self.tool_secrets };
                write(&submit_job::handle(&flow, &provider, read(event)?).await)
            }
            "observe-job" => write(&observe_job::handle(&flow, provider, bus, queues, read(event)?).await),
            "reconcile" => match reconcile::handle(table, queues, clock, &setting.timing).await {
                Ok(found) => write(&found),
                Err(failure) => Err(adapters::lambda::diagnostic::chain(&failure)),
            },
            "notify" => {
                let (target, base) = locked(&self.told).clone();
                write(&notify::handle(table, &self.notifier.to(target), clock, &base, read(event)?).await)
            }
            "publish-events" => write(&publish_events::handle(table, bus, queues, clock, read(event)?).await),
            unknown => Err(format!("there is no function {unknown}")),
        }
    }
}

/// Counts a function out however it ends.
fn scope(inner: &Inner) -> impl Drop + '_ {
    struct Done<'a>(&'a Inner);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.busy.fetch_sub(1, Ordering::SeqCst);
            self.0.ran.notify_waiters();
            self.0.ran.notify_one();
        }
    }
    Done(inner)
}

fn request(event: &str) -> Result<lambda_http::Request, String> {
    lambda_http::request::from_str(event).map_err(|error| error.to_string())
}

fn read<T: DeserializeOwned>(event: &str) -> Result<T, String> {
    serde_json::from_str(event).map_err(|error| error.to_string())
}

fn write(answer: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(answer).map_err(|error| error.to_string())
}

/// A response in the form that the gateway takes.
fn http(response: Response<Body>) -> Result<String, String> {
    let (parts, body) = response.into_parts();
    let headers: serde_json::Map<String, Value> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))))
        .collect();
    let is_binary = matches!(body, Body::Binary(_));
    let body = if is_binary { STANDARD.encode(&body) } else { String::from_utf8_lossy(&body).into_owned() };
    write(&json!({"statusCode": parts.status.as_u16(), "headers": headers, "body": body, "isBase64Encoded": is_binary}))
}

/// The rows that the filter of the event source mapping in `template.yaml` lets through.
pub(crate) const EVENT_ROWS: [&str; 3] = ["event", "member_event", "type_event"];

/// That filter.
fn is_event_row(record: &Value) -> bool {
    let entity = record["dynamodb"]["NewImage"]["entity"]["S"].as_str().unwrap_or_default();
    record["eventName"] == "INSERT" && EVENT_ROWS.contains(&entity)
}

fn lowest_failure(response: &str, batch: &[Value]) -> Option<usize> {
    let response: Value = serde_json::from_str(response).ok()?;
    let failures = response["batchItemFailures"].as_array()?;
    batch.iter().position(|record| {
        let number = &record["dynamodb"]["SequenceNumber"];
        failures.iter().any(|failure| failure["itemIdentifier"] == *number)
    })
}
