//! Republish: an operator has the events of a range of jobs sent once more, under the ids that they had.

use super::publish::events_of;
use super::{Caller, FlowError, member};
use crate::event::published::Published;
use crate::port::{EventBus, Listing, Position, Span, StoreReader};
use crate::value::member::Role;
use crate::value::time::Timestamp;

/// What was sent, and where to go on.
#[derive(Debug, Default)]
pub struct Republished {
    pub jobs: usize,
    pub events: usize,
    /// There may be more jobs in the range.
    pub next: Option<Position>,
}

/// A call ends with the page in which it has sent the events of so many jobs: what it sends has to fit into its time.
const ENOUGH: usize = 25;

/// Jobs read at once.
const PAGE: u16 = 25;

/// Pages of one call, at most: most jobs of a large workspace are outside the range.
const PAGES: usize = 20;

/// Jobs created from `from` to before `to`, newest first. Sending is no transition, and nothing is written.
pub async fn republish(
    reader: &impl StoreReader,
    bus: &impl EventBus,
    caller: &Caller,
    (from, to): (Timestamp, Timestamp),
    mut after: Option<Position>,
) -> Result<Republished, FlowError> {
    if !member(reader, caller).await?.roles.contains(&Role::Operator) {
        return Err(FlowError::Forbidden("Only an operator publishes again."));
    }
    let mut done = Republished::default();
    for _ in 0..PAGES {
        let page = reader.list(&caller.workspace, Listing::All, &Span::default(), after.as_ref(), PAGE).await?;
        let is_past = page.jobs.last().is_none_or(|oldest| oldest.created_at < from);
        for job in page.jobs.iter().filter(|job| (from..to).contains(&job.created_at)) {
            let trail = reader.trail(&caller.workspace, &job.id, 0).await?;
            let events: Vec<Published> = events_of(job, &trail)?;
            bus.publish(&events).await.into_iter().collect::<Result<Vec<()>, _>>()?;
            (done.jobs, done.events) = (done.jobs + 1, done.events + events.len());
        }
        after = page.next.filter(|_| !is_past);
        if after.is_none() || done.jobs >= ENOUGH {
            break;
        }
    }
    done.next = after;
    Ok(done)
}
