//! What each end of a create call proves, and that it was one call.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use adapters::openai::OpenAiClient;
use domain::port::{Provider as _, StartFailure};
use domain::reason::Reason::{self, *};
use serde_json::json;

use Verdict::*;

use super::{KEY, Server, a_start, client, impatient, nobody};

#[derive(Debug, PartialEq)]
enum Verdict {
    Created,
    NotCreated(Reason, Option<Duration>),
    Quota,
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
        StartFailure::Quota { reason } => {
            assert_eq!(reason, ProviderQuota);
            Quota
        }
        StartFailure::Unknown(_) => Unknown,
    }
}

/// An answer that quotes what a failure must not repeat.
async fn check(status: u16, headers: &str, kind: Option<&str>, code: Option<&str>, expected: Verdict) {
    let message = format!("Incorrect API key {KEY} for: a very private prompt");
    let body = json!({"error": {"message": message, "type": kind, "code": code, "param": null}});
    let server = Server::answering(status, headers, &body.to_string());
    assert_eq!(verdict(&server.client()).await, expected, "{status} {kind:?} {code:?}");
    server.only_request();
}

#[tokio::test]
async fn a_refusal_of_the_request_or_of_the_key_created_nothing() {
    check(400, "", Some("invalid_request_error"), None, NotCreated(ProviderRefused, None)).await;
    check(422, "", None, None, NotCreated(ProviderRefused, None)).await;
    check(401, "", None, Some("invalid_api_key"), NotCreated(ProviderUnauthorized, None)).await;
    check(403, "", None, None, NotCreated(ProviderUnauthorized, None)).await;
}

#[tokio::test]
async fn a_busy_provider_created_nothing_and_may_say_when_to_come_back() {
    let busy = |ms: Option<u64>| NotCreated(ProviderBusy, ms.map(Duration::from_millis));
    let cases = [
        ("", None),
        ("retry-after: 7\r\n", Some(7_000)),
        ("retry-after: 7\r\nretry-after-ms: 1500\r\n", Some(1_500)),
        ("retry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n", None),
        ("retry-after: 1.5\r\n", None),
        ("retry-after: -1\r\n", None),
        ("retry-after: 99999999999999999\r\n", Some(86_400_000)),
    ];
    for (headers, expected) in cases {
        check(429, headers, Some("rate_limit_error"), Some("rate_limit_exceeded"), busy(expected)).await;
    }
}

#[tokio::test]
async fn an_exhausted_quota_is_not_a_busy_provider() {
    check(429, "retry-after: 7\r\n", Some("insufficient_quota"), None, Quota).await;
    let codes = [
        "insufficient_quota",
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
    ];
    for code in codes {
        check(429, "", Some("rate_limit_error"), Some(code), Quota).await;
    }
}

#[tokio::test]
async fn any_other_status_leaves_it_unknown() {
    for status in [201, 202, 204, 301, 307, 308, 402, 404, 405, 408, 409, 410, 413, 418, 500, 502, 503, 504, 529, 599] {
        check(status, "location: /v1/elsewhere\r\n", None, None, Unknown).await;
    }
    check(503, "retry-after: 1\r\n", Some("service_unavailable_error"), Some("server_is_overloaded"), Unknown).await;
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
async fn without_a_connection_nothing_was_created() {
    assert_eq!(verdict(&client(&nobody())).await, NotCreated(ProviderUnreachable, None));
    assert_eq!(verdict(&client("http://nobody.invalid/v1")).await, NotCreated(ProviderUnreachable, None));
}

#[tokio::test]
async fn a_failed_tls_handshake_created_nothing() {
    let handshake = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = handshake.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in handshake.incoming() {
            drop(stream.unwrap().write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        }
    });
    let client = client(&format!("https://{address}/v1"));
    assert_eq!(verdict(&client).await, NotCreated(ProviderUnreachable, None));
}

#[tokio::test]
async fn a_connection_lost_after_the_request_leaves_it_unknown() {
    let whole = super::http(200, "", r#"{"id":"resp_1","status":"queued"}"#);
    let refusal = "HTTP/1.1 400 Bad Request\r\ncontent-length: 99\r\n\r\n{";
    let cut = &whole[..whole.len() - 5];
    let cuts = ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\ncontent-le", cut, refusal, "no HTTP at all\r\n\r\n"];
    for bytes in cuts {
        let server = Server::writing(bytes);
        assert_eq!(verdict(&server.client()).await, Unknown, "{bytes:?}");
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
async fn a_provider_that_hangs_leaves_it_unknown() {
    let server = Server::hanging();
    assert_eq!(verdict(&impatient(&server.url)).await, Unknown);
    server.only_request();
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
