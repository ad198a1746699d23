//! What a submitter reads: nothing that somebody has to allow and nobody has, whatever became of its job, and of an edit
//! nothing that it stands in for.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use domain::flow::FlowError;
use domain::flow::deliver::{Delivered, Part, deliver};
use domain::job::delivery::Reader;
use domain::job::record::Record;
use domain::job::{EventKind, Job, State};
use domain::policy::cost::{CostState, Usd};
use domain::policy::job_type::ReviewPolicy;
use domain::policy::lane::Lane;
use domain::provider::{Item, ProviderResponse};
use domain::value::failure::Failure;

use super::approval::type_of;
use super::is_kept;
use crate::faulty::Shared;

/// What somebody reads who only submitted the job and may not.
pub(super) fn leaked(shared: &Shared, job: &Job, records: &[Record]) -> Option<&'static str> {
    let result = job.result?;
    let [all, text, raw] = [Part::All, Part::Text, Part::Raw].map(|part| read(shared, job, part));
    if !may_be_out(shared, job, records) {
        let reads = Part::ALL.into_iter().any(|part| read(shared, job, part).is_ok());
        return reads.then_some("a submitter reads a result that nobody has allowed");
    }
    let origin = match &all {
        Ok(Delivered::All(view)) => {
            view.raw.is_some() || !view.tool_calls.is_empty() || !view.evidence.is_empty() || !view.refusals.is_empty()
        }
        _ => false,
    };
    if result.edited && (raw.is_ok() || origin) {
        return Some("a submitter reads what an edit stands in for");
    }
    let is_delivered = all.is_ok() && text.is_ok() && raw.is_ok() != result.edited;
    (is_kept(shared, job) && !is_delivered).then_some("a submitter does not get what is theirs")
}

/// Whether the job is completed, which is looked at elsewhere, or nobody was ever to be asked about what is there.
fn may_be_out(shared: &Shared, job: &Job, records: &[Record]) -> bool {
    let Some((last, job_type)) = records.last().zip(type_of(shared, job)) else { return false };
    let waited = |record: &Record| matches!(record.to, State::AwaitingDecision | State::AwaitingAction);
    let this_attempt = records.iter().filter(|record| record.attempt == last.attempt);
    if last.to == State::Completed {
        return true;
    }
    let is_personal = last.lane == Lane::Approval
        || this_attempt.clone().any(waited)
        || records.iter().any(|record| record.event == EventKind::ChangesRequested);
    let said = said(shared, job);
    let is_open = |item: &Item| matches!(item, Item::PendingAction { .. });
    let is_pending = said.as_ref().is_none_or(|said| said.output.iter().any(is_open));
    let is_whole = last.to != State::Failed && said.is_some_and(|said| said.status.as_deref() == Some("completed"));
    let is_asked = match job_type.review {
        ReviewPolicy::Never => false,
        ReviewPolicy::Always | ReviewPolicy::Other(_) => true,
        ReviewPolicy::When(conditions) => {
            let is_unsure = last.unpriced_responses > 0 || last.cost_state != CostState::Known;
            let is_dear = |limit| Usd::from_pico(last.cost_pico) > limit || is_unsure;
            conditions.cost_over.is_some_and(is_dear) || (conditions.partial && !is_whole)
        }
    };
    !is_personal && !is_pending && !is_asked
}

/// The provider's answer as it is kept, of a result that nobody edited.
fn said(shared: &Shared, job: &Job) -> Option<ProviderResponse> {
    let (place, attempt) = ((&job.workspace, &job.id), job.attempt.number);
    let raw = shared.payloads.find(place, domain::port::PayloadKind::Result { attempt }, &job.result?.stored)?;
    shared.provider.borrow().read(&raw, shared.executor.now())
}

/// As the API reads it, with ports that nothing happens to.
fn read(shared: &Shared, job: &Job, part: Part) -> Result<Delivered, FlowError> {
    let unreadable = || Failure::permanent("read the result", "no answer has these bytes");
    let parse = |raw: &[u8]| shared.provider.borrow().read(raw, shared.executor.now()).ok_or_else(unreadable);
    let reading = pin!(deliver(&shared.store, &shared.payloads, parse, job.clone(), Reader::Recipient, part));
    match reading.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(read) => read,
        Poll::Pending => Err(Failure::transient("read the result", "a port in memory waits for something").into()),
    }
}
