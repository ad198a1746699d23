//! Hear: a verified webhook named a response. Queue one look; then find its job, and look.

use std::time::Duration;

use super::attach::{self, Attachment};
use super::observe::{self, Observed};
use super::{Desk, policy, stray};
use crate::duty::Occasion;
use crate::id::ResponseId;
use crate::port::{Clock, EventBus, Failure, JobStore, Lookup, Payloads, Provider, ResponseRow, Work, WorkQueue};
use crate::provider::{Answer, Tag};
use crate::record::Cause;

/// Takes a hint: one look is queued for it, unless there is nothing more to learn about the response.
pub async fn hint(store: &impl JobStore, queue: &impl WorkQueue, response_id: ResponseId) -> Result<(), Failure> {
    if store.response(&response_id).await?.is_some_and(|row| row.settled) {
        return Ok(());
    }
    queue.send(&[(Work::ResponseV1 { response_id }, Duration::ZERO)]).await.into_iter().collect()
}

/// Looks at a response by its id: the provider hinted at news, or its row is due.
pub async fn hear(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    provider: &impl Provider,
    bus: &impl EventBus,
    id: &ResponseId,
) -> Result<Observed, Failure> {
    match desk.store.response(id).await? {
        Some(row) if row.settled => Ok(Observed::Dropped),
        Some(row) => known(desk, provider, bus, row).await,
        None => match provider.get(id).await? {
            Lookup::Found(answer) => adopt(desk, provider, &answer).await,
            // The provider's test events carry ids that nothing has.
            Lookup::Missing => Ok(Observed::Dropped),
        },
    }
}

async fn known(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    provider: &impl Provider,
    bus: &impl EventBus,
    row: ResponseRow,
) -> Result<Observed, Failure> {
    let job = desk.store.job(&row.workspace, &row.job).await?;
    match job {
        Some(job) if job.attempt.response.as_ref() == Some(&row.id) && !job.state.is_resting() => {
            let policy = policy(&job)?;
            observe::check(desk, provider, bus, &policy, &job, Occasion::Webhook).await
        }
        Some(_) | None => stray::settle(desk, provider, row, job).await,
    }
}

/// A response whose id nobody here has stored: its webhook was faster than the answer, or the answer was lost.
async fn adopt(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    provider: &impl Provider,
    answer: &Answer,
) -> Result<Observed, Failure> {
    let Some(tag) = Tag::of(&answer.metadata, &desk.setting.deployment) else { return Ok(Observed::Dropped) };
    match attach::attach(desk, None, answer, &tag, Cause::Webhook).await? {
        Attachment::Attached(job) => {
            let policy = policy(&job)?;
            observe::take_in(desk, &policy, &job, answer, Cause::Webhook).await
        }
        Attachment::Orphan(row) => {
            let job = desk.store.job(&row.workspace, &row.job).await?;
            stray::settle(desk, provider, row, job).await
        }
        Attachment::Unknown => Ok(Observed::Dropped),
    }
}
