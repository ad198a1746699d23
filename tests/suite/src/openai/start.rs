//! What each end of a create call proves, and that it was one call.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use adapters::openai::OpenAiClient;
use domain::policy::reason::Reason::{self, *};
use domain::port::{CreateFailure, Provider as _};
use domain::provider::{Outcome, RunStatus};
use serde_json::json;

use End::*;
use Verdict::*;

use super::answer::read;
use super::{KEY, Server, a_start, client, impatient, nobody};

#[derive(Debug, PartialEq)]
enum Verdict {
    Created,
    NotCreated(Reason, Option<Duration>),
    Held(Reason),
    Unknown,
    /// The same, and the answer has named a response before it broke off.
    Named(&'static str),
}

async fn verdict(client: &OpenAiClient) -> Verdict {
    let failure = match client.create_response(&a_start()).await {
        Ok(_) => return Created,
        Err(failure) => failure,
    };
    let shown = format!("{failure} {failure:?}");
    assert!(!shown.contains("secret") && !shown.contains("private"), "{shown}");
    match failure {
        CreateFailure::NotCreated { reason, retry_after, .. } => NotCreated(reason, retry_after),
        CreateFailure::Held { reason, .. } => Held(reason),
        CreateFailure::Unknown { response: None, .. } => Unknown,
        CreateFailure::Unknown { response: Some(id), .. } => Named(String::leak(id.to_string())),
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
    /// Status, and a body that is not an error of the provider's form, or not only.
    Page(u16, &'static str),
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
const FROM_DATE_TO_DATE: &str = "date: Wed, 21 Oct 2026 07:27:00 GMT\r\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n";
const FROM_DATE_TO_OLD_DATE: &str =
    "date: Wed, 21 Oct 2026 07:27:00 GMT\r\nretry-after: Wednesday, 21-Oct-26 07:28:00 GMT\r\n";
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
    ("busy for ms", Status(429, "retry-after-ms: 1500\r\n", RATE, LIMIT), busy(Some(1_500))),
    ("the longer", Status(429, "retry-after: 7\r\nretry-after-ms: 1500\r\n", RATE, LIMIT), busy(Some(7_000))),
    ("the longer ms", Status(429, "retry-after: 1\r\nretry-after-ms: 1500\r\n", RATE, LIMIT), busy(Some(1_500))),
    ("one that reads", Status(429, "retry-after: soon\r\nretry-after-ms: 20\r\n", RATE, LIMIT), busy(Some(20))),
    ("busy until a date", Status(429, FROM_DATE_TO_DATE, RATE, LIMIT), busy(Some(60_000))),
    ("busy until an old form", Status(429, FROM_DATE_TO_OLD_DATE, RATE, LIMIT), busy(Some(60_000))),
    ("busy until the past", Status(429, "retry-after: Wed, 21 Oct 2020 07:28:00 GMT\r\n", RATE, LIMIT), busy(None)),
    (
        "busy for years",
        Status(429, "retry-after: Fri, 21 Oct 2095 07:28:00 GMT\r\n", RATE, LIMIT),
        busy(Some(3_600_000)),
    ),
    ("busy for a fraction", Status(429, "retry-after: 1.5\r\n", RATE, LIMIT), busy(Some(1_500))),
    ("busy for infinity", Status(429, "retry-after: inf\r\n", RATE, LIMIT), busy(None)),
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
    ("closed inside the body", Cut("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"id\":\"resp_1\""), Named("resp_1")),
    ("closed inside the id", Cut("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"id\":\"resp_1"), Unknown),
    (
        "closed before the id",
        Cut("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"output\":[{\"id\":\"rs_1\"}"),
        Unknown,
    ),
    ("closed behind all of it", Cut("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"id\":\"resp_1\"}\n"), Created),
    (
        "no last chunk",
        Cut("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n{\"id\":\"resp_1\"} \r\n"),
        Created,
    ),
    (
        "half a chunk",
        Cut("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n99\r\n{\"id\":\"resp_1\", "),
        Named("resp_1"),
    ),
    ("a byte-order mark", Cut("HTTP/1.1 200 OK\r\n\r\n\u{feff}{\"id\":\"resp_1\"}"), Created),
    (
        "a whole refusal, cut",
        Cut("HTTP/1.1 400 Bad\r\ncontent-length: 99\r\n\r\n{\"error\":{\"code\":\"x\"}}"),
        NotCreated(ProviderRefused, None),
    ),
    (
        "closed inside a refusal that names a response",
        Cut("HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 99\r\n\r\n{\"id\":\"resp_1\",\"status\":\"queued\",\"met"),
        Named("resp_1"),
    ),
    ("closed inside a refusal", Cut("HTTP/1.1 400 Bad Request\r\ncontent-length: 99\r\n\r\n{"), Unknown),
    ("truncated JSON", Cut("HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"id\":\"resp_1\""), Named("resp_1")),
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
    ("accepted", Page(202, r#"{"id":"resp_1"}"#), Created),
    ("created", Page(201, r#"{"id":"resp_1","status":"queued"}"#), Created),
    ("no content", Page(204, ""), Unknown),
    ("no money", Page(402, "<html>"), Held(ProviderQuota)),
    ("no money in words", Status(402, "", "", ""), Held(ProviderQuota)),
    ("billing", Status(429, "", "", "billing_not_active"), Held(ProviderQuota)),
    (
        "billing as a bad request",
        Status(400, "", "invalid_request_error", "billing_hard_limit_reached"),
        Held(ProviderQuota),
    ),
    ("credit as a permission", Status(403, "", "", "insufficient_credits"), Held(ProviderQuota)),
    ("spend as the key's", Status(401, "", "", "project_spend_limit_exceeded"), Held(ProviderQuota)),
    ("quota behind a relay", Status(500, "", "insufficient_quota", ""), Held(ProviderQuota)),
    ("usage", Status(429, "", RATE, "usage_limit_exceeded"), Held(ProviderQuota)),
    ("no money as a number", Page(400, r#"{"error":{"code":402,"message":"Pay."}}"#), Held(ProviderQuota)),
    (
        "a context too long",
        Status(400, "", "invalid_request_error", "context_length_exceeded"),
        NotCreated(InvalidRequest, None),
    ),
    ("a policy", Status(400, "", "invalid_request_error", "cyber_policy"), NotCreated(ContentPolicy, None)),
    (
        "a country",
        Status(403, "", "request_forbidden", "unsupported_country_region_territory"),
        NotCreated(ProviderUnauthorized, None),
    ),
    ("a challenge", Page(403, "<!DOCTYPE html><title>Just a moment...</title>"), NotCreated(ProviderUnreachable, None)),
    ("a proxy's JSON", Page(403, r#"{"message":"Forbidden"}"#), NotCreated(ProviderUnreachable, None)),
    ("a proxy's login", Page(401, "<html>"), NotCreated(ProviderUnreachable, None)),
    ("a proxy's own login", Page(407, ""), NotCreated(ProviderUnreachable, None)),
    ("a portal", Page(511, "<html>"), NotCreated(ProviderUnreachable, None)),
    ("a block", Page(451, ""), NotCreated(ProviderUnreachable, None)),
    ("too early", Page(425, ""), busy(None)),
    ("moved", Page(301, ""), Held(ProviderAddress)),
    ("found elsewhere", Page(307, "<html>"), Held(ProviderAddress)),
    ("moved for good", Status(308, "location: /v1/elsewhere\r\n", "", ""), Held(ProviderAddress)),
    ("not this method", Page(405, r#"{"detail":"Method Not Allowed"}"#), Held(ProviderAddress)),
    ("gone", Page(410, ""), Held(ProviderAddress)),
    ("misdirected", Page(421, ""), Held(ProviderAddress)),
    ("no such page", Page(404, "404 page not found"), Held(ProviderAddress)),
    ("no such path", Page(404, r#"{"detail":"Not Found"}"#), Held(ProviderAddress)),
    (
        "no such path there",
        Page(404, r#"{"error":{"message":"Invalid URL (POST /responses)","code":null}}"#),
        Held(ProviderAddress),
    ),
    ("no model, long ago", Page(404, r#"{"object":"error","message":"no model","code":404}"#), Unknown),
    ("200, no money", Page(200, r#"{"error":{"message":"m","code":"insufficient_quota"}}"#), Held(ProviderQuota)),
    ("200, no money as a number", Page(200, r#"{"error":{"message":"m","code":402}}"#), Held(ProviderQuota)),
    ("200, busy", Page(200, r#"{"error":{"message":"m","type":"rate_limit_error"}}"#), busy(None)),
    ("200, a bad key", Page(200, r#"{"error":{"code":"invalid_api_key"}}"#), Held(ProviderUnauthorized)),
    (
        "200, refused",
        Page(200, r#"{"id":"req_1","error":{"type":"invalid_request_error"}}"#),
        NotCreated(ProviderRefused, None),
    ),
    ("200, no such model", Page(200, r#"{"error":{"code":"model_not_found"}}"#), NotCreated(ProviderRefused, None)),
    (
        "200, a response that has an error",
        Page(200, r#"{"id":"resp_1","metadata":{},"error":{"code":"invalid_request_error"}}"#),
        Created,
    ),
    ("200, a text and an error", Page(200, r#"{"id":"resp_1","output_text":"x","error":{"code":"429"}}"#), Created),
    ("200, use and an error", Page(200, r#"{"id":"resp_1","usage":{},"error":{"code":"429"}}"#), Created),
    ("500 about a response", Page(500, r#"{"id":"resp_1","error":{"code":"server_error"}}"#), Named("resp_1")),
    ("504 about a response", Page(504, r#"{"id":"resp_1","status":"queued"}"#), Named("resp_1")),
    ("409 about a response", Page(409, r#"{"error":{"code":"conflict"},"id":"resp_1"}"#), Named("resp_1")),
    ("429 about a response", Page(429, r#"{"id":"resp_1","error":{"code":"slow_down"}}"#), busy(None)),
    ("200, their trouble", Page(200, r#"{"error":{"code":"server_error"}}"#), Unknown),
    (
        "200, a run that failed",
        Page(200, r#"{"id":"resp_1","status":"failed","error":{"code":"insufficient_quota"}}"#),
        Created,
    ),
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
            Page(status, body) => {
                let server = Server::answering(status, "", body);
                assert_eq!(verdict(&server.client()).await, *expected, "{name}: {status}");
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
    for status in [201, 202, 204, 406, 411, 418, 501, 529, 599] {
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

/// What a word means does not hang on whether it refuses a create call or ends a run.
#[tokio::test]
async fn a_word_for_used_up_money_is_one_in_a_refusal_and_in_a_failed_run() {
    for word in [
        "insufficient_quota",
        "quotaExceeded",
        "billing_not_active",
        "out_of_credits",
        "usage_limit_reached",
        "spending_cap_reached",
        "payment_required",
        "insufficient_funds",
        "credit_balance_exhausted",
    ] {
        for (code, kind) in [(Some(word), None), (None, Some(word)), (Some(LIMIT), Some(word))] {
            for status in [200, 400, 401, 403, 422, 429, 500] {
                check(status, "", kind, code, &Held(ProviderQuota), word).await;
            }
            let run = read(json!({"id": "r", "status": "failed", "error": {"code": code, "type": kind}}));
            assert_eq!(run.read(), RunStatus::Finished(Outcome::Failed(ProviderQuota)), "{word}");
        }
    }
}

#[tokio::test]
async fn a_success_that_is_not_a_response_leaves_it_unknown() {
    for body in ["", "{}", r#"{"id":7}"#, r#"{"id":"a b"}"#, "<html>", "null", r#"["id","resp_1"]"#] {
        let server = Server::answering(200, "", body);
        assert_eq!(verdict(&server.client()).await, Unknown, "{body}");
        server.only_request();
    }
}

#[tokio::test]
async fn a_provider_that_hangs_inside_the_body_has_named_its_response() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":\"resp_1\"";
    let server = Server::start(move |mut stream| {
        stream.write_all(half.as_bytes()).unwrap();
        loop {
            std::thread::park();
        }
    });
    assert_eq!(verdict(&impatient(&server.url)).await, Named("resp_1"));
    server.only_request();
}

#[tokio::test]
async fn a_create_call_is_one_post_with_our_name_on_it() {
    let server = Server::answering(200, "x-request-id: req_1\r\n", r#"{"id":"resp_1","status":"queued"}"#);
    let answer = server.client().create_response(&a_start()).await.unwrap();
    assert_eq!(answer.id.as_str(), "resp_1");
    assert_eq!(answer.request_id.as_deref(), Some("req_1"));
    let request = server.only_request();
    assert!(request.starts_with("POST /v1/responses HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("authorization: Bearer {KEY}\r\n")), "{request}");
    assert!(request.contains("x-client-request-id: job_1-2\r\n"), "{request}");
    assert!(request.contains("content-type: application/json\r\n"), "{request}");
    assert!(request.contains(r#""background":true"#) && request.contains(r#""store":true"#), "{request}");
}
