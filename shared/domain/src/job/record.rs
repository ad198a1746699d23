//! Records: one for each transition of a job, chained by hash. The audit trail and the outbox in one.

use serde::{Deserialize, Serialize};

use crate::job::{EventKind, Job, State};
use crate::policy::cost::{Cost, CostState, Usage, Usd, stored};
use crate::policy::lane::Lane;
use crate::policy::reason::Reason;
use crate::provider::ErrorWords;
use crate::value::failure::Failure;
use crate::value::id::{Digest, Issuer, JobId, Principal, ResponseId, TypeName, WorkspaceId};
use crate::value::time::Timestamp;
use crate::value::word::{Closed as _, words};

/// Who made a transition happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub kind: ActorKind,
    /// The principal of a person or machine; the function's name for the system.
    pub id: String,
}

words! {
    pub enum ActorKind {
        Principal "principal",
        System "system",
    }
}

impl Actor {
    pub fn system(function: &str) -> Self {
        Self { kind: ActorKind::System, id: function.to_owned() }
    }

    pub fn principal(id: &Principal) -> Self {
        Self { kind: ActorKind::Principal, id: id.to_string() }
    }
}

words! {
    /// What brought the actor to look at the job.
    pub enum Cause {
        /// A call to the product's own API.
        Request "request",
        /// The provider's direct answer to the start.
        Answer "answer",
        /// A webhook made us ask the provider.
        Webhook "webhook",
        /// A duty's time had come.
        Due "due",
    }
}

/// The record of one transition: ids, codes and numbers, never text that a person or a model wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub version: u32,
    pub event: EventKind,
    #[serde(with = "millis")]
    pub at: Timestamp,
    pub actor: Actor,
    pub cause: Cause,
    /// Whose subject the submitter is; in the first record, like the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Issuer>,
    /// Whom the job was submitted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Principal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<State>,
    pub to: State,
    pub job_type: TypeName,
    pub type_version: u32,
    pub lane: Lane,
    pub attempt: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseId>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "short_digest")]
    pub digest: Option<Digest>,
    /// Length of what the digest names, where this event brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Of the provider's own answer, where it is no result of the job.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "short_digest")]
    pub answer: Option<Digest>,
    /// The provider's words for why a run failed.
    #[serde(default, skip_serializing_if = "ErrorWords::is_empty")]
    pub error: ErrorWords,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "stored")]
    pub usage: Option<Usage>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub cost_pico: u64,
    /// The least sure of what is booked.
    #[serde(default = "known", skip_serializing_if = "is_known")]
    pub cost_state: CostState,
    #[serde(default, skip_serializing_if = "is_nothing")]
    #[serde(rename = "unpriced")]
    pub unpriced_responses: u16,
    /// What open costs of runs are taken to come to that nobody waits for.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub cost_estimate: u64,
    /// When the next duty of a job that goes on is due; a resting job's is known from its state.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_millis")]
    pub due: Option<Timestamp>,
    #[serde(with = "millis")]
    pub deadline: Timestamp,
    /// When the run was over, by the provider's clock.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_millis")]
    pub finished_at: Option<Timestamp>,
    /// The provider's name for the call that this rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The response whose cost this books, when no attempt waits for it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphan: Option<ResponseId>,
    /// Salted hash of what a person wrote with it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "short_digest")]
    pub note: Option<Digest>,
    /// Hash of the key under which a person asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "short_digest")]
    pub key: Option<Digest>,
    /// How far somebody has been called in.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub escalation_level: u8,
}

const fn known() -> CostState {
    CostState::Known
}

fn is_known(state: &CostState) -> bool {
    *state == CostState::Known
}

fn is_nothing<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Record {
    pub fn cost(&self) -> Cost {
        let guess = Usd::from_pico(self.cost_estimate);
        crate::job::cost_of(Usd::from_pico(self.cost_pico), self.cost_state, self.unpriced_responses, guess)
    }

    /// Whether all its words are known here. What a newer release wrote is for that release to publish.
    pub fn is_understood(&self) -> bool {
        self.event.is_known()
            && self.actor.kind.is_known()
            && self.cause.is_known()
            && self.from.is_none_or(|from| from.is_known())
            && self.to.is_known()
            && self.lane.is_known()
            && self.reason.is_none_or(|reason| reason.is_known())
            && self.cost_state.is_known()
    }
}

/// A record that cannot be written down. What it would tell of must not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the record cannot be written down: {0}")]
pub struct SealError(String);

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        Self::permanent("seal the record", error)
    }
}

/// The exact bytes of a record.
pub(crate) fn body_of(record: &impl Serialize) -> Result<String, SealError> {
    serde_json::to_string(record).map_err(|error| SealError(error.to_string()))
}

/// A record as it is stored: its exact bytes, and the hash that ties them to all before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    pub body: String,
    pub previous: Digest,
    pub hash: Digest,
}

impl SealedRecord {
    /// Seals a record behind the head of its job's chain.
    pub fn seal(workspace: &WorkspaceId, job: &JobId, previous: Digest, record: &Record) -> Result<Self, SealError> {
        Ok(Self::new(workspace, job, previous, body_of(record)?))
    }

    /// Seals a body behind the head of its job's chain.
    pub fn new(workspace: &WorkspaceId, job: &JobId, previous: Digest, body: String) -> Self {
        let hash = Self::hash_of(workspace, job, previous, &body);
        Self { body, previous, hash }
    }

    /// Seals a body behind the head of a workspace's own chain.
    pub fn of_workspace(workspace: &WorkspaceId, previous: Digest, body: String) -> Self {
        let hash = Digest::of_parts(&[workspace.as_str().as_bytes(), b"\n", &previous.0, body.as_bytes()]);
        Self { body, previous, hash }
    }

    fn hash_of(workspace: &WorkspaceId, job: &JobId, previous: Digest, body: &str) -> Digest {
        Digest::of_parts(&[
            workspace.as_str().as_bytes(),
            b"/",
            job.as_str().as_bytes(),
            b"\n",
            &previous.0,
            body.as_bytes(),
        ])
    }

    /// Reads the record inside.
    pub fn decode(&self) -> Result<Record, serde_json::Error> {
        serde_json::from_str(&self.body)
    }
}

/// Whether the trail is whole: versions 1 to the job's without a gap, each record sealed to the one before, the last
/// one being the job's head.
pub fn chain_intact(job: &Job, trail: &[SealedRecord]) -> bool {
    let version = |sealed: &SealedRecord| sealed.decode().ok().map(|record| record.version);
    let seal = |previous, body| SealedRecord::new(&job.workspace, &job.id, previous, body);
    is_chain(trail, (job.version, job.head), version, seal)
}

/// The same of any chain: `version` reads the number of a record, `seal` seals a body as its owner does.
pub(crate) fn is_chain(
    trail: &[SealedRecord],
    (last, head): (u32, Digest),
    version: impl Fn(&SealedRecord) -> Option<u32>,
    seal: impl Fn(Digest, String) -> SealedRecord,
) -> bool {
    let mut previous = Digest::ZERO;
    for (sealed, number) in trail.iter().zip(1_u32..) {
        if version(sealed) != Some(number) || *sealed != seal(previous, sealed.body.clone()) {
            return false;
        }
        previous = sealed.hash;
    }
    usize::try_from(last) == Ok(trail.len()) && previous == head
}

/// Whether the trail tells the row's story, in everything that both of them say.
pub fn matches_row(records: &[Record], job: &Job) -> bool {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return false };
    Replay::of(records) == Some(Replay::from_row(job))
        && first.actor == Actor::principal(&job.created_by)
        && (first.issuer, &first.on_behalf_of) == (job.issuer, &job.on_behalf_of)
        && (&last.job_type, last.type_version, last.lane) == (&job.job_type, job.type_version, job.lane)
        && (last.reason, last.deadline, &last.error) == (job.reason, job.deadline, &job.attempt.error)
}

/// What a trail alone says about its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    pub version: u32,
    pub state: State,
    pub attempt: u16,
    pub response: Option<ResponseId>,
    pub digest: Option<Digest>,
    pub answer: Option<Digest>,
    pub cost: Cost,
    pub open_costs: u16,
}

impl Replay {
    /// Folds the records in order; `None` for an empty trail.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Option<Self> {
        let mut replay: Option<Self> = None;
        for record in records {
            let same_attempt = replay.as_ref().is_some_and(|before| before.attempt == record.attempt);
            let carried = replay.filter(|_| same_attempt);
            replay = Some(Self {
                version: record.version,
                state: record.to,
                attempt: record.attempt,
                response: record.response.clone().or_else(|| carried.as_ref().and_then(|c| c.response.clone())),
                digest: record.digest.or_else(|| carried.as_ref().and_then(|c| c.digest)),
                // A record that opens an attempt tells of the run before it.
                answer: (record.answer.filter(|_| same_attempt)).or_else(|| carried.as_ref().and_then(|c| c.answer)),
                cost: record.cost(),
                open_costs: record.unpriced_responses,
            });
        }
        replay
    }

    /// The same view of the job row, to compare.
    pub fn from_row(job: &Job) -> Self {
        Self {
            version: job.version,
            state: job.state,
            attempt: job.attempt.number,
            response: job.attempt.response.clone(),
            digest: job.result.as_ref().map(|result| result.stored.digest),
            answer: job.attempt.answer.map(|answer| answer.digest),
            cost: job.cost(),
            open_costs: job.unpriced_responses,
        }
    }
}

/// A digest as 43 characters of base64, because a record has to stay small.
mod short_digest {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::value::id::Digest;

    pub(super) fn serialize<S: Serializer>(digest: &Option<Digest>, serializer: S) -> Result<S::Ok, S::Error> {
        digest.map(|digest| URL_SAFE_NO_PAD.encode(digest.0)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Digest>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let digest = bytes.as_deref().and_then(Digest::from_slice);
        digest.map(Some).ok_or_else(|| D::Error::custom("not a digest"))
    }
}

mod optional_millis {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::value::time::Timestamp;

    pub(super) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(Timestamp::millis).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_millis))
    }
}

pub(crate) mod millis {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::value::time::Timestamp;

    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.millis())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_millis)
    }
}
