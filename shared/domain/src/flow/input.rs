//! Input: what was asked of a job, for whoever sees the job.

use super::{Caller, FlowError, visible_job};
use crate::contract::view::InputView;
use crate::port::{Clock, PayloadKind, Payloads, StoreReader};

/// The request that the job was created by.
pub async fn input(
    reader: &impl StoreReader,
    payloads: &impl Payloads,
    clock: &impl Clock,
    caller: &Caller,
    id: &str,
) -> Result<InputView, FlowError> {
    let (job, _) = visible_job(reader, caller, id).await?;
    if job.is_purged() {
        return Err(FlowError::InputPurged);
    }
    match payloads.get((&job.workspace, &job.id), PayloadKind::Input, &job.input).await? {
        Some(stored) => Ok(InputView::read(job.id, &stored)?),
        // It is erased before the row says so.
        None if job.state.is_terminal() && job.deadline <= clock.now() => Err(FlowError::InputPurged),
        None => Err(FlowError::Altered),
    }
}
