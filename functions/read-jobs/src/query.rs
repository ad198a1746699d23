//! What a GET may ask for: filters, a cursor, a wait. Each value out of bounds is refused by its name.

use std::time::Duration;

use adapters::lambda::http;
use domain::contract::entity_tag;
use domain::flow::FlowError;
use domain::flow::deliver::Part;
use domain::flow::read::Filter;
use domain::port::Position;
use domain::value::id::Principal;
use domain::value::word::Closed;
use lambda_http::{Request, RequestExt as _};

/// How often a waiting request reads the row again.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);

const LONGEST_WAIT: u64 = 20;
const LARGEST_PAGE: u16 = 100;

pub(crate) struct ListQuery {
    pub(crate) filter: Filter,
    pub(crate) from: Option<Position>,
    pub(crate) limit: u16,
}

pub(crate) fn list(request: &Request) -> Result<ListQuery, FlowError> {
    let get = |name: &str| request.query_string_parameters_ref().and_then(|query| query.first(name));
    let filter = Filter {
        status: word("status", get("status"))?,
        job_type: get("type").map(str::to_owned),
        lane: word("lane", get("lane"))?,
        attention: flag("attention", get("attention"))?,
        tag: get("tag").map(|tag| match tag.split_once(':') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (tag.to_owned(), None),
        }),
        archived: flag("archived", get("archived"))?,
        on_behalf_of: person(request, "on_behalf_of")?,
    };
    let limit = match get("limit") {
        None => 20,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
            .ok_or_else(|| http::invalid("limit", "must be a number from 1 to 100"))?,
    };
    Ok(ListQuery { filter, from: get("cursor").map(http::position).transpose()?, limit })
}

/// `wait`: whole seconds, at most 20.
pub(crate) fn wait(request: &Request) -> Result<Duration, FlowError> {
    match request.query_string_parameters_ref().and_then(|query| query.first("wait")) {
        None => Ok(Duration::ZERO),
        Some(text) => text
            .parse()
            .ok()
            .filter(|seconds| *seconds <= LONGEST_WAIT)
            .map(Duration::from_secs)
            .ok_or_else(|| http::invalid("wait", "must be a number of seconds from 0 to 20")),
    }
}

/// `version`: of a job type.
pub(crate) fn version(request: &Request) -> Result<Option<u32>, FlowError> {
    match request.query_string_parameters_ref().and_then(|query| query.first("version")) {
        None => Ok(None),
        Some(text) => match text.parse::<u32>() {
            Ok(version) if version >= 1 => Ok(Some(version)),
            Ok(_) | Err(_) => Err(http::invalid("version", "must be a number from 1")),
        },
    }
}

/// `part`: of a result.
pub(crate) fn part(request: &Request) -> Result<Part, FlowError> {
    match request.query_string_parameters_ref().and_then(|query| query.first("part")) {
        None => Ok(Part::All),
        Some("text") => Ok(Part::Text),
        Some("raw") => Ok(Part::Raw),
        Some("structured") => Ok(Part::Structured),
        Some(_) => Err(http::invalid("part", "must be text, structured or raw")),
    }
}

/// The version that the caller already has, from `If-None-Match`.
pub(crate) fn known_version(request: &Request) -> Option<u32> {
    entity_tag::version(request.headers().get("if-none-match")?.to_str().ok()?)
}

fn word<T: Closed>(field: &'static str, text: Option<&str>) -> Result<Option<T>, FlowError> {
    let read =
        |text| T::parse(text).ok_or_else(|| http::invalid(field, "is not one of the words that this field knows"));
    text.map(read).transpose()
}

/// One principal, named once.
fn person(request: &Request, field: &'static str) -> Result<Option<Principal>, FlowError> {
    let named = request.query_string_parameters_ref().and_then(|query| query.all(field)).unwrap_or_default();
    match named.as_slice() {
        [] => Ok(None),
        [one] => Principal::parse(one).map(Some).map_err(|error| http::invalid(field, &error.to_string())),
        _ => Err(http::invalid(field, "must not come twice")),
    }
}

fn flag(field: &'static str, text: Option<&str>) -> Result<bool, FlowError> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(http::invalid(field, "must be true or false")),
    }
}
