//! The provider's error words, classified once: for a create call that is refused and for a run that failed.

use crate::reason::Reason;

/// Two words of an `error` object: its `type` and its `code`. Its message is prose, may quote the request, and is
/// never kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorWords {
    pub kind: Option<String>,
    pub code: Option<String>,
}

impl ErrorWords {
    /// What the words say by themselves, whatever the status; `None` when they decide nothing.
    pub fn reason(&self) -> Option<Reason> {
        let words = || [&self.code, &self.kind].into_iter().flatten().map(String::as_str);
        if words().any(is_quota) {
            return Some(Reason::ProviderQuota);
        }
        words().find_map(reason_of)
    }
}

/// Nothing is taken until somebody pays or raises a limit.
fn is_quota(word: &str) -> bool {
    ["quota", "billing", "credit", "spend", "usage_limit"].iter().any(|part| word.contains(part))
}

fn reason_of(word: &str) -> Option<Reason> {
    match word {
        "rate_limit_exceeded" | "rate_limit_error" | "slow_down" | "server_is_overloaded" | "flex_unavailable" => {
            Some(Reason::ProviderBusy)
        }
        "context_length_exceeded" | "data_residency_mismatch" => Some(Reason::InvalidRequest),
        "invalid_prompt" => Some(Reason::ContentPolicy),
        _ if word.contains("policy") => Some(Reason::ContentPolicy),
        _ if word.starts_with("unsupported_") || word.contains("image") => Some(Reason::InvalidRequest),
        _ => None,
    }
}
