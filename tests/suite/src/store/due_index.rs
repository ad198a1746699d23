//! What one run of reconcile reads of a due index of a million open jobs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapters::aws::dynamodb::Table;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use domain::port::DueIndex as _;
use serde_json::{Value, json};

use crate::contract::make::NOW;

const OPEN: i64 = 1_000_000;
const DUE: i64 = 100;
const SHARDS: i64 = 16;

/// What DynamoDB puts on a page at most: a megabyte of keys.
const PAGE: i64 = 7_000;

/// An index that is worked out where it is asked: job `n` lies in shard `n % 16`, and the first hundred are due.
#[derive(Debug, Clone, Default)]
struct Index(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    queries: AtomicUsize,
    entries: AtomicUsize,
    rows: Mutex<Vec<usize>>,
    now: AtomicUsize,
    most_at_once: AtomicUsize,
}

fn due_at(job: i64) -> i64 {
    NOW.millis() + (job - DUE + 1) * 1_000
}

impl Index {
    fn table(&self) -> Table {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .http_client(self.clone())
            .build();
        Table::new(Client::from_conf(config), "jobs")
    }

    fn query(&self, body: &Value) -> Value {
        self.0.queries.fetch_add(1, Ordering::SeqCst);
        let values = &body["ExpressionAttributeValues"];
        let shard: i64 = values[":shard"]["S"].as_str().unwrap().parse().unwrap();
        let now: i64 = values[":now"]["N"].as_str().unwrap().parse().unwrap();
        let start = body["ExclusiveStartKey"]["due_at"]["N"].as_str().map_or(i64::MIN, |at| at.parse().unwrap());
        let most = usize::try_from(body["Limit"].as_i64().unwrap_or(PAGE).min(PAGE)).unwrap();
        let jobs = (0..OPEN).filter(|job| job % SHARDS == shard).filter(|job| due_at(*job) > start);
        let page: Vec<i64> = jobs.take_while(|job| due_at(*job) <= now).take(most).collect();
        self.0.entries.fetch_add(page.len(), Ordering::SeqCst);
        let items: Vec<Value> = page.iter().map(|job| entry(*job)).collect();
        let mut answer = json!({"Count": items.len(), "Items": items});
        // DynamoDB does not look ahead: a full page names where it ended, whether or not there is more.
        if page.len() == most {
            answer["LastEvaluatedKey"] = entry(*page.last().unwrap());
        }
        answer
    }

    fn rows(&self, body: &Value) -> Value {
        let keys = body["RequestItems"]["jobs"]["Keys"].as_array().unwrap();
        self.0.rows.lock().unwrap().push(keys.len());
        json!({"Responses": {"jobs": []}, "UnprocessedKeys": {}})
    }
}

fn entry(job: i64) -> Value {
    json!({
        "PK": {"S": format!("WS#acme#JOB#job_{job}")},
        "SK": {"S": "JOB"},
        "due_shard": {"S": format!("{:02}", job % SHARDS)},
        "due_at": {"N": due_at(job).to_string()},
    })
}

impl HttpClient for Index {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Index {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let index = self.clone();
        HttpConnectorFuture::new(async move {
            let now = index.0.now.fetch_add(1, Ordering::SeqCst) + 1;
            index.0.most_at_once.fetch_max(now, Ordering::SeqCst);
            // Whoever else is allowed to ask asks meanwhile.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            index.0.now.fetch_sub(1, Ordering::SeqCst);
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let answer = match request.headers().get("x-amz-target").unwrap().rsplit('.').next().unwrap() {
                "Query" => index.query(&body),
                "BatchGetItem" => index.rows(&body),
                other => panic!("{other} reads no index"),
            };
            Ok(HttpResponse::new(200.try_into().unwrap(), SdkBody::from(answer.to_string())))
        })
    }
}

#[tokio::test]
async fn a_hundred_due_of_a_million_open_cost_at_most_twenty_index_reads() {
    let index = Index::default();
    index.table().due(NOW, 2_000).await.unwrap();
    let Seen { queries, entries, rows, most_at_once, .. } = &*index.0;
    let queries = queries.load(Ordering::SeqCst);
    assert!(queries <= 20, "{queries} reads");
    // Nothing that is not due was looked at.
    assert_eq!(entries.load(Ordering::SeqCst), 100);
    assert_eq!(*rows.lock().unwrap(), [100]);
    // Some shards are read side by side, and not so many that each run opens a connection for every shard.
    assert_eq!(most_at_once.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_shard_is_read_on_until_its_limit() {
    let index = Index::default();
    let much_later = NOW + Duration::from_secs(1_000_000);
    index.table().due(much_later, 150).await.unwrap();
    assert_eq!(index.0.entries.load(Ordering::SeqCst), 16 * 150);
    assert_eq!(index.0.rows.lock().unwrap().iter().sum::<usize>(), 16 * 150);
}
