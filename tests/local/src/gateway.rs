//! API Gateway's HTTP API as we use it: routes, tokens, payload format 2.0 and limits, in front of any functions.

mod answer;
mod event;
mod route;

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Json, Response};
use axum::serve::ListenerExt as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::folder::Folder;
use crate::identity::{Claims, Identity};
use crate::login::{self, Login};
use crate::object_link;
use crate::template::Route;

pub use self::event::{Call, event};

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// Runs the named function with an event and gives back its response, both as JSON.
pub type Invoke = Arc<dyn Fn(String, String) -> BoxFuture<'static, Result<String, String>> + Send + Sync>;
/// Milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What Lambda accepts and returns at most.
pub const LARGEST_BODY_BYTES: usize = 6 * 1024 * 1024;

/// A gateway in front of functions.
#[derive(Clone)]
pub struct Gateway {
    pub routes: Vec<Route>,
    pub identity: Arc<Identity>,
    /// Where people of the console log in; nowhere without it.
    pub login: Option<Arc<Login>>,
    /// What signed links lead to; nothing without it.
    pub objects: Option<Folder>,
    pub clock: Clock,
    pub invoke: Invoke,
}

impl Gateway {
    /// Serves until the future is dropped.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let shared = Arc::new(Shared { gateway: self, requests: AtomicU64::new(0) });
        let router = Router::new().fallback(handle).with_state(shared);
        // A small answer must not wait for the client's acknowledgement of the one before.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await
    }
}

struct Shared {
    gateway: Gateway,
    requests: AtomicU64,
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let at_ms = (shared.gateway.clock)();
    let request_id = request_id(at_ms, shared.requests.fetch_add(1, Ordering::Relaxed));
    let mut response = shared.gateway.answer(request, peer, at_ms, &request_id).await.unwrap_or_else(Refusal::response);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(HeaderName::from_static("apigw-requestid"), value);
    }
    response
}

impl Gateway {
    async fn answer(
        &self,
        request: Request,
        peer: SocketAddr,
        at_ms: i64,
        request_id: &str,
    ) -> Result<Response, Refusal> {
        if !is_this_machine(&request) {
            return Err(Refusal::OtherHost);
        }
        if let Some(document) = self.own_document(&request) {
            return Ok(Json(document).into_response());
        }
        let (parts, body) = request.into_parts();
        if let Some(objects) = &self.objects
            && let Some(answer) = object_link::answer(objects, &parts.method, &parts.uri, at_ms).await
        {
            return Ok(answer);
        }
        if let Some(login) = &self.login {
            if let Some(elsewhere) = login.elsewhere(&parts) {
                return Ok(elsewhere);
            }
            if login::PATHS.contains(&parts.uri.path()) {
                return Ok(login.answer(&parts, &read(body).await?, at_ms).await);
            }
        }
        let route = route::find(&self.routes, &parts.method, parts.uri.path()).ok_or(Refusal::NotFound)?;
        let claims = if route.open { None } else { Some(self.claims(&parts.headers, at_ms)?) };
        let body = read(body).await?;
        let event =
            event(&Call { route, parts: &parts, body: &body, peer, claims: claims.as_ref(), request_id, at_ms });
        let event = event.to_string();
        if event.len() > LARGEST_BODY_BYTES {
            return Err(Refusal::TooLarge);
        }
        let invoked = (self.invoke)(route.function.clone(), event);
        let response = tokio::time::timeout(route.limit, invoked).await.map_err(|_| Refusal::TooSlow)?;
        response.ok().and_then(|json| answer::response(&json)).ok_or(Refusal::Failed)
    }

    /// The two documents that AWS would fetch from the issuer instead of serving them.
    fn own_document(&self, request: &Request) -> Option<Value> {
        let path = request.uri().path().strip_prefix("/.well-known/").filter(|_| request.method() == Method::GET)?;
        match path {
            "openid-configuration" => {
                let host = request.headers().get(header::HOST)?.to_str().ok()?;
                Some(self.identity.discovery(&format!("http://{host}")))
            }
            "jwks.json" => Some(self.identity.key_set()),
            _ => None,
        }
    }

    fn claims(&self, headers: &HeaderMap, at_ms: i64) -> Result<Claims, Refusal> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(Refusal::Unauthorized);
        };
        let value = value.to_str().map_err(|_| Refusal::Unauthorized)?;
        let (scheme, token) = value.split_once(' ').ok_or(Refusal::Unauthorized)?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(Refusal::Unauthorized);
        }
        self.identity.verify(token.trim(), at_ms.div_euclid(1000)).map_err(|_| Refusal::Unauthorized)
    }
}

/// Whether the request was sent to this machine under a name of its own. A web page whose own name is made to point here
/// would otherwise be of the same origin as the API.
fn is_this_machine(request: &Request) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let is_own = |name: &Authority| OWN_NAMES.iter().any(|own| name.host().eq_ignore_ascii_case(own));
    let named = host.to_str().ok().and_then(|host| host.parse().ok());
    named.is_some_and(|name| is_own(&name)) && request.uri().authority().is_none_or(is_own)
}

const OWN_NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// An answer that the gateway gives by itself, in API Gateway's words.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    OtherHost,
    NotFound,
    Unauthorized,
    TooLarge,
    TooSlow,
    Failed,
}

impl Refusal {
    fn response(self) -> Response {
        let (status, message) = match self {
            Self::OtherHost => (StatusCode::MISDIRECTED_REQUEST, "Only 127.0.0.1, localhost and [::1] are served here"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::TooSlow => (StatusCode::GATEWAY_TIMEOUT, "Service Unavailable"),
            Self::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        };
        let mut response = (status, Json(json!({"message": message}))).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The whole body. What is over the limit is read and dropped, up to a second limit, because a client that is cut off
/// while it sends may never see the answer.
async fn read(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut body = pin!(body);
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| Refusal::TooLarge)?.into_data() else { continue };
        length += data.len();
        if length <= LARGEST_BODY_BYTES {
            bytes.extend_from_slice(&data);
        } else if length > 8 * LARGEST_BODY_BYTES {
            break;
        }
    }
    if length > LARGEST_BODY_BYTES { Err(Refusal::TooLarge) } else { Ok(bytes) }
}

/// Sixteen characters like API Gateway's; unique while the clock or the count moves.
fn request_id(at_ms: i64, count: u64) -> String {
    let mut bytes = [0; 11];
    let (time, number) = bytes.split_at_mut(6);
    time.copy_from_slice(at_ms.to_be_bytes().split_at(2).1);
    number.copy_from_slice(count.to_be_bytes().split_at(3).1);
    URL_SAFE.encode(bytes)
}
