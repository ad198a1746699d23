//! The provider's error words, classified once: for a create call that is refused and for a run that failed.

use serde::{Deserialize, Serialize};

use crate::reason::Reason;

/// Two words of an `error` object: its `type` and its `code`. Its message is prose, may quote the request, and is
/// never kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorWords {
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// The longest word that is kept, in characters.
const LONGEST_WORD: usize = 64;

impl ErrorWords {
    /// The words as far as they are words. With any other character in it, a text is a sentence, and may quote the request.
    pub fn checked(kind: Option<String>, code: Option<String>) -> Self {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let word = |text: String| {
            (!text.is_empty() && text.chars().all(is_plain)).then(|| text.chars().take(LONGEST_WORD).collect())
        };
        Self { kind: kind.and_then(word), code: code.and_then(word) }
    }

    pub fn is_empty(&self) -> bool {
        self.kind.is_none() && self.code.is_none()
    }

    /// Whether the same request would fail for the same reason, as far as a code can tell that `reason` does not know.
    pub fn rules_out_another_try(&self) -> bool {
        self.code.as_deref().is_some_and(|code| {
            matches!(code, "model_not_found" | "string_above_max_length" | "content_filter")
                || code.starts_with("invalid_")
                || code.contains("not_supported")
        })
    }

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
