//! The gateway over HTTP: who gets in, what reaches the function, and what comes back.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use local::gateway::{Gateway, LARGEST_BODY_BYTES};
use local::identity::Identity;
use local::template::{Route, Template};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::{NOON_S, TEMPLATE};

const JOBS: &str = "/v1/workspaces/acme/jobs";

struct Server {
    client: Client,
    address: String,
    identity: Arc<Identity>,
    invocations: Arc<Mutex<Vec<(String, String)>>>,
    answer: Arc<Mutex<Option<Result<String, String>>>>,
}

impl Server {
    async fn start() -> Self {
        let mut routes = Template::parse(TEMPLATE).unwrap().routes().to_vec();
        let route = |path: &str, function: &str| Route {
            method: "GET".to_owned(),
            path: path.to_owned(),
            function: function.to_owned(),
            open: true,
            limit: Duration::from_millis(1),
        };
        routes.extend([
            route("/things/{name}", "by-name"),
            route("/things/special", "special"),
            route("/slow", "slow"),
        ]);
        let folder = tempfile::tempdir().unwrap();
        let identity = Arc::new(Identity::open(folder.path()).unwrap());
        let invocations = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(Mutex::new(Some(Ok(json!({"statusCode": 200, "body": "done"}).to_string()))));
        let (kept, given) = (invocations.clone(), answer.clone());
        let gateway = Gateway {
            routes,
            identity: identity.clone(),
            login: None,
            objects: None,
            clock: Arc::new(|| NOON_S * 1000 + 3),
            invoke: Arc::new(move |function, event| {
                kept.lock().unwrap().push((function, event));
                let answer = given.lock().unwrap().clone();
                Box::pin(async move {
                    match answer {
                        Some(answer) => answer,
                        None => pending().await,
                    }
                })
            }),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(gateway.serve(listener));
        Self { client: Client::builder().no_proxy().build().unwrap(), address, identity, invocations, answer }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address))
    }

    fn as_alice(&self, method: Method, path: &str) -> RequestBuilder {
        let token = self.identity.token("alice", Duration::from_secs(60), NOON_S).unwrap();
        self.request(method, path).bearer_auth(token)
    }

    fn answers(&self, answer: Value) {
        *self.answer.lock().unwrap() = Some(Ok(answer.to_string()));
    }

    /// The function and event of the latest invocation.
    fn invoked(&self) -> (String, Value) {
        let (function, event) = self.invocations.lock().unwrap().last().unwrap().clone();
        (function, serde_json::from_str(&event).unwrap())
    }
}

async fn expect(request: RequestBuilder, status: u16, message: &str) {
    let response = request.send().await.unwrap();
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.headers()["apigw-requestid"].len(), 16);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"message": message}));
}

#[tokio::test]
async fn without_a_valid_token_nothing_reaches_a_function() {
    let server = Server::start().await;
    let get = || server.request(Method::GET, JOBS);
    let expired = server.identity.token("alice", Duration::from_secs(60), NOON_S - 60).unwrap();
    let valid = server.identity.token("alice", Duration::from_secs(60), NOON_S).unwrap();
    expect(get(), 401, "Unauthorized").await;
    expect(get().bearer_auth("not.a.token"), 401, "Unauthorized").await;
    expect(get().bearer_auth(&expired), 401, "Unauthorized").await;
    expect(get().basic_auth("alice", Some(&valid)), 401, "Unauthorized").await;
    expect(get().bearer_auth(&valid).header("authorization", "Bearer other"), 401, "Unauthorized").await;
    assert!(server.invocations.lock().unwrap().is_empty());
    assert_eq!(get().bearer_auth(&valid).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_web_page_whose_name_is_made_to_point_here_is_refused() {
    let server = Server::start().await;
    let valid = server.identity.token("alice", Duration::from_secs(60), NOON_S).unwrap();
    let as_host = |host: &str| server.request(Method::GET, JOBS).bearer_auth(&valid).header("host", host);
    let message = "Only 127.0.0.1, localhost and [::1] are served here";
    for host in
        ["evil.example", "evil.example:8787", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.1", "[::2]:1", ""]
    {
        expect(as_host(host), 421, message).await;
    }
    let keys = server.request(Method::GET, "/.well-known/jwks.json").header("host", "evil.example");
    expect(keys, 421, message).await;
    assert!(server.invocations.lock().unwrap().is_empty());
    for host in ["127.0.0.1", "localhost", "LocalHost:1", "[::1]:8787"] {
        assert_eq!(as_host(host).send().await.unwrap().status(), StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn an_unknown_path_and_an_unknown_method_are_not_found() {
    let server = Server::start().await;
    let paths = ["/", "/v1", "/v1/workspaces//jobs", "/v1/workspaces/acme/jobs/", "/v1/health/", "/.well-known/else"];
    for path in paths {
        expect(server.as_alice(Method::GET, path), 404, "Not Found").await;
    }
    expect(server.as_alice(Method::DELETE, JOBS), 404, "Not Found").await;
    expect(server.request(Method::POST, "/v1/health"), 404, "Not Found").await;
    assert!(server.invocations.lock().unwrap().is_empty());
}

#[tokio::test]
async fn open_routes_and_the_issuers_documents_need_no_token() {
    let server = Server::start().await;
    let health = server.request(Method::GET, "/v1/health").send().await.unwrap();
    assert_eq!(health.text().await.unwrap(), "done");
    let (function, event) = server.invoked();
    assert_eq!(function, "read-jobs");
    assert!(event["requestContext"].get("authorizer").is_none());

    let document = async |path: &str| {
        let url = if path.starts_with('/') { format!("{}{path}", server.address) } else { path.to_owned() };
        server.client.get(url).send().await.unwrap().json::<Value>().await.unwrap()
    };
    let discovery = document("/.well-known/openid-configuration").await;
    let keys = document(discovery["jwks_uri"].as_str().unwrap()).await;
    assert_eq!(keys, server.identity.key_set());
}

#[tokio::test]
async fn a_literal_segment_beats_a_parameter() {
    let server = Server::start().await;
    server.request(Method::GET, "/things/special").send().await.unwrap();
    assert_eq!(server.invoked().0, "special");
    server.request(Method::GET, "/things/speci%61ls").send().await.unwrap();
    let (function, event) = server.invoked();
    assert_eq!((function.as_str(), &event["pathParameters"]), ("by-name", &json!({"name": "specials"})));
}

#[tokio::test]
async fn the_functions_status_headers_cookies_and_bytes_reach_the_client() {
    let server = Server::start().await;
    server.answers(json!({
        "statusCode": 202,
        "headers": {"location": "/v1/x", "content-type": "application/octet-stream", "content-length": "999"},
        "multiValueHeaders": {"x-twice": ["1", "2"]},
        "cookies": ["a=1", "b=2"],
        "body": "AP8=",
        "isBase64Encoded": true,
    }));
    let response = server.as_alice(Method::POST, JOBS).body("{}").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let values = |response: &Response, name: &str| {
        response.headers().get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values(&response, "location"), ["/v1/x"]);
    assert_eq!(values(&response, "x-twice"), ["1", "2"]);
    assert_eq!(values(&response, "set-cookie"), ["a=1", "b=2"]);
    assert_eq!(values(&response, "content-length"), ["2"]);
    assert_eq!(response.bytes().await.unwrap().as_ref(), [0, 255]);
}

#[tokio::test]
async fn a_function_that_fails_answers_nonsense_or_too_much_is_an_internal_error() {
    let server = Server::start().await;
    let huge = json!({"statusCode": 200, "body": "a".repeat(LARGEST_BODY_BYTES)}).to_string();
    for answer in [Err("boom".to_owned()), Ok("nonsense".to_owned()), Ok(r#"{"statusCode":7}"#.to_owned()), Ok(huge)] {
        *server.answer.lock().unwrap() = Some(answer);
        expect(server.as_alice(Method::GET, JOBS), 500, "Internal Server Error").await;
    }
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_not_waited_for() {
    let server = Server::start().await;
    *server.answer.lock().unwrap() = None;
    expect(server.request(Method::GET, "/slow"), 504, "Service Unavailable").await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_any_function_sees_it() {
    let server = Server::start().await;
    let post = |length: usize| {
        let request = server.as_alice(Method::POST, JOBS).header("content-type", "application/json");
        request.body("a".repeat(length))
    };
    expect(post(LARGEST_BODY_BYTES + 1), 413, "Request Entity Too Large").await;
    // The event around it counts as well.
    expect(post(LARGEST_BODY_BYTES), 413, "Request Entity Too Large").await;
    assert!(server.invocations.lock().unwrap().is_empty());
    let fits = post(LARGEST_BODY_BYTES - 10_000).send().await.unwrap();
    assert_eq!(fits.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_token_s_claims_and_the_request_reach_the_function() {
    let server = Server::start().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let post = server.as_alice(Method::POST, JOBS).header("idempotency-key", "k1").json(&json!({"type": "x"}));
        let response = post.send().await.unwrap();
        let (function, event) = server.invoked();
        assert_eq!(function, "create-job");
        assert_eq!(event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"], "alice");
        assert_eq!(event["requestContext"]["requestId"], response.headers()["apigw-requestid"].to_str().unwrap());
        assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
        assert_eq!(event["headers"]["idempotency-key"], "k1");
        assert_eq!(event["body"], r#"{"type":"x"}"#);
        ids.push(event["requestContext"]["requestId"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}
