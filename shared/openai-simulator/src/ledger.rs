//! What was asked of the simulator and what became of it, for tests to hold against what a client believes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::batch::{Batch, BatchStatus, RequestCounts};
use super::response::{Response, Status, Usage};

/// Calls are counted when they arrive, refused ones too; `webhooks` counts attempts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub posts: u64,
    pub gets: u64,
    pub cancels: u64,
    pub deletes: u64,
    pub webhooks: u64,
    /// Create calls of batches.
    pub batches: u64,
    /// Files that were sent.
    pub uploads: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ledger {
    pub counts: Counts,
    /// Create calls by `job_id-attempt` of their metadata, refused ones too.
    pub posts_by_attempt: BTreeMap<String, u64>,
    /// In the order of their creation, deleted ones too.
    pub responses: Vec<Entry>,
    /// Ids of responses that run or ran and that nobody can ever learn of: the create call did not say, and no webhook
    /// has, or will.
    pub undiscoverable: Vec<String>,
    /// In the order of their creation.
    pub batches: Vec<BatchEntry>,
}

/// Batches are listed by the provider, so none is ever lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchEntry {
    pub id: String,
    pub input_file_id: String,
    pub metadata: BTreeMap<String, String>,
    /// Unix seconds.
    pub created_at: i64,
    pub status: BatchStatus,
    pub counts: RequestCounts,
    pub model: Option<String>,
    /// Of its lines together, billed at the price of batches.
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub service_tier: &'static str,
    pub told: bool,
}

impl From<&Batch> for BatchEntry {
    fn from(batch: &Batch) -> Self {
        Self {
            id: batch.id.clone(),
            input_file_id: batch.request.input_file_id.clone(),
            metadata: batch.request.metadata.clone(),
            created_at: batch.created_at_ms / 1000,
            status: batch.status,
            counts: batch.counts,
            model: batch.model.clone(),
            input_tokens: batch.bill.input,
            output_tokens: batch.bill.output,
            service_tier: "batch",
            told: batch.told,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub id: String,
    pub metadata: BTreeMap<String, String>,
    /// Unix seconds.
    pub created_at: i64,
    pub terminal_status: Option<Status>,
    pub usage: Option<Usage>,
    /// Whether anybody could have learnt the id: the create call answered, or a webhook was answered with 2xx.
    pub told: bool,
    pub deleted: bool,
}

impl From<&Response> for Entry {
    fn from(response: &Response) -> Self {
        Self {
            id: response.id.clone(),
            metadata: response.request.metadata.clone(),
            created_at: response.created_at_ms / 1000,
            terminal_status: Some(response.status).filter(|status| status.is_terminal()),
            usage: response.usage(),
            told: response.told,
            deleted: response.deleted,
        }
    }
}
