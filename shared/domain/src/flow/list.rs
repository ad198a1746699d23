//! List: the jobs of a workspace that a caller may see and asks for, page by page.

use std::time::Duration;

use super::show::{LaneBreakers, Policies, Presenter};
use super::{Caller, FlowError, member, sees, sees_all};
use crate::job::{Job, State, Status};
use crate::policy::lane::Lane;
use crate::port::{Clock, Listing, Position, Span, StoreReader};
use crate::value::failure::Failure;
use crate::value::id::{Principal, TypeName, WorkspaceId};
use crate::value::member::Member;
use crate::value::time::{Timestamp, Timing};

/// The most rows that are read for one page.
const MOST_ROWS: usize = 1_000;

/// The most rows that are read at once.
const ROWS_AT_ONCE: usize = 100;

/// After this time a page ends with what was found.
const LONGEST: Duration = Duration::from_secs(2);

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub filter: Filter,
    pub span: Span,
    pub after: Option<Position>,
    /// The most jobs of a page.
    pub limit: u16,
}

/// A filter over the workspace's jobs. It applies after rows are read.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Any of these, or of all when there are none.
    pub statuses: Vec<Status>,
    pub job_type: Option<TypeName>,
    pub lane: Option<Lane>,
    /// Only jobs that need a person.
    pub attention: bool,
    /// A key and, when given, its value.
    pub tag: Option<(String, Option<String>)>,
    pub archived: bool,
    pub created_by: Option<Principal>,
    pub on_behalf_of: Option<Principal>,
}

impl Filter {
    fn keeps(&self, job: &Job, timing: &Timing, lanes: &LaneBreakers, now: Timestamp) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&job.state.status()))
            && self.job_type.as_ref().is_none_or(|name| job.job_type == *name)
            && self.lane.is_none_or(|lane| job.lane == lane)
            && self.tag.as_ref().is_none_or(|(key, value)| {
                job.tags.get(key).is_some_and(|held| value.as_ref().is_none_or(|value| held == value))
            })
            && (!self.attention || job.attention(timing, lanes.of(job), now).is_some())
            && (self.archived || job.archived_at.is_none())
            && self.created_by.as_ref().is_none_or(|person| job.created_by == *person)
            && (self.on_behalf_of.is_none() || job.on_behalf_of == self.on_behalf_of)
    }

    /// Whether every match is an open job, so that the sparse index will do.
    fn is_open(&self) -> bool {
        let is_open =
            |status| State::ALL.iter().filter(|state| state.status() == status).all(|state| !state.is_terminal());
        self.attention || (!self.statuses.is_empty() && self.statuses.iter().all(|status| is_open(*status)))
    }
}

/// A page, and where the next one starts.
#[derive(Debug)]
pub struct Listed<'a> {
    pub jobs: Vec<Job>,
    pub presenter: Presenter<'a>,
    /// `None` when there is nothing further.
    pub next: Option<Position>,
}

/// A page of the jobs that the caller may see. It is read on until it is full, or for so many rows, or for so long.
pub async fn list<'a>(
    reader: &impl StoreReader,
    clock: &impl Clock,
    timing: &'a Timing,
    caller: &Caller,
    query: &Query,
) -> Result<Listed<'a>, FlowError> {
    let member = member(reader, caller).await?;
    let known = match &query.filter.created_by {
        Some(person) if sees_all(&member) => creator(reader, &caller.workspace, person).await?,
        Some(_) | None => None,
    };
    let listing = match &known {
        _ if !sees_all(&member) => Listing::By(&caller.principal, Some(caller.issuer)),
        Some(row) => Listing::By(&row.principal, row.issuer),
        None if query.filter.is_open() => Listing::Open,
        None => Listing::All,
    };
    let limit = usize::from(query.limit);
    let started = clock.now();
    let (mut lanes, mut jobs, mut rows) = (LaneBreakers::default(), Vec::new(), 0);
    let mut next = query.after.clone();
    let now = loop {
        let count = count(limit, jobs.len(), rows);
        let page = reader.list(&caller.workspace, listing, &query.span, next.as_ref(), count).await?;
        rows += usize::from(count);
        let now = clock.now();
        lanes.add(reader, &page.jobs, now).await;
        next = page.next;
        let mut unread = page.jobs.into_iter();
        let is_shown = |job: &Job| sees(&member, job) && query.filter.keeps(job, timing, &lanes, now);
        jobs.extend(unread.by_ref().filter(is_shown).take(limit.saturating_sub(jobs.len())));
        if unread.len() > 0 {
            next = jobs.last().map(Position::of);
        }
        if next.is_none() || jobs.len() >= limit || rows >= MOST_ROWS || now.since(started) >= LONGEST {
            break now;
        }
    };
    let policies = Policies::read(reader, &jobs).await?;
    Ok(Listed { jobs, presenter: Presenter { timing, member, now, lanes, policies }, next })
}

/// How many rows should hold what is missing, going by those that were read.
fn count(limit: usize, found: usize, rows: usize) -> u16 {
    let missing = limit.saturating_sub(found);
    let count = match (found, rows) {
        (_, 0) => missing,
        (0, _) => ROWS_AT_ONCE,
        (found, rows) => missing.saturating_mul(rows.div_ceil(found)),
    };
    let most = ROWS_AT_ONCE.min(MOST_ROWS.saturating_sub(rows)).max(1);
    u16::try_from(count.clamp(1, most)).unwrap_or(1)
}

/// The row of a person whose issuer is known, so that their own index will do.
async fn creator(
    reader: &impl StoreReader,
    workspace: &WorkspaceId,
    person: &Principal,
) -> Result<Option<Member>, Failure> {
    Ok(reader.member(workspace, person).await?.filter(|row| row.issuer.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_came_short_reads_as_many_rows_as_should_fill_it() {
        assert_eq!(count(20, 0, 0), 20);
        assert_eq!(count(20, 19, 20), 2);
        assert_eq!(count(20, 0, 20), 100);
        assert_eq!(count(20, 1, 120), 100);
        assert_eq!(count(100, 1, 960), 40);
    }
}
