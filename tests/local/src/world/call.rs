//! Calling the API inside a world, without a socket: the event that the gateway would build, straight to the function.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::contract::route::Route;
use serde_json::{Map, Value, json};

use super::World;
use crate::identity::ISSUER;

/// What a function answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Map<String, Value>,
    /// The body as text, to compare byte by byte.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

/// A call as the gateway would pass it on.
#[derive(Debug, Clone, Default)]
pub struct Call<'a> {
    /// As in the template: `GET /v1/workspaces/{workspace}/jobs/{id}`.
    pub route: &'a str,
    pub principal: &'a str,
    /// Another one than the local edition's.
    pub issuer: Option<&'a str>,
    pub path: &'a [(&'a str, &'a str)],
    pub query: &'a [(&'a str, &'a str)],
    pub headers: &'a [(&'a str, &'a str)],
    pub body: Option<&'a str>,
}

impl World {
    /// Runs the function behind the call's route.
    pub async fn call(&self, call: Call<'_>) -> Result<Answer, String> {
        let route = self.0.template.routes().iter().find(|route| route.key() == call.route);
        let function = &route.ok_or_else(|| format!("no route {}", call.route))?.function;
        self.call_function(function, call).await
    }

    /// Runs this function, wherever the call's route leads.
    pub async fn call_function(&self, function: &str, call: Call<'_>) -> Result<Answer, String> {
        let map = |pairs: &[(&str, &str)]| -> Map<String, Value> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
        };
        let raw_query = call.query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let event = json!({
            "version": "2.0",
            "routeKey": call.route,
            "rawPath": "/",
            "rawQueryString": raw_query,
            "headers": map(call.headers),
            "queryStringParameters": map(call.query),
            "pathParameters": map(call.path),
            "requestContext": {
                "accountId": "000000000000", "apiId": "local", "stage": "$default", "requestId": "request",
                "routeKey": call.route, "time": "", "timeEpoch": 0,
                "http": {"method": call.route.split(' ').next(), "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
                "authorizer": {"jwt": {"claims": {"sub": call.principal, "iss": call.issuer.unwrap_or(ISSUER)}, "scopes": null}},
            },
            "body": call.body,
            "isBase64Encoded": false,
        });
        let answer = self.invoke(function, &event.to_string()).await?;
        let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
        let body = answer["body"].as_str().unwrap_or_default();
        let text = match answer["isBase64Encoded"].as_bool() {
            Some(true) => {
                String::from_utf8_lossy(&STANDARD.decode(body).map_err(|error| error.to_string())?).into_owned()
            }
            _ => body.to_owned(),
        };
        Ok(Answer {
            status: answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default(),
            headers: answer["headers"].as_object().cloned().unwrap_or_default(),
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        })
    }

    pub async fn create(
        &self,
        workspace: &str,
        principal: &str,
        key: Option<&str>,
        body: &str,
    ) -> Result<Answer, String> {
        let headers: Vec<_> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
        self.call(Call {
            route: Route::CreateJob.key(),
            principal,
            path: &[("workspace", workspace)],
            headers: &headers,
            body: Some(body),
            ..Call::default()
        })
        .await
    }

    /// `rest` is empty for the job itself, or `/result`, or `/events`.
    pub async fn read(&self, workspace: &str, principal: &str, id: &str, rest: &str) -> Result<Answer, String> {
        let route = format!("GET /v1/workspaces/{{workspace}}/jobs/{{id}}{rest}");
        let path = [("workspace", workspace), ("id", id)];
        self.call(Call { route: &route, principal, path: &path, ..Call::default() }).await
    }
}
