//! What a GET may ask for: filters, a cursor, a wait. Each value out of bounds is refused by its name.

use std::collections::BTreeSet;
use std::time::Duration;

use adapters::lambda::http;
use adapters::lambda::query::{Query, accepts, number};
use domain::contract::request::{MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES};
use domain::flow::FlowError;
use domain::flow::deliver::Part;
use domain::flow::list::{self, Filter};
use domain::job::Status;
use domain::policy::lane::Lane;
use domain::port::{Order, Span};
use domain::value::id::{Principal, TypeName};
use domain::value::word::Closed as _;
use lambda_http::Request;

use crate::wait::Until;

/// In seconds; also how long a call waits that does not say.
const LONGEST_WAIT: u64 = 20;
const LARGEST_PAGE: u16 = 100;
const USUAL_PAGE: u16 = 20;

const PRINCIPAL_RULE: &str = "must be a principal: 1 to 128 printable ASCII characters without spaces";
const TYPE_RULE: &str = "must be the name of a job type";
const TAG_RULE: &str = "must be the key of a tag, or its key and its value as team:legal";

pub(crate) fn list(request: &Request) -> Result<list::Query, FlowError> {
    let mut query = Query::of(request);
    let statuses =
        format!("must be one of these words, or several with commas between them: {}", Status::WORDS.join(", "));
    let lanes = format!("must be one of {}", Lane::WORDS.join(", "));
    let filter = Filter {
        statuses: query.read("status", &statuses, words).unwrap_or_default(),
        job_type: query.read("type", TYPE_RULE, |text| TypeName::parse(text).ok()),
        lane: query.read("lane", &lanes, Lane::parse),
        attention: query.flag("attention"),
        tag: query.read("tag", TAG_RULE, tag),
        archived: query.flag("archived"),
        created_by: query.read("created_by", PRINCIPAL_RULE, |text| Principal::parse(text).ok()),
        on_behalf_of: query.read("on_behalf_of", PRINCIPAL_RULE, |text| Principal::parse(text).ok()),
    };
    let order = query.read("order", "must be newest or oldest", |text| match text {
        "newest" => Some(Order::Newest),
        "oldest" => Some(Order::Oldest),
        _ => None,
    });
    let span = Span { from: query.time("from"), to: query.time("to"), order: order.unwrap_or_default() };
    if span.from.zip(span.to).is_some_and(|(from, to)| from >= to) {
        query.refuse("to", "must be later than from");
    }
    let after = query.read("cursor", "is not a cursor of this list", |text| {
        http::position(text).ok().filter(|position| span.holds(position.at()))
    });
    let limit = query.read("limit", "must be a number from 1 to 100", |text| {
        number(text).filter(|limit| (1..=LARGEST_PAGE).contains(limit))
    });
    query.end()?;
    Ok(list::Query { filter, span, after, limit: limit.unwrap_or(USUAL_PAGE) })
}

/// `seconds`, at most 20, and `until`: what is waited for, and how long.
pub(crate) fn wait(request: &Request) -> Result<(Until, Duration), FlowError> {
    let mut query = Query::of(request);
    let seconds = query.read("seconds", "must be a number of seconds from 0 to 20", |text| {
        number(text).filter(|seconds| *seconds <= LONGEST_WAIT)
    });
    let until = query.read("until", "must be ended, final or change", |text| match text {
        "ended" => Some(Until::Ended),
        "final" => Some(Until::Final),
        "change" => Some(Until::Change),
        _ => None,
    });
    query.end()?;
    Ok((until.unwrap_or_default(), Duration::from_secs(seconds.unwrap_or(LONGEST_WAIT))))
}

/// `version`: of a job type.
pub(crate) fn version(request: &Request) -> Result<Option<u32>, FlowError> {
    let mut query = Query::of(request);
    let version = query.read("version", "must be a number from 1", |text| number(text).filter(|version| *version >= 1));
    query.end()?;
    Ok(version)
}

/// `part`: of a result. Whoever accepts Markdown alone asks for the report so.
pub(crate) fn part(request: &Request) -> Result<Part, FlowError> {
    let mut query = Query::of(request);
    let names: Vec<&str> = Part::ALL.into_iter().filter(|part| *part != Part::All).map(Part::name).collect();
    let part = query.read("part", &format!("must be one of {}", names.join(", ")), Part::parse);
    query.end()?;
    Ok(part.unwrap_or_else(|| if accepts(request, "text/markdown") { Part::Report } else { Part::All }))
}

/// Words with commas between them, each once.
fn words(text: &str) -> Option<Vec<Status>> {
    let words: Vec<Status> = text.split(',').map(Status::parse).collect::<Option<_>>()?;
    let once: BTreeSet<Status> = words.iter().copied().collect();
    (once.len() == words.len()).then_some(words)
}

/// A key, and what follows a colon as its value.
fn tag(text: &str) -> Option<(String, Option<String>)> {
    let (key, value) = match text.split_once(':') {
        Some((key, value)) => (key, Some(value)),
        None => (text, None),
    };
    let is_key = (1..=MAX_TAG_KEY_BYTES).contains(&key.len())
        && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    let is_value = value.is_none_or(|value| value.len() <= MAX_TAG_VALUE_BYTES && !value.contains(char::is_control));
    (is_key && is_value).then(|| (key.to_owned(), value.map(str::to_owned)))
}
