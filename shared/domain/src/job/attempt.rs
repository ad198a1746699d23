//! One try, and what lies beside the row because of it.

use crate::provider::ErrorWords;
use crate::value::id::{Digest, Nonce, ResponseId};
use crate::value::time::Timestamp;

/// Bytes that lie beside the row, named by what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadRef {
    pub digest: Digest,
    pub bytes: u64,
}

impl PayloadRef {
    pub fn of(bytes: &[u8]) -> Self {
        Self { digest: Digest::of(bytes), bytes: bytes.len() as u64 }
    }
}

/// The provider's answer that a job rests on, or the text that a reviewer put in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultRef {
    pub stored: PayloadRef,
    pub partial: bool,
    /// A reviewer's text, which names the provider's answer that it stands in for.
    pub edited: bool,
    /// It came after the job had ended, and is kept for whoever wants to see it.
    pub late: bool,
}

/// One try. At most one provider response is ever attached to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempt {
    pub number: u16,
    /// Set by the claim of the one POST; proof of whose POST a response came from.
    pub submit_token: Option<Nonce>,
    pub response: Option<ResponseId>,
    /// The tier or the completion window that its POST asks for, where that is not the usual way.
    pub asked: Option<String>,
    /// The response of an attempt before that was lost from sight, until this one has a response of its own.
    pub prior: Option<ResponseId>,
    /// The response that an answer to the POST named before it broke off: asked for before anything else is paid.
    pub named: Option<ResponseId>,
    /// When a webhook last made somebody look.
    pub last_webhook_at: Option<Timestamp>,
    /// The provider's own words, kept beside ours and never shown as ours.
    pub provider_status: Option<String>,
    pub model: Option<String>,
    pub service_tier: Option<String>,
    /// Why the provider's last run, or the one before this attempt, came to nothing.
    pub error: ErrorWords,
    /// The provider's final answer, where nothing of it is a result. For those who look into it.
    pub answer: Option<PayloadRef>,
    /// The version whose note asked for what this attempt is to do differently.
    pub note: Option<u32>,
}

/// The most that is kept of each of the provider's words on a row.
const LONGEST: usize = 64;

impl Attempt {
    /// Its row has to stay small whatever the provider calls its things.
    pub(super) fn shorten(&mut self) {
        for word in [&mut self.provider_status, &mut self.model, &mut self.service_tier].into_iter().flatten() {
            word.truncate(word.floor_char_boundary(LONGEST));
        }
    }
}
