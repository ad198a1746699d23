//! Reading and cancelling a response, and what every call has in common.

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use adapters::openai::{ApiKey, OpenAiClient};
use domain::port::{Lookup, Provider as _};
use domain::value::failure::{Class, Failure};
use domain::value::id::ResponseId;
use serde_json::json;

use super::{KEY, Server, client, config, impatient, nobody};

/// An error in the provider's form.
const ERROR: &str = r#"{"error":{"message":"m","type":"some_error","code":"some_code"}}"#;

fn id(text: &str) -> ResponseId {
    ResponseId::parse(text).unwrap()
}

/// All that a failure says of itself.
fn chain(failure: &Failure) -> String {
    let mut shown = format!("{failure:?}");
    let mut next: Option<&dyn Error> = Some(failure);
    while let Some(error) = next {
        shown.push_str(&format!("; {error}"));
        next = error.source();
    }
    shown
}

#[tokio::test]
async fn a_response_is_found_missing_or_not_known_to_be_either() {
    let found = Server::answering(200, "x-request-id: req_2\r\n", r#"{"id":"resp_1","status":"completed"}"#);
    let Lookup::Found(answer) = found.client().get(&id("resp_1")).await.unwrap() else { panic!("not found") };
    assert_eq!((answer.id, answer.request_id.as_deref()), (id("resp_1"), Some("req_2")));
    assert!(found.only_request().starts_with("GET /v1/responses/resp_1 HTTP/1.1\r\n"));

    let missing = Server::answering(404, "", r#"{"error":{"code":"not_found"}}"#);
    assert!(matches!(missing.client().get(&id("resp_1")).await, Ok(Lookup::Missing)));

    for status in [202, 204, 302, 400, 401, 403, 404, 405, 408, 409, 410, 429, 500, 503] {
        for body in ["", "<html>not here</html>", r#"{"detail":"Not Found"}"#, ERROR] {
            let failure = match Server::answering(status, "location: /v1\r\n", body).client().get(&id("resp_1")).await {
                Err(failure) => failure,
                found => {
                    // Only the provider's own 404 says that there is none.
                    assert_eq!((status, body), (404, ERROR), "{found:?}");
                    continue;
                }
            };
            let is_refused = matches!(status, 401 | 403) && body == ERROR;
            let expected = if is_refused { Class::Permanent } else { Class::Transient };
            assert_eq!(failure.class, expected, "{status} {body}");
        }
    }
    for (status, body) in [
        (404, r#"{"error":{"message":"Invalid URL (GET /responses/resp_1)","type":"invalid_request_error"}}"#),
        (200, "<html>welcome</html>"),
        (200, r#"{"error":{"code":"server_error"}}"#),
    ] {
        let failure = Server::answering(status, "", body).client().get(&id("resp_1")).await.unwrap_err();
        assert_eq!(failure.class, Class::Transient, "{body}");
    }
    for status in [201, 202, 203, 206] {
        let found = Server::answering(status, "", r#"{"id":"resp_1","status":"queued"}"#);
        assert!(matches!(found.client().get(&id("resp_1")).await, Ok(Lookup::Found(_))), "{status}");
    }
    let told_otherwise = Server::answering(200, "", r#"{"error":{"code":"response_not_found"}}"#);
    assert!(matches!(told_otherwise.client().get(&id("resp_1")).await, Ok(Lookup::Missing)));
    for server in [Server::answering(200, "", r#"{"id":"#), Server::writing("")] {
        assert_eq!(server.client().get(&id("resp_1")).await.unwrap_err().class, Class::Transient);
        server.only_request();
    }
    assert_eq!(client(&nobody()).get(&id("resp_1")).await.unwrap_err().class, Class::Transient);
    let silent = Server::hanging();
    assert_eq!(impatient(&silent.url).get(&id("resp_1")).await.unwrap_err().class, Class::Transient);
}

#[tokio::test]
async fn a_cancel_that_was_heard_is_fine_whatever_the_answer() {
    for status in [200, 202, 302, 400, 404, 409, 422] {
        let server = Server::answering(status, "", "nonsense");
        server.client().cancel(&id("resp_1")).await.unwrap();
        assert!(server.only_request().starts_with("POST /v1/responses/resp_1/cancel HTTP/1.1\r\n"));
    }
    for (status, body, class) in [
        (401, ERROR, Class::Permanent),
        (403, ERROR, Class::Permanent),
        (403, "<html>", Class::Transient),
        (429, ERROR, Class::Transient),
        (500, "", Class::Transient),
        (503, "", Class::Transient),
    ] {
        let server = Server::answering(status, "", body);
        assert_eq!(server.client().cancel(&id("resp_1")).await.unwrap_err().class, class, "{status}");
        server.only_request();
    }
    assert_eq!(client(&nobody()).cancel(&id("resp_1")).await.unwrap_err().class, Class::Transient);
}

#[tokio::test]
async fn an_id_stays_one_segment_of_the_path() {
    let path = async |text: &str| {
        let server = Server::answering(404, "", ERROR);
        server.client().get(&id(text)).await.unwrap();
        server.only_request().lines().next().unwrap().to_owned()
    };
    assert_eq!(path("gen-1/x?y#z%2F=").await, "GET /v1/responses/gen-1%2Fx%3Fy%23z%252F= HTTP/1.1");
    assert_eq!(path("../files").await, "GET /v1/responses/..%2Ffiles HTTP/1.1");
    assert_eq!(path("%2e%2e").await, "GET /v1/responses/%252e%252e HTTP/1.1");
    let server = Server::answering(200, "", "{}");
    for dots in [".", ".."] {
        assert_eq!(server.client().get(&id(dots)).await.unwrap_err().class, Class::Permanent);
        assert_eq!(server.client().cancel(&id(dots)).await.unwrap_err().class, Class::Permanent);
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_base_url_works_with_and_without_a_slash_at_its_end() {
    let server = Server::answering(404, "", ERROR);
    for url in [server.url.clone(), format!("{}/", server.url), server.url.replace("/v1", "")] {
        client(&url).get(&id("resp_1")).await.unwrap();
    }
    let lines: Vec<_> = server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    let with_version = "GET /v1/responses/resp_1 HTTP/1.1";
    assert_eq!(lines, [with_version, with_version, "GET /responses/resp_1 HTTP/1.1"]);
}

#[test]
fn a_base_url_that_cannot_be_one_is_refused_at_the_start_and_not_repeated() {
    for url in ["", "api.openai.com", "file:///etc", "https://me:secret@host/v1", "https://host/v1?a=b", "https://h/#a"]
    {
        let failure = OpenAiClient::new(config(url)).unwrap_err();
        assert_eq!(failure.class, Class::Permanent, "{url}");
        assert!(!chain(&failure).contains("secret"));
    }
}

#[tokio::test]
async fn every_call_has_a_connection_of_its_own() {
    let keep_alive = format!("HTTP/1.1 404 X\r\ncontent-length: {}\r\n\r\n{ERROR}", ERROR.len());
    let server = Server::start(move |mut stream| {
        stream.write_all(keep_alive.as_bytes()).unwrap();
        // Waits for the client to hang up; a second request on this connection would not be counted.
        while std::io::Read::read(&mut stream, &mut [0; 64]).is_ok_and(|count| count > 0) {}
    });
    let client = server.client();
    for _ in 0..3 {
        client.get(&id("resp_1")).await.unwrap();
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn an_answer_beyond_64_megabytes_is_left_unread() {
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let server = Server::start(move |mut stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").unwrap();
        let chunk = vec![b' '; 1 << 20];
        while stream.write_all(&chunk).is_ok() {
            count.fetch_add(chunk.len(), SeqCst);
        }
    });
    let failure = server.client().get(&id("resp_1")).await.unwrap_err();
    assert!(chain(&failure).contains("larger than 67108864 bytes"), "{}", chain(&failure));
    // What sockets buffer comes on top.
    assert!(written.load(SeqCst) < 96 << 20, "{written:?}");
}

#[tokio::test]
async fn neither_the_key_nor_what_was_said_shows_in_debug_or_in_failures() {
    let message = format!("{KEY}: a very private prompt");
    let error = json!({"message": message, "type": "invalid_request_error", "code": "private prompt"});
    let body = json!({"error": error}).to_string();
    let truncated = r#"{"id":"resp_1","output":"a very private"#;
    let mut shown =
        vec![format!("{:?}", config("http://localhost/v1")), format!("{:?}", client("http://localhost/v1"))];
    for server in [
        Server::answering(400, "x-request-id: req_3\r\n", &body),
        Server::answering(401, "", &body),
        Server::answering(200, "", truncated),
        Server::writing("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\na very private"),
        Server::writing("private nonsense\r\n\r\n"),
    ] {
        shown.push(chain(&server.client().get(&id("resp_1")).await.unwrap_err()));
    }
    shown.push(chain(&client(&nobody()).get(&id("resp_1")).await.unwrap_err()));
    for text in &shown {
        assert!(!text.contains("secret") && !text.contains("private"), "{text}");
    }
    assert!(shown[2].contains("answered 400 (type invalid_request_error, code -, request req_3)"), "{}", shown[2]);
}

#[test]
fn a_text_that_no_header_can_carry_is_no_api_key() {
    for bad in ["", " ", "sk-a b", "sk-a\n", "sk-\u{e9}"] {
        assert!(ApiKey::parse(bad).is_err(), "{bad:?}");
    }
    assert_eq!(format!("{:?}", ApiKey::parse(KEY).unwrap()), "ApiKey(redacted)");
}

#[tokio::test]
async fn what_tools_found_is_asked_for_on_every_look_and_a_server_that_does_not_take_it_still_answers() {
    let tools = [json!({"type": "web_search_preview"}), json!({"type": "code_interpreter"}), json!({"type": "mcp"})];
    let query = "?include%5B%5D=web_search_call.action.sources&include%5B%5D=code_interpreter_call.outputs";
    let server = Server::answering(200, "", r#"{"id":"resp_1"}"#);
    assert!(matches!(server.client().get_with(&id("resp_1"), &tools).await, Ok(Lookup::Found(_))));
    let line = server.only_request();
    assert!(line.starts_with(&format!("GET /v1/responses/resp_1{query} HTTP/1.1\r\n")), "{line}");

    let plain = Server::answering(200, "", r#"{"id":"resp_1"}"#);
    plain.client().get_with(&id("resp_1"), &[json!({"type": "mcp"})]).await.unwrap();
    assert!(plain.only_request().starts_with("GET /v1/responses/resp_1 HTTP/1.1\r\n"));

    for status in [400, 422] {
        let strict = Server::start(move |mut stream| {
            static SEEN: AtomicUsize = AtomicUsize::new(0);
            let is_first = SEEN.fetch_add(1, SeqCst).is_multiple_of(2);
            let (status, body) = if is_first { (status, "{}") } else { (200, r#"{"id":"resp_1"}"#) };
            let _ = stream.write_all(super::http(status, "", body).as_bytes());
        });
        assert!(matches!(strict.client().get_with(&id("resp_1"), &tools).await, Ok(Lookup::Found(_))), "{status}");
        let lines: Vec<_> = strict.requests().iter().map(|seen| seen.lines().next().unwrap().to_owned()).collect();
        assert_eq!(
            lines,
            [format!("GET /v1/responses/resp_1{query} HTTP/1.1"), "GET /v1/responses/resp_1 HTTP/1.1".into()]
        );
    }
}
