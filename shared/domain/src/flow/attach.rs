//! Attach: tie a response to the attempt that started it, whether its id came by answer or by webhook.

use std::ops::ControlFlow::{Break, Continue};

use super::retry::{Round, retry_on_conflict};
use super::{FlowContext, Ports, policy, price, transition};
use crate::job::duty::Ownership;
use crate::job::record::Cause;
use crate::job::response::ResponseRow;
use crate::job::{Event, Job};
use crate::port::{Clock, Commit, JobReader, Jobs, ResponseWrite, Responses, WriteOutcome};
use crate::provider::{ProviderResponse, ResponseMetadata};
use crate::value::failure::Failure;

/// What a response of ours turned out to be.
#[derive(Debug)]
pub enum Attachment {
    /// The attempt's own response; the job as it stands with it.
    Attached(Box<Job>),
    /// No attempt's: booked, and to be stopped.
    Orphan(Box<ResponseRow>),
    /// Its job does not exist here.
    Unknown,
}

/// `job` is the row as the caller holds it, or `None` to read it first.
pub async fn attach(
    flow: &FlowContext<'_, impl Ports>,
    job: Option<Job>,
    answer: &ProviderResponse,
    tag: &ResponseMetadata,
    cause: Cause,
) -> Result<Attachment, Failure> {
    // Who posted it holds its job as it was then.
    let poster = job
        .as_ref()
        .filter(|job| (job.attempt.number, job.attempt.submit_token) == (tag.attempt, Some(tag.submit_token)));
    let asked = &price::asked(answer, poster.and_then(|job| job.attempt.asked.as_deref()));
    retry_on_conflict("attach the response", job.clone(), |round: Round, job: Option<Job>| async move {
        let current = match job {
            Some(job) => job,
            None => match flow.store.job(&tag.workspace, &tag.job).await? {
                Some(job) => job,
                None => return Ok(Break(Attachment::Unknown)),
            },
        };
        let policy = policy(flow.store, &current).await?;
        if !current.is_understood() || !policy.is_understood() {
            // Its message comes back until a newer release takes it.
            return Err(Failure::transient("attach the response", "a newer release looks after its job"));
        }
        match current.claimant(&answer.id, tag.attempt, tag.submit_token) {
            Ownership::Attached => return Ok(Break(Attachment::Attached(Box::new(current)))),
            Ownership::Starting => {
                let event = Event::Attached {
                    response: answer.id.clone(),
                    provider_status: answer.status.clone(),
                    model: answer.model.clone(),
                    service_tier: answer.service_tier.clone(),
                    request_id: answer.request_id.clone(),
                };
                let row = ResponseWrite::Put(ResponseRow::attached(answer.id.clone(), &current));
                if let Some(change) = transition(&current, event, &flow.context(&policy, cause))? {
                    match flow.store.commit(Commit::of(&change, Some(&row))).await {
                        Ok(WriteOutcome::Committed) => return Ok(Break(Attachment::Attached(Box::new(change.job)))),
                        Ok(WriteOutcome::Conflict) => {}
                        // The id is paid for and known to nobody else: it is not given up at the first bad answer.
                        Err(failure) => round.pause(flow.clock, failure).await?,
                    }
                }
            }
            Ownership::Orphan => {
                let orphan = ResponseRow::orphan(answer.id.clone(), tag, flow.clock.now());
                let orphan = ResponseRow { asked: asked.clone(), ..orphan };
                match flow.store.put_response(None, &orphan).await {
                    Ok(WriteOutcome::Committed) => return Ok(Break(Attachment::Orphan(Box::new(orphan)))),
                    // Its row exists: it was attached once, or is known as an orphan.
                    Ok(WriteOutcome::Conflict) => {
                        let known = flow.store.response(&answer.id).await?;
                        let known = known.map_or(Attachment::Unknown, |row| Attachment::Orphan(Box::new(row)));
                        return Ok(Break(known));
                    }
                    Err(failure) => round.pause(flow.clock, failure).await?,
                }
            }
        }
        Ok(Continue(None))
    })
    .await
}
