//! A waiting call: the job as soon as it is where the caller wants it, or as it is when the time is over.

use std::time::Duration;

use adapters::lambda::http;
use domain::contract::entity_tag;
use domain::flow::{FlowError, read, show};
use domain::job::Job;
use domain::port::{Clock, StoreReader};
use lambda_http::http::{StatusCode, header};
use lambda_http::{Body, Request, Response};

use crate::{ReadSettings, query};

/// How often the row is read again.
const READ_EVERY: Duration = Duration::from_millis(500);

const VERSION_NEEDED: &str = "until=change needs If-None-Match with the version of the job that was read.";

/// What is waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Until {
    /// The run is over: the job is final, or waits for a reviewer.
    #[default]
    Ended,
    /// Nothing more happens by itself.
    Final,
    /// The job has another version than the caller has read.
    Change,
}

pub(crate) async fn wait(
    reader: &impl StoreReader,
    clock: &impl Clock,
    settings: &ReadSettings,
    request: &Request,
) -> Result<Response<Body>, FlowError> {
    let caller = settings.caller(request)?;
    let id = http::path(request, "id");
    let (until, longest) = query::wait(request)?;
    let known = known_version(request);
    if until == Until::Change && known.is_none() {
        return Err(FlowError::VersionRequired(VERSION_NEEDED));
    }
    let give_up_at = clock.now() + longest;
    loop {
        let (job, member) = read::job(reader, &caller, &id).await?;
        let is_there = is_there(until, &job, known);
        if is_there || clock.now() >= give_up_at {
            let view = show::job(reader, &settings.timing, clock.now(), &job, member).await?;
            let has_no_news = until == Until::Change && !is_there;
            return Ok(if has_no_news { http::not_modified(&view) } else { http::job(StatusCode::OK, &view) });
        }
        clock.sleep(READ_EVERY).await;
    }
}

fn is_there(until: Until, job: &Job, known: Option<u32>) -> bool {
    match until {
        Until::Ended => job.state.is_resting(),
        Until::Final => job.state.is_terminal(),
        Until::Change => known != Some(job.version),
    }
}

fn known_version(request: &Request) -> Option<u32> {
    entity_tag::version(request.headers().get(header::IF_NONE_MATCH)?.to_str().ok()?)
}
