//! Where people of the console log in, as an installation's variables say it.

use std::collections::BTreeMap;

use reqwest::Url;
use serde::Serialize;

use super::{BadVariable, is_loopback};

/// What the console's page has to know before anybody is logged in. Everybody may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsoleLogin {
    issuer: String,
    client_id: String,
    authorize_url: String,
    token_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    logout_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_url: Option<String>,
    scope: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    authorize_extra: BTreeMap<String, String>,
    #[serde(skip)]
    token_origin: String,
}

impl ConsoleLogin {
    /// `None` where no `CONSOLE_CLIENT_ID` is set: this installation has no login for the console.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, BadVariable> {
        let get = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let required = |variable| get(variable).ok_or(BadVariable { variable, problem: "is not set" });
        let optional_url = |variable| get(variable).map(|text| url(variable, text)).transpose();
        let (client_id, scope) = (get("CONSOLE_CLIENT_ID"), get("CONSOLE_SCOPE"));
        let (logout, revocation) = (optional_url("CONSOLE_LOGOUT_URL")?, optional_url("CONSOLE_REVOCATION_URL")?);
        let extra = get("CONSOLE_AUTHORIZE_EXTRA").map_or_else(|| Ok(BTreeMap::new()), |text| extra(&text));
        let issuer = required("TOKEN_ISSUER");
        let authorize = required("CONSOLE_AUTHORIZE_URL").and_then(|text| url("CONSOLE_AUTHORIZE_URL", text));
        let token = required("CONSOLE_TOKEN_URL").and_then(|text| url("CONSOLE_TOKEN_URL", text));
        let Some(client_id) = client_id else { return Ok(None) };
        let token = token?;
        let token_origin = token.origin().ascii_serialization();
        // The page's policy lets it call one origin besides its own.
        if revocation.as_ref().is_some_and(|url| url.origin() != token.origin()) {
            let problem = "must lie where CONSOLE_TOKEN_URL does";
            return Err(BadVariable { variable: "CONSOLE_REVOCATION_URL", problem });
        }
        Ok(Some(Self {
            issuer: issuer?,
            client_id,
            authorize_url: authorize?.into(),
            token_url: token.into(),
            logout_url: logout.map(Url::into),
            revocation_url: revocation.map(Url::into),
            scope: scope.unwrap_or_else(|| "openid".to_owned()),
            authorize_extra: extra?,
            token_origin,
        }))
    }

    /// The origin that the page may call besides its own.
    pub fn token_origin(&self) -> &str {
        &self.token_origin
    }
}

/// An address that a login may lead to: https, or http on this machine.
fn url(variable: &'static str, text: String) -> Result<Url, BadVariable> {
    let bad = |problem| BadVariable { variable, problem };
    let url = Url::parse(&text).map_err(|_| bad("must be a URL that starts with https://"))?;
    let is_here = url.host_str().is_some_and(is_loopback);
    match url.scheme() {
        "https" => {}
        "http" if is_here => {}
        _ => return Err(bad("must start with https://; http is taken for this machine alone")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("must not hold a name or a password"));
    }
    if url.fragment().is_some() { Err(bad("must not have a fragment")) } else { Ok(url) }
}

/// More parameters of the login, such as `audience=lanekeeper&resource=...`, escaped as in a URL.
fn extra(text: &str) -> Result<BTreeMap<String, String>, BadVariable> {
    let bad = |problem| BadVariable { variable: "CONSOLE_AUTHORIZE_EXTRA", problem };
    // Any address will do: what is read is what follows its question mark.
    let mut query = Url::parse("https://query.invalid").map_err(|_| bad("does not read"))?;
    query.set_query(Some(text));
    let mut extra = BTreeMap::new();
    for (name, value) in query.query_pairs() {
        if name.is_empty() || value.is_empty() {
            return Err(bad("must be name=value, and & between two of them"));
        }
        if OWN.contains(&name.as_ref()) {
            return Err(bad("must not name a parameter that the console sends itself"));
        }
        if extra.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(bad("must not name a parameter twice"));
        }
    }
    Ok(extra)
}

const OWN: [&str; 7] =
    ["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"];
