//! The provider's error words, classified once: for a create call that is refused and for a run that failed.

use serde::{Deserialize, Serialize};

use crate::policy::reason::Reason;

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
        if self.is_quota() {
            return Some(Reason::ProviderQuota);
        }
        self.words().find_map(reason_of)
    }

    /// Nothing is taken until somebody pays or raises a limit.
    pub fn is_quota(&self) -> bool {
        self.words().any(is_quota)
    }

    /// The flex tier has no room at the moment, which says nothing of the other tiers.
    pub fn is_about_flex(&self) -> bool {
        self.words().any(|word| word == "resource_unavailable" || parts(word).iter().any(|part| part == "flex"))
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        [&self.code, &self.kind].into_iter().flatten().map(String::as_str)
    }
}

/// The parts of a word, small: of `billing_not_active`, `billing-not-active` and `billingNotActive` the same three.
fn parts(word: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for c in word.chars() {
        let is_new = !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && was_small);
        was_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        if is_new {
            parts.push(String::new());
        }
        if let (true, Some(last)) = (c.is_ascii_alphanumeric(), parts.last_mut()) {
            last.push(c.to_ascii_lowercase());
        }
    }
    parts
}

fn is_quota(word: &str) -> bool {
    let parts = parts(word);
    let has = |words: &[&str]| parts.iter().any(|part| words.contains(&part.as_str()));
    let follows = |first: &str, words: &[&str]| {
        parts.windows(2).any(|two| matches!(two, [one, next] if one == first && words.contains(&next.as_str())))
    };
    let is_short =
        || has(&["insufficient", "exhausted", "depleted", "exceeded", "low", "no", "out", "negative", "empty"]);
    // Some servers put the status there.
    word == "402"
        || has(&["quota", "quotas", "billing", "spend", "spending", "payment", "payments"])
        || follows("usage", &["limit", "limits", "cap"])
        // A picture of a credit card is a matter of content.
        || (has(&["credit", "credits"]) && !has(&["card", "cards", "image", "images"]))
        || (has(&["balance", "funds"]) && is_short())
}

fn reason_of(word: &str) -> Option<Reason> {
    let parts = parts(word);
    let has = |words: &[&str]| parts.iter().any(|part| words.contains(&part.as_str()));
    match word {
        "429"
        | "rate_limit_exceeded"
        | "rate_limit_error"
        | "too_many_requests"
        | "slow_down"
        | "resource_unavailable"
        | "server_is_overloaded"
        | "flex_unavailable" => Some(Reason::ProviderBusy),
        "context_length_exceeded" | "data_residency_mismatch" => Some(Reason::InvalidRequest),
        "invalid_prompt" | "content_filter" => Some(Reason::ContentPolicy),
        _ if has(&["policy"]) => Some(Reason::ContentPolicy),
        // Where the caller is has nothing to do with what is asked.
        _ if has(&["country", "region", "territory"]) => None,
        _ if word.starts_with("unsupported_") || has(&["image", "images"]) => Some(Reason::InvalidRequest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(kind: &str, code: &str) -> Option<Reason> {
        let word = |word: &str| Some(word.to_owned()).filter(|word| !word.is_empty());
        ErrorWords { kind: word(kind), code: word(code) }.reason()
    }

    #[test]
    fn no_money_has_many_words_and_any_of_them_in_code_or_type_is_enough() {
        for word in [
            "insufficient_quota",
            "quota_exceeded",
            "quotaExceeded",
            "QuotaExceeded",
            "billing_not_active",
            "billing_hard_limit_reached",
            "billing-error",
            "credit_balance_exhausted",
            "credits_exhausted",
            "insufficient_credits",
            "out_of_credits",
            "project_spend_limit_exceeded",
            "organization_spend_limit_exceeded",
            "spending_cap_reached",
            "organization_usage_limit_exceeded",
            "usage_limit_reached",
            "payment_required",
            "insufficient_balance",
            "insufficient_funds",
            "image_quota_exceeded",
        ] {
            assert_eq!(reason("", word), Some(Reason::ProviderQuota), "{word} as code");
            assert_eq!(reason(word, ""), Some(Reason::ProviderQuota), "{word} as type");
            assert_eq!(reason(word, "rate_limit_exceeded"), Some(Reason::ProviderQuota), "{word} beside another");
        }
    }

    #[test]
    fn a_word_that_only_sounds_like_money_is_none() {
        for (word, expected) in [
            ("credit_card_image", Some(Reason::InvalidRequest)),
            ("accredited_source_missing", None),
            ("invalid_usage", None),
            ("balanced_load", None),
            ("load_balance_error", None),
            ("limit_reached", None),
            ("rate_limit_exceeded", Some(Reason::ProviderBusy)),
            ("expenditure_report_missing", None),
            ("suspended", None),
            ("server_error", None),
            ("", None),
        ] {
            assert_eq!(reason("", word), expected, "{word}");
        }
    }

    #[test]
    fn other_words_say_what_would_fail_again_and_what_would_not() {
        for (word, expected) in [
            ("context_length_exceeded", Some(Reason::InvalidRequest)),
            ("unsupported_parameter", Some(Reason::InvalidRequest)),
            ("image_too_large", Some(Reason::InvalidRequest)),
            ("unsupported_country_region_territory", None),
            ("cyber_policy", Some(Reason::ContentPolicy)),
            ("image_content_policy_violation", Some(Reason::ContentPolicy)),
            ("invalid_prompt", Some(Reason::ContentPolicy)),
            ("flex_unavailable", Some(Reason::ProviderBusy)),
            ("resource_unavailable", Some(Reason::ProviderBusy)),
            ("invalid_request_error", None),
            ("vector_store_timeout", None),
        ] {
            assert_eq!(reason("", word), expected, "{word}");
            assert_eq!(reason("invalid_request_error", word), expected, "{word}");
        }
    }
}
