//! Parameters: an installation takes one answer, and every question says what it is about.

use serde_json::Value;

use super::read::Template;

/// What nobody can guess.
const ASKED: [&str; 1] = ["TokenIssuer"];

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, parameter) in template.parameters() {
        if parameter["Default"].is_null() != ASKED.contains(&name) {
            wrong.push(format!("{name}.Default: only {ASKED:?} must be answered"));
        }
        if parameter["Description"].as_str().is_none_or(str::is_empty) {
            wrong.push(format!("{name}.Description: is missing"));
        }
        if parameter["NoEcho"] != Value::Null {
            wrong.push(format!("{name}.NoEcho: a secret does not pass through a parameter"));
        }
    }
    wrong
}
