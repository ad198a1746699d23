//! How one call is answered: with the response or something else, whole or in pieces.

use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response as Answer};
use flate2::Compression;
use flate2::write::GzEncoder;
use httpdate::fmt_http_date;

use super::body::Rendered;
use super::error::ApiError;
use super::line::{Break, Handle};

const BYTE_ORDER_MARK: &str = "\u{feff}";
const OTHER_ID: &str = r#""resp_of_somebody_else""#;

/// The answer to one call, before anybody knows which response it is about.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// On top of the usual ones, or in their place.
    pub(super) headers: HeaderMap,
    /// A `Retry-After` that names the moment so many seconds from now.
    pub(super) retry_after_date: Option<u32>,
    pub(super) content: Content,
    pub(super) trouble: Option<Trouble>,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Response,
    /// The response under another id.
    OtherId,
    Error(ApiError),
    /// These bytes.
    Own(String),
}

/// What happens to an answer on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It never comes: the connection stays open until the client gives up.
    Hangs,
    /// The connection is reset before the first byte.
    ResetBefore,
    /// The connection ends inside the body, before the id.
    ResetInside,
    /// The connection ends inside the body, behind the id.
    CutAfterId,
    /// It is chunked, whole, and its last, empty chunk is missing.
    LastChunkMissing,
    /// Byte by byte, slower than anybody waits.
    Drip,
    /// The first half of the JSON, as if that were all.
    Truncated,
    Gzip,
    ByteOrderMark,
}

impl Reply {
    pub(super) fn whole() -> Self {
        let (headers, content) = (HeaderMap::new(), Content::Response);
        Self { status: 200, headers, retry_after_date: None, content, trouble: None }
    }

    pub(super) fn troubled(trouble: Trouble) -> Self {
        Self { trouble: Some(trouble), ..Self::whole() }
    }

    pub(super) fn other_id() -> Self {
        Self { content: Content::OtherId, ..Self::whole() }
    }

    pub(super) fn error(error: ApiError) -> Self {
        Self { status: error.status, content: Content::Error(error), ..Self::whole() }
    }

    /// Whether whoever reads all that arrives learns the response's id.
    pub(super) fn tells_the_id(&self) -> bool {
        use Trouble::*;
        let arrives = !matches!(self.trouble, Some(Hangs | ResetBefore | ResetInside | Drip));
        (200..300).contains(&self.status) && matches!(self.content, Content::Response) && arrives
    }

    /// The answer about this response, if there is one.
    pub(super) async fn into_answer(self, response: Option<Rendered>, now_ms: i64, line: &Handle) -> Answer {
        let text = match (&self.content, response) {
            (Content::OtherId, Some(body)) => body.under_id(OTHER_ID),
            (Content::Response, Some(body)) => body.to_json(),
            (_, _) => String::new(),
        };
        self.deliver(Bytes::from(text), json(), now_ms, line).await
    }

    /// The answer whose body is this, if all goes well.
    pub(super) async fn deliver(mut self, body: Bytes, kind: HeaderValue, now_ms: i64, line: &Handle) -> Answer {
        if let Some(seconds) = self.retry_after_date {
            self.headers.insert(RETRY_AFTER, http_date(now_ms + i64::from(seconds) * 1_000));
        }
        let (body, kind) = match self.content {
            Content::Error(error) => return with(error.into_response(), self.headers),
            Content::Own(text) => {
                let kind =
                    if text.starts_with('<') { HeaderValue::from_static("text/html; charset=utf-8") } else { json() };
                (Bytes::from(text), kind)
            }
            Content::Response | Content::OtherId => (body, kind),
        };
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
        headers.extend(self.headers);
        let body = match self.trouble {
            None => body,
            Some(Trouble::Hangs) => std::future::pending().await,
            Some(Trouble::ResetBefore) => broken(line, Break::Reset, body),
            Some(Trouble::ResetInside) => broken(line, Break::InsideBody, body),
            Some(Trouble::Drip) => broken(line, Break::Drip, body),
            Some(Trouble::CutAfterId) => {
                line.say_instead(cut_after_id(&headers, &body));
                Bytes::new()
            }
            Some(Trouble::LastChunkMissing) => {
                line.say_instead(without_last_chunk(&headers, &body));
                Bytes::new()
            }
            Some(Trouble::Truncated) => body.slice(..body.len() / 2),
            Some(Trouble::Gzip) => {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                compressed(&body)
            }
            Some(Trouble::ByteOrderMark) => Bytes::from([BYTE_ORDER_MARK.as_bytes(), &body].concat()),
        };
        let mut answer = Answer::new(Body::from(body));
        *answer.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        with(answer, headers)
    }
}

pub(super) fn json() -> HeaderValue {
    HeaderValue::from_static("application/json")
}

/// A moment as HTTP headers name it.
pub(super) fn http_date(ms: i64) -> HeaderValue {
    let since_1970 = Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    // Beyond the year 9999 there is no such date.
    let date = fmt_http_date(UNIX_EPOCH + since_1970.min(Duration::from_secs(253_402_300_799)));
    HeaderValue::try_from(date).unwrap_or(HeaderValue::from_static("0"))
}

/// Marks an answer that is as its plan wants it, and is not to be put into the provider's own form.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsPlanned;

fn with(mut answer: Answer, headers: HeaderMap) -> Answer {
    for (name, value) in &headers {
        answer.headers_mut().insert(name, value.clone());
    }
    answer.extensions_mut().insert(AsPlanned);
    answer
}

fn broken(line: &Handle, how: Break, body: Bytes) -> Bytes {
    line.break_by(how);
    body
}

fn compressed(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(vec![], Compression::default());
    // Into memory, which cannot fail.
    let _ = encoder.write_all(body);
    Bytes::from(encoder.finish().unwrap_or_default())
}

fn cut_after_id(headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    // The id comes first; the cut is in the field behind it.
    let end = body.windows(2).position(|two| two == b"\",").map_or(body.len(), |at| at + 12);
    let length = HeaderValue::from(body.len());
    let mut message = head(headers, &CONTENT_LENGTH, &length);
    message.extend_from_slice(body.get(..end).unwrap_or_default());
    message
}

fn without_last_chunk(headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let chunked = HeaderValue::from_static("chunked");
    let mut message = head(headers, &HeaderName::from_static("transfer-encoding"), &chunked);
    message.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
    message.extend_from_slice(body);
    message.extend_from_slice(b"\r\n");
    message
}

/// The first lines of an answer that is written to the connection as it is.
fn head(headers: &HeaderMap, name: &HeaderName, value: &HeaderValue) -> Vec<u8> {
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for (name, value) in headers.iter().chain([(name, value)]) {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}
