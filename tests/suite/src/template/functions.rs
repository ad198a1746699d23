//! Functions: each folder of the repository is one, built and logged alike.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::read::{Resource, Template, text};

/// The folder under `functions/` that a function is built from.
pub(super) fn folder<'a>(function: &Resource<'a>) -> &'a str {
    let path = text(function.get("CodeUri"));
    path.trim_start_matches("./").strip_prefix("functions/").unwrap_or_default().trim_end_matches('/')
}

/// Whether a path from the top of the repository exists.
pub(super) fn exists(path: &str) -> bool {
    Path::new("../..").join(path).exists()
}

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut deployed: BTreeMap<&str, &str> = BTreeMap::new();
    for function in template.functions() {
        let folder = folder(&function);
        if folder.is_empty() || !exists(&format!("functions/{folder}/src/main.rs")) {
            wrong.push(function.wrong("CodeUri", "is no folder of a function"));
        }
        if let Some(other) = deployed.insert(folder, function.id) {
            wrong.push(function.wrong("CodeUri", &format!("is deployed as {other}, too")));
        }
        wrong.extend(function.unlike(&[
            ("Runtime", json!("provided.al2023")),
            ("Handler", json!("bootstrap")),
            ("Tracing", json!("Active")),
            ("FunctionName", json!({"Fn::Sub": format!("${{Deployment}}-{folder}")})),
            ("LoggingConfig.LogFormat", json!("JSON")),
            ("LoggingConfig.ApplicationLogLevel", json!({"Ref": "LogLevel"})),
            ("Role", Value::Null),
        ]));
        if function.attribute("Metadata")["BuildMethod"] != "rust-cargolambda" {
            wrong.push(function.wrong("Metadata.BuildMethod", "must be rust-cargolambda"));
        }
        if template.number(function.get("Timeout")).is_none() {
            wrong.push(function.wrong("Timeout", "is missing"));
        }
        wrong.extend(log_group_of(template, &function));
    }
    for folder in crate::tidy::functions() {
        if !deployed.contains_key(folder.as_str()) {
            wrong.push(format!("functions/{folder}: is not deployed"));
        }
    }
    for group in template.of_type("AWS::Logs::LogGroup") {
        if template.number(group.get("RetentionInDays")).is_none() {
            wrong.push(group.wrong("RetentionInDays", "is missing: logs would be kept for ever"));
        }
        if template.referred(group.get("KmsKeyId"), "AWS::KMS::Key").is_none() {
            wrong.push(group.wrong("KmsKeyId", "must be a key of the template"));
        }
    }
    wrong
}

fn log_group_of(template: &Template, function: &Resource<'_>) -> Option<String> {
    const PROPERTY: &str = "LoggingConfig.LogGroup";
    let Some(group) = template.referred(function.get(PROPERTY), "AWS::Logs::LogGroup") else {
        return Some(function.wrong(PROPERTY, "must be a log group of the template"));
    };
    let expected = format!("/aws/lambda/{}", text(function.get("FunctionName")));
    (text(group.get("LogGroupName")) != expected)
        .then(|| group.wrong("LogGroupName", &format!("must be {expected}, the function's own")))
}
