//! How a call to the provider fails, and what each failure proves.

use std::time::Duration;

use domain::policy::reason::Reason;
use domain::port::CreateFailure;
use domain::provider::ErrorWords;
use domain::value::failure::Failure;
use domain::value::id::ResponseId;

use super::error::ErrorBody;
use super::wire::ParseFailure;

pub(super) const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// How one call failed. Holds nothing of the request, of the body's text, or of the key.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallFailure {
    /// `named` is the response that a part of the answer has named before it broke off.
    #[error("the call broke off")]
    Transport {
        #[source]
        error: reqwest::Error,
        named: Option<ResponseId>,
    },
    #[error("the answer is larger than {LARGEST_ANSWER} bytes")]
    TooLarge { named: Option<ResponseId> },
    #[error("the provider answered {status} ({error}, request {})", request_id.as_deref().unwrap_or("-"))]
    Refused {
        status: u16,
        error: ErrorBody,
        retry_after: Option<Duration>,
        request_id: Option<String>,
        /// The response that the body names. Where the status proves nothing, it may be ours.
        named: Option<ResponseId>,
    },
    #[error("the answer is not a response")]
    Unreadable {
        #[source]
        error: ParseFailure,
        named: Option<ResponseId>,
    },
}

impl CallFailure {
    pub(super) fn transport(error: reqwest::Error) -> Self {
        Self::Transport { error: error.without_url(), named: None }
    }

    /// The provider has no such response. The page of a proxy, or of a server at the wrong address, does not say so.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: 404, error, .. } if error.is_providers && !error.is_wrong_path)
    }

    pub(super) fn into_failure(self, what: &'static str) -> Failure {
        match self {
            Self::Refused { status: 401 | 403, error: ErrorBody { is_providers: true, .. }, .. } => {
                Failure::permanent(what, self)
            }
            _ => Failure::transient(what, self),
        }
    }

    /// What a create call proves that failed so. Only what shows that nothing was created may say so.
    pub(super) fn of_start(self, what: &'static str) -> CreateFailure {
        let response = match &self {
            // Name, connection and TLS: no byte of the request has left.
            Self::Transport { error, .. } if error.is_connect() => {
                return CreateFailure::NotCreated {
                    reason: Reason::ProviderUnreachable,
                    retry_after: None,
                    error: ErrorWords::default(),
                };
            }
            Self::Refused { status, error, retry_after, named, .. } => match refusal(*status, error, *retry_after) {
                Some(proven) => return proven,
                None => named.clone(),
            },
            // Timeouts, resets and bodies cut short, whatever the status line said; 200, and then not a response.
            Self::Transport { named, .. } | Self::TooLarge { named } | Self::Unreadable { named, .. } => named.clone(),
        };
        CreateFailure::Unknown { failure: self.into_failure(what), response }
    }
}

/// What a status with such a body proves; `None` when the work may have begun: 404 of the provider comes in spells, 408
/// and 409 after the fact, and behind any 5xx it may run.
fn refusal(status: u16, error: &ErrorBody, retry_after: Option<Duration>) -> Option<CreateFailure> {
    use Reason::{
        ContentPolicy, InvalidRequest, ProviderAddress, ProviderBusy, ProviderQuota, ProviderRefused,
        ProviderUnauthorized, ProviderUnreachable,
    };
    // As far as it was the provider who said it.
    let said = if error.is_providers { error.words.clone() } else { ErrorWords::default() };
    let not_created = |reason| Some(CreateFailure::NotCreated { reason, retry_after, error: said.clone() });
    let held = |reason| Some(CreateFailure::Held { reason, error: said.clone() });
    let ErrorBody { words, is_providers, is_wrong_path, .. } = error;
    match status {
        402 => held(ProviderQuota),
        400.. if words.is_quota() => held(ProviderQuota),
        // Whoever answers so is not the API, or not where it is asked.
        300..400 | 405 | 410 | 421 | 426 => held(ProviderAddress),
        404 if !is_providers || *is_wrong_path => held(ProviderAddress),
        404 if is_no_model(words) => not_created(ProviderRefused),
        // The key is everybody's; a permission may be this request's alone.
        401 if *is_providers => held(ProviderUnauthorized),
        403 | 451 if *is_providers => match words.reason() {
            Some(reason @ (ProviderBusy | ContentPolicy)) => not_created(reason),
            _ => not_created(ProviderUnauthorized),
        },
        // A proxy's page, such as a challenge. It may let the next call pass.
        401 | 403 | 407 | 451 | 511 => not_created(ProviderUnreachable),
        // Too early: not taken, and to be sent again.
        425 | 429 => not_created(ProviderBusy),
        400 | 413 | 415 | 422 => match words.reason() {
            Some(reason @ (ProviderBusy | ContentPolicy | InvalidRequest)) => not_created(reason),
            _ => not_created(ProviderRefused),
        },
        _ => None,
    }
}

fn is_no_model(words: &ErrorWords) -> bool {
    words.code.as_deref() == Some("model_not_found")
}
