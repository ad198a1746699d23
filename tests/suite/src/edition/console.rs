//! The console as a browser fetches it from the local edition: its policy, its encodings, and what is not there.

use std::io::Read as _;

use console::Console;
use flate2::read::GzDecoder;
use lambda_http::Body;
use reqwest::Client;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::flow::Scene;

/// A local edition whose clock the test moves, under an address of its own.
pub(super) struct Served {
    pub(super) scene: Scene,
    pub(super) base: String,
    pub(super) client: Client,
    _running: JoinSet<()>,
}

impl Served {
    pub(super) async fn start(scene: Scene) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let redirects = reqwest::redirect::Policy::none();
        let client = Client::builder().no_proxy().no_gzip().no_deflate().redirect(redirects).build().unwrap();
        Self { _running: scene.world.live(listener), scene, base, client }
    }

    /// Status, headers and body, for whoever accepts these encodings.
    async fn get(&self, path: &str, encodings: &str) -> (u16, HeaderMap, Vec<u8>) {
        let request = self.client.get(format!("{}{path}", self.base)).header(ACCEPT_ENCODING, encodings);
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

fn policy(connect: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'{connect}; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"
    )
}

fn built(name: &str) -> Vec<u8> {
    std::fs::read(format!("../../functions/console/app/dist/{name}")).unwrap()
}

/// The addresses of the script and the style sheet, as the page names them.
fn assets() -> Vec<String> {
    let page = String::from_utf8(built("index.html")).unwrap();
    let found = page.split('"').filter(|text| text.starts_with("/console/-/assets/")).map(str::to_owned);
    let found: Vec<_> = found.collect();
    assert_eq!(found.len(), 2, "{found:?}");
    found
}

#[tokio::test]
async fn every_screen_is_the_page_under_its_policy_compressed_for_whoever_takes_it() {
    let served = Served::start(Scene::new().await).await;
    let screens = [
        "/console",
        "/console/acme/jobs",
        "/console/acme/review/job_1",
        "/console/-acme/jobs",
        "/console/no/such/screen.js",
        "/console/-/callback",
        "/console/-/signed-out",
    ];
    let page = built("index.html");
    for screen in screens {
        for encodings in ["gzip, deflate, br", "identity"] {
            let (status, headers, body) = served.get(screen, encodings).await;
            let case = format!("{screen} {encodings}: {headers:?}");
            assert_eq!(status, 200, "{case}");
            assert_eq!(headers["content-type"], "text/html; charset=utf-8", "{case}");
            assert_eq!(headers["content-security-policy"], policy(&format!(" {}", served.base)), "{case}");
            assert_eq!(headers["x-content-type-options"], "nosniff", "{case}");
            assert_eq!(headers["referrer-policy"], "same-origin", "{case}");
            assert_eq!(headers["cache-control"], "no-cache", "{case}");
            assert_eq!(headers["vary"], "accept-encoding", "{case}");
            assert!(!headers.contains_key("set-cookie"), "{case}");
            match headers.get("content-encoding") {
                Some(encoding) => {
                    assert_eq!((encoding.to_str().unwrap(), encodings), ("gzip", "gzip, deflate, br"), "{case}");
                    assert_eq!(unpacked(&body), page, "{case}");
                }
                None => assert_eq!((body, encodings), (page.clone(), "identity"), "{case}"),
            }
        }
    }
}

#[tokio::test]
async fn an_asset_is_kept_for_ever_and_an_unknown_one_is_not_found() {
    let served = Served::start(Scene::new().await).await;
    let mut total = 0;
    for asset in assets() {
        let (status, headers, packed) = served.get(&asset, "gzip").await;
        assert_eq!((status, &headers["content-encoding"]), (200, &"gzip".parse().unwrap()), "{asset}");
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable", "{asset}");
        let kind = if asset.ends_with(".js") { "text/javascript; charset=utf-8" } else { "text/css; charset=utf-8" };
        assert_eq!(
            (&headers["content-type"], &headers["x-content-type-options"]),
            (&kind.parse().unwrap(), &"nosniff".parse().unwrap())
        );
        let (_, headers, plain) = served.get(&asset, "br").await;
        assert!(!headers.contains_key("content-encoding") && headers["vary"] == "accept-encoding", "{asset}");
        assert_eq!(plain, built(asset.strip_prefix("/console/-/").unwrap()));
        assert_eq!(unpacked(&packed), plain, "{asset}");
        total += packed.len();
    }
    assert!(total <= 120_000, "the app has {total} bytes");
    for path in [
        "/console/-",
        "/console/-/",
        "/console/-/index.html",
        "/console/-/assets",
        "/console/-/assets/",
        "/console/-/assets/index-00000000.js",
        "/console/-/assets/..%2findex.html",
        "/console/-/acme/jobs",
    ] {
        let (status, headers, body) = served.get(path, "gzip").await;
        assert_eq!((status, &headers["content-type"]), (404, &"application/problem+json".parse().unwrap()), "{path}");
        assert_eq!(headers["content-security-policy"], policy(&format!(" {}", served.base)), "{path}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["code"], "not_found", "{path}");
    }
}

#[tokio::test]
async fn the_configuration_says_where_to_log_in_and_nothing_more() {
    let served = Served::start(Scene::new().await).await;
    let (status, headers, body) = served.get("/console/-/config.json", "gzip").await;
    assert_eq!((status, &headers["cache-control"]), (200, &"no-cache".parse().unwrap()));
    let expected = json!({
        "issuer": "https://lanekeeper.local/",
        "client_id": "lanekeeper-console",
        "authorize_url": format!("{}/authorize", served.base),
        "token_url": format!("{}/token", served.base),
        "scope": "openid",
    });
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
}

#[tokio::test]
async fn a_browser_that_came_by_another_name_of_this_machine_is_sent_to_the_one_that_the_login_knows() {
    let served = Served::start(Scene::new().await).await;
    let port = served.base.rsplit_once(':').unwrap().1;
    let asked =
        |path: &str, host: &str| served.client.get(format!("{}{path}", served.base)).header("host", host).send();
    for host in [format!("localhost:{port}"), "[::1]:1".to_owned(), "127.0.0.1".to_owned()] {
        let answer = asked("/console/acme/jobs?status=failed", &host).await.unwrap();
        assert_eq!(answer.status(), 307, "{host}");
        assert_eq!(answer.headers()["location"], format!("{}/console/acme/jobs?status=failed", served.base), "{host}");
    }
    for (path, host) in [("/console", "evil.example"), ("/console/-/config.json", "evil.example:1")] {
        assert_eq!(asked(path, host).await.unwrap().status(), 421, "{path}");
    }
    // The API goes by any of them, as before.
    assert_eq!(asked("/v1/health", "localhost").await.unwrap().status(), 200);
}

fn request(path: &str, encodings: Option<&str>) -> lambda_http::Request {
    let headers = encodings.map_or_else(|| json!({}), |encodings| json!({"accept-encoding": encodings}));
    let event = json!({
        "version": "2.0", "routeKey": "GET /console/{proxy+}", "rawPath": format!("/console/{path}"), "rawQueryString": "",
        "headers": headers, "pathParameters": {"proxy": path}, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "0", "apiId": "a", "stage": "$default", "requestId": "r", "routeKey": "GET /console/{proxy+}",
            "time": "", "timeEpoch": 0,
            "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
        },
    });
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

#[test]
fn without_a_client_the_page_is_there_and_has_no_configuration() {
    let console = Console::new(None);
    let page = console::handle(&console, &request("acme/jobs", None));
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-security-policy"], policy(""));
    let config = console::handle(&console, &request("-/config.json", None));
    assert_eq!((config.status().as_u16(), &config.headers()["cache-control"]), (404, &"no-store".parse().unwrap()));
}

#[test]
fn gzip_is_for_whoever_says_that_they_take_it() {
    let console = Console::new(None);
    for (encodings, expected) in [
        (None, false),
        (Some(""), false),
        (Some("identity"), false),
        (Some("br, deflate"), false),
        (Some("gzip;q=0"), false),
        (Some("gzip; q=0.0, *"), false),
        (Some("gzip;q=nonsense"), false),
        (Some("*;q=0"), false),
        (Some("xgzip"), false),
        (Some("gzip"), true),
        (Some("GZip"), true),
        (Some("br;q=1.0, gzip;q=0.8, *;q=0.1"), true),
        (Some("*"), true),
    ] {
        let answer = console::handle(&console, &request("acme/jobs", encodings));
        let is_packed = answer.headers().contains_key("content-encoding");
        assert_eq!((is_packed, matches!(answer.body(), Body::Binary(_))), (expected, expected), "{encodings:?}");
    }
}
