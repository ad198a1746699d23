//! The embedded table under the SDK, without a port: no other process of this machine can reach it.

use std::fmt;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Hands each call to the database as the wire would.
#[derive(Clone)]
pub(super) struct Connector(pub(super) Database);

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let database = self.0.clone();
        HttpConnectorFuture::new(async move {
            // Others get their turn between two calls, as they do while a call is on the wire.
            tokio::task::yield_now().await;
            answer(&database, &request)
        })
    }
}

fn answer(database: &Database, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let operation = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
    let body = request.body().bytes().unwrap_or_default();
    let (status, json) = match run(database, operation.unwrap_or_default(), body) {
        Ok(json) => (200, json),
        Err(error) => (error.status_code(), error.to_json()),
    };
    let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(json));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}

/// The operations that some function or test calls.
fn run(database: &Database, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
    match operation {
        "BatchGetItem" => write(&database.batch_get_item(read(body)?)?),
        "DeleteItem" => write(&database.delete_item(read(body)?)?),
        "DescribeTable" => write(&database.describe_table(read(body)?)?),
        "GetItem" => write(&database.get_item(read(body)?)?),
        "PutItem" => write(&database.put_item(read(body)?)?),
        "Query" => write(&database.query(read(body)?)?),
        "Scan" => write(&database.scan(read(body)?)?),
        "TransactWriteItems" => write(&database.transact_write_items(read(body)?)?),
        "UpdateItem" => write(&database.update_item(read(body)?)?),
        unknown => Err(DynoxideError::ValidationException(format!("the local table has no operation {unknown}"))),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
