//! Who calls: twelve people, and what each can hold up as a token.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::value::member::Role::{self, Admin, Auditor, Operator, Reviewer, Submitter};
use local::identity::{AUDIENCE, ISSUER, Identity};
use serde_json::{Value, json};

const HOUR: i64 = 3_600;

const EVERY: &[Role] = &[Submitter, Reviewer, Operator, Auditor, Admin];

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    Missing,
    Expired,
    NotYet,
    OtherIssuer,
    OtherAudience,
    AlgNone,
    OtherKey,
    Twice,
    Basic,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) name: &'static str,
    /// The token's subject.
    pub(super) principal: &'static str,
    /// The workspace of the member row, what it says, and whether it counts.
    pub(super) member: Option<(&'static str, &'static [Role], bool)>,
    pub(super) flaw: Option<Flaw>,
}

const fn person(name: &'static str, member: Option<(&'static str, &'static [Role], bool)>) -> Caller {
    Caller { name, principal: name, member, flaw: None }
}

const fn acme(name: &'static str, roles: &'static [Role]) -> Caller {
    person(name, Some(("acme", roles, true)))
}

/// Somebody who could do everything, with a token that is worth nothing.
const fn flawed(name: &'static str, flaw: Flaw) -> Caller {
    Caller { name, principal: "everything", member: Some(("acme", EVERY, true)), flaw: Some(flaw) }
}

pub(super) const PEOPLE: [Caller; 12] = [
    person("stranger", None),
    person("elsewhere", Some(("rival", EVERY, true))),
    person("inactive", Some(("acme", EVERY, false))),
    acme("roleless", &[]),
    acme("submitter", &[Submitter]),
    acme("submitter+reviewer", &[Submitter, Reviewer]),
    acme("reviewer", &[Reviewer]),
    acme("editor", &[Reviewer]),
    acme("operator", &[Operator]),
    acme("auditor", &[Auditor]),
    acme("admin", &[Admin]),
    acme("everything", EVERY),
];

const FLAWED: [Caller; 9] = [
    flawed("no_token", Flaw::Missing),
    flawed("expired", Flaw::Expired),
    flawed("not_yet", Flaw::NotYet),
    flawed("other_issuer", Flaw::OtherIssuer),
    flawed("other_audience", Flaw::OtherAudience),
    flawed("alg_none", Flaw::AlgNone),
    flawed("other_key", Flaw::OtherKey),
    flawed("two_headers", Flaw::Twice),
    flawed("basic", Flaw::Basic),
];

pub(super) fn callers() -> impl Iterator<Item = Caller> {
    FLAWED.into_iter().chain(PEOPLE)
}

impl Caller {
    /// The `Authorization` headers of this caller's requests. The claims name roles and a workspace that nobody may
    /// believe.
    pub(super) fn authorization(&self, identity: &Identity, other: &Identity, now: i64) -> Vec<String> {
        let claims = |name: &str, value: Value| {
            let mut claims = json!({
                "sub": self.principal, "iss": ISSUER, "aud": AUDIENCE, "iat": now - HOUR, "exp": now + HOUR,
                "roles": ["reviewer", "admin"], "workspace": "acme", "scope": "admin",
            });
            claims[name] = value;
            claims
        };
        let signed = |name: &str, value: Value| format!("Bearer {}", identity.sign(&claims(name, value)).unwrap());
        let good = || identity.token(self.principal, Duration::from_secs(60), now).unwrap();
        match self.flaw {
            None => vec![signed("jti", json!("1"))],
            Some(Flaw::Missing) => vec![],
            Some(Flaw::Expired) => vec![signed("exp", json!(now))],
            Some(Flaw::NotYet) => vec![signed("nbf", json!(now + 1))],
            Some(Flaw::OtherIssuer) => vec![signed("iss", json!("https://lanekeeper.example/"))],
            Some(Flaw::OtherAudience) => vec![signed("aud", json!("another"))],
            Some(Flaw::AlgNone) => {
                let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
                let kid = identity.key_set()["keys"][0]["kid"].clone();
                let header = part(json!({"alg": "none", "typ": "JWT", "kid": kid}));
                vec![format!("Bearer {header}.{}.", part(claims("jti", json!("1"))))]
            }
            Some(Flaw::OtherKey) => vec![format!("Bearer {}", other.sign(&claims("jti", json!("1"))).unwrap())],
            Some(Flaw::Twice) => vec![format!("Bearer {}", good()), format!("Bearer {}", good())],
            Some(Flaw::Basic) => vec![format!("Basic {}", good())],
        }
    }

    /// What the member row of this workspace lets the caller do; nothing without one that counts.
    pub(super) fn roles(&self, workspace: &str) -> &'static [Role] {
        match self.member {
            Some((of, roles, true)) if of == workspace => roles,
            _ => &[],
        }
    }
}
