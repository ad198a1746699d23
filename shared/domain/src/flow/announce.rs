//! Announce: what changed about a workspace's people and types goes to the bus, and is found again where it did not.

use super::observe::Observed;
use super::publish::Sent;
use super::{FlowContext, Ports};
use crate::event::published::{PublishedChange, published_change};
use crate::job::record::SealedRecord;
use crate::people::workspace::WorkspaceRecord;
use crate::port::{Clock, EventBus, WorkspaceReader, Workspaces, WriteOutcome};
use crate::value::failure::Failure;
use crate::value::id::WorkspaceId;

/// A record of a workspace's own, as the stream shows it.
#[derive(Debug, Clone)]
pub struct StreamedChange {
    pub workspace: WorkspaceId,
    pub sealed: SealedRecord,
}

/// Sends each record on and confirms it. One result for each, in order.
pub async fn announce(
    store: &impl Workspaces,
    bus: &impl EventBus,
    batch: &[StreamedChange],
) -> Vec<Result<Sent, Failure>> {
    let mut results = Vec::with_capacity(batch.len());
    for shown in batch {
        results.push(announce_one(store, bus, shown).await);
    }
    results
}

/// People and types change seldom: each is sent alone.
async fn announce_one(store: &impl Workspaces, bus: &impl EventBus, shown: &StreamedChange) -> Result<Sent, Failure> {
    let record = read(&shown.sealed)?;
    if !record.is_understood() {
        return Ok(Sent::Left);
    }
    send(bus, &published_change(&shown.workspace, &record, &shown.sealed).into_iter().collect::<Vec<_>>()).await?;
    // Stale: an earlier one is unconfirmed, or this one was confirmed before. What is due sees to it.
    let version = record.version;
    store.confirm_workspace(&shown.workspace, version, version).await.map(|_: WriteOutcome| Sent::Confirmed)
}

/// Sends again, with the same ids, every change that nobody confirmed.
pub async fn announce_due(
    flow: &FlowContext<'_, impl Ports>,
    bus: &impl EventBus,
    workspace: &WorkspaceId,
) -> Result<Observed, Failure> {
    let seen = flow.store.workspace(workspace).await?;
    let Some(claimed) = seen.claim(&flow.setting.timing, flow.clock.now()) else { return Ok(Observed::Dropped) };
    if flow.store.claim_workspace(&seen, &claimed).await? == WriteOutcome::Conflict {
        return Ok(Observed::Dropped);
    }
    let (mut last, mut events) = (seen.published, Vec::new());
    for sealed in flow.store.workspace_trail(workspace).await? {
        let record = read(&sealed)?;
        if record.version <= seen.published {
            continue;
        }
        if !record.is_understood() {
            // What comes after it waits with it, in its order.
            break;
        }
        last = record.version;
        events.extend(published_change(workspace, &record, &sealed));
    }
    if last == seen.published {
        return Ok(Observed::Unchanged);
    }
    send(bus, &events).await?;
    let _ = flow.store.confirm_workspace(workspace, seen.published.saturating_add(1), last).await?;
    Ok(Observed::Moved)
}

fn read(sealed: &SealedRecord) -> Result<WorkspaceRecord, Failure> {
    WorkspaceRecord::decode(sealed).map_err(|error| Failure::permanent("read the record", error))
}

async fn send(bus: &impl EventBus, events: &[PublishedChange]) -> Result<(), Failure> {
    bus.publish_changes(events).await.into_iter().collect()
}
