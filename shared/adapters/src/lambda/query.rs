//! What a request asks for beside its route: parameters that the route knows, each once and with a value, and a media type.

use std::collections::BTreeMap;

use domain::contract::request::FieldError;
use domain::flow::FlowError;
use domain::value::json::short;
use domain::value::time::Timestamp;
use lambda_http::http::header;
use lambda_http::{Request, RequestExt as _};

use crate::lambda::http;

const TIME_RULE: &str = "must be a time in RFC 3339, such as 2026-11-23T09:30:00Z";

/// What a request asks for, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Query<'a> {
    values: BTreeMap<&'a str, &'a str>,
    errors: Vec<FieldError>,
}

impl<'a> Query<'a> {
    /// An open route ignores what it does not know; any other refuses it by its name.
    pub fn of(request: &'a Request) -> Self {
        let Some(route) = http::route(request).filter(|route| !route.is_open()) else { return Self::default() };
        let mut query = Self::default();
        for (name, value) in request.query_string_parameters_ref().into_iter().flat_map(|all| all.iter()) {
            if !route.parameters().contains(&name) {
                query.refuse(&short(name), &unknown(name, route.parameters()));
            } else if query.values.insert(name, value).is_some() {
                query.refuse(name, "must not come twice");
            } else if value.is_empty() {
                query.refuse(name, "must not be empty; leave it out");
            }
        }
        query
    }

    /// A parameter by its rule.
    pub fn read<T>(&mut self, name: &str, rule: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.values.get(name).copied().filter(|text| !text.is_empty())?;
        let value = parse(text);
        if value.is_none() {
            self.refuse(name, rule);
        }
        value
    }

    /// `true` or `false`, which is also what its absence means.
    pub fn flag(&mut self, name: &str) -> bool {
        let flag = self.read(name, "must be true or false", |text| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        });
        flag.unwrap_or(false)
    }

    pub fn time(&mut self, name: &str) -> Option<Timestamp> {
        self.read(name, TIME_RULE, Timestamp::parse)
    }

    pub fn refuse(&mut self, name: &str, message: &str) {
        if !self.errors.iter().any(|error| error.field == name) {
            self.errors.push(FieldError { field: name.to_owned(), message: message.to_owned() });
        }
    }

    /// Refuses the request, if anything was wrong.
    pub fn end(self) -> Result<(), FlowError> {
        if self.errors.is_empty() { Ok(()) } else { Err(FlowError::Invalid(self.errors)) }
    }
}

/// Refuses any parameter of a route that knows none. Where a route knows some, whoever reads them refuses the others too.
pub fn check(request: &Request) -> Result<(), FlowError> {
    match http::route(request) {
        Some(route) if route.parameters().is_empty() => Query::of(request).end(),
        Some(_) | None => Ok(()),
    }
}

/// Whether the caller asks for this media type by its name. Whoever takes anything does not.
pub fn accepts(request: &Request, media_type: &str) -> bool {
    let accepted = request.headers().get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    let names = |range: &str| {
        let mut words = range.split(';').map(str::trim);
        let is_named = words.next().is_some_and(|name| name.eq_ignore_ascii_case(media_type));
        is_named && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    };
    accepted.flat_map(|accept| accept.split(',')).any(names)
}

/// A whole number without a sign and without zeros ahead.
pub fn number<T: std::str::FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|number: &T| number.to_string() == text)
}

fn unknown(name: &str, known: &[&str]) -> String {
    match (name, known) {
        ("reference", known) if known.contains(&"tag") => "cannot be asked for in this version; a tag can".to_owned(),
        (_, []) => "is not known here: this call takes no parameters".to_owned(),
        (_, known) => format!("is not one of the parameters of this call: {}", known.join(", ")),
    }
}
