//! The console: its page, its files, and where people log in. Of jobs it knows nothing; the page asks the API.

mod files;

use adapters::config::console::ConsoleLogin;
use adapters::lambda::http;
use domain::contract::route::Route;
use files::{File, PAGE};
use lambda_http::http::{HeaderMap, StatusCode, header};
use lambda_http::{Body, Request, Response};

/// What the console is told when it starts.
pub struct Console {
    login: Option<ConsoleLogin>,
    policy: String,
}

impl Console {
    /// Without a login the page is served all the same, and says that nobody can log in.
    pub fn new(login: Option<ConsoleLogin>) -> Self {
        files::prepare();
        let connect = login.as_ref().map(|login| format!(" {}", login.token_origin())).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'{connect}; \
             frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"
        );
        Self { login, policy }
    }
}

pub fn handle(console: &Console, request: &Request) -> Response<Body> {
    let answer = match http::route(request) {
        Some(Route::Console) => page(request),
        Some(Route::ConsolePath) => match http::path(request, "proxy").strip_prefix("-") {
            // A workspace's name may start with the dash, and is never the dash alone.
            Some(own) if own.is_empty() || own.starts_with('/') => own_path(console, own, request),
            _ => page(request),
        },
        Some(_) | None => http::refusal(&http::unserved(request), &http::request_id(request)),
    };
    [
        ("content-security-policy", console.policy.as_str()),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
    ]
    .into_iter()
    .fold(answer, |answer, (name, value)| http::with_header(answer, name, value))
}

/// What lies under `/console/-`.
fn own_path(console: &Console, path: &str, request: &Request) -> Response<Body> {
    let asset = path.strip_prefix('/').filter(|name| name.starts_with("assets/")).and_then(files::find);
    match (path, asset) {
        ("/callback" | "/signed-out", _) => page(request),
        ("/config.json", _) => config(console, request),
        // Its name changes with its content.
        (_, Some(file)) => encoded(file, "public, max-age=31536000, immutable", request.headers()),
        (_, None) => not_found("The console has no such file.", request),
    }
}

fn page(request: &Request) -> Response<Body> {
    match files::find(PAGE) {
        Some(file) => encoded(file, "no-cache", request.headers()),
        None => not_found("The console was built without its page.", request),
    }
}

fn config(console: &Console, request: &Request) -> Response<Body> {
    match &console.login {
        Some(login) => http::with_header(http::json(StatusCode::OK, login), "cache-control", "no-cache"),
        None => not_found("This installation names no client that people could log in to the console with.", request),
    }
}

fn not_found(detail: &str, request: &Request) -> Response<Body> {
    http::problem(StatusCode::NOT_FOUND, "not_found", detail, &http::request_id(request))
}

/// The file, compressed for whoever takes that: an HTTP API compresses nothing by itself.
fn encoded(file: &File, cache: &str, headers: &HeaderMap) -> Response<Body> {
    let gzip = file.gzip.as_ref().filter(|_| takes_gzip(headers));
    let body = match gzip {
        Some(bytes) => Body::Binary(bytes.clone()),
        None => str::from_utf8(file.plain).map_or_else(|_| Body::Binary(file.plain.to_vec()), Body::from),
    };
    let encoding = gzip.map(|_| ("content-encoding", "gzip"));
    let headers = [("content-type", file.kind), ("cache-control", cache), ("vary", "accept-encoding")];
    let answer = Response::new(body);
    headers.into_iter().chain(encoding).fold(answer, |answer, (name, value)| http::with_header(answer, name, value))
}

/// Whether `Accept-Encoding` takes gzip; no weight is nothing, and of several equal ones we choose.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|offer| offer.to_str().ok());
    let weights = offers.flat_map(|offer| offer.split(',')).map(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight =
            parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
        (name, weight.is_some_and(|weight| weight > 0.0))
    });
    let weights: Vec<(String, bool)> = weights.collect();
    let of = |wanted: &str| weights.iter().find(|(name, _)| name == wanted).map(|(_, takes)| *takes);
    of("gzip").or_else(|| of("*")).unwrap_or(false)
}
