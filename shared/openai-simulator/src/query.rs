//! The part of an address behind the question mark.

use axum::extract::{FromRequestParts, RawQuery};
use axum::http::request::Parts;

use super::error::ApiError;
use super::request::rule::{INCLUDES, known};

/// Its parameters in order; a name may come several times.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let RawQuery(text) = RawQuery::from_request_parts(parts, state).await.unwrap_or(RawQuery(None));
        let text = text.unwrap_or_default();
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        });
        let pairs = pairs.collect::<Option<_>>().ok_or_else(|| ApiError::invalid("The query is not valid UTF-8."));
        Ok(Self(pairs?))
    }
}

impl Query {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a list, which SDKs send as `name[]=`, `name=` again, or with commas.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_it = move |own: &str| own.strip_suffix("[]").unwrap_or(own) == name;
        self.0.iter().filter(move |(own, _)| is_it(own)).flat_map(|(_, value)| value.split(','))
    }

    pub(super) fn check_include(&self) -> Result<(), ApiError> {
        self.all("include").try_for_each(|word| known("include", word, &INCLUDES))
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = vec![];
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
