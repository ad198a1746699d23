//! The real adapters behind an HTTP client that answers as it was told.

use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapters::aws::dynamodb::{Item, Table, job_item};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::test_util::infallible_client_fn;
use axum::http::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::job::Job;
use domain::value::failure::Failure;
use serde_json::{Value, json};

/// One answer of AWS: the status and the body.
#[derive(Debug, Clone)]
pub(super) struct Answer(pub(super) u16, pub(super) Value);

/// One call as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) operation: String,
    pub(super) body: Value,
}

/// Answers in the order they were put in; a call too many is answered with a 400 that nobody expects.
#[derive(Debug, Clone, Default)]
pub(super) struct Canned {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

/// The client configuration of one of the SDK's services: two tries as in the functions, and no time between them.
macro_rules! config {
    ($sdk:ident, $canned:expr) => {{
        let retries = RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::ZERO);
        $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .retry_config(retries)
            .http_client($canned.http())
            .build()
    }};
}

impl Canned {
    pub(super) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), calls: Arc::default() }
    }

    pub(super) fn table(&self) -> Table {
        Table::new(aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb, self)), "jobs")
    }

    pub(super) fn eventbridge(&self) -> aws_sdk_eventbridge::Client {
        aws_sdk_eventbridge::Client::from_conf(config!(aws_sdk_eventbridge, self))
    }

    pub(super) fn s3(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::from_conf(config!(aws_sdk_s3, self))
    }

    pub(super) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::from_conf(config!(aws_sdk_sqs, self))
    }

    fn http(&self) -> aws_sdk_dynamodb::config::SharedHttpClient {
        let canned = self.clone();
        infallible_client_fn(move |request| {
            let target = request.headers()["x-amz-target"].to_str().unwrap();
            let operation = target.split_once('.').unwrap().1.to_owned();
            let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            canned.calls.lock().unwrap().push(Call { operation, body });
            let Answer(status, body) = canned.answers.lock().unwrap().pop_front().unwrap_or_else(unexpected);
            Response::builder().status(status).body(body.to_string()).unwrap()
        })
    }

    /// The calls so far, every answer having been fetched.
    pub(super) fn calls(&self) -> Vec<Call> {
        assert_eq!(self.answers.lock().unwrap().len(), 0, "answers that nobody asked for");
        self.calls.lock().unwrap().clone()
    }

    pub(super) fn operations(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.operation).collect()
    }
}

fn unexpected() -> Answer {
    error(400, "ValidationException", "the test has no answer for this call")
}

pub(super) fn ok(body: Value) -> Answer {
    Answer(200, body)
}

pub(super) fn error(status: u16, code: &str, message: &str) -> Answer {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    Answer(status, json!({"__type": kind, "message": message}))
}

/// Both tries of a call, answered alike.
pub(super) fn twice(answer: &Answer) -> [Answer; 2] {
    [answer.clone(), answer.clone()]
}

pub(super) fn lost() -> Answer {
    error(500, "InternalServerError", "The request processing has failed because of an unknown error.")
}

/// The answers by which a table says that it is too busy, and the status that they come with.
pub(super) fn busy() -> [Answer; 4] {
    [
        error(400, "ThrottlingException", "Rate of requests exceeds the allowed throughput."),
        error(400, "ProvisionedThroughputExceededException", "The level of throughput is exceeded."),
        error(400, "RequestLimitExceeded", "Throughput exceeds the current throughput limit for your account."),
        lost(),
    ]
}

/// A transaction that was cancelled, with the reason for each of its items.
pub(super) fn canceled(reasons: &[&str]) -> Answer {
    let Answer(status, mut body) = error(400, "TransactionCanceledException", "Transaction cancelled");
    body["CancellationReasons"] = reasons.iter().map(|code| json!({"Code": code, "Message": "no words"})).collect();
    Answer(status, body)
}

/// What GetItem says of a job, or of none.
pub(super) fn found(job: Option<&Job>) -> Answer {
    ok(job.map_or_else(|| json!({}), |job| json!({"Item": wire(&job_item(job))})))
}

/// An item in DynamoDB's own JSON.
pub(super) fn wire(item: &Item) -> Value {
    item.iter().map(|(name, value)| (name.clone(), wire_value(value))).collect::<HashMap<_, _>>().into_iter().collect()
}

fn wire_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::B(bytes) => json!({"B": BASE64_STANDARD.encode(bytes)}),
        AttributeValue::Bool(value) => json!({"BOOL": value}),
        AttributeValue::M(map) => json!({"M": wire(map)}),
        other => panic!("no row holds {other:?}"),
    }
}

/// Everything that a failure says, its causes included, in both ways of printing it.
pub(super) fn words(failure: &Failure) -> String {
    let mut words = format!("{failure:?}");
    let mut cause: Option<&dyn Error> = Some(failure);
    while let Some(error) = cause {
        words.push_str(&format!("\n{error}"));
        cause = error.source();
    }
    words
}
