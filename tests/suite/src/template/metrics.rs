//! Metrics of our own: a filter reads a line that its function logs, and a field that the line has.

use serde_json::Value;

use super::functions::{exists, folder};
use super::read::{Resource, Template, list};
use crate::tidy;

const FILTER: &str = "AWS::Logs::MetricFilter";

/// Where lines are logged that every function shares.
const SHARED: [&str; 1] = ["shared/adapters/src/aws/dynamodb/log_lines.rs"];

/// The names of the metrics that filters make in our namespace.
pub(super) fn made(template: &Template) -> Vec<&Value> {
    let made = template.of_type(FILTER).flat_map(|filter| list(filter.get("MetricTransformations")));
    made.filter(|metric| metric["MetricNamespace"]["Ref"] == "Deployment").map(|metric| &metric["MetricName"]).collect()
}

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for filter in template.of_type(FILTER) {
        let Some(code) = code(template, &filter) else {
            wrong.push(filter.wrong("LogGroupName", "must be the log group of a function"));
            continue;
        };
        let pattern = filter.get("FilterPattern").as_str().unwrap_or_default();
        if !pattern.contains("$.fields.") {
            wrong.push(filter.wrong("FilterPattern", "must pick lines by a field"));
        }
        if let Some((_, rest)) = pattern.split_once('"') {
            let message = rest.split('"').next().unwrap_or_default();
            if !code.contains(&format!("\"{message}\");")) {
                wrong.push(filter.wrong("FilterPattern", &format!("nobody logs \"{message}\"")));
            }
        }
        let values = list(filter.get("MetricTransformations")).into_iter();
        let values: Vec<_> = values.filter_map(|metric| metric["MetricValue"].as_str()).collect();
        for field in values.iter().chain([&pattern]).flat_map(|text| text.split("$.fields.").skip(1)) {
            let field = field.split(' ').next().unwrap_or_default();
            let is_logged = code.contains(&format!("{field}, ")) || code.contains(&format!("{field} = "));
            if field != "message" && !is_logged {
                wrong.push(filter.wrong("MetricTransformations", &format!("nobody logs the field {field}")));
            }
        }
    }
    wrong
}

/// The code whose lines are in the filter's log group.
fn code(template: &Template, filter: &Resource<'_>) -> Option<String> {
    let group = filter.get("LogGroupName");
    let function = template.functions().find(|function| function.get("LoggingConfig.LogGroup") == group)?;
    let own = format!("functions/{}/src/lib.rs", folder(&function));
    let files = SHARED.iter().map(|path| (*path).to_owned()).chain([own]).filter(|path| exists(path));
    Some(files.map(|path| tidy::read(&path)).collect())
}
