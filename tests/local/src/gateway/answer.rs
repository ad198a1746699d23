//! A function's response as HTTP.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::LARGEST_BODY_BYTES;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionResponse {
    status_code: u16,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// `None` when the function answered with something that is not a response, or with too much of it.
pub(super) fn response(json: &str) -> Option<Response> {
    if json.len() > LARGEST_BODY_BYTES {
        return None;
    }
    let answer: FunctionResponse = serde_json::from_str(json).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded { STANDARD.decode(body).ok()? } else { body.into_bytes() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let single = answer.headers.into_iter().flatten().map(|(name, value)| (name, vec![value]));
    for (name, values) in single.chain(answer.multi_value_headers.into_iter().flatten()) {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        response.headers_mut().remove(&name);
        for value in values {
            response.headers_mut().append(name.clone(), HeaderValue::from_str(&value).ok()?);
        }
    }
    // The length is the server's to say.
    response.headers_mut().remove(header::CONTENT_LENGTH);
    for cookie in answer.cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
    }
    Some(response)
}
