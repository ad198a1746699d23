//! Answers that may be too large for Lambda: whole, or not at all, or word of where to turn.

use domain::contract::result::SignedLink;
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

use super::http::{answer, titled_problem};

/// The largest body that is written, in bytes after Lambda has escaped it into its own JSON.
const MAX_BODY: usize = 6_000_000;

/// `None` where it is too large.
pub fn json(status: StatusCode, body: &impl Serialize) -> Option<Response<Body>> {
    serde_json::to_string(body).ok().filter(|text| fits(text)).map(|text| answer(status, "application/json", text))
}

/// The same of a text of another type.
pub fn text(content_type: &'static str, text: String) -> Option<Response<Body>> {
    fits(&text).then(|| answer(StatusCode::OK, content_type, text))
}

/// The same of bytes that nobody is to take for anything: a browser saves them under this name.
pub fn file(name: &str, bytes: Vec<u8>) -> Option<Response<Body>> {
    // Lambda's own JSON has them in base64.
    if bytes.len().div_ceil(3) * 4 > MAX_BODY {
        return None;
    }
    let mut response = answer(StatusCode::OK, "application/octet-stream", String::new());
    *response.body_mut() = Body::Binary(bytes);
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).ok()?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Some(response)
}

fn fits(text: &str) -> bool {
    text.len() <= MAX_BODY && serde_json::to_string(text).is_ok_and(|escaped| escaped.len() <= MAX_BODY)
}

/// What is said instead of a part of a result, with a link to what it was made from for whoever may read that.
pub fn part_too_large(link: Option<&SignedLink>, request_id: &str) -> Response<Body> {
    let detail = match link {
        Some(_) => {
            "The part is larger than an answer may be: 6 MB. The provider's own bytes, which hold it, are at the link."
        }
        None => "The part is larger than an answer may be: 6 MB.",
    };
    titled_problem(StatusCode::CONFLICT, ("part_too_large", "The part is too large"), detail, request_id, link)
}
