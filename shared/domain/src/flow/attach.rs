//! Attach: tie a response to the attempt that started it, whether its id came by answer or by webhook.

use super::{Desk, policy};
use crate::duty::Claimant;
use crate::job::{Event, Job};
use crate::port::{Clock, Failure, JobStore, Payloads, ResponseRow, ResponseWrite, Write};
use crate::provider::{Answer, Tag};
use crate::record::Cause;

/// What a response of ours turned out to be.
#[derive(Debug)]
pub enum Attachment {
    /// The attempt's own response; the job as it stands with it.
    Attached(Box<Job>),
    /// No attempt's: booked, and to be stopped.
    Orphan(ResponseRow),
    /// Its job does not exist here.
    Unknown,
}

/// How often a lost race is read again before the message goes back to its queue.
const ROUNDS: usize = 4;

/// `job` is the row as the caller holds it, or `None` to read it first.
pub async fn attach(
    desk: &Desk<'_, impl JobStore, impl Payloads, impl Clock>,
    mut job: Option<Job>,
    answer: &Answer,
    tag: &Tag,
    cause: Cause,
) -> Result<Attachment, Failure> {
    for _ in 0..ROUNDS {
        let current = match job.take() {
            Some(job) => job,
            None => match desk.store.job(&tag.workspace, &tag.job).await? {
                Some(job) => job,
                None => return Ok(Attachment::Unknown),
            },
        };
        match current.claimant(&answer.id, tag.attempt, tag.start) {
            Claimant::Attached => return Ok(Attachment::Attached(Box::new(current))),
            Claimant::Starting => {
                let event = Event::Attached {
                    response: answer.id.clone(),
                    provider_status: answer.status.clone(),
                    model: answer.model.clone(),
                    service_tier: answer.service_tier.clone(),
                    request_id: answer.request_id.clone(),
                };
                let policy = policy(&current)?;
                let row = ResponseWrite::Put(ResponseRow::new(answer.id.clone(), tag, false));
                if let Ok(Some(change)) = current.apply(event, &desk.context(&policy, cause))
                    && desk.store.commit(&change, Some(&row)).await? == Write::Done
                {
                    return Ok(Attachment::Attached(Box::new(change.job)));
                }
            }
            Claimant::Orphan => {
                let orphan =
                    ResponseRow { due: Some(desk.clock.now()), ..ResponseRow::new(answer.id.clone(), tag, true) };
                // Stale means that its row exists: it was attached once, or is known as an orphan.
                return Ok(match desk.store.put_response(None, &orphan).await? {
                    Write::Done => Attachment::Orphan(orphan),
                    Write::Stale => {
                        desk.store.response(&answer.id).await?.map_or(Attachment::Unknown, Attachment::Orphan)
                    }
                });
            }
        }
    }
    Err(Failure::transient("attach the response", "the row kept changing"))
}
