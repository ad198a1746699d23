//! A job's trail as the API shows it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::job::durations::Durations;
use crate::job::record::{Actor, Cause, SealedRecord};
use crate::job::{EventKind, State, Status};
use crate::policy::reason::Reason;
use crate::provider::ErrorWords;
use crate::value::id::{Digest, JobId, Principal, ResponseId};
use crate::value::time::Timestamp;

#[derive(Debug, Serialize)]
pub struct TrailView {
    pub events: Vec<EventView>,
    pub chain_intact: bool,
    pub seconds: SecondsView,
}

/// Whose time a job has taken.
#[derive(Debug, Serialize)]
pub struct SecondsView {
    pub queue: f64,
    pub provider: f64,
    pub ours: f64,
    pub review: f64,
}

impl From<Durations> for SecondsView {
    fn from(spent: Durations) -> Self {
        let Durations { queue, provider, ours, review } = spent;
        let [queue, provider, ours, review] = [queue, provider, ours, review].map(|part| part.as_secs_f64());
        Self { queue, provider, ours, review }
    }
}

#[derive(Debug, Serialize)]
pub struct EventView {
    pub id: String,
    pub version: u32,
    pub event: EventKind,
    pub at: Timestamp,
    pub actor: Actor,
    pub cause: Cause,
    /// Whom the job was submitted for; of the first event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Principal>,
    pub from: Option<StateView>,
    pub to: StateView,
    pub reason: Option<Reason>,
    pub attempt: u16,
    pub response_id: Option<ResponseId>,
    pub orphan_response_id: Option<ResponseId>,
    pub digest: Option<Digest>,
    pub provider_error: Option<ErrorWords>,
    /// Of the provider's own answer, where it is no result of the job.
    pub provider_answer: Option<Digest>,
    /// When the run was over, by the provider's clock.
    pub provider_finished_at: Option<Timestamp>,
    /// What the actor wrote, where the reader may know it.
    pub note: Option<String>,
    pub previous_hash: Digest,
    pub hash: Digest,
}

#[derive(Debug, Serialize)]
pub struct StateView {
    pub status: Status,
    pub phase: Option<&'static str>,
}

impl From<State> for StateView {
    fn from(state: State) -> Self {
        Self { status: state.status(), phase: state.phase() }
    }
}

impl TrailView {
    /// A record that cannot be read is left out; the chain then does not hold.
    pub fn of(
        job: &JobId,
        trail: &[SealedRecord],
        chain_intact: bool,
        mut notes: BTreeMap<u32, String>,
        durations: Durations,
    ) -> Self {
        let events = trail
            .iter()
            .filter_map(|sealed| sealed.decode().ok().map(|record| (sealed, record)))
            .map(|(sealed, record)| EventView {
                id: format!("{job}-{}", record.version),
                version: record.version,
                event: record.event,
                at: record.at,
                actor: record.actor,
                cause: record.cause,
                on_behalf_of: record.on_behalf_of,
                from: record.from.map(StateView::from),
                to: record.to.into(),
                reason: record.reason,
                attempt: record.attempt,
                response_id: record.response,
                orphan_response_id: record.orphan,
                digest: record.digest,
                provider_error: Some(record.error).filter(|words| !words.is_empty()),
                provider_answer: record.answer,
                provider_finished_at: record.finished_at,
                note: notes.remove(&record.version),
                previous_hash: sealed.previous,
                hash: sealed.hash,
            })
            .collect();
        Self { events, chain_intact, seconds: durations.into() }
    }
}
