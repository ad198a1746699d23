//! The event of a request has the shape of API Gateway's payload format 2.0.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::Request;
use lambda_http::{Body, RequestExt as _};
use local::gateway::{Call, event};
use local::template::Route;
use serde_json::{Value, json};

use super::NOON_S;

/// The event of a request to `GET /v1/workspaces/{workspace}/jobs/{id}` with these headers and this body.
fn event_of(target: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let mut request = Request::get(target).header("host", "localhost:8080").header("user-agent", "curl/8");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let route = Route {
        method: "GET".to_owned(),
        path: "/v1/workspaces/{workspace}/jobs/{id}".to_owned(),
        function: "read-jobs".to_owned(),
        open: false,
        limit: Duration::from_secs(29),
    };
    let claims = json!({"sub": "alice", "exp": NOON_S, "admin": true, "groups": ["a", "b"]});
    event(&Call {
        route: &route,
        parts: &request.body(()).unwrap().into_parts().0,
        body,
        peer: "127.0.0.1:50000".parse().unwrap(),
        claims: claims.as_object(),
        request_id: "AaH1fEmA-wAAAAA=",
        at_ms: NOON_S * 1000 + 3,
    })
}

#[test]
fn an_event_says_everything_about_its_request() {
    let event = event_of("/v1/workspaces/acme/jobs/job_1", &[("accept", "application/json")], b"");
    let expected = json!({
        "version": "2.0",
        "routeKey": "GET /v1/workspaces/{workspace}/jobs/{id}",
        "rawPath": "/v1/workspaces/acme/jobs/job_1",
        "rawQueryString": "",
        "headers": {
            "accept": "application/json",
            "host": "localhost:8080",
            "user-agent": "curl/8",
            "x-amzn-trace-id": "Root=1-6afd9980-416148316645",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "8080",
            "x-forwarded-proto": "http",
        },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "authorizer": {"jwt": {
                "claims": {"sub": "alice", "exp": "1795004800", "admin": "true", "groups": "[a b]"},
                "scopes": null,
            }},
            "domainName": "localhost",
            "domainPrefix": "localhost",
            "http": {
                "method": "GET",
                "path": "/v1/workspaces/acme/jobs/job_1",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8",
            },
            "requestId": "AaH1fEmA-wAAAAA=",
            "routeKey": "GET /v1/workspaces/{workspace}/jobs/{id}",
            "stage": "$default",
            "time": "18/Nov/2026:12:26:40 +0000",
            "timeEpoch": 1_795_004_800_003_i64,
        },
        "pathParameters": {"workspace": "acme", "id": "job_1"},
        "isBase64Encoded": false,
    });
    let mut comparable = event.clone();
    let trace = comparable["headers"]["x-amzn-trace-id"].as_str().unwrap().to_owned();
    comparable["headers"]["x-amzn-trace-id"] = expected["headers"]["x-amzn-trace-id"].clone();
    assert_eq!(comparable, expected);
    let parts: Vec<_> = trace.split('-').map(str::len).collect();
    assert_eq!(parts, ["Root=1".len(), 8, 24], "{trace}");
}

#[test]
fn an_event_has_the_fields_of_a_recorded_one() {
    let recorded: Value = serde_json::from_str(include_str!("../../../../events/read-jobs/job.json")).unwrap();
    let made = event_of("/v1/workspaces/acme/jobs/job_1", &[], b"");
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let mut recorded_names = names(&recorded);
    recorded_names.remove("queryStringParameters");
    assert_eq!(names(&made), recorded_names);
    for place in ["/requestContext", "/requestContext/http", "/requestContext/authorizer/jwt"] {
        assert_eq!(names(made.pointer(place).unwrap()), names(recorded.pointer(place).unwrap()), "{place}");
    }
}

#[test]
fn parameters_in_path_and_query_are_decoded_and_repeats_are_joined() {
    let event = event_of("/v1/workspaces/a%63me/jobs/job%2F1%20%E2%82%AC%zz?tag=a&tag=b%26c&q=x+y&empty", &[], b"");
    assert_eq!(event["pathParameters"], json!({"workspace": "acme", "id": "job/1 €%zz"}));
    assert_eq!(event["rawPath"], "/v1/workspaces/acme/jobs/job/1 €%zz");
    assert_eq!(event["rawQueryString"], "tag=a&tag=b%26c&q=x+y&empty");
    assert_eq!(event["queryStringParameters"], json!({"tag": "a,b&c", "q": "x y", "empty": ""}));
}

#[test]
fn repeated_headers_are_joined_and_cookies_stand_apart() {
    let headers = [("X-Twice", "1"), ("X-Twice", "2"), ("Cookie", "a=1; b=2"), ("cookie", "c=3")];
    let event = event_of("/v1/workspaces/acme/jobs/job_1", &headers, b"");
    assert_eq!(event["headers"]["x-twice"], "1,2");
    assert_eq!(event["cookies"], json!(["a=1", "b=2", "c=3"]));
    assert!(event["headers"].get("cookie").is_none());
}

#[test]
fn a_body_is_text_only_when_its_type_and_its_bytes_are() {
    let body = |kind: &str, bytes: &[u8]| {
        let headers = [("content-type", kind)];
        let event = event_of("/v1/workspaces/acme/jobs/job_1", if kind.is_empty() { &[] } else { &headers }, bytes);
        (event["body"].as_str().unwrap().to_owned(), event["isBase64Encoded"].as_bool().unwrap())
    };
    let (text, encoded) = (("{}".to_owned(), false), ("e30=".to_owned(), true));
    for kind in ["application/json", "Application/JSON; charset=utf-8", "text/plain", "application/xml"] {
        assert_eq!(body(kind, b"{}"), text, "{kind}");
    }
    for kind in ["", "application/octet-stream", "application/x-www-form-urlencoded", "application/problem+json"] {
        assert_eq!(body(kind, b"{}"), encoded, "{kind}");
    }
    assert_eq!(body("application/json", &[0xff]), ("/w==".to_owned(), true));
}

#[test]
fn the_runtime_reads_an_event_as_the_request_it_was() {
    let headers = [("content-type", "application/octet-stream"), ("if-match", "\"3\"")];
    let event = event_of("/v1/workspaces/acme/jobs/job%201?wait=20&tag=a&tag=b", &headers, &[0, 255]);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    assert_eq!(request.method(), "GET");
    assert_eq!(request.raw_http_path(), "/v1/workspaces/acme/jobs/job 1");
    assert_eq!(request.uri().to_string(), "http://localhost:8080/v1/workspaces/acme/jobs/job%201?wait=20&tag=a&tag=b");
    assert_eq!(request.path_parameters().first("id"), Some("job 1"));
    assert_eq!(request.query_string_parameters().all("tag"), Some(vec!["a", "b"]));
    assert_eq!(request.headers()["if-match"], "\"3\"");
    assert!(matches!(request.body(), Body::Binary(bytes) if bytes == &[0, 255]));
    let lambda_http::request::RequestContext::ApiGatewayV2(context) = request.request_context() else {
        panic!("another kind of request");
    };
    assert_eq!(context.authorizer.unwrap().jwt.unwrap().claims["sub"], "alice");
}
