//! Why a run failed: the two words of its error, and what they lead to.

use domain::policy::reason::Reason;
use domain::provider::{ErrorWords, Outcome, RunStatus};
use serde_json::{Value, json};

use super::read;

fn words(error: Value) -> (Option<String>, Option<String>) {
    let ErrorWords { code, kind } = read(json!({"id": "r", "error": error})).error;
    (code, kind)
}

fn said(code: &str, kind: &str) -> (Option<String>, Option<String>) {
    let word = |word: &str| Some(word.to_owned()).filter(|word| !word.is_empty());
    (word(code), word(kind))
}

#[test]
fn the_type_of_an_error_is_read_beside_its_code() {
    assert_eq!(words(json!({"code": "a", "type": "b", "message": "m", "param": "p"})), said("a", "b"));
    assert_eq!(words(json!({"code": null, "type": "insufficient_quota"})), said("", "insufficient_quota"));
    assert_eq!(words(json!({"code": 500})), said("500", ""));
    assert_eq!(words(json!("server_error")), said("server_error", ""));
    for none in [json!(null), json!("It broke."), json!({"code": "It broke.", "type": {"a": 1}}), json!([])] {
        assert_eq!(words(none), (None, None));
    }
}

#[test]
fn the_reason_of_a_cut_is_read_where_it_is_a_word() {
    let reason = |details: Value| read(json!({"id": "r", "incomplete_details": details})).incomplete_reason;
    assert_eq!(reason(json!({"reason": "max_output_tokens"})).as_deref(), Some("max_output_tokens"));
    assert_eq!(reason(json!("max_output_tokens")).as_deref(), Some("max_output_tokens"));
    assert_eq!(reason(json!({})), None);
}

#[test]
fn a_failed_run_is_told_apart_by_code_and_type_together() {
    let cases = [
        (json!({"code": "billing_hard_limit_reached", "type": "insufficient_quota"}), Reason::ProviderQuota),
        (json!({"code": "context_length_exceeded", "type": "invalid_request_error"}), Reason::InvalidRequest),
        (json!({"code": "cyber_policy"}), Reason::ContentPolicy),
        (json!({"code": "rate_limit_exceeded"}), Reason::ProviderBusy),
        (json!({"code": "server_error", "message": "context_length_exceeded"}), Reason::ProviderFailed),
        (json!(null), Reason::ProviderFailed),
    ];
    for (error, reason) in cases {
        let answer = read(json!({"id": "r", "status": "failed", "error": error, "output": []}));
        assert_eq!(answer.read(), RunStatus::Finished(Outcome::Failed(reason)), "{error}");
        assert!(!answer.has_output());
    }
}
