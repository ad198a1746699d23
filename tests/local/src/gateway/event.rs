//! A request as a function receives it: the HTTP API's payload format 2.0.

use std::net::SocketAddr;

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::route;
use crate::identity::Claims;
use crate::template::Route;

/// A request and what the gateway knows about it.
pub struct Call<'a> {
    pub route: &'a Route,
    pub parts: &'a Parts,
    pub body: &'a [u8],
    pub peer: SocketAddr,
    /// Of the verified token; `None` on an open route.
    pub claims: Option<&'a Claims>,
    pub request_id: &'a str,
    pub at_ms: i64,
}

/// The event of a call. Fields that AWS leaves out when they are empty are left out.
pub fn event(call: &Call<'_>) -> Value {
    let query = call.parts.uri.query().unwrap_or_default();
    let mut event = Map::new();
    let mut put = |name: &str, value: Value| event.insert(name.to_owned(), value);
    put("version", json!("2.0"));
    put("routeKey", json!(call.route.key()));
    // HTTP APIs hand the path on decoded, unlike REST APIs and function URLs (middleapi/standard-server#93).
    put("rawPath", json!(route::decode(call.parts.uri.path())));
    put("rawQueryString", json!(query));
    let cookies = cookies(&call.parts.headers);
    if !cookies.is_empty() {
        put("cookies", json!(cookies));
    }
    put("headers", headers(call));
    if !query.is_empty() {
        put("queryStringParameters", parameters(query));
    }
    put("requestContext", context(call));
    let in_path = route::parameters(&call.route.path, call.parts.uri.path()).unwrap_or_default();
    if !in_path.is_empty() {
        put("pathParameters", in_path.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect());
    }
    let text = str::from_utf8(call.body).ok().filter(|_| is_textual(&call.parts.headers));
    if !call.body.is_empty() {
        put("body", text.map_or_else(|| json!(STANDARD.encode(call.body)), |text| json!(text)));
    }
    put("isBase64Encoded", json!(text.is_none() && !call.body.is_empty()));
    Value::Object(event)
}

fn context(call: &Call<'_>) -> Value {
    let host = header_text(&call.parts.headers, "host");
    let domain = host.split(':').next().unwrap_or_default();
    let mut context = json!({
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.split('.').next(),
        "http": {
            "method": call.parts.method.as_str(),
            "path": route::decode(call.parts.uri.path()),
            "protocol": "HTTP/1.1",
            "sourceIp": call.peer.ip().to_string(),
            "userAgent": header_text(&call.parts.headers, "user-agent"),
        },
        "requestId": call.request_id,
        "routeKey": call.route.key(),
        "stage": "$default",
        "time": common_log_time(call.at_ms),
        "timeEpoch": call.at_ms,
    });
    if let (Some(claims), Some(context)) = (call.claims, context.as_object_mut()) {
        let claims: Map<_, _> = claims.iter().map(|(name, value)| (name.clone(), json!(claim_text(value)))).collect();
        context.insert("authorizer".to_owned(), json!({"jwt": {"claims": claims, "scopes": null}}));
    }
    context
}

fn headers(call: &Call<'_>) -> Value {
    let mut headers = Map::new();
    for name in call.parts.headers.keys().filter(|name| **name != header::COOKIE) {
        headers.insert(name.as_str().to_owned(), json!(header_text(&call.parts.headers, name.as_str())));
    }
    let ip = call.peer.ip();
    let forwarded = match header_text(&call.parts.headers, "x-forwarded-for").as_str() {
        "" => ip.to_string(),
        before => format!("{before}, {ip}"),
    };
    let port =
        header_text(&call.parts.headers, "host").rsplit_once(':').map_or("80".to_owned(), |(_, port)| port.to_owned());
    let added = [("x-forwarded-for", forwarded), ("x-forwarded-port", port), ("x-forwarded-proto", "http".to_owned())];
    headers.extend(added.map(|(name, value)| (name.to_owned(), json!(value))));
    if !headers.contains_key("x-amzn-trace-id") {
        headers.insert("x-amzn-trace-id".to_owned(), json!(trace(call)));
    }
    Value::Object(headers)
}

/// All values of a header, joined.
fn header_text(headers: &HeaderMap, name: &str) -> String {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    values.join(",")
}

fn trace(call: &Call<'_>) -> String {
    let mut id = hex::encode(call.request_id);
    id.truncate(24);
    format!("Root=1-{:08x}-{id:0>24}", call.at_ms.div_euclid(1000))
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.flat_map(|value| value.split(';').map(|cookie| cookie.trim().to_owned()).collect::<Vec<_>>()).collect()
}

fn parameters(query: &str) -> Value {
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let [name, value] = [name, value].map(|text| route::decode(&text.replace('+', " ")));
        let joined = match parameters.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value,
        };
        parameters.insert(name, json!(joined));
    }
    Value::Object(parameters)
}

/// The content types that AWS hands on as text, as measured for ministackorg/ministack#766. All others arrive as base64,
/// among them forms and bodies without a type.
fn is_textual(headers: &HeaderMap) -> bool {
    let kind = header_text(headers, "content-type").to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/") || ["application/json", "application/xml", "application/javascript"].contains(&kind)
}

/// A claim as the authorizer shows it: everything is a text, and a list is its elements in brackets.
fn claim_text(claim: &Value) -> String {
    match claim {
        Value::String(text) => text.clone(),
        Value::Array(list) => format!("[{}]", list.iter().map(claim_text).collect::<Vec<_>>().join(" ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => claim.to_string(),
    }
}

/// `18/Nov/2026:11:06:40 +0000`
fn common_log_time(at_ms: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let month = at.month().to_string();
    let (hour, minute, second) = at.to_hms();
    format!("{:02}/{month:.3}/{:04}:{hour:02}:{minute:02}:{second:02} +0000", at.day(), at.year())
}
