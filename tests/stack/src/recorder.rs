//! Between the functions and the emulator: passes every call on, and notes whose it was and what it asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use stack::calls::{Calls, partition};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::BoxError;

/// One call: the function, the operation, and the resource by its physical name.
type Call = (String, String, String);

#[derive(Clone)]
pub(crate) struct Recorder(Arc<Shared>);

struct Shared {
    client: reqwest::Client,
    upstream: Mutex<String>,
    calls: Mutex<BTreeSet<Call>>,
}

const LARGEST_BODY_BYTES: usize = 64 * 1024 * 1024;

impl Recorder {
    /// Serves; answers its address as well.
    pub(crate) async fn open(tasks: &mut JoinSet<()>) -> Result<(Self, String), BoxError> {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        let shared = Shared { client, upstream: Mutex::default(), calls: Mutex::default() };
        let recorder = Self(Arc::new(shared));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = Router::new()
            .fallback(pass_on)
            .layer(axum::extract::DefaultBodyLimit::max(LARGEST_BODY_BYTES))
            .with_state(recorder.clone());
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok((recorder, url))
    }

    pub(crate) fn pass_to(&self, upstream: &str) {
        upstream.clone_into(&mut self.0.upstream.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// All calls so far, with the names of the template. `logical` has the name of each physical one.
    pub(crate) fn calls(&self, deployment: &str, logical: &BTreeMap<String, String>) -> Result<Calls, BoxError> {
        let mut calls = Calls::new();
        for (function, operation, resource) in self.0.calls.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let function = function.strip_prefix(&format!("{deployment}-")).unwrap_or(function);
            let (name, rest) = resource.split_once('\t').unwrap_or((resource, ""));
            let name = logical.get(name).ok_or_else(|| format!("{function} calls {operation} on an unknown {name}"))?;
            calls.entry(function.to_owned()).or_default().insert(format!("{operation} {name}{rest}"));
        }
        Ok(calls)
    }
}

async fn pass_on(
    State(Recorder(shared)): State<Recorder>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("{}{path}", shared.upstream.lock().unwrap_or_else(PoisonError::into_inner));
    let mut forwarded = headers.clone();
    forwarded.remove(header::HOST);
    let call = shared.client.request(method.clone(), url).headers(forwarded).body(body.clone());
    let answer = match call.send().await {
        Ok(answer) => answer,
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    let status = answer.status();
    if let Some(function) = caller(&headers) {
        let asked = asked(&method, &uri, &headers, &body, status == StatusCode::NOT_FOUND);
        let mut calls = shared.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.extend(asked.into_iter().map(|(operation, resource)| (function.clone(), operation, resource)));
    }
    let mut headers = answer.headers().clone();
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONNECTION);
    match answer.bytes().await {
        Ok(body) => (status, headers, body).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

/// The function that the SDK names in its user agent.
fn caller(headers: &HeaderMap) -> Option<String> {
    let agents = ["x-amz-user-agent", "user-agent"].iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    let mut words = agents.flat_map(|agent| agent.split(' '));
    words.find_map(|word| word.strip_prefix("app/")).map(str::to_owned)
}

/// Each operation in a call, with its resource and, behind a tab, the part of it.
fn asked(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8], missing: bool) -> Vec<(String, String)> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let Some(operation) = target.and_then(|target| Some(target.rsplit_once('.')?.1)) else {
        return asked_of_s3(method, uri, missing);
    };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |owner: &Value, name: &str| owner.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |name: &str| body.get(name).and_then(Value::as_array).into_iter().flatten();
    let one = |resource: String| vec![(operation.to_owned(), resource)];
    match operation {
        "TransactWriteItems" => {
            let parts = list("TransactItems").filter_map(|item| item.as_object()?.iter().next());
            parts.map(|(part, item)| (format!("{operation}.{part}"), of_table(item))).collect()
        }
        "BatchGetItem" => {
            let tables = body.get("RequestItems").and_then(Value::as_object).into_iter().flatten();
            let keys = tables.flat_map(|(table, keys)| {
                let keys = keys.get("Keys").and_then(Value::as_array).into_iter().flatten();
                keys.map(move |key| format!("{table}\t {}", leading(key)))
            });
            keys.map(|resource| (operation.to_owned(), resource)).collect()
        }
        "Query" if body.get("IndexName").is_some() => {
            one(format!("{}\t/index/{}", text(&body, "TableName"), text(&body, "IndexName")))
        }
        "GetItem" | "PutItem" | "UpdateItem" | "Query" => one(of_table(&body)),
        "PutEvents" => list("Entries").map(|entry| (operation.to_owned(), text(entry, "EventBusName"))).collect(),
        _ => {
            let names = ["TableName", "QueueUrl", "SecretId"].map(|name| text(&body, name));
            one(names.into_iter().find(|name| !name.is_empty()).unwrap_or_default())
        }
    }
}

/// The table of a call or of a part of one and, behind a tab, the partition.
fn of_table(call: &Value) -> String {
    let keys = ["Key", "Item"].iter().filter_map(|name| call.get(*name)).map(leading);
    let queried = call.pointer("/ExpressionAttributeValues/:pk/S").and_then(Value::as_str).map(partition);
    let partition = keys.chain(queried).next().unwrap_or("?");
    format!("{}\t {partition}", call.get("TableName").and_then(Value::as_str).unwrap_or_default())
}

/// The partition of a key or of an item.
fn leading(key: &Value) -> &str {
    key.pointer("/PK/S").and_then(Value::as_str).map_or("?", partition)
}

/// S3 says by method and path what it is asked.
fn asked_of_s3(method: &Method, uri: &Uri, missing: bool) -> Vec<(String, String)> {
    let path = uri.path().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let object = format!("{bucket}\t/*");
    let one = |operation: &str, resource: &str| (operation.to_owned(), resource.to_owned());
    match (method.as_str(), key) {
        ("GET", "") => vec![one("ListObjectsV2", bucket)],
        ("GET", _) if missing => vec![one("GetObject", &object), one("GetObject.missing", bucket)],
        ("GET", _) => vec![one("GetObject", &object)],
        ("PUT", _) => vec![one("PutObject", &object)],
        ("DELETE", _) => vec![one("DeleteObject", &object)],
        (other, _) => vec![one(other, bucket)],
    }
}
