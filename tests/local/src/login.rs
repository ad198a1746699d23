//! The local issuer's login: it asks who somebody is and gives the console a token for that person.

mod form;
mod page;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapters::system::System;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Json, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::port::Clock as _;
use reqwest::Url;
use serde_json::json;

use self::form::Form;
use crate::gateway::BoxFuture;
use crate::identity::{ISSUER, Identity};
use crate::people::Person;
use crate::world::locked;

/// The only client there is.
pub const CLIENT: &str = "lanekeeper-console";

const AUTHORIZE: &str = "/authorize";
const TOKEN: &str = "/token";

/// What the login answers itself, in front of all routes.
pub const PATHS: [&str; 2] = [AUTHORIZE, TOKEN];

/// How long a token lasts.
pub const LIFETIME: Duration = Duration::from_secs(12 * 3_600);

/// How long a code may be exchanged.
const CODE_LIFE_MS: i64 = 60_000;

pub type FindPeople = Arc<dyn Fn() -> BoxFuture<'static, Result<Vec<Person>, String>> + Send + Sync>;

/// The login under one address.
pub struct Login {
    /// Such as `http://127.0.0.1:8787`.
    base: String,
    identity: Arc<Identity>,
    people: FindPeople,
    /// What a person has to give besides a name.
    passcode: Option<String>,
    grants: Mutex<HashMap<String, Grant>>,
}

/// What a code stands for.
struct Grant {
    principal: String,
    challenge: String,
    until_ms: i64,
}

/// Why nobody is asked who they are.
enum Refusal {
    /// The request is not the console's: nothing goes back to where it says.
    Stranger(&'static str),
    /// The console hears of it by its redirect URI.
    Told(&'static str, &'static str),
}

impl Login {
    pub fn new(base: &str, identity: Arc<Identity>, people: FindPeople, passcode: Option<String>) -> Self {
        Self { base: base.to_owned(), identity, people, passcode, grants: Mutex::default() }
    }

    /// Where a browser has to go that came by another name of this machine: the login knows one redirect URI.
    pub fn elsewhere(&self, parts: &Parts) -> Option<Response> {
        let path = parts.uri.path();
        let is_screen = path == AUTHORIZE || path == "/console" || path.starts_with("/console/");
        let host = parts.headers.get(header::HOST)?.to_str().ok()?;
        if parts.method != Method::GET || !is_screen || self.base == format!("http://{host}") {
            return None;
        }
        let to = format!("{}{}", self.base, parts.uri.path_and_query()?);
        Some((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response())
    }

    /// The answer to a request for one of its paths.
    pub async fn answer(&self, parts: &Parts, body: &[u8], at_ms: i64) -> Response {
        let mut response = match (parts.uri.path(), &parts.method) {
            (AUTHORIZE, &Method::GET) => self.ask(&Form::parse(parts.uri.query().unwrap_or_default())).await,
            (AUTHORIZE, &Method::POST) if self.is_foreign(parts) => {
                page::refusal(StatusCode::FORBIDDEN, "This form was sent by another site.")
            }
            (AUTHORIZE, &Method::POST) => self.grant(&Form::of_body(body), at_ms).await,
            (TOKEN, &Method::POST) => self.exchange(&Form::of_body(body), at_ms),
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// Whether a browser says that another site's page sent this.
    fn is_foreign(&self, parts: &Parts) -> bool {
        parts.headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() != self.base.as_bytes())
    }

    async fn ask(&self, form: &Form) -> Response {
        match self.checked(form) {
            Ok(_) => self.show(form, StatusCode::OK, None).await,
            Err(refusal) => self.refuse(form, &refusal),
        }
    }

    async fn show(&self, form: &Form, status: StatusCode, fault: Option<&str>) -> Response {
        match (self.people)().await {
            Ok(people) => page::who_are_you(status, form, &people, self.passcode.is_some(), fault),
            Err(error) => {
                tracing::error!("the people of the data folder could not be read: {error}");
                page::refusal(StatusCode::INTERNAL_SERVER_ERROR, "The people of the data folder could not be read.")
            }
        }
    }

    async fn grant(&self, form: &Form, at_ms: i64) -> Response {
        let challenge = match self.checked(form) {
            Ok(challenge) => challenge,
            Err(refusal) => return self.refuse(form, &refusal),
        };
        if self.passcode.as_ref().is_some_and(|code| !is_same(code, form.one("passcode").unwrap_or_default())) {
            let fault = "That is not the code that the server printed when it started.";
            return self.show(form, StatusCode::FORBIDDEN, Some(fault)).await;
        }
        let people = (self.people)().await.unwrap_or_default();
        let named = form.one("as").and_then(|name| people.into_iter().find(|person| person.principal == name));
        let Some(person) = named else {
            return self.show(form, StatusCode::BAD_REQUEST, Some("Nobody has that name here.")).await;
        };
        let code = hex::encode(System.nonce().0);
        let grant = Grant { principal: person.principal, challenge, until_ms: at_ms + CODE_LIFE_MS };
        let mut grants = locked(&self.grants);
        grants.retain(|_, grant| grant.until_ms > at_ms);
        grants.insert(code.clone(), grant);
        self.back(form, &[("code", &code)])
    }

    /// Holds a login against what the console asks for; answers its challenge.
    fn checked(&self, form: &Form) -> Result<String, Refusal> {
        if form.one("client_id") != Some(CLIENT) {
            return Err(Refusal::Stranger("The only client here is the console."));
        }
        if form.one("redirect_uri") != Some(&self.redirect_uri()) {
            return Err(Refusal::Stranger("A login leads back to this console and to nowhere else."));
        }
        if form.one("response_type") != Some("code") {
            return Err(Refusal::Told("unsupported_response_type", "response_type must be code"));
        }
        if form.one("code_challenge_method") != Some("S256") {
            return Err(Refusal::Told("invalid_request", "code_challenge_method must be S256"));
        }
        let challenge = form.one("code_challenge").filter(|challenge| challenge.len() == CHALLENGE_LENGTH);
        let challenge =
            challenge.ok_or(Refusal::Told("invalid_request", "code_challenge must be a SHA-256 in base64url"));
        challenge.map(str::to_owned)
    }

    fn refuse(&self, form: &Form, refusal: &Refusal) -> Response {
        match refusal {
            Refusal::Stranger(why) => page::refusal(StatusCode::BAD_REQUEST, why),
            Refusal::Told(error, why) => self.back(form, &[("error", error), ("error_description", why)]),
        }
    }

    /// Back to the console.
    fn back(&self, form: &Form, parameters: &[(&str, &str)]) -> Response {
        let Ok(mut to) = Url::parse(&self.redirect_uri()) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let state = form.one("state").map(|state| ("state", state));
        to.query_pairs_mut().extend_pairs(parameters.iter().copied().chain(state)).append_pair("iss", ISSUER);
        (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_string())]).into_response()
    }

    fn redirect_uri(&self) -> String {
        format!("{}/console/-/callback", self.base)
    }

    /// A token for a code, once.
    fn exchange(&self, form: &Form, at_ms: i64) -> Response {
        let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
        if form.one("grant_type") != Some("authorization_code") {
            return refused("unsupported_grant_type");
        }
        if form.one("client_id") != Some(CLIENT) {
            return refused("invalid_client");
        }
        // Taken whatever comes of it: a code that somebody else has tried is worth nothing any more.
        let grant = form.one("code").and_then(|code| locked(&self.grants).remove(code));
        let verifier = form.one("code_verifier").unwrap_or_default();
        let grant = grant.filter(|grant| grant.until_ms > at_ms && grant.challenge == challenge_of(verifier));
        let Some(grant) = grant.filter(|_| form.one("redirect_uri") == Some(&self.redirect_uri())) else {
            return refused("invalid_grant");
        };
        match self.identity.token(&grant.principal, LIFETIME, at_ms.div_euclid(1000)) {
            Ok(token) => Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME.as_secs()}))
                .into_response(),
            Err(error) => {
                tracing::error!("no token could be made: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

const CHALLENGE_LENGTH: usize = 43;

/// The S256 challenge of a verifier.
fn challenge_of(verifier: &str) -> String {
    BASE64.encode(digest(&SHA256, verifier.as_bytes()))
}

fn is_same(code: &str, given: &str) -> bool {
    verify_slices_are_equal(code.as_bytes(), given.trim().as_bytes()).is_ok()
}
