//! What each end of a create call proves, and that it was one call.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use adapters::openai::OpenAiClient;
use domain::port::{Provider as _, StartFailure};
use domain::reason::Reason::{self, *};
use serde_json::json;

use End::*;
use Verdict::*;

use super::{KEY, Server, a_start, client, impatient, nobody};

#[derive(Debug, PartialEq)]
enum Verdict {
    Created,
    NotCreated(Reason, Option<Duration>),
    Held(Reason),
    Unknown,
}

async fn verdict(client: &OpenAiClient) -> Verdict {
    let failure = match client.start(&a_start()).await {
        Ok(_) => return Created,
        Err(failure) => failure,
    };
    let shown = format!("{failure} {failure:?}");
    assert!(!shown.contains("secret") && !shown.contains("private"), "{shown}");
    match failure {
        StartFailure::NotCreated { reason, retry_after } => NotCreated(reason, retry_after),
        StartFailure::Held { reason } => Held(reason),
        StartFailure::Unknown(_) => Unknown,
    }
}

/// An answer that quotes what a failure must not repeat.
async fn check(status: u16, headers: &str, kind: Option<&str>, code: Option<&str>, expected: &Verdict, name: &str) {
    let message = format!("Incorrect API key {KEY} for: a very private prompt");
    let body = json!({"error": {"message": message, "type": kind, "code": code, "param": null}});
    let server = Server::answering(status, headers, &body.to_string());
    assert_eq!(verdict(&server.client()).await, *expected, "{name}: {status}");
    server.only_request();
}

/// How a create call ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// The name of the host leads nowhere.
    Dns,
    /// Nobody listens at the port.
    Refused,
    /// Whoever listens does not speak TLS.
    Tls,
    /// Nothing comes back.
    Timeout,
    /// These bytes come back, and then the end of the connection.
    Cut(&'static str),
    /// Status, headers, and the type and code of the error.
    Status(u16, &'static str, &'static str, &'static str),
}

const fn busy(ms: Option<u64>) -> Verdict {
    NotCreated(
        ProviderBusy,
        match ms {
            Some(ms) => Some(Duration::from_millis(ms)),
            None => None,
        },
    )
}

const RATE: &str = "rate_limit_error";
const LIMIT: &str = "rate_limit_exceeded";

const TABLE: &[(&str, End, Verdict)] = &[
    ("DNS", Dns, NotCreated(ProviderUnreachable, None)),
    ("connection refused", Refused, NotCreated(ProviderUnreachable, None)),
    ("TLS", Tls, NotCreated(ProviderUnreachable, None)),
    ("bad request", Status(400, "", "invalid_request_error", ""), NotCreated(ProviderRefused, None)),
    ("unprocessable", Status(422, "", "", ""), NotCreated(ProviderRefused, None)),
    ("bad key", Status(401, "", "", "invalid_api_key"), Held(ProviderUnauthorized)),
    ("forbidden", Status(403, "", "", ""), NotCreated(ProviderUnauthorized, None)),
    ("busy", Status(429, "", RATE, LIMIT), busy(None)),
    ("busy for seconds", Status(429, "retry-after: 7\r\n", RATE, LIMIT), busy(Some(7_000))),
    ("busy for ms", Status(429, "retry-after: 7\r\nretry-after-ms: 1500\r\n", RATE, LIMIT), busy(Some(1_500))),
    ("busy until a date", Status(429, "retry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n", RATE, LIMIT), busy(None)),
    ("busy for a fraction", Status(429, "retry-after: 1.5\r\n", RATE, LIMIT), busy(None)),
    ("busy since", Status(429, "retry-after: -1\r\n", RATE, LIMIT), busy(None)),
    ("busy for ever", Status(429, "retry-after: 99999999999999999\r\n", RATE, LIMIT), busy(Some(3_600_000))),
    ("slow down", Status(429, "", RATE, "slow_down"), busy(None)),
    ("quota by type", Status(429, "retry-after: 7\r\n", "insufficient_quota", ""), Held(ProviderQuota)),
    ("quota by its older code", Status(429, "", RATE, "insufficient_quota"), Held(ProviderQuota)),
    ("credit", Status(429, "", RATE, "credit_balance_exhausted"), Held(ProviderQuota)),
    ("organization's spend", Status(429, "", RATE, "organization_spend_limit_exceeded"), Held(ProviderQuota)),
    ("project's spend", Status(429, "", RATE, "project_spend_limit_exceeded"), Held(ProviderQuota)),
    ("organization's usage", Status(429, "", RATE, "organization_usage_limit_exceeded"), Held(ProviderQuota)),
    ("timeout", Timeout, Unknown),
    ("closed before the answer", Cut(""), Unknown),
    ("closed inside the head", Cut("HTTP/1.1 200 OK\r\ncontent-le"), Unknown),
    ("closed inside the body", Cut("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"id\":\"resp_1\""), Unknown),
    ("closed inside a refusal", Cut("HTTP/1.1 400 Bad Request\r\ncontent-length: 99\r\n\r\n{"), Unknown),
    ("truncated JSON", Cut("HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"id\":\"resp_1\""), Unknown),
    ("no HTTP at all", Cut("no HTTP at all\r\n\r\n"), Unknown),
    ("not found", Status(404, "", "", ""), Unknown),
    ("no such model", Status(404, "", "invalid_request_error", "model_not_found"), NotCreated(ProviderRefused, None)),
    ("too large", Status(413, "", "", ""), NotCreated(ProviderRefused, None)),
    ("not JSON to them", Status(415, "", "", ""), NotCreated(ProviderRefused, None)),
    ("request timeout", Status(408, "", "", ""), Unknown),
    ("conflict", Status(409, "", "", ""), Unknown),
    ("server error", Status(500, "", "server_error", ""), Unknown),
    ("bad gateway", Status(502, "", "", ""), Unknown),
    ("overloaded", Status(503, "retry-after: 1\r\n", "service_unavailable_error", "server_is_overloaded"), Unknown),
    ("gateway timeout", Status(504, "", "", ""), Unknown),
];

#[tokio::test]
async fn every_end_of_a_create_call_proves_what_the_table_says() {
    for (name, end, expected) in TABLE {
        match *end {
            Dns => assert_eq!(verdict(&client("http://no-such-host.invalid/v1")).await, *expected, "{name}"),
            Refused => assert_eq!(verdict(&client(&nobody())).await, *expected, "{name}"),
            Tls => assert_eq!(verdict(&client(&without_tls())).await, *expected, "{name}"),
            Timeout => {
                let server = Server::hanging();
                assert_eq!(verdict(&impatient(&server.url)).await, *expected, "{name}");
                server.only_request();
            }
            Cut(bytes) => {
                let server = Server::writing(bytes);
                assert_eq!(verdict(&server.client()).await, *expected, "{name}");
                server.only_request();
            }
            Status(status, headers, kind, code) => {
                let word = |word: &'static str| Some(word).filter(|word| !word.is_empty());
                check(status, headers, word(kind), word(code), expected, name).await;
            }
        }
    }
}

/// A server that answers a handshake in plain HTTP.
fn without_tls() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream.unwrap().write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        }
    });
    format!("https://{address}/v1")
}

#[tokio::test]
async fn any_other_status_leaves_it_unknown() {
    for status in [201, 202, 204, 301, 307, 308, 402, 405, 410, 418, 529, 599] {
        check(status, "location: /v1/elsewhere\r\n", None, None, &Unknown, "another status").await;
    }
}

#[tokio::test]
async fn an_error_status_counts_whatever_its_body_is() {
    for body in ["", "<html>", "[]", r#"{"error":"insufficient_quota"}"#, r#"{"error":{"code":429,"type":[]}}"#] {
        let server = Server::answering(429, "", body);
        assert_eq!(verdict(&server.client()).await, NotCreated(ProviderBusy, None), "{body}");
        server.only_request();
    }
}

#[tokio::test]
async fn a_success_that_is_not_a_response_leaves_it_unknown() {
    for body in ["", r#"{"id":"resp_1","sta"#, "{}", r#"{"id":7}"#, "<html>", "null"] {
        let server = Server::answering(200, "", body);
        assert_eq!(verdict(&server.client()).await, Unknown, "{body}");
        server.only_request();
    }
}

#[tokio::test]
async fn a_provider_that_hangs_inside_the_body_leaves_it_unknown() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":\"resp_1\"";
    let server = Server::start(move |mut stream| {
        stream.write_all(half.as_bytes()).unwrap();
        loop {
            std::thread::park();
        }
    });
    assert_eq!(verdict(&impatient(&server.url)).await, Unknown);
    server.only_request();
}

#[tokio::test]
async fn a_create_call_is_one_post_with_our_name_on_it() {
    let server = Server::answering(200, "x-request-id: req_1\r\n", r#"{"id":"resp_1","status":"queued"}"#);
    let answer = server.client().start(&a_start()).await.unwrap();
    assert_eq!(answer.id.as_str(), "resp_1");
    assert_eq!(answer.request_id.as_deref(), Some("req_1"));
    let request = server.only_request();
    assert!(request.starts_with("POST /v1/responses HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("authorization: Bearer {KEY}\r\n")), "{request}");
    assert!(request.contains("x-client-request-id: job_1-2\r\n"), "{request}");
    assert!(request.contains("content-type: application/json\r\n"), "{request}");
    assert!(request.contains(r#""background":true"#) && request.contains(r#""store":true"#), "{request}");
}
